// SPDX-License-Identifier: Apache-2.0
#include "client/inventory/texts.hpp"

#include "base/number.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace pointman::client::inventory {

namespace {

constexpr std::string_view white_space = " \t\r\v\f";

/// Cuts the first line off the text.
std::string_view take_line(std::string_view& text) {
    auto const end = std::min(text.find('\n'), text.size());
    auto const line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

/// What stands before and behind the first `mark`, without white space; nothing where there is no mark.
std::optional<std::pair<std::string_view, std::string_view>> split(std::string_view line, char mark) {
    auto const at = line.find(mark);
    if (at == std::string_view::npos) return std::nullopt;
    return std::pair{trim(line.substr(0, at)), trim(line.substr(at + 1))};
}

/// As a shell reads one word.
std::string unquoted(std::string_view text) {
    std::string value;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char const c = text[i];
        if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
            value += text[++i];
        } else if (quote == 0 && (c == '"' || c == '\'')) {
            quote = c;
        } else if (c == quote) {
            quote = 0;
        } else {
            value += c;
        }
    }
    return value;
}

/// White space and backslashes in /proc/mounts are written as `\040`.
std::string without_octal(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\') {
            auto const digits = text.substr(i + 1, 3);
            auto const code = number_in<unsigned char>(digits, 8);
            if (code && digits.size() == 3) {
                result += static_cast<char>(*code);
                i += 3;
                continue;
            }
        }
        result += text[i];
    }
    return result;
}

bool is_comment(std::string_view line) {
    return line.empty() || line.front() == '#' || line.front() == ';';
}

} // namespace

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) lines.push_back(take_line(text));
    return lines;
}

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    constexpr std::string_view between = " \t\r\v\f\n";
    for (auto at = text.find_first_not_of(between); at != std::string_view::npos;) {
        auto const end = std::min(text.find_first_of(between, at), text.size());
        words.push_back(text.substr(at, end - at));
        at = text.find_first_not_of(between, end);
    }
    return words;
}

std::string_view Fields::operator[](std::string_view name) const {
    auto const found = std::ranges::find(all_, name, &std::pair<std::string_view, std::string_view>::first);
    return found == all_.end() ? std::string_view() : found->second;
}

std::optional<std::uint64_t> Fields::kilobytes(std::string_view name) const {
    auto const words = words_of((*this)[name]);
    if (words.size() != 2 || words[1] != "kB") return std::nullopt;
    return number_in<std::uint64_t>(words[0]);
}

std::vector<Fields> paragraphs_of(std::string_view text) {
    std::vector<Fields> paragraphs;
    bool inside = false;
    while (!text.empty()) {
        auto const line = take_line(text);
        if (trim(line).empty()) {
            inside = false;
            continue;
        }
        if (white_space.find(line.front()) != std::string_view::npos) continue; // goes on with a value
        auto const field = split(line, ':');
        if (!field || field->first.empty()) continue;
        if (!inside) paragraphs.emplace_back();
        inside = true;
        paragraphs.back().add(field->first, field->second);
    }
    return paragraphs;
}

Assignments assignments_of(std::string_view text) {
    Assignments assignments;
    while (!text.empty()) {
        auto const line = trim(take_line(text));
        if (is_comment(line)) continue;
        auto const field = split(line, '=');
        if (field && !field->first.empty())
            assignments.insert_or_assign(std::string(field->first), unquoted(field->second));
    }
    return assignments;
}

namespace {

/// A line with those that it goes on in; comments between them are none of it.
std::string take_long_line(std::string_view& text) {
    std::string line;
    while (!text.empty()) {
        auto part = trim(take_line(text));
        if (!line.empty() && is_comment(part)) {
            if (part.empty()) break;
            continue;
        }
        bool const goes_on = part.ends_with('\\');
        if (goes_on) part.remove_suffix(1);
        line += trim(part);
        if (!goes_on) break;
        line += ' ';
    }
    return line;
}

} // namespace

Assignments unit_settings_of(std::string_view text) {
    Assignments settings;
    std::string section;
    while (!text.empty()) {
        auto const line = take_long_line(text);
        if (is_comment(line)) continue;
        if (line.front() == '[' && line.ends_with(']')) {
            section = line.substr(1, line.size() - 2);
            continue;
        }
        auto const field = split(line, '=');
        if (!field || section.empty()) continue;
        auto const name = fmt::format("{}.{}", section, field->first);
        if (field->second.empty()) {
            settings.erase(name);
        } else {
            settings.emplace(name, field->second);
        }
    }
    return settings;
}

