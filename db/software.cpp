// SPDX-License-Identifier: Apache-2.0
#include "db/software.hpp"

#include "base/text.hpp"
#include "db/connection.hpp"
#include "db/resource.hpp"

namespace pointman::db {

namespace {

Result<std::int64_t> first_number(Row const& row) {
    return row.integer(0);
}

Result<SoftwareProduct> read_product(Row const& row) {
    return SoftwareProduct{row.integer(0), row.text(1), row.text(2),
                           row.text(3),    row.text(4), row.integer(5)};
}

Result<InstalledFile> read_file(Row const& row) {
    InstalledFile installed;
    installed.file_id = row.integer(0);
    installed.product_id = row.integer(1);
    auto& file = installed.file;
    file.company = row.text(2);
    file.product = row.text(3);
    file.product_version = row.text(4);
    file.product_language = row.text(5);
    file.name = row.text(6);
    file.version = row.text(7);
    file.description = row.text(8);
    file.size = row.integer(9);
    file.path = row.text(10);
    file.modified = row.text(11);
    installed.reported = row.time(12);
    auto others = inventory_properties(row.text(13));
    if (!others) return std::unexpected(std::move(others.error()));
    file.others = std::move(*others);
    return installed;
}

} // namespace

Result<std::vector<InstalledFile>> SoftwareInventory::files(ClientId const& client) const {
    return session_->connection().all(
        "SELECT i.file_id, i.product_id, c.name, p.name, p.version, p.language, f.name, f.version,"
        " f.description, f.size, i.path, i.modified, i.reported, i.others"
        " FROM resource r JOIN software_installed i ON i.resource_id = r.resource_id"
        " JOIN software_file f ON f.file_id = i.file_id"
        " JOIN software_product p ON p.product_id = i.product_id"
        " JOIN software_company c ON c.company_id = p.company_id"
        " WHERE r.client_id = ? ORDER BY i.path, f.name, i.file_id, i.product_id",
        read_file, client);
}

Result<std::vector<SoftwareProduct>> SoftwareInventory::products(ClientId const& client) const {
    return session_->connection().all(
        "SELECT p.product_id, c.name, p.name, p.version, p.language, count(*)"
        " FROM resource r JOIN software_installed i ON i.resource_id = r.resource_id"
        " JOIN software_product p ON p.product_id = i.product_id"
        " JOIN software_company c ON c.company_id = p.company_id"
        " WHERE r.client_id = ? AND p.product_id <> 0"
        " GROUP BY p.product_id ORDER BY c.name, p.name, p.version, p.language",
        read_product, client);
}

SoftwareWriter::SoftwareWriter(Transaction& transaction, std::int64_t resource_id, TimePoint time)
    : transaction_(&transaction)
    , resource_id_(resource_id)
    , time_(time) {}

Result<SoftwareWriter> SoftwareWriter::open(Transaction& transaction, ClientId const& client,
                                            TimePoint time) {
    auto const resource = resource_of(transaction.connection(), client);
    if (!resource) return std::unexpected(resource.error());
    return SoftwareWriter(transaction, *resource, time);
}

// --- Shared rows ---

Result<std::optional<std::int64_t>> SoftwareWriter::company_of(std::string const& name, bool make) {
    auto& connection = transaction_->connection();
    auto const known =
        connection.one("SELECT company_id FROM software_company WHERE name = ?", first_number, name);
    if (!known || *known || !make) return known;
    auto const id = connection.next("software_company");
    if (!id) return std::unexpected(id.error());
    auto made =
        connection.execute("INSERT INTO software_company (company_id, name) VALUES (?, ?)", *id, name);
    if (!made) return std::unexpected(std::move(made.error()));
    return *id;
}

Result<std::optional<std::int64_t>> SoftwareWriter::product_of(SoftwareFile const& file, bool make) {
    std::vector<std::string> keys{file.company, file.product, file.product_version, file.product_language};
    if (auto const seen = products_.find(keys); seen != products_.end()) return seen->second;
    auto& connection = transaction_->connection();
    auto const company = company_of(file.company, make);
    if (!company || !*company) return company;
    auto product =
        connection.one("SELECT product_id FROM software_product"
                       " WHERE company_id = ? AND name = ? AND version = ? AND language = ?",
                       first_number, **company, file.product, file.product_version, file.product_language);
    if (!product) return product;
    if (!*product) {
        if (!make) return product;
        auto const id = connection.next("software_product");
        if (!id) return std::unexpected(id.error());
        auto made =
            connection.execute("INSERT INTO software_product (product_id, company_id, name, version,"
                               " language) VALUES (?, ?, ?, ?, ?)",
                               *id, **company, file.product, file.product_version, file.product_language);
        if (!made) return std::unexpected(std::move(made.error()));
        product = *id;
    }
    products_.emplace(std::move(keys), **product);
    return product;
}

Result<std::optional<std::int64_t>> SoftwareWriter::file_of(SoftwareFile const& file, bool make) {
    auto& connection = transaction_->connection();
    auto const known = connection.one("SELECT file_id FROM software_file"
                                      " WHERE name = ? AND version = ? AND description = ? AND size = ?",
                                      first_number, file.name, file.version, file.description, file.size);
    if (!known || *known || !make) return known;
    auto const id = connection.next("software_file");
    if (!id) return std::unexpected(id.error());
    auto made = connection.execute(
        "INSERT INTO software_file (file_id, name, version, description, size) VALUES (?, ?, ?, ?, ?)", *id,
        file.name, file.version, file.description, file.size);
    if (!made) return std::unexpected(std::move(made.error()));
    return *id;
}

Result<std::optional<SoftwareWriter::Place>> SoftwareWriter::find_place(SoftwareFile const& file) {
    auto const product = product_of(file, false);
    if (!product) return std::unexpected(product.error());
    if (!*product) return std::nullopt;
    auto const known = file_of(file, false);
    if (!known) return std::unexpected(known.error());
    if (!*known) return std::nullopt;
    return Place{**known, **product, to_lower(file.path)};
}

Result<SoftwareWriter::Place> SoftwareWriter::place_for(SoftwareFile const& file) {
    auto const product = product_of(file, true);
    if (!product) return std::unexpected(product.error());
    auto const shared = file_of(file, true);
    if (!shared) return std::unexpected(shared.error());
    return Place{**shared, **product, to_lower(file.path)};
}

Result<void> SoftwareWriter::forget_unused() {
    auto& connection = transaction_->connection();
    for (auto const id : left_files_) {
        auto done =
            connection.execute("DELETE FROM software_file WHERE file_id = ?1"
                               " AND NOT EXISTS (SELECT 1 FROM software_installed WHERE file_id = ?1)",
                               id);
        if (!done) return done;
    }
    left_products_.erase(0);
    for (auto const id : left_products_) {
        auto const companies = connection.all(
            "DELETE FROM software_product WHERE product_id = ?1"
            " AND NOT EXISTS (SELECT 1 FROM software_installed WHERE product_id = ?1) RETURNING company_id",
            first_number, id);
        if (!companies) return std::unexpected(companies.error());
        for (auto const company : *companies) {
            auto done =
                connection.execute("DELETE FROM software_company WHERE company_id = ?1 AND company_id <> 0"
                                   " AND NOT EXISTS (SELECT 1 FROM software_product WHERE company_id = ?1)",
                                   company);
            if (!done) return done;
        }
    }
    left_files_.clear();
    left_products_.clear();
    products_.clear();
    return {};
}

// --- The client's files ---

SoftwareWriter::Content SoftwareWriter::content_of(SoftwareFile const& file) {
    return {file.modified, inventory_json(file.others)};
}

Result<std::map<SoftwareWriter::Place, SoftwareWriter::Content>> SoftwareWriter::all() const {
    std::map<Place, Content> installed;
    auto const rows = transaction_->connection().all(
        "SELECT file_id, product_id, path, modified, others FROM software_installed WHERE resource_id = ?",
        [&installed](Row const& row) -> Result<bool> {
            return installed
                .emplace(Place{row.integer(0), row.integer(1), to_lower(row.text(2))},
                         Content{row.text(3), row.text(4)})
                .second;
        },
        resource_id_);
    if (!rows) return std::unexpected(rows.error());
    return installed;
}

Result<std::optional<SoftwareWriter::Content>> SoftwareWriter::find(Place const& place) const {
    return transaction_->connection().one(
        "SELECT modified, others FROM software_installed"
        " WHERE resource_id = ? AND file_id = ? AND product_id = ? AND path = ?",
        [](Row const& row) -> Result<Content> {
            return Content{row.text(0), row.text(1)};
        },
        resource_id_, place.file_id, place.product_id, place.path);
}

Result<void> SoftwareWriter::put(Place const& place, SoftwareFile const& file) {
    return transaction_->connection().execute(
        "INSERT INTO software_installed (resource_id, file_id, product_id, path, modified, reported, others)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET path = excluded.path,"
        " modified = excluded.modified, reported = excluded.reported, others = excluded.others",
        resource_id_, place.file_id, place.product_id, file.path, file.modified, time_,
        inventory_json(file.others));
}

Result<void> SoftwareWriter::remove(Place const& place) {
    left_files_.insert(place.file_id);
    left_products_.insert(place.product_id);
    return transaction_->connection().execute(
        "DELETE FROM software_installed WHERE resource_id = ? AND file_id = ? AND product_id = ?"
        " AND path = ?",
        resource_id_, place.file_id, place.product_id, place.path);
}

Result<void> remove_software(Transaction& transaction, ClientId const& client) {
    auto writer = SoftwareWriter::open(transaction, client, {});
    if (!writer) return std::unexpected(std::move(writer.error()));
    auto const installed = writer->all();
    if (!installed) return std::unexpected(installed.error());
    for (auto const& [place, content] : *installed) {
        if (auto done = writer->remove(place); !done) return done;
    }
    return writer->forget_unused();
}

} // namespace pointman::db
