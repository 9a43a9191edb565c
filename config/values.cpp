// SPDX-License-Identifier: Apache-2.0
#include "base/number.hpp"
#include "base/text.hpp"
#include "config/table.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace pointman::config {

namespace {

using Converted = std::expected<Value, std::string>;

std::string_view name_of_type(toml::node const& node) {
    switch (node.type()) {
    case toml::node_type::table:
        return "a table";
    case toml::node_type::array:
        return "a list";
    case toml::node_type::string:
        return "text";
    case toml::node_type::integer:
        return "an integer";
    case toml::node_type::floating_point:
        return "a number with a fraction";
    case toml::node_type::boolean:
        return "true or false";
    default:
        return "a date or time";
    }
}

std::unexpected<std::string> must_be(Setting const& setting, std::string_view but) {
    return std::unexpected(fmt::format("{} must be {}, not {}", setting.key, allowed_values(setting), but));
}

std::string in_quotes(std::string_view text) {
    return fmt::format("'{}'", text);
}

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_host(std::string_view text) {
    return text.size() <= 253 && std::ranges::all_of(text, [](char c) {
               return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_' || c == ':';
           });
}

bool is_port(std::string_view text) {
    return number_in<std::uint16_t>(text).has_value();
}

/// `1.2.3.4:80` or `[::1]:80`; a name would have to be looked up, and could give another address after a
/// restart.
bool is_address(std::string_view text) {
    auto const colon = text.rfind(':');
    if (colon == std::string_view::npos || !is_port(text.substr(colon + 1))) return false;
    auto host = text.substr(0, colon);
    bool const bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    std::array<unsigned char, sizeof(in6_addr)> address{};
    return ::inet_pton(bracketed ? AF_INET6 : AF_INET, std::string(host).c_str(), address.data()) == 1;
}

std::optional<std::uint64_t> unit_of(std::string_view suffix) {
    struct Unit {
        std::string_view name;
        std::uint64_t bytes;
    };
    constexpr std::array<Unit, 8> units{{{"", 1},
                                         {"b", 1},
                                         {"kb", 1000},
                                         {"mb", 1000UL * 1000},
                                         {"gb", 1000UL * 1000 * 1000},
                                         {"kib", 1UL << 10U},
                                         {"mib", 1UL << 20U},
                                         {"gib", 1UL << 30U}}};
    auto const* const found = std::ranges::find(units, to_lower(suffix), &Unit::name);
    return found == units.end() ? std::nullopt : std::optional(found->bytes);
}

/// `30MB`, `64 MiB`, `250000`; one that does not fit 64 bits is the largest number, hence out of every range.
std::optional<std::uint64_t> bytes_of(std::string_view text) {
    std::uint64_t count = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error == std::errc::invalid_argument) return std::nullopt;
    auto const unit = unit_of(trim(text.substr(static_cast<std::size_t>(end - text.data()))));
    if (!unit) return std::nullopt;
    constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
    return error != std::errc{} || count > largest / *unit ? largest : count * *unit;
}

Converted in_range(Setting const& setting, std::uint64_t number, std::string_view written) {
    if (number < setting.min || number > setting.max) return must_be(setting, written);
    return number;
}

Converted convert_integer(Setting const& setting, std::int64_t number) {
    auto const written = fmt::to_string(number);
    if (number < 0) return must_be(setting, written);
    return in_range(setting, static_cast<std::uint64_t>(number), written);
}

Converted convert_choice(Setting const& setting, std::string const& text) {
    auto const found = std::ranges::find(setting.choices, text);
    if (found == setting.choices.end()) return must_be(setting, in_quotes(text));
    return static_cast<std::uint64_t>(found - setting.choices.begin());
}

Converted convert_text(Setting const& setting, std::string const& text) {
    switch (setting.kind) {
    case Kind::host:
        if (!is_host(text)) return must_be(setting, in_quotes(text));
        return text;
    case Kind::site_code:
        if (text.size() != 3 || !std::ranges::all_of(text, is_letter_or_digit))
            return must_be(setting, in_quotes(text));
        return text;
    case Kind::path:
        if (text.size() < setting.min || text.find('\0') != std::string::npos)
            return must_be(setting, in_quotes(text));
        return text;
    case Kind::choice:
        return convert_choice(setting, text);
    case Kind::size: {
        auto const bytes = bytes_of(text);
        return bytes ? in_range(setting, *bytes, in_quotes(text)) : must_be(setting, in_quotes(text));
    }
    default:
        return must_be(setting, "the text " + in_quotes(text));
    }
}

std::expected<std::string, std::string> convert_item(Setting const& setting, toml::node const& node) {
    auto const* const text = node.as_string();
    if (text == nullptr) return must_be(setting, fmt::format("a list with {} in it", name_of_type(node)));
    bool const good = setting.kind == Kind::addresses
                          ? is_address(text->get())
                          : !text->get().empty() && text->get().find('\0') == std::string::npos;
    if (!good) return must_be(setting, in_quotes(text->get()));
    return text->get();
}

Converted convert_list(Setting const& setting, toml::node const& node) {
    std::vector<std::string> items;
    if (auto const* const array = node.as_array()) {
        for (auto const& element : *array) {
            auto item = convert_item(setting, element);
            if (!item) return std::unexpected(std::move(item.error()));
            items.push_back(std::move(*item));
        }
    } else if (node.is_string()) {
        auto item = convert_item(setting, node);
        if (!item) return std::unexpected(std::move(item.error()));
        items.push_back(std::move(*item));
    } else {
        return must_be(setting, name_of_type(node));
    }
    return items;
}

} // namespace

bool takes_numbers(Setting const& setting) {
    return setting.kind == Kind::number || setting.kind == Kind::seconds || setting.kind == Kind::size;
}

std::string allowed_values(Setting const& setting) {
    switch (setting.kind) {
    case Kind::host:
        return "a host name, or empty";
    case Kind::site_code:
        return "three letters or digits";
    case Kind::path:
        return setting.min == 0 ? "a path, or empty" : "a path";
    case Kind::paths:
        return "a path or a list of paths";
    case Kind::addresses:
        return "ADDR:PORT or a list of them, such as \"127.0.0.1:8080\" or \"[::1]:8080\"";
    case Kind::choice: {
        std::vector<std::string> choices;
        choices.reserve(setting.choices.size());
        for (auto const choice : setting.choices) choices.push_back(fmt::format("\"{}\"", choice));
        return fmt::format("one of {}", fmt::join(choices, ", "));
    }
    case Kind::number:
        return fmt::format("a number from {} to {}", setting.min, setting.max);
    case Kind::seconds:
        return fmt::format("seconds from {} to {}", setting.min, setting.max);
    case Kind::size:
        return fmt::format("bytes from {} to {}, or text such as \"30 MB\" or \"64 MiB\"", setting.min,
                           setting.max);
    }
    return {};
}

Converted convert(Setting const& setting, toml::node const& node) {
    if (setting.kind == Kind::paths || setting.kind == Kind::addresses) return convert_list(setting, node);
    if (auto const* const integer = node.as_integer(); integer != nullptr && takes_numbers(setting)) {
        return convert_integer(setting, integer->get());
    }
    if (auto const* const text = node.as_string()) return convert_text(setting, text->get());
    return must_be(setting, name_of_type(node));
}

} // namespace pointman::config
