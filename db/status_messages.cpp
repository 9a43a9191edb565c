// SPDX-License-Identifier: Apache-2.0
#include "db/status_messages.hpp"

#include "db/connection.hpp"

#include <fmt/format.h>

namespace pointman::db {

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Result<StatusMessage> read_message(Row const& row) {
    StatusMessage message;
    message.record_id = row.integer(0);
    message.client = row.text(1);
    message.machine = row.text(2);
    message.site = row.text(3);
    message.event_class = row.text(4);
    message.time = row.text(5);
    message.received = row.time(6);
    message.message_id = row.text(7);
    message.code_page = row.text(8);
    message.locale_id = row.text(9);
    return message;
}

/// `table` is status_property or status_qualifier.
Result<Pairs> read_pairs(Connection& connection, std::string_view table, std::int64_t record_id) {
    return connection.all(
        fmt::format("SELECT name, value FROM {} WHERE record_id = ? ORDER BY number", table),
        [](Row const& row) -> Result<std::pair<std::string, std::string>> {
            return std::pair(row.text(0), row.text(1));
        },
        record_id);
}

Result<void> insert_pairs(Connection& connection, std::string_view table, std::int64_t record_id,
                          Pairs const& pairs) {
    auto const sql =
        fmt::format("INSERT INTO {} (record_id, number, name, value) VALUES (?, ?, ?, ?)", table);
    int number = 0;
    for (auto const& [name, value] : pairs) {
        if (auto done = connection.execute(sql, record_id, ++number, name, value); !done) return done;
    }
    return {};
}

} // namespace

Result<std::vector<StatusMessage>> StatusMessages::list(std::string_view client) const {
    auto& connection = session_->connection();
    Condition condition;
    condition.add_if_set("client = ?", client);
    auto messages = connection.all(
        fmt::format(
            "SELECT record_id, client, machine, site, event_class, time, received, message_id, code_page,"
            " locale_id FROM status_message{} ORDER BY record_id",
            condition.sql()),
        read_message, condition.values());
    if (!messages) return messages;
    for (auto& message : *messages) {
        auto properties = read_pairs(connection, "status_property", message.record_id);
        if (!properties) return std::unexpected(properties.error());
        message.properties = std::move(*properties);
        auto qualifiers = read_pairs(connection, "status_qualifier", message.record_id);
        if (!qualifiers) return std::unexpected(qualifiers.error());
        message.qualifiers = std::move(*qualifiers);
    }
    return messages;
}

Result<std::int64_t> StatusMessages::add(Transaction& transaction, StatusMessage const& message) {
    auto& connection = transaction.connection();
    auto const id = connection.next("status_message");
    if (!id) return id;
    auto done = connection.execute(
        "INSERT INTO status_message (record_id, client, machine, site, event_class, time, received, "
        "message_id,"
        " code_page, locale_id, document) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *id, message.client, message.machine, message.site, message.event_class, message.time,
        message.received, message.message_id, message.code_page, message.locale_id, message.document);
    if (done) done = insert_pairs(connection, "status_property", *id, message.properties);
    if (done) done = insert_pairs(connection, "status_qualifier", *id, message.qualifiers);
    if (!done) return std::unexpected(done.error());
    return id;
}

} // namespace pointman::db
