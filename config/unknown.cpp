// SPDX-License-Identifier: Apache-2.0
// What is said of a setting or table that does not exist.
#include "base/text.hpp"
#include "config/table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pointman::config {

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            auto const above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            diagonal = above;
        }
    }
    return row.back();
}

std::vector<std::string_view> all_keys() {
    std::vector<std::string_view> keys;
    for (auto const& setting : settings_table()) keys.push_back(setting.key);
    return keys;
}

std::vector<std::string_view> all_tables() {
    std::vector<std::string_view> tables;
    for (auto const& setting : settings_table()) {
        if (tables.empty() || tables.back() != setting.table()) tables.push_back(setting.table());
    }
    return tables;
}

std::string list_of_tables() {
    return fmt::format("the tables are {}", fmt::join(all_tables(), ", "));
}

/// What can be said when no key is near: a key of the same name elsewhere, the table's keys, or the tables.
std::string not_near(std::string_view key) {
    auto const dot = key.find('.');
    auto const table = dot == std::string_view::npos ? std::string_view{} : key.substr(0, dot);
    auto const name = key.substr(key.rfind('.') + 1);
    std::vector<std::string_view> same_name;
    std::vector<std::string_view> same_table;
    for (auto const& setting : settings_table()) {
        if (setting.name() == name) same_name.push_back(setting.key);
        if (setting.table() == table) same_table.push_back(setting.key);
    }
    if (!same_name.empty()) return fmt::format("did you mean '{}'?", fmt::join(same_name, "' or '"));
    if (!same_table.empty()) return fmt::format("'{}' has {}", table, fmt::join(same_table, ", "));
    return list_of_tables();
}

} // namespace

std::string_view nearest(std::string_view name, std::span<std::string_view const> names) {
    std::string_view best;
    auto best_distance = std::max<std::size_t>(2, name.size() / 4) + 1; // further off is no typing error
    for (auto const candidate : names) {
        auto const distance = edit_distance(to_lower(name), candidate);
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

std::string unknown_key(std::string_view key) {
    auto const near = nearest(key, all_keys());
    return fmt::format("unknown setting '{}': {}", key,
                       near.empty() ? not_near(key) : fmt::format("did you mean '{}'?", near));
}

std::string unknown_table(std::string_view table) {
    auto const near = nearest(table, all_tables());
    return fmt::format("unknown table '{}': {}", table,
                       near.empty() ? list_of_tables() : fmt::format("did you mean '{}'?", near));
}

} // namespace pointman::config
