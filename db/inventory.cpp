// SPDX-License-Identifier: Apache-2.0
#include "db/inventory.hpp"

#include "base/time.hpp"
#include "db/connection.hpp"
#include "db/inventory_views.hpp"
#include "db/json_text.hpp"
#include "db/resource.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

namespace pointman::db {

namespace {

Error broken(std::string_view json) {
    return {Code::storage, "the database holds properties that are none", std::string(json.substr(0, 200))};
}

/// States of one kind: their columns and where they come from.
struct Source {
    std::string_view until;
    std::string_view deleted;
    std::string_view tables;
};
constexpr Source current_states{
    "NULL", "0",
    "inventory_presence p ON p.resource_id = r.resource_id"
    " JOIN inventory_instance i ON i.class_id = p.class_id AND i.resource_id = p.resource_id"
    " AND i.action = p.action"};
constexpr Source former_states{"i.until", "i.deleted",
                               "inventory_history i ON i.resource_id = r.resource_id"};

std::string states_sql(Source const& source, std::string_view more) {
    return fmt::format("SELECT i.group_id, i.revision, c.name, i.instance_key, i.action, i.time_stamp,"
                       " i.since, {} AS until, {} AS deleted, i.properties, c.class_id"
                       " FROM resource r JOIN {} JOIN inventory_class c ON c.class_id = i.class_id"
                       " WHERE r.client_id = ?1 AND (?2 = '' OR c.name = ?2 COLLATE NOCASE){}",
                       source.until, source.deleted, source.tables, more);
}

Result<InventoryState> read_state(Row const& row) {
    InventoryState state;
    state.group_id = row.integer(0);
    state.revision = row.integer(1);
    state.class_name = row.text(2);
    state.key = row.text(3);
    state.action = row.text(4);
    state.time_stamp = row.text(5);
    state.since = row.time(6);
    if (!row.is_null(7)) state.until = row.time(7);
    state.deleted = row.boolean(8);
    auto properties = inventory_properties(row.text(9));
    if (!properties) return std::unexpected(std::move(properties.error()));
    state.properties = std::move(*properties);
    return state;
}

constexpr std::string_view order = " ORDER BY 11, 1, 2"; // class, instance, revision

Result<InventoryWriter::Stored> read_stored(Row const& row) {
    return InventoryWriter::Stored{row.integer(0), row.integer(1), row.text(2),
                                   row.text(3),    row.text(4),    row.text(5)};
}

} // namespace

std::string inventory_json(InventoryProperties const& properties) {
    std::string json = "{";
    for (auto const& property : properties) {
        if (json.size() > 1) json += ',';
        append_json(json, property.name);
        json += ':';
        std::vector<std::string_view> const values(property.values.begin(), property.values.end());
        append_json(json, values);
    }
    json += '}';
    return json;
}

Result<InventoryProperties> inventory_properties(std::string const& json) {
    boost::system::error_code fault;
    auto const value = boost::json::parse(json, fault);
    auto const* object = value.if_object();
    if (fault || object == nullptr) return std::unexpected(broken(json));
    InventoryProperties properties;
    for (auto const& [name, held] : *object) {
        InventoryProperty property{std::string(name), {}};
        if (auto const* text = held.if_string()) property.values.emplace_back(*text);
        if (auto const* array = held.if_array()) {
            for (auto const& element : *array) {
                auto const* text = element.if_string();
                if (text == nullptr) return std::unexpected(broken(json));
                property.values.emplace_back(*text);
            }
        }
        properties.push_back(std::move(property));
    }
    return properties;
}

// --- Reading ---

Result<std::vector<std::pair<InventoryClass, std::int64_t>>> Inventory::classes() const {
    return session_->connection().all(
        "SELECT class_id, name, group_name,"
        " (SELECT count(*) FROM inventory_instance i WHERE i.class_id = c.class_id)"
        " FROM inventory_class c ORDER BY name",
        [](Row const& row) -> Result<std::pair<InventoryClass, std::int64_t>> {
            return std::pair(InventoryClass{row.integer(0), row.text(1), row.text(2)}, row.integer(3));
        });
}

Result<std::vector<InventoryState>> Inventory::current(ClientId const& client,
                                                       std::string_view class_name) const {
    auto const sql = states_sql(current_states, order);
    return session_->connection().all(sql, read_state, client, class_name);
}

Result<std::vector<InventoryState>> Inventory::history(ClientId const& client,
                                                       std::string_view class_name) const {
    auto const sql = states_sql(former_states, " UNION ALL ") + states_sql(current_states, order);
    return session_->connection().all(sql, read_state, client, class_name);
}

Result<std::vector<InventoryState>> Inventory::at(ClientId const& client, std::string_view class_name,
                                                  TimePoint time) const {
    auto const sql = states_sql(former_states, " AND i.since <= ?3 AND i.until > ?3 UNION ALL ") +
                     states_sql(current_states, " AND i.since <= ?3") + std::string(order);
    return session_->connection().all(sql, read_state, client, class_name, time);
}

// --- Writing ---

InventoryWriter::InventoryWriter(Transaction& transaction, std::int64_t resource_id, std::string action,
                                 TimePoint time, std::string time_stamp)
    : transaction_(&transaction)
    , resource_id_(resource_id)
    , action_(std::move(action))
    , time_(time)
    , time_stamp_(std::move(time_stamp)) {}

Result<InventoryWriter> InventoryWriter::open(Transaction& transaction, ClientId const& client,
                                              std::string_view action, TimePoint time,
                                              std::string_view time_stamp) {
    auto const resource = resource_of(transaction.connection(), client);
    if (!resource) return std::unexpected(resource.error());
    return InventoryWriter(transaction, *resource, std::string(action), time, std::string(time_stamp));
}

Result<InventoryClass> InventoryWriter::ensure_class(std::string_view name, InventoryGroup const& group,
                                                     InventoryNames const& properties) {
    return ensure_inventory_class(transaction_->connection(), name, group, properties);
}

Result<std::optional<InventoryWriter::Stored>> InventoryWriter::find(InventoryClass const& of,
                                                                     std::string_view key) const {
    return transaction_->connection().one(
        "SELECT group_id, revision, instance_key, properties, since, time_stamp FROM inventory_instance"
        " WHERE class_id = ? AND resource_id = ? AND action = ? AND instance_key = ?",
        read_stored, of.class_id, resource_id_, action_, key);
}

Result<std::vector<InventoryWriter::Stored>> InventoryWriter::all(InventoryClass const& of) const {
    return transaction_->connection().all(
        "SELECT group_id, revision, instance_key, properties, since, time_stamp FROM inventory_instance"
        " WHERE class_id = ? AND resource_id = ? AND action = ?",
        read_stored, of.class_id, resource_id_, action_);
}

Result<std::vector<std::pair<InventoryClass, std::string>>> InventoryWriter::present() const {
    return transaction_->connection().all(
        "SELECT c.class_id, c.name, c.group_name, p.sha256 FROM inventory_presence p"
        " JOIN inventory_class c ON c.class_id = p.class_id WHERE p.resource_id = ? AND p.action = ?",
        [](Row const& row) -> Result<std::pair<InventoryClass, std::string>> {
            return std::pair(InventoryClass{row.integer(0), row.text(1), row.text(2)}, row.text(3));
        },
        resource_id_, action_);
}

Result<void> InventoryWriter::insert(InventoryClass const& of, std::span<NewInstance const> instances) {
    if (instances.empty()) return {};
    auto& connection = transaction_->connection();
    auto id = connection.next("inventory_instance", std::ssize(instances));
    if (!id) return std::unexpected(id.error());
    auto insert = connection.prepare(
        "INSERT INTO inventory_instance (group_id, resource_id, class_id, instance_key, action, revision,"
        " time_stamp, since, properties) VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?)");
    if (!insert) return std::unexpected(std::move(insert.error()));
    auto const since = iso_time_ms(time_);
    for (auto const& [key, json] : instances) {
        auto bound =
            insert->bind_all((*id)++, resource_id_, of.class_id, key, action_, time_stamp_, since, json);
        if (!bound) return bound;
        if (auto done = insert->step(); !done) return std::unexpected(std::move(done.error()));
        insert->again();
    }
    return {};
}

Result<void> InventoryWriter::supersede(InventoryClass const& of, Stored const& old, bool deleted) {
    return transaction_->connection().execute(
        "INSERT INTO inventory_history (group_id, revision, resource_id, class_id, instance_key, action,"
        " time_stamp, since, until, deleted, properties) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        old.group_id, old.revision, resource_id_, of.class_id, old.key, action_, old.time_stamp, old.since,
        time_, deleted ? 1 : 0, old.json);
}

Result<void> InventoryWriter::replace(InventoryClass const& of, Stored const& old, std::string_view json) {
    if (old.json == json) return {};
    if (auto done = supersede(of, old, false); !done) return done;
    return transaction_->connection().execute(
        "UPDATE inventory_instance SET revision = revision + 1, action = ?, time_stamp = ?, since = ?,"
        " properties = ? WHERE group_id = ?",
        action_, time_stamp_, time_, json, old.group_id);
}

Result<void> InventoryWriter::remove(InventoryClass const& of, Stored const& old) {
    if (auto done = supersede(of, old, true); !done) return done;
    return transaction_->connection().execute("DELETE FROM inventory_instance WHERE group_id = ?",
                                              old.group_id);
}

Result<void> InventoryWriter::set_present(InventoryClass const& of, std::string_view sha256) {
    return transaction_->connection().execute(
        "INSERT INTO inventory_presence (resource_id, class_id, action, sha256) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET sha256 = excluded.sha256",
        resource_id_, of.class_id, action_, sha256);
}

Result<void> InventoryWriter::set_absent(InventoryClass const& of) {
    return transaction_->connection().execute(
        "DELETE FROM inventory_presence WHERE resource_id = ? AND class_id = ? AND action = ?", resource_id_,
        of.class_id, action_);
}

Result<void> InventoryWriter::forget_history(TimePoint before) {
    // A thousand at a time, as many as a report may well add.
    return transaction_->connection().execute(
        "DELETE FROM inventory_history WHERE (group_id, revision) IN"
        " (SELECT group_id, revision FROM inventory_history WHERE until < ? ORDER BY until LIMIT 1000)",
        before);
}

} // namespace pointman::db