std::vector<Mount> mounts_of(std::string_view text) {
    std::vector<Mount> mounts;
    while (!text.empty()) {
        auto const words = words_of(take_line(text));
        if (words.size() < 4 || words[1].front() != '/') continue;
        mounts.push_back({without_octal(words[0]), without_octal(words[1]), std::string(words[2])});
    }
    return mounts;
}

std::vector<std::pair<std::string, std::string>> gateways_of(std::string_view text) {
    constexpr std::uint32_t has_gateway = 0x2;
    std::vector<std::pair<std::string, std::string>> gateways;
    while (!text.empty()) {
        auto const words = words_of(take_line(text));
        if (words.size() < 8) continue;
        auto const destination = number_in<std::uint32_t>(words[1], 16);
        auto const gateway = number_in<std::uint32_t>(words[2], 16);
        auto const flags = number_in<std::uint32_t>(words[3], 16);
        auto const mask = number_in<std::uint32_t>(words[7], 16);
        if (destination != 0U || mask != 0U || !gateway || !flags || (*flags & has_gateway) == 0) continue;
        // The first byte of the address is the lowest of the number.
        auto const byte = [&gateway](unsigned number) { return *gateway >> (8 * number) & 0xFFU; };
        gateways.emplace_back(words[0], fmt::format("{}.{}.{}.{}", byte(0), byte(1), byte(2), byte(3)));
    }
    return gateways;
}

Resolver resolver_of(std::string_view text) {
    Resolver resolver;
    while (!text.empty()) {
        auto const words = words_of(take_line(text));
        if (words.size() < 2) continue;
        if (words[0] == "nameserver") resolver.servers.emplace_back(words[1]);
        // Of both the last one counts.
        if ((words[0] == "domain" || words[0] == "search") && words[1] != ".") resolver.domain = words[1];
    }
    return resolver;
}

std::string full_name_of(std::string_view hosts, std::string_view name) {
    while (!hosts.empty()) {
        auto const line = take_line(hosts);
        auto const words = words_of(line.substr(0, line.find('#')));
        if (std::ranges::find(words, name) == words.end()) continue;
        for (auto const word : words)
            if (word.size() > name.size() + 1 && word.starts_with(name) && word[name.size()] == '.')
                return std::string(word);
    }
    return {};
}

// --- Time zones ---

namespace {

/// `CET`, or `<+0330>` without its brackets.
std::string take_zone_name(std::string_view& rule) {
    if (rule.starts_with('<')) {
        auto const end = rule.find('>');
        if (end == std::string_view::npos) return {};
        std::string name(rule.substr(1, end - 1));
        rule.remove_prefix(end + 1);
        return name;
    }
    auto const is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    auto const end = std::ranges::find_if_not(rule, is_letter);
    std::string name(rule.begin(), end);
    rule.remove_prefix(name.size());
    return name;
}

/// `-3:30`: hours and minutes that local time is behind UTC.
std::optional<int> take_offset(std::string_view& rule) {
    auto const end = std::min(rule.find_first_not_of("+-0123456789:"), rule.size());
    auto text = rule.substr(0, end);
    rule.remove_prefix(end);
    int const sign = text.starts_with('-') ? -1 : 1;
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    auto const colon = std::min(text.find(':'), text.size());
    auto const hours = number_in<unsigned>(text.substr(0, colon));
    auto const minutes = colon == text.size() ? 0U : number_in<unsigned>(text.substr(colon + 1, 2));
    if (!hours || !minutes || *hours > 167 || *minutes > 59) return std::nullopt;
    return sign * static_cast<int>(*hours * 60 + *minutes);
}

} // namespace

std::optional<std::uint64_t> start_of_process(std::string_view stat) {
    auto const bracket = stat.rfind(')');
    if (bracket == std::string_view::npos) return std::nullopt;
    auto const words = words_of(stat.substr(bracket + 1)); // the third field is the first here
    constexpr std::size_t start = 22 - 3;
    return words.size() > start ? number_in<std::uint64_t>(words[start]) : std::nullopt;
}

std::optional<Zone> zone_of(std::string_view compiled) {
    // The rule is the last line of the file, and there is one before it.
    if (!compiled.starts_with("TZif") || !compiled.ends_with('\n')) return std::nullopt;
    compiled.remove_suffix(1);
    auto const begin = compiled.rfind('\n');
    if (begin == std::string_view::npos) return std::nullopt;
    auto rule = compiled.substr(begin + 1);
    auto standard = take_zone_name(rule);
    auto const behind = take_offset(rule);
    if (standard.empty() || !behind) return std::nullopt;
    return Zone{std::move(standard), take_zone_name(rule), -*behind};
}

