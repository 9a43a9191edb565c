// SPDX-License-Identifier: Apache-2.0
#include "db/quarantine.hpp"

#include "base/hex.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "db/connection.hpp"

#include <fmt/format.h>

#include <numeric>

namespace pointman::db {

namespace {

constexpr std::string_view entry_columns =
    "quarantine_id, time, request_id, endpoint, client, peer, path, content_type, reason, detail, line,"
    " column_number, size, sha256, attempts, closed";

Result<QuarantineEntry> read_entry(Row const& row) {
    QuarantineEntry entry;
    entry.id = row.integer(0);
    entry.time = row.time(1);
    entry.request_id = row.text(2);
    entry.endpoint = row.text(3);
    entry.client = row.text(4);
    entry.peer = row.text(5);
    entry.path = row.text(6);
    entry.content_type = row.text(7);
    entry.reason = row.text(8);
    entry.detail = row.text(9);
    entry.line = row.integer_as<std::uint32_t>(10);
    entry.column = row.integer_as<std::uint32_t>(11);
    entry.size = row.integer_as<std::uint64_t>(12);
    entry.sha256 = row.text(13);
    entry.attempts = row.integer_as<std::uint32_t>(14);
    entry.closed = row.boolean(15);
    return entry;
}

Result<QuarantineEntry> read_whole(Row const& row) {
    auto entry = read_entry(row);
    if (entry) entry->raw = row.bytes(16);
    return entry;
}

/// Client ids are kept as claimed, in any case: so they are compared without it, like endpoints.
Condition condition_of(QuarantineFilter const& filter) {
    Condition condition;
    condition.add_if_set("lower(endpoint) = ?", to_lower(filter.endpoint))
        .add_if_set("lower(client) = ?", to_lower(filter.client))
        .add_if_set("lower(reason) = ?", to_lower(filter.reason));
    if (filter.older_than) condition.add("time < ?", iso_time_ms(*filter.older_than));
    return condition;
}

Result<void> add_to_total(Connection& connection, std::int64_t bytes) {
    return connection.execute("UPDATE quarantine_total SET bytes = bytes + ?", bytes);
}

/// `rest` says which rows; returns how many went.
template <class... Args>
Result<std::uint64_t> drop(Connection& connection, std::string_view rest, Args const&... args) {
    auto const sizes = connection.all(
        fmt::format("DELETE FROM quarantine{} RETURNING size", rest),
        [](Row const& row) -> Result<std::int64_t> { return row.integer(0); }, args...);
    if (!sizes) return std::unexpected(sizes.error());
    if (sizes->empty()) return 0;
    auto const freed = std::accumulate(sizes->begin(), sizes->end(), std::int64_t{0});
    if (auto done = add_to_total(connection, -freed); !done) return std::unexpected(done.error());
    return sizes->size();
}

/// Entries other than `kept` that are too old, then the oldest until the rest fits.
Result<void> enforce(Connection& connection, std::int64_t kept, TimePoint now, QuarantineCaps const& caps) {
    auto dropped = drop(connection, " WHERE time < ? AND quarantine_id <> ?", now - caps.max_age, kept);
    while (dropped) {
        auto const total = connection.number("SELECT bytes FROM quarantine_total");
        if (!total) return std::unexpected(total.error());
        if (std::cmp_less_equal(*total, caps.max_bytes)) return {};
        dropped = drop(connection,
                       " WHERE quarantine_id = (SELECT quarantine_id FROM quarantine WHERE quarantine_id <> ?"
                       " ORDER BY time, quarantine_id LIMIT 1)",
                       kept);
        if (dropped && *dropped == 0) return {}; // the new entry alone is over the cap
    }
    return std::unexpected(dropped.error());
}

Result<void> change(Connection& connection, std::int64_t id, Result<void> done) {
    if (done && connection.changes() == 0)
        return fail(Code::not_found, fmt::format("no quarantine entry {}", id));
    return done;
}

} // namespace

Result<std::vector<QuarantineEntry>> Quarantine::list(QuarantineFilter const& filter) const {
    auto const condition = condition_of(filter);
    return session_->connection().all(
        fmt::format("SELECT {} FROM quarantine{} ORDER BY time DESC, quarantine_id DESC", entry_columns,
                    condition.sql()),
        read_entry, condition.values());
}

Result<QuarantineEntry> Quarantine::get(std::int64_t id) const {
    auto entry = session_->connection().one(
        fmt::format("SELECT {}, raw FROM quarantine WHERE quarantine_id = ?", entry_columns), read_whole, id);
    if (!entry) return std::unexpected(entry.error());
    if (auto& found = *entry) return std::move(*found);
    return fail(Code::not_found, fmt::format("no quarantine entry {}", id));
}

Result<std::int64_t> Quarantine::add(Transaction& transaction, QuarantineEntry entry,
                                     QuarantineCaps const& caps) {
    auto& connection = transaction.connection();
    auto const id = connection.next("quarantine");
    if (!id) return id;
    entry.size = entry.raw.size();
    entry.sha256 = sha256_hex(entry.raw);
    auto done = connection.execute(
        fmt::format(
            "INSERT INTO quarantine ({}, raw) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            entry_columns),
        *id, entry.time, entry.request_id, entry.endpoint, entry.client, entry.peer, entry.path,
        entry.content_type, entry.reason, entry.detail, entry.line, entry.column, entry.size, entry.sha256,
        entry.attempts, entry.closed, entry.raw);
    if (done) done = add_to_total(connection, static_cast<std::int64_t>(entry.size));
    if (done) done = enforce(connection, *id, entry.time, caps);
    if (!done) return std::unexpected(done.error());
    return id;
}

Result<void> Quarantine::refused_again(Transaction& transaction, std::int64_t id, Error const& error) {
    auto& connection = transaction.connection();
    return change(
        connection, id,
        connection.execute("UPDATE quarantine SET attempts = attempts + 1, reason = ?, detail = ?, line = ?,"
                           " column_number = ? WHERE quarantine_id = ?",
                           name_of(error.code), error.message, error.line, error.column, id));
}

Result<void> Quarantine::close(Transaction& transaction, std::int64_t id) {
    auto& connection = transaction.connection();
    return change(connection, id,
                  connection.execute("UPDATE quarantine SET closed = 1 WHERE quarantine_id = ?", id));
}

Result<std::uint64_t> Quarantine::purge(Transaction& transaction, QuarantineFilter const& filter) {
    auto const condition = condition_of(filter);
    return drop(transaction.connection(), condition.sql(), condition.values());
}

} // namespace pointman::db
