// SPDX-License-Identifier: Apache-2.0
#include "endpoints/policy/xml_text.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace pointman::endpoints::policy {

namespace {

constexpr std::string_view white_space = " \t\r\n";
constexpr std::string_view section_end = "]]>";

bool has_line_break(std::string_view text) {
    return text.find('\n') != std::string_view::npos;
}

/// Bytes of the first section: up to a CR, or into the middle of a `]]>`.
std::size_t section_length(std::string_view text) {
    auto const end = text.find(section_end);
    auto const divided = end == std::string_view::npos ? text.size() : end + 2;
    return std::min({text.size(), text.find('\r'), divided});
}

void append_layout(std::string& out, std::string_view text) {
    for (char const c : text) {
        if (c == '\r') {
            out += "&#13;";
        } else {
            out.push_back(c);
        }
    }
}

void append_sections(std::string& out, std::string_view text) {
    while (!text.empty()) {
        auto const length = section_length(text);
        if (length == 0) {
            out += "&#13;";
            text.remove_prefix(1);
            continue;
        }
        out += "<![CDATA[";
        out += text.substr(0, length);
        out += section_end;
        text.remove_prefix(length);
    }
}

bool is_xml_character(char32_t c) {
    if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
    return c != 0xFFFE && c != 0xFFFF;
}

} // namespace

LaidOut without_layout(std::string_view text) {
    LaidOut parts;
    auto const first = std::min(text.find_first_not_of(white_space), text.size());
    if (has_line_break(text.substr(0, first))) {
        parts.before = text.substr(0, first);
        text.remove_prefix(first);
    }
    auto const last = text.find_last_not_of(white_space);
    auto const end = last == std::string_view::npos ? 0 : last + 1;
    if (has_line_break(text.substr(end))) {
        parts.after = text.substr(end);
        text = text.substr(0, end);
    }
    parts.inside = text;
    return parts;
}

void append_attribute(std::string& out, std::string_view name, std::string_view value) {
    out.push_back(' ');
    out += name;
    out += "=\"";
    out += escape_xml(value);
    out.push_back('"');
}

void append_value(std::string& out, LaidOut const& text) {
    append_layout(out, text.before);
    append_sections(out, text.inside);
    append_layout(out, text.after);
}

void append_text(std::string& out, std::string_view text) {
    if (text.find_first_of("&<>\r\n") == std::string_view::npos) {
        out += text;
    } else {
        append_value(out, without_layout(text));
    }
}

bool is_xml_text(std::string_view utf8) {
    while (!utf8.empty()) {
        auto const [value, size] = first_utf8_character(utf8);
        if (size == 0 || !is_xml_character(value)) return false;
        utf8.remove_prefix(size);
    }
    return true;
}

} // namespace pointman::endpoints::policy
