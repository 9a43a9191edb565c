// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace toml {
inline namespace v3 {
class node;
}
} // namespace toml

/// The one table of all settings. The loader, the sample file, the references and the hints are made from it.
namespace pointman::config {

/// What a setting takes in TOML. `convert` turns it into a Value.
enum class Kind {
    host,      ///< a host name or empty              -> string
    site_code, ///< three letters or digits           -> string
    path,      ///< text                              -> string
    paths,     ///< text or a list of texts           -> list
    addresses, ///< ADDR:PORT or a list of them       -> list
    choice,    ///< one of `choices`                  -> number: the index
    number,    ///< an integer from min to max        -> number
    seconds,   ///< the same                          -> number
    size,      ///< bytes, or text such as "30MB"     -> number
};

using Value = std::variant<std::uint64_t, std::string, std::vector<std::string>>;

struct Setting {
    std::string_view key; ///< table.key
    Kind kind;
    std::string_view standard; ///< the default as TOML text; empty = has to be given
    std::string_view lab;   ///< the default with --lab, where it differs; DIR stands for the lab's directory
    std::string_view about; ///< a sentence or two for the sample file and the references
    void (*assign)(Settings&, Value const&);
    // g++ warns of every row that leaves out a member without an initializer.
    std::vector<std::string_view> choices = {}; // NOLINT(readability-redundant-member-init)
    std::uint64_t min = 0;
    std::uint64_t max = 0;

    std::string_view table() const { return key.substr(0, key.find('.')); }
    std::string_view name() const { return key.substr(key.find('.') + 1); }
};

/// In the order of the sample file; the settings of one table stand together.
std::span<Setting const> settings_table();
/// nullptr = there is no such key.
Setting const* find_setting(std::string_view key);
/// `POINTMAN_TABLE_KEY`
std::string environment_name(Setting const& setting);
bool takes_numbers(Setting const& setting);
/// What the setting takes, as the end of "must be ...".
std::string allowed_values(Setting const& setting);
/// What is wrong with a key that is not in the table, and the nearest one that is.
std::string unknown_key(std::string_view key);
/// The same for a table without any key.
std::string unknown_table(std::string_view table);
/// The nearest of the names, or empty where none is near (edit distance).
std::string_view nearest(std::string_view name, std::span<std::string_view const> names);

/// The value in the setting's own form, or what is wrong with it.
std::expected<Value, std::string> convert(Setting const& setting, toml::node const& node);

} // namespace pointman::config
