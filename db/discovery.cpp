// SPDX-License-Identifier: Apache-2.0
#include "db/discovery.hpp"

#include "base/text.hpp"
#include "db/connection.hpp"
#include "db/resource.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pointman::db {

namespace {

/// One value.
struct Value {
    std::string class_name;
    std::int64_t instance = 0;
    std::string name;
    std::string text;
};

Result<Value> read_value(Row const& row) {
    return Value{row.text(0), row.integer(1), row.text(2), row.text(3)};
}

void add(InventoryProperties& properties, Value value) {
    auto const known = std::ranges::find(properties, value.name, &InventoryProperty::name);
    auto& property = known == properties.end()
                         ? properties.emplace_back(InventoryProperty{std::move(value.name), {}})
                         : *known;
    property.values.push_back(std::move(value.text));
}

Result<void> insert(Connection& connection, std::int64_t resource_id, DiscoveredClass const& discovered) {
    std::int64_t number = 0;
    for (std::size_t i = 0; i < discovered.instances.size(); ++i) {
        for (auto const& property : discovered.instances[i]) {
            for (auto const& value : property.values) {
                auto done = connection.execute(
                    "INSERT INTO discovery_property (resource_id, class_name, number, instance, name, value)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    resource_id, discovered.name, ++number, i, property.name, value);
                if (!done) return done;
            }
        }
    }
    return {};
}

Result<void> replace(Connection& connection, std::int64_t resource_id, DiscoveredClass const& discovered) {
    auto gone = connection.execute("DELETE FROM discovery_property WHERE resource_id = ? AND class_name = ?",
                                   resource_id, discovered.name);
    if (!gone) return gone;
    return insert(connection, resource_id, discovered);
}

} // namespace

Result<std::optional<Discovery>> Discoveries::find(ClientId const& client) const {
    return session_->connection().one(
        "SELECT d.report_date, d.received, d.netbios_name, d.client_installed, d.client_type FROM resource r"
        " JOIN discovery d ON d.resource_id = r.resource_id WHERE r.client_id = ?",
        [](Row const& row) -> Result<Discovery> {
            return Discovery{row.text(0), row.time(1), row.text(2), row.text(3), row.text(4)};
        },
        client);
}

Result<std::vector<DiscoveredClass>> Discoveries::classes(ClientId const& client) const {
    auto values = session_->connection().all(
        "SELECT p.class_name, p.instance, p.name, p.value FROM resource r"
        " JOIN discovery_property p ON p.resource_id = r.resource_id WHERE r.client_id = ?"
        " ORDER BY p.class_name, p.number",
        read_value, client);
    if (!values) return std::unexpected(std::move(values.error()));
    std::vector<DiscoveredClass> classes;
    for (auto& value : *values) {
        if (classes.empty() || !equal_ignoring_case(classes.back().name, value.class_name))
            classes.push_back({value.class_name, {}});
        auto& instances = classes.back().instances;
        auto const number = static_cast<std::size_t>(value.instance);
        instances.resize(std::max(instances.size(), number + 1));
        add(instances[number], std::move(value));
    }
    return classes;
}

Result<InventoryProperties> Discoveries::resource(ClientId const& client) const {
    auto& connection = session_->connection();
    auto const columns = connection.all("SELECT name FROM pragma_table_info('v_R_System')",
                                        [](Row const& row) -> Result<std::string> { return row.text(0); });
    if (!columns) return std::unexpected(columns.error());
    auto const read = [&columns](Row const& row) -> Result<InventoryProperties> {
        InventoryProperties properties;
        for (std::size_t i = 0; i < columns->size(); ++i) {
            auto const column = static_cast<int>(i);
            InventoryProperty property{(*columns)[i], {}};
            if (!row.is_null(column)) property.values.push_back(row.text(column));
            properties.push_back(std::move(property));
        }
        return properties;
    };
    auto resource = connection.one("SELECT * FROM v_R_System WHERE SMS_Unique_Identifier0 = ?", read, client);
    if (!resource) return std::unexpected(std::move(resource.error()));
    if (!*resource) return fail(Code::not_found, fmt::format("{} has no resource", client.text()));
    return std::move(**resource);
}

Result<void> Discoveries::put(Transaction& transaction, ClientId const& client, Discovery const& discovery,
                              std::vector<DiscoveredClass> const& classes, bool whole) {
    auto& connection = transaction.connection();
    auto const resource = resource_of(connection, client);
    if (!resource) return std::unexpected(resource.error());
    auto const id = *resource;
    auto done = connection.execute(
        "INSERT INTO discovery (resource_id, report_date, received, netbios_name, client_installed, "
        "client_type)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (resource_id) DO UPDATE SET report_date = "
        "excluded.report_date,"
        " received = excluded.received, netbios_name = excluded.netbios_name,"
        " client_installed = excluded.client_installed, client_type = excluded.client_type",
        id, discovery.date, discovery.received, discovery.netbios_name, discovery.client_installed,
        discovery.client_type);
    if (done) {
        done = connection.execute("UPDATE resource SET name = ? WHERE resource_id = ? AND ?1 <> ''",
                                  discovery.netbios_name, id);
    }
    if (done && whole) done = connection.execute("DELETE FROM discovery_property WHERE resource_id = ?", id);
    for (auto each = classes.begin(); done && each != classes.end(); ++each)
        done = replace(connection, id, *each);
    return done;
}

} // namespace pointman::db
