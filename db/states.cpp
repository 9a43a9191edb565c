// SPDX-License-Identifier: Apache-2.0
#include "db/states.hpp"

#include "base/time.hpp"
#include "db/connection.hpp"
#include "db/json_text.hpp"
#include "db/resource.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <ranges>

namespace pointman::db {

namespace {

std::optional<std::int64_t> optional_integer(Row const& row, int column) {
    return row.is_null(column) ? std::nullopt : std::optional(row.integer(column));
}

std::string json_of(std::vector<std::string> const& texts) {
    std::string json = "[";
    for (auto const& text : texts) {
        if (json.size() > 1) json += ',';
        append_json(json, std::string_view(text));
    }
    return json + "]";
}

Result<std::vector<std::string>> texts_in(std::string const& json) {
    boost::system::error_code fault;
    auto const value = boost::json::parse(json, fault);
    std::vector<std::string> texts;
    if (fault || !value.is_array()) return fail(Code::storage, "the database holds parameters that are none");
    for (auto const& each : value.get_array()) {
        if (auto const* text = each.if_string()) texts.emplace_back(*text);
    }
    return texts;
}

Result<TakenState> read_state(Row const& row) {
    auto client = row.client_id(0);
    if (!client) return std::unexpected(std::move(client.error()));
    TakenState taken{std::move(*client), row.text(1),    {}, row.text(15), row.text(16),
                     row.time(17),       row.boolean(18)};
    auto& message = taken.message;
    message.topic_type = row.integer(2);
    message.topic_id = row.text(3);
    message.topic_id_type = row.integer(4);
    message.state_id = row.integer(5);
    message.criticality = row.integer(6);
    message.time = row.time(7);
    message.serial = optional_integer(row, 8);
    message.detail_type = row.integer(9);
    message.details = row.text(10);
    message.flags = row.integer(11);
    auto parameters = texts_in(row.text(12));
    if (!parameters) return std::unexpected(std::move(parameters.error()));
    message.parameters = std::move(*parameters);
    message.user = row.text(13);
    message.user_sid = row.text(14);
    return taken;
}

/// What a client's resource is, and how far its serial numbers have come.
struct ResourceSequence {
    std::int64_t resource_id;
    StateSequence sequence;
};

/// With at most one of its gaps.
Result<ResourceSequence> read_sequence_row(Row const& row) {
    ResourceSequence read{row.integer(0), {row.integer(1), row.integer(2), {}, optional_integer(row, 4), {}}};
    if (!row.is_null(3)) read.sequence.newest_time = row.time(3);
    if (!row.is_null(5)) read.sequence.gaps.push_back({row.integer(5), row.integer(6), row.time(7)});
    return read;
}

Result<ResourceSequence> read_sequence(Connection& connection, ClientId const& client) {
    auto rows = connection.all(
        "SELECT r.resource_id, coalesce(s.epoch, 1), coalesce(s.newest, 0), s.newest_time, s.resync_serial,"
        " g.first, g.last, g.noticed FROM resource r LEFT JOIN state_sequence s USING (resource_id)"
        " LEFT JOIN state_gap g USING (resource_id) WHERE r.client_id = ? ORDER BY g.first",
        read_sequence_row, client);
    if (!rows) return std::unexpected(std::move(rows.error()));
    if (rows->empty()) return std::unexpected(no_resource(client));
    auto whole = std::move(rows->front());
    for (auto const& row : *rows | std::views::drop(1))
        whole.sequence.gaps.push_back(row.sequence.gaps.front());
    return whole;
}

constexpr std::string_view described =
    "topic_type, topic_id, topic_id_type, state_id, state_time, criticality, serial, epoch, received,"
    " detail_type, details, flags, parameters, user_name, user_sid";

} // namespace

Result<std::vector<TakenState>> States::list(Filter const& filter) const {
    // What is current came after all that it took the place of.
    auto const current =
        fmt::format("SELECT resource_id, {}, 1 AS is_current, NULL AS place FROM state_message", described);
    auto const former = fmt::format("SELECT resource_id, {}, 0, history_id FROM state_history", described);
    Condition condition;
    if (filter.client) condition.add("r.client_id = ?", filter.client->text());
    if (filter.topic_type)
        condition.add("s.topic_type = CAST(? AS INTEGER)", std::to_string(*filter.topic_type));
    return session_->connection().all(
        fmt::format("SELECT r.client_id, c.name, s.topic_type, s.topic_id, s.topic_id_type, s.state_id,"
                    " s.criticality, s.state_time, s.serial, s.detail_type, s.details, s.flags, s.parameters,"
                    " s.user_name, s.user_sid, coalesce(t.name, ''), coalesce(n.name, ''), s.received,"
                    " s.is_current FROM ({}{}{}) s JOIN resource r ON r.resource_id = s.resource_id"
                    " JOIN client c ON c.client_id = r.client_id"
                    " LEFT JOIN state_topic t ON t.topic_type = s.topic_type"
                    " LEFT JOIN state_name n ON n.topic_type = s.topic_type AND n.state_id = s.state_id{}"
                    " ORDER BY r.client_id, s.topic_type, s.topic_id, s.epoch, s.serial, s.state_time, "
                    "s.is_current, s.place",
                    current, filter.history ? " UNION ALL " : "", filter.history ? former : "",
                    condition.sql()),
        read_state, condition.values());
}

Result<StateSequence> States::sequence(ClientId const& client) const {
    auto read = read_sequence(session_->connection(), client);
    if (!read) return std::unexpected(std::move(read.error()));
    return std::move(read->sequence);
}

Result<std::vector<ClientId>> States::overdue(TimePoint noticed_by) const {
    return session_->connection().all(
        "SELECT DISTINCT r.client_id FROM state_gap g"
        " JOIN state_sequence s ON s.resource_id = g.resource_id AND s.resync_serial IS NULL"
        " JOIN resource r ON r.resource_id = g.resource_id WHERE g.noticed <= ?",
        [](Row const& row) { return row.client_id(0); }, noticed_by);
}

StateWriter::StateWriter(Transaction& transaction, std::int64_t resource_id, StateSequence sequence,
                         TimePoint received)
    : transaction_(&transaction)
    , resource_id_(resource_id)
    , sequence_(std::move(sequence))
    , received_(iso_time_ms(received)) {}

Result<StateWriter> StateWriter::open(Transaction& transaction, ClientId const& client, TimePoint received) {
    auto read = read_sequence(transaction.connection(), client);
    if (!read) return std::unexpected(std::move(read.error()));
    return StateWriter(transaction, read->resource_id, std::move(read->sequence), received);
}

Result<bool> StateWriter::put(StateMessage const& message, std::int64_t epoch) {
    auto const time = iso_time_ms(message.time);
    Put const put{message, time, epoch};
    // Most states take another's place, which the first two statements do; each looks for the topic once.
    auto const kept = keep_former(put);
    if (!kept || *kept) return kept ? replace(put) : kept;
    auto const is_first = add_first(put);
    if (!is_first || *is_first) return is_first;
    if (auto done = add_former(put); !done) return std::unexpected(std::move(done.error()));
    return false;
}

template <class... More>
Result<void> StateWriter::write(std::string_view sql, Put const& put, More const&... more) {
    auto const& message = put.message;
    return transaction_->connection().execute(
        sql, resource_id_, message.topic_type, message.topic_id, message.topic_id_type, message.state_id,
        put.time, message.criticality, message.serial, put.epoch, received_, message.detail_type,
        message.details, message.flags, json_of(message.parameters), message.user, message.user_sid, more...);
}

Result<bool> StateWriter::keep_former(Put const& put) {
    // What fails may leave its one row: to be able to take it back SQLite would copy pages first. The caller
    // gives up all that it wrote.
    static auto const keep =
        fmt::format("INSERT OR FAIL INTO state_history (superseded, resource_id, {0})"
                    " SELECT ?1, resource_id, {0} FROM state_message"
                    " WHERE resource_id = ?2 AND topic_type = ?3 AND topic_id = ?4 AND NOT"
                    " CASE WHEN serial IS NULL OR ?6 IS NULL THEN state_time > ?7"
                    " ELSE (epoch, serial, state_time) > (?5, ?6, ?7) END",
                    described);
    auto& connection = transaction_->connection();
    auto const& message = put.message;
    auto const done = connection.execute(keep, received_, resource_id_, message.topic_type, message.topic_id,
                                         put.epoch, message.serial, put.time);
    if (!done) return std::unexpected(done.error());
    return connection.changes() > 0;
}

Result<bool> StateWriter::replace(Put const& put) {
    constexpr std::string_view over =
        "UPDATE state_message SET topic_id_type = ?4, state_id = ?5, state_time = ?6, criticality = ?7,"
        " serial = ?8, epoch = ?9, received = ?10, detail_type = ?11, details = ?12, flags = ?13,"
        " parameters = ?14, user_name = ?15, user_sid = ?16"
        " WHERE resource_id = ?1 AND topic_type = ?2 AND topic_id = ?3 AND topic_id = ?3 COLLATE BINARY";
    auto& connection = transaction_->connection();
    auto done = write(over, put);
    if (!done) return std::unexpected(std::move(done.error()));
    if (connection.changes() > 0) return true;
    // The topic is spelled in another case now. Its key is not written above, since SQLite would take it for
    // that of another row each time.
    done = connection.execute(
        "DELETE FROM state_message WHERE resource_id = ? AND topic_type = ? AND topic_id = ?", resource_id_,
        put.message.topic_type, put.message.topic_id);
    if (!done) return std::unexpected(std::move(done.error()));
    return add_first(put);
}

Result<bool> StateWriter::add_first(Put const& put) {
    static auto const add =
        fmt::format("INSERT INTO state_message (resource_id, {}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                    " ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    described);
    auto const done = write(add, put);
    if (!done) return std::unexpected(done.error());
    return transaction_->connection().changes() > 0;
}

Result<void> StateWriter::add_former(Put const& put) {
    static auto const add = fmt::format("INSERT INTO state_history (resource_id, {}, superseded)"
                                        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                        described);
    return write(add, put, received_);
}

Result<void> StateWriter::set_sequence(StateSequence const& now) {
    if (sequence_ == now) return {};
    auto& connection = transaction_->connection();
    auto done = connection.execute(
        "INSERT INTO state_sequence (resource_id, epoch, newest, newest_time, resync_serial)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET epoch = excluded.epoch, newest = excluded.newest,"
        " newest_time = excluded.newest_time, resync_serial = excluded.resync_serial",
        resource_id_, now.epoch, now.newest, now.newest_time, now.resync_serial);
    if (!done || sequence_.gaps == now.gaps) return done;
    done = connection.execute("DELETE FROM state_gap WHERE resource_id = ?", resource_id_);
    for (auto const& gap : now.gaps) {
        if (!done) return done;
        done = connection.execute(
            "INSERT INTO state_gap (resource_id, first, last, noticed) VALUES (?, ?, ?, ?)", resource_id_,
            gap.first, gap.last, gap.noticed);
    }
    return done;
}

Result<bool> StateWriter::has_current_up_to(std::int64_t epoch, std::int64_t serial) const {
    return transaction_->connection().exists(
        "SELECT 1 FROM state_message WHERE resource_id = ?1 AND serial IS NOT NULL"
        " AND (epoch < ?2 OR (epoch = ?2 AND serial <= ?3))",
        resource_id_, epoch, serial);
}

Result<void> StateWriter::forget_history(TimePoint before) {
    auto& connection = transaction_->connection();
    auto const is_due = connection.exists("SELECT 1 FROM (SELECT superseded FROM state_history ORDER BY "
                                          "history_id LIMIT 1) WHERE superseded < ?",
                                          before);
    if (!is_due) return std::unexpected(is_due.error());
    if (!*is_due) return {};
    return connection.execute(
        "DELETE FROM state_history WHERE history_id IN"
        " (SELECT history_id FROM state_history ORDER BY history_id LIMIT 1000) AND superseded < ?",
        before);
}

} // namespace pointman::db
