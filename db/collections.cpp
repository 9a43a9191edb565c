// SPDX-License-Identifier: Apache-2.0
#include "db/collections.hpp"

#include "base/text.hpp"
#include "db/connection.hpp"

#include <fmt/format.h>

#include <map>

namespace pointman::db {

namespace {

constexpr std::string_view columns = "collection_id, name, everybody, query";

Result<Collection> read_collection(Row const& row) {
    return Collection{
        .collection_id = row.text(0), .name = row.text(1), .everybody = row.boolean(2), .query = row.text(3)};
}

/// The clients of all collections at once.
Result<void> complete(Connection& connection, std::vector<Collection>& collections) {
    std::map<std::string, Collection*, std::less<>> by_id;
    for (auto& collection : collections) by_id.emplace(collection.collection_id, &collection);
    auto const members =
        connection.all("SELECT collection_id, client_id FROM collection_member ORDER BY client_id",
                       [&by_id](Row const& row) -> Result<bool> {
                           auto client = row.client_id(1);
                           if (!client) return std::unexpected(std::move(client.error()));
                           if (auto const found = by_id.find(row.text(0)); found != by_id.end()) {
                               found->second->listed.push_back(std::move(*client));
                           }
                           return true;
                       });
    if (!members) return std::unexpected(members.error());
    return {};
}

Result<void> complete(Connection& connection, Collection& collection) {
    auto listed = connection.all(
        "SELECT client_id FROM collection_member WHERE collection_id = ? ORDER BY client_id",
        [](Row const& row) { return row.client_id(0); }, collection.collection_id);
    if (!listed) return std::unexpected(std::move(listed.error()));
    collection.listed = std::move(*listed);
    return {};
}

} // namespace

Result<std::vector<Collection>> Collections::list() const {
    auto& connection = session_->connection();
    auto collections = connection.all(
        fmt::format("SELECT {} FROM collection ORDER BY collection_id", columns), read_collection);
    if (!collections) return collections;
    if (auto done = complete(connection, *collections); !done) return std::unexpected(done.error());
    return collections;
}

Result<Collection> Collections::resolve(std::string_view id_or_name) const {
    auto& connection = session_->connection();
    auto found =
        connection.one(fmt::format("SELECT {} FROM collection WHERE collection_id = ?1 OR name_lower = ?2"
                                   " ORDER BY CASE WHEN collection_id = ?1 THEN 0 ELSE 1 END",
                                   columns),
                       read_collection, to_upper(id_or_name), to_lower(id_or_name));
    if (!found) return std::unexpected(std::move(found.error()));
    if (!*found) return fail(Code::not_found, fmt::format("no collection \"{}\"", id_or_name));
    if (auto done = complete(connection, **found); !done) return std::unexpected(std::move(done.error()));
    return std::move(**found);
}

Result<std::vector<std::string>> Collections::listing(ClientId const& client) const {
    return session_->connection().all(
        "SELECT collection_id FROM collection_member WHERE client_id = ? ORDER BY collection_id",
        [](Row const& row) -> Result<std::string> { return row.text(0); }, client);
}

Result<std::string> Collections::add(Transaction& transaction, std::string_view site_code,
                                     Collection const& collection) {
    auto& connection = transaction.connection();
    auto const taken =
        connection.exists("SELECT 1 FROM collection WHERE name_lower = ?", to_lower(collection.name));
    if (!taken) return std::unexpected(taken.error());
    if (*taken) {
        return fail(Code::usage, fmt::format("there is a collection \"{}\" already", collection.name));
    }
    auto const number = connection.next("collection");
    if (!number) return std::unexpected(number.error());
    auto id = fmt::format("{}{:05X}", to_upper(site_code), *number);
    auto done =
        connection.execute("INSERT INTO collection (collection_id, name, name_lower, everybody, query)"
                           " VALUES (?, ?, ?, ?, ?)",
                           id, collection.name, to_lower(collection.name),
                           collection.listed.empty() && collection.query.empty(), collection.query);
    if (!done) return std::unexpected(std::move(done.error()));
    for (auto const& client : collection.listed) {
        done = connection.execute("INSERT INTO collection_member (collection_id, client_id) VALUES (?, ?)"
                                  " ON CONFLICT DO NOTHING",
                                  id, client);
        if (!done) return std::unexpected(std::move(done.error()));
    }
    done = connection.execute("UPDATE policy_state SET book = book + 1");
    if (!done) return std::unexpected(std::move(done.error()));
    return id;
}

Result<void> Collections::remove(Transaction& transaction, std::string_view collection_id) {
    auto& connection = transaction.connection();
    if (auto done = connection.execute("DELETE FROM collection WHERE collection_id = ?", collection_id);
        !done) {
        return done;
    }
    if (connection.changes() == 0) {
        return fail(Code::not_found, fmt::format("no collection \"{}\"", collection_id));
    }
    auto gone = connection.execute(
        "DELETE FROM policy_assignment WHERE target_kind = 'collection' AND target = ?", collection_id);
    if (!gone) return gone;
    bool const assigned = connection.changes() > 0;
    return connection.execute("UPDATE policy_state SET book = book + 1, change = change + ?",
                              assigned ? 1 : 0);
}

} // namespace pointman::db
