// SPDX-License-Identifier: Apache-2.0
#include "db/json_text.hpp"

#include <boost/json/serializer.hpp>

#include <algorithm>
#include <array>

namespace pointman::db {

namespace {

bool is_plain(char c) {
    return static_cast<unsigned char>(c) >= ' ' && c != '"' && c != '\\';
}

void append_escaped(std::string& out, std::string_view text) {
    thread_local boost::json::serializer serializer;
    serializer.reset(boost::json::string_view(text.data(), text.size()));
    std::array<char, 4096> buffer; // NOLINT(cppcoreguidelines-pro-type-member-init)
    while (!serializer.done()) {
        auto const piece = serializer.read(buffer.data(), buffer.size());
        out.append(piece.data(), piece.size());
    }
}

} // namespace

void append_json(std::string& out, std::string_view text) {
    // Hardly a text has anything to escape.
    if (!std::ranges::all_of(text, is_plain)) return append_escaped(out, text);
    out += '"';
    out += text;
    out += '"';
}

void append_json(std::string& out, std::span<std::string_view const> values) {
    if (values.size() == 1) return append_json(out, values.front());
    char separator = '[';
    if (values.empty()) out += separator;
    for (auto const value : values) {
        out += separator;
        append_json(out, value);
        separator = ',';
    }
    out += ']';
}

} // namespace pointman::db
