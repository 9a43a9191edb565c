// SPDX-License-Identifier: Apache-2.0
#include "db/status_messages.hpp"

#include "base/number.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "db/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pointman::db {

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

constexpr std::array<std::pair<StatusSeverity, std::string_view>, 3> severities{
    {{StatusSeverity::informational, "informational"},
     {StatusSeverity::warning, "warning"},
     {StatusSeverity::error, "error"}}};
constexpr std::array<std::pair<StatusType, std::string_view>, 4> types{{{StatusType::milestone, "milestone"},
                                                                        {StatusType::detail, "detail"},
                                                                        {StatusType::audit, "audit"},
                                                                        {StatusType::nt_event, "nt_event"}}};

template <class T, std::size_t N>
std::string_view name_in(std::array<std::pair<T, std::string_view>, N> const& names, T value) {
    auto const found = std::ranges::find(names, value, &std::pair<T, std::string_view>::first);
    return found == names.end() ? "" : found->second;
}

constexpr std::string_view columns = "record_id, client, machine, site, event_class, time, received, "
                                     "message_id, code_page, locale_id, severity,"
                                     " message_type, message_number, module, component, top_site, "
                                     "process_id, thread_id, win32_error, happened,"
                                     " description";

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
    message.severity = static_cast<StatusSeverity>(row.integer(10));
    message.type = static_cast<StatusType>(row.integer(11));
    message.message_number = row.integer(12);
    message.module = row.text(13);
    message.component = row.text(14);
    message.top_site = row.text(15);
    message.process_id = row.integer(16);
    message.thread_id = row.integer(17);
    message.win32_error = row.integer(18);
    message.happened = row.time(19);
    message.description = row.text(20);
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

Result<void> insert_strings(Connection& connection, std::int64_t record_id,
                            std::vector<std::string> const& strings) {
    for (std::size_t i = 0; i < strings.size(); ++i) {
        auto done =
            connection.execute("INSERT INTO status_string (record_id, number, value) VALUES (?, ?, ?)",
                               record_id, i, strings[i]);
        if (!done) return done;
    }
    return {};
}

Result<void> insert_attributes(Connection& connection, std::int64_t record_id,
                               std::vector<std::pair<std::int64_t, std::string>> const& attributes) {
    int number = 0;
    for (auto const& [id, value] : attributes) {
        auto done = connection.execute(
            "INSERT INTO status_attribute (record_id, number, attribute_id, value) VALUES (?, ?, ?, ?)",
            record_id, ++number, id, value);
        if (!done) return done;
    }
    return {};
}

/// The rows beside a message.
Result<void> read_parts(Connection& connection, StatusMessage& message) {
    auto properties = read_pairs(connection, "status_property", message.record_id);
    if (!properties) return std::unexpected(std::move(properties.error()));
    message.properties = std::move(*properties);
    auto qualifiers = read_pairs(connection, "status_qualifier", message.record_id);
    if (!qualifiers) return std::unexpected(std::move(qualifiers.error()));
    message.qualifiers = std::move(*qualifiers);
    auto strings = connection.all(
        "SELECT value FROM status_string WHERE record_id = ? ORDER BY number",
        [](Row const& row) -> Result<std::string> { return row.text(0); }, message.record_id);
    if (!strings) return std::unexpected(std::move(strings.error()));
    message.strings = std::move(*strings);
    auto attributes = connection.all(
        "SELECT attribute_id, value FROM status_attribute WHERE record_id = ? ORDER BY number",
        [](Row const& row) -> Result<std::pair<std::int64_t, std::string>> {
            return std::pair(row.integer(0), row.text(1));
        },
        message.record_id);
    if (!attributes) return std::unexpected(std::move(attributes.error()));
    message.attributes = std::move(*attributes);
    return {};
}

} // namespace

std::string_view name_of(StatusSeverity severity) {
    return name_in(severities, severity);
}

std::string_view name_of(StatusType type) {
    return name_in(types, type);
}

std::optional<StatusSeverity> status_severity_of(std::string_view text) {
    for (auto const& [severity, name] : severities) {
        bool const is_number = number_in<std::int64_t>(text) == static_cast<std::int64_t>(severity);
        if (is_number || equal_ignoring_case(text, name) || equal_ignoring_case(text, name.substr(0, 1)))
            return severity;
    }
    return std::nullopt;
}

Result<std::vector<StatusMessage>> StatusMessages::list(Filter const& filter) const {
    auto& connection = session_->connection();
    Condition condition;
    condition.add_if_set("client = ?", filter.client);
    condition.add_if_set("component = ? COLLATE NOCASE", filter.component);
    if (filter.severity) {
        condition.add("severity = CAST(? AS INTEGER)",
                      std::to_string(static_cast<std::int64_t>(*filter.severity)));
    }
    if (filter.since) condition.add("received >= ?", iso_time_ms(*filter.since));
    if (filter.after != 0) condition.add("record_id > CAST(? AS INTEGER)", std::to_string(filter.after));
    auto messages = connection.all(
        fmt::format("SELECT {} FROM status_message{} ORDER BY record_id", columns, condition.sql()),
        read_message, condition.values());
    if (!messages) return messages;
    for (auto& message : *messages) {
        if (auto read = read_parts(connection, message); !read)
            return std::unexpected(std::move(read.error()));
    }
    return messages;
}

Result<std::int64_t> StatusMessages::add(Transaction& transaction, StatusMessage const& message) {
    auto& connection = transaction.connection();
    auto const id = connection.next("status_message");
    if (!id) return id;
    auto done = connection.execute(
        fmt::format(
            "INSERT INTO status_message ({}, document) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
            " ?, ?, ?, ?, ?, ?, ?, x'')",
            columns),
        *id, message.client, message.machine, message.site, message.event_class, message.time,
        message.received, message.message_id, message.code_page, message.locale_id,
        static_cast<std::int64_t>(message.severity), static_cast<std::int64_t>(message.type),
        message.message_number, message.module, message.component, message.top_site, message.process_id,
        message.thread_id, message.win32_error, message.happened, message.description);
    if (done) done = insert_pairs(connection, "status_property", *id, message.properties);
    if (done) done = insert_pairs(connection, "status_qualifier", *id, message.qualifiers);
    if (done) done = insert_strings(connection, *id, message.strings);
    if (done) done = insert_attributes(connection, *id, message.attributes);
    if (!done) return std::unexpected(std::move(done.error()));
    return id;
}

Result<void> StatusMessages::forget(Transaction& transaction, StatusType type, TimePoint before) {
    return transaction.connection().execute(
        "DELETE FROM status_message WHERE record_id IN (SELECT record_id FROM status_message"
        " WHERE message_type = ? AND received < ? ORDER BY received LIMIT 100)",
        static_cast<std::int64_t>(type), before);
}

} // namespace pointman::db
