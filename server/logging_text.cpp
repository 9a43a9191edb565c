// SPDX-License-Identifier: Apache-2.0
#include "server/logging_text.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace pointman::log {

namespace {

/// Controls, and what some reader takes for a line's end or a terminal for a change of direction.
bool must_be_shown(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029 ||
           (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

void append_shown(std::string& out, char32_t c) {
    switch (c) {
    case '\n':
        out += "\\n";
        return;
    case '\r':
        out += "\\r";
        return;
    case '\t':
        out += "\\t";
        return;
    default:
        if (c < 0x80) {
            out += fmt::format("\\x{:02X}", static_cast<unsigned>(c));
        } else {
            out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
        }
    }
}

/// A space after the first `where` characters of each mark. One pass: a client may send nothing but marks.
std::string broken_up(std::string_view text, std::string_view mark, std::size_t where) {
    std::string out;
    out.reserve(text.size());
    std::size_t from = 0;
    for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark, from)) {
        out.append(text.substr(from, at + where - from)).push_back(' ');
        from = at + where;
    }
    return out.append(text.substr(from));
}

} // namespace

std::string visible(std::string_view text, std::size_t limit) {
    // Nearly every text is.
    if (text.size() <= limit && std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7F; }))
        return std::string(text);
    std::string out;
    out.reserve(std::min(text.size(), limit));
    for (std::size_t at = 0; at < text.size();) {
        if (out.size() >= limit) {
            out += fmt::format(" ... ({} bytes more)", text.size() - at);
            break;
        }
        auto const [value, size] = first_utf8_character(text.substr(at));
        if (size == 0) {
            fmt::format_to(std::back_inserter(out), "\\x{:02X}", static_cast<unsigned char>(text[at]));
        } else if (must_be_shown(value)) {
            append_shown(out, value);
        } else {
            out += text.substr(at, size);
        }
        at += std::max<std::size_t>(size, 1);
    }
    return out;
}

std::string message_text(std::string_view text) {
    return broken_up(broken_up(visible(text, max_message), "]LOG]!>", 5), "<![LOG[", 2);
}

std::string attribute_text(std::string_view text, std::size_t limit) {
    auto out = visible(text, limit);
    std::ranges::replace(out, '"', '\'');
    std::ranges::replace(out, '<', '(');
    std::ranges::replace(out, '>', ')');
    return out;
}

std::string safe_name(std::string_view name) {
    std::string out(name.substr(0, max_attribute));
    auto const plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    };
    std::ranges::replace_if(
        out, [&](char c) { return !plain(c); }, '_');
    return out.empty() ? "pointman" : out;
}

} // namespace pointman::log