// --- SMBIOS ---

namespace {

/// Numbers are little-endian; what is behind the end of the structure is not there.
class Structure {
public:
    explicit Structure(std::string_view bytes)
        : bytes_(bytes)
        , length_(bytes.size() > 1 ? std::min<std::size_t>(byte(1), bytes.size()) : 0) {}

    template <class T>
    std::optional<T> number(std::size_t at) const {
        if (at + sizeof(T) > length_) return std::nullopt;
        T value = 0;
        for (std::size_t i = sizeof(T); i-- > 0;)
            value = static_cast<T>(std::uint64_t{value} << 8U | byte(at + i));
        return value;
    }

    /// The text whose number stands there: they follow the structure, each ended by NUL.
    std::string text(std::size_t at) const {
        auto const wanted = number<std::uint8_t>(at);
        if (!wanted || *wanted == 0) return {};
        auto rest = bytes_.substr(length_);
        for (unsigned i = 1; !rest.empty(); ++i) {
            auto const end = std::min(rest.find('\0'), rest.size());
            if (end == 0) break;
            if (i == *wanted) return std::string(rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        return {};
    }

private:
    std::uint8_t byte(std::size_t at) const { return static_cast<std::uint8_t>(bytes_[at]); }
    std::string_view bytes_;
    std::size_t length_;
};

using Numbering = std::pair<unsigned, unsigned>; ///< of SMBIOS, of CIM
constexpr std::array form_factors{Numbering{3, 7}, Numbering{9, 8}, Numbering{12, 11}, Numbering{13, 12}};
constexpr std::array memory_types{Numbering{0x12, 20}, Numbering{0x13, 21}, Numbering{0x18, 24},
                                  Numbering{0x1A, 26}};

std::optional<unsigned> renumbered(std::span<Numbering const> numbering, std::optional<std::uint8_t> number) {
    auto const found =
        std::ranges::find_if(numbering, [number](auto const& each) { return each.first == number; });
    return found == numbering.end() ? std::nullopt : std::optional(found->second);
}

/// Bytes; 0 where the slot is empty or its size unknown.
std::uint64_t capacity_of(Structure const& structure) {
    auto const size = structure.number<std::uint16_t>(0x0C).value_or(0);
    if (size == 0xFFFF) return 0;
    if (size == 0x7FFF)
        return std::uint64_t{structure.number<std::uint32_t>(0x1C).value_or(0) & 0x7FFFFFFFU} << 20U;
    bool const in_kilobytes = (size & 0x8000U) != 0;
    return std::uint64_t{size & 0x7FFFU} << (in_kilobytes ? 10U : 20U);
}

} // namespace

std::optional<MemoryModule> memory_module_of(std::string_view bytes) {
    Structure const structure(bytes);
    if (structure.number<std::uint8_t>(0) != 17) return std::nullopt;
    MemoryModule module;
    module.capacity = capacity_of(structure);
    module.form_factor = renumbered(form_factors, structure.number<std::uint8_t>(0x0E));
    module.type = renumbered(memory_types, structure.number<std::uint8_t>(0x12));
    auto const speed = structure.number<std::uint16_t>(0x15);
    if (speed && *speed != 0 && *speed != 0xFFFF) module.speed = *speed;
    module.locator = structure.text(0x10);
    module.bank = structure.text(0x11);
    return module;
}

// --- Devices and packages ---

std::map<PciId, std::pair<std::string, std::string>> pci_names_of(std::string_view pci_ids,
                                                                  std::vector<PciId> const& wanted) {
    std::map<PciId, std::pair<std::string, std::string>> names;
    std::string maker_id;
    std::string_view maker;
    while (!pci_ids.empty()) {
        auto const line = take_line(pci_ids);
        if (line.starts_with("C ")) break; // classes follow the devices
        if (line.size() < 6 || is_comment(line) || line.starts_with("\t\t")) continue;
        if (line.front() != '\t') {
            maker_id = line.substr(0, 4);
            maker = trim(line.substr(4));
            for (auto const& id : wanted)
                if (id.first == maker_id) names[id].first = maker;
        } else if (PciId const id{maker_id, line.substr(1, 4)}; names.contains(id)) {
            names[id].second = trim(line.substr(5));
        }
    }
    return names;
}

std::string_view without_address(std::string_view person) {
    return trim(person.substr(0, person.find('<')));
}

} // namespace pointman::client::inventory
