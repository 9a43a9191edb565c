// SPDX-License-Identifier: Apache-2.0
#include "db/collected_files.hpp"

#include "db/connection.hpp"
#include "db/resource.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace pointman::db {

namespace {

constexpr std::string_view columns =
    "f.path, f.name, f.revision, f.size, f.modified, f.collected, f.sha256, f.remark";

Result<CollectedFile> read_file(Row const& row) {
    return CollectedFile{{row.text(0), row.text(1)},
                         row.integer(2),
                         row.integer(3),
                         row.text(4),
                         row.time(5),
                         row.text(6),
                         row.text(7)};
}

/// A file of the directory that no row named when it was marked.
struct Mark {
    std::int64_t mark_id = 0;
    std::string sha256;
};

Result<std::vector<Mark>> marks(Session& session) {
    return session.connection().all("SELECT mark_id, sha256 FROM unused_content ORDER BY mark_id",
                                    [](Row const& row) -> Result<Mark> {
                                        return Mark{row.integer(0), row.text(1)};
                                    });
}

/// Whether a mark is still to be made: neither is the file named by a row nor is it marked.
Result<bool> is_unused(Session& session, std::string const& sha256) {
    auto const known =
        session.connection().exists("SELECT 1 FROM collected_file WHERE sha256 = ?1"
                                    " UNION ALL SELECT 1 FROM unused_content WHERE sha256 = ?1",
                                    sha256);
    if (!known) return known;
    return !*known;
}

Result<bool> mark_unused(Transaction& transaction, std::vector<std::string> const& names) {
    auto& connection = transaction.connection();
    for (auto const& name : names) {
        auto const unused = is_unused(transaction, name);
        if (!unused) return std::unexpected(unused.error());
        if (!*unused) continue;
        auto const id = connection.next("unused_content");
        if (!id) return std::unexpected(id.error());
        auto done =
            connection.execute("INSERT INTO unused_content (mark_id, sha256) VALUES (?, ?)", *id, name);
        if (!done) return std::unexpected(std::move(done.error()));
    }
    return true;
}

/// The mark was committed before, and whoever names the file takes it away: as long as it is there, no row
/// names the file, whatever becomes of the transactions of the same group.
Result<std::size_t> remove_marked(Transaction& transaction, ContentFiles const& files,
                                  std::vector<Mark> const& marked) {
    auto& connection = transaction.connection();
    std::size_t removed = 0;
    for (auto const& mark : marked) {
        auto done = connection.execute("DELETE FROM unused_content WHERE mark_id = ?", mark.mark_id);
        if (!done) return std::unexpected(std::move(done.error()));
        if (connection.changes() == 0) continue;
        done = files.remove(mark.sha256);
        if (!done) return std::unexpected(std::move(done.error()));
        ++removed;
    }
    return removed;
}

} // namespace

Result<std::vector<CollectedFile>> CollectedFiles::list(ClientId const& client) const {
    return session_->connection().all(
        fmt::format("SELECT {} FROM resource r JOIN collected_file f ON f.resource_id = r.resource_id"
                    " WHERE r.client_id = ? ORDER BY f.path, f.name, f.revision",
                    columns),
        read_file, client);
}

CollectedFileWriter::CollectedFileWriter(Transaction& transaction, std::int64_t resource_id,
                                         std::int64_t keep)
    : transaction_(&transaction)
    , resource_id_(resource_id)
    , keep_(keep) {}

Result<CollectedFileWriter> CollectedFileWriter::open(Transaction& transaction, ClientId const& client,
                                                      std::int64_t keep) {
    auto const resource = resource_of(transaction.connection(), client);
    if (!resource) return std::unexpected(resource.error());
    return CollectedFileWriter(transaction, *resource, keep);
}

Result<std::vector<CollectedFileName>> CollectedFileWriter::names() const {
    return transaction_->connection().all(
        "SELECT DISTINCT path, name FROM collected_file WHERE resource_id = ?",
        [](Row const& row) -> Result<CollectedFileName> {
            return CollectedFileName{row.text(0), row.text(1)};
        },
        resource_id_);
}

Result<std::optional<CollectedFile>> CollectedFileWriter::newest(CollectedFileName const& of) const {
    return transaction_->connection().one(
        fmt::format("SELECT {} FROM collected_file f WHERE f.resource_id = ? AND f.path = ? AND f.name = ?"
                    " ORDER BY f.revision DESC LIMIT 1",
                    columns),
        read_file, resource_id_, of.path, of.name);
}

Result<void> CollectedFileWriter::add(CollectedFile const& file) {
    auto& connection = transaction_->connection();
    auto const before = newest(file.of);
    if (!before) return std::unexpected(before.error());
    auto const revision = *before ? (*before)->revision + 1 : 1;
    std::optional<std::string> const sha256 = file.sha256.empty() ? std::nullopt : std::optional(file.sha256);
    auto done = connection.execute(
        "INSERT INTO collected_file (resource_id, path, name, revision, size, modified, collected, sha256,"
        " remark) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        resource_id_, file.of.path, file.of.name, revision, file.size, file.modified, file.collected, sha256,
        file.remark);
    if (!done) return done;
    done = connection.execute("DELETE FROM unused_content WHERE sha256 = ?", file.sha256);
    if (!done) return done;
    return connection.execute("DELETE FROM collected_file WHERE resource_id = ? AND path = ? AND name = ?"
                              " AND revision <= ?",
                              resource_id_, file.of.path, file.of.name, revision - keep_);
}

Result<void> CollectedFileWriter::set_modified(CollectedFile const& file, std::string_view modified) {
    return transaction_->connection().execute(
        "UPDATE collected_file SET modified = ?"
        " WHERE resource_id = ? AND path = ? AND name = ? AND revision = ?",
        modified, resource_id_, file.of.path, file.of.name, file.revision);
}

Result<bool> CollectedFileWriter::remove(CollectedFileName const& of) {
    auto& connection = transaction_->connection();
    auto done =
        connection.execute("DELETE FROM collected_file WHERE resource_id = ? AND path = ? AND name = ?",
                           resource_id_, of.path, of.name);
    if (!done) return std::unexpected(std::move(done.error()));
    return connection.changes() > 0;
}

Result<std::size_t> sweep_unused_content(Store& store, ContentFiles const& files) {
    constexpr std::size_t at_a_time = 500;
    auto const marked = store.read(marks);
    if (!marked) return std::unexpected(marked.error());
    std::size_t removed = 0;
    for (auto begin = marked->begin(); begin != marked->end();) {
        auto const end = begin + std::min<std::ptrdiff_t>(at_a_time, std::distance(begin, marked->end()));
        std::vector<Mark> const part(begin, end);
        auto const count = store.write_and_wait(
            [&](db::Transaction& transaction) { return remove_marked(transaction, files, part); });
        if (!count) return count;
        removed += *count;
        begin = end;
    }
    for (unsigned shelf = 0; shelf < ContentFiles::shelves; ++shelf) {
        std::vector<std::string> unused;
        auto const looked = store.read([&](Session& session) -> Result<void> {
            for (auto& name : files.on_shelf(shelf)) {
                auto const is = is_unused(session, name);
                if (!is) return std::unexpected(is.error());
                if (*is) unused.push_back(std::move(name));
            }
            return {};
        });
        if (!looked) return std::unexpected(looked.error());
        if (unused.empty()) continue;
        auto const written = store.write_and_wait(
            [&unused](db::Transaction& transaction) { return mark_unused(transaction, unused); });
        if (!written) return std::unexpected(written.error());
    }
    files.remove_unfinished();
    return removed;
}

} // namespace pointman::db
