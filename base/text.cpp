// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace pointman {

namespace {
char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
} // namespace

std::string to_lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), lower);
    return result;
}

std::string to_upper(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), upper);
    return result;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() && equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view space{" \t\r\n\0", 5};
    auto const first = text.find_first_not_of(space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::size_t characters_in(std::string_view utf8) {
    return static_cast<std::size_t>(
        std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

Utf8Character first_utf8_character(std::string_view text) {
    auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (text.empty()) return {};
    auto const lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    std::size_t const size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
    char32_t value = lead & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0U) != 0x80) return {};
        value = (value << 6U) | (byte(i) & 0x3FU);
    }
    constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
    bool const surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < smallest.at(size) || surrogate || value > 0x10FFFF) return {};
    return {value, size};
}

namespace {

/// Appends a character beyond ASCII, or what stands for a byte that is none; gives the number of bytes taken.
std::size_t append_beyond_ascii(std::string& out, std::string_view text) {
    auto const [value, size] = first_utf8_character(text);
    if (size == 0) {
        out += "\xEF\xBF\xBD";
        return 1;
    }
    if (value != 0xFFFE && value != 0xFFFF) out += text.substr(0, size);
    return size;
}

void append_ascii(std::string& out, char c) {
    switch (c) {
    case '&':
        out += "&amp;";
        break;
    case '<':
        out += "&lt;";
        break;
    case '>':
        out += "&gt;";
        break;
    case '"':
        out += "&quot;";
        break;
    case '\t':
        out += "&#9;";
        break;
    case '\n':
        out += "&#10;";
        break;
    case '\r':
        out += "&#13;";
        break;
    default:
        break; // a control character: plain ones do not come here
    }
}

} // namespace

void append_escaped_xml(std::string& out, std::string_view utf8) {
    auto const is_plain = [](char c) {
        auto const octet = static_cast<unsigned char>(c);
        return octet >= 0x20 && octet < 0x80 && c != '&' && c != '<' && c != '>' && c != '"';
    };
    for (std::size_t at = 0; at < utf8.size();) {
        auto const begin = at;
        while (at < utf8.size() && is_plain(utf8[at])) ++at;
        out.append(utf8, begin, at - begin);
        if (at == utf8.size()) return;
        if (static_cast<unsigned char>(utf8[at]) < 0x80) {
            append_ascii(out, utf8[at++]);
        } else {
            at += append_beyond_ascii(out, utf8.substr(at));
        }
    }
}

std::string escape_xml(std::string_view utf8) {
    std::string out;
    out.reserve(utf8.size() + utf8.size() / 16);
    append_escaped_xml(out, utf8);
    return out;
}

std::string percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%' && i + 2 < text.size()) {
            auto const* const digits = text.data() + i + 1;
            unsigned value = 0;
            if (std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
                c = static_cast<char>(value);
                i += 2;
            }
        }
        decoded.push_back(c);
    }
    return decoded;
}

} // namespace pointman
