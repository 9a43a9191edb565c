// SPDX-License-Identifier: Apache-2.0
#include "db/inventory_views.hpp"

#include "base/text.hpp"
#include "db/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>
#include <vector>

namespace pointman::db {

namespace {

Result<std::string> first_text(Row const& row) {
    return row.text(0);
}

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// What of a name may stand in SQL; a character of several bytes is one `_`.
std::string word_of(std::string_view name) {
    std::string word;
    for (char const c : name) {
        bool const continues = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
        if (!continues) word += is_word(c) ? c : '_';
    }
    return word;
}

/// `wished`, or with the first of _2, _3 ... that is free.
template <class F>
Result<std::string> first_free(std::string const& wished, F const& is_taken) {
    for (int number = 1;; ++number) {
        auto name = number == 1 ? wished : fmt::format("{}_{}", wished, number);
        auto const taken = is_taken(name);
        if (!taken) return std::unexpected(taken.error());
        if (!*taken) return name;
    }
}

Result<InventoryClass> add_class(Connection& connection, std::string_view name, InventoryGroup const& group) {
    auto const count = connection.number("SELECT count(*) FROM inventory_class");
    if (!count) return std::unexpected(count.error());
    if (*count >= Inventory::most_classes) {
        return fail(Code::group_failure,
                    fmt::format("the class \"{}\" is new, and the {} that may be are there", name, *count));
    }
    auto const is_taken = [&](std::string const& wished) {
        return connection.exists(
            "SELECT 1 FROM inventory_class WHERE group_name = ? AND (shares = 0 OR ? = 0)", wished,
            group.shares ? 1 : 0);
    };
    auto group_name = first_free(group.name, is_taken);
    if (!group_name) return std::unexpected(std::move(group_name.error()));
    auto const id = connection.next("inventory_class");
    if (!id) return std::unexpected(id.error());
    auto added = connection.execute(
        "INSERT INTO inventory_class (class_id, name, group_name, shares) VALUES (?, ?, ?, ?)", *id, name,
        *group_name, group.shares ? 1 : 0);
    if (!added) return std::unexpected(std::move(added.error()));
    return InventoryClass{*id, std::string(name), std::move(*group_name)};
}

Result<void> add_column(Connection& connection, std::string const& group, std::string_view property) {
    auto const is_taken = [&](std::string const& wished) {
        return connection.exists(
            "SELECT 1 FROM inventory_column WHERE group_name = ? AND column_name = ? || '0'", group, wished);
    };
    auto const column = first_free(word_of(property), is_taken);
    if (!column) return std::unexpected(column.error());
    return connection.execute(
        "INSERT INTO inventory_column (group_name, number, property, column_name)"
        " VALUES (?1, (SELECT count(*) + 1 FROM inventory_column WHERE group_name = ?1), ?2, ?3 || '0')",
        group, property, *column);
}

/// Whether any was new.
Result<bool> add_columns(Connection& connection, std::string const& group, InventoryNames const& properties) {
    auto known =
        connection.all("SELECT property FROM inventory_column WHERE group_name = ?", first_text, group);
    if (!known) return std::unexpected(std::move(known.error()));
    std::ranges::sort(*known);
    std::vector<std::string> missing;
    std::ranges::set_difference(properties, *known, std::back_inserter(missing));
    if (missing.empty()) return false;
    auto const together = connection.number("SELECT count(*) FROM inventory_column");
    if (!together) return std::unexpected(together.error());
    auto const more = std::ssize(missing);
    if (std::ssize(*known) + more > Inventory::most_columns ||
        *together + more > Inventory::most_columns_together) {
        return fail(Code::group_failure,
                    fmt::format("the views of {} would have {} columns, and all views {}: {} and {} may be",
                                group, std::ssize(*known) + more, *together + more, Inventory::most_columns,
                                Inventory::most_columns_together));
    }
    for (auto const& property : missing) {
        if (auto added = add_column(connection, group, property); !added)
            return std::unexpected(std::move(added.error()));
    }
    return true;
}

/// Names of XML have no quotes; this does not rely on it.
std::string json_path(std::string_view property) {
    std::string path = "'$.\"";
    for (char const c : property) {
        if (c == '\'') path += '\'';
        if (c == '"' || c == '\\') path += '\\';
        path += c;
    }
    return path + "\"'";
}

std::string column_sql(std::string_view property, std::string_view column) {
    auto const path = json_path(property);
    return fmt::format(
        ",\n CASE json_type(i.properties, {0}) WHEN 'array' THEN (SELECT group_concat(value, ', ')"
        " FROM json_each(i.properties, {0})) ELSE json_extract(i.properties, {0}) END AS \"{1}\"",
        path, column);
}

/// The views of a group, anew.
Result<void> make_views(Connection& connection, std::string const& group) {
    auto const columns = connection.all(
        "SELECT property, column_name FROM inventory_column WHERE group_name = ? ORDER BY number",
        [](Row const& row) -> Result<std::string> { return column_sql(row.text(0), row.text(1)); }, group);
    if (!columns) return std::unexpected(columns.error());
    auto const classes = connection.all(
        "SELECT class_id FROM inventory_class WHERE group_name = ?",
        [](Row const& row) -> Result<std::int64_t> { return row.integer(0); }, group);
    if (!classes) return std::unexpected(classes.error());
    // The group's name is a word: it was made by word_of() or stands in a table of ours.
    constexpr std::array<std::pair<std::string_view, std::string_view>, 2> views{
        {{"v_GS_", "inventory_instance"}, {"v_HS_", "inventory_history"}}};
    std::string sql;
    for (auto const& [prefix, table] : views) {
        sql +=
            fmt::format("DROP VIEW IF EXISTS \"{0}{1}\";\n"
                        "CREATE VIEW \"{0}{1}\" AS SELECT i.resource_id AS ResourceID, i.group_id AS GroupID,"
                        " i.revision AS RevisionID, CAST(i.action AS INTEGER) AS AgentID,"
                        " i.time_stamp AS TimeStamp{2}\nFROM {3} i WHERE i.class_id IN ({4});\n",
                        prefix, group, fmt::join(*columns, ""), table, fmt::join(*classes, ", "));
    }
    return connection.run_script(sql);
}

} // namespace

Result<InventoryClass> ensure_inventory_class(Connection& connection, std::string_view name,
                                              InventoryGroup const& group, InventoryNames const& properties) {
    auto known = connection.one(
        "SELECT class_id, name, group_name FROM inventory_class WHERE name = ?",
        [](Row const& row) -> Result<InventoryClass> {
            return InventoryClass{row.integer(0), row.text(1), row.text(2)};
        },
        name);
    if (!known) return std::unexpected(std::move(known.error()));
    bool const is_new = !known->has_value();
    if (!*known) {
        auto const wished = InventoryGroup{to_upper(word_of(group.name)), group.shares};
        auto added = add_class(connection, name, wished);
        if (!added) return added;
        *known = std::move(*added);
    }
    auto const grown = add_columns(connection, (*known)->group_name, properties);
    if (!grown) return std::unexpected(grown.error());
    if (is_new || *grown) {
        if (auto made = make_views(connection, (*known)->group_name); !made)
            return std::unexpected(std::move(made.error()));
    }
    return std::move(**known);
}

} // namespace pointman::db
