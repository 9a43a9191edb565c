// SPDX-License-Identifier: Apache-2.0
#include "client/agent/cli/output.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace pointman::client::agent::cli {

void print_json(boost::json::value const& value) {
    fmt::print("{}\n", boost::json::serialize(value));
}

void print_fields(Fields const& fields) {
    std::size_t width = 0;
    for (auto const& [name, value] : fields) width = std::max(width, name.size());
    for (auto const& [name, value] : fields) fmt::print("{:<{}}  {}\n", name, width, shown(value));
}

void print_table(std::vector<std::string> const& heading, std::vector<std::vector<std::string>> rows) {
    rows.insert(rows.begin(), heading);
    std::vector<std::size_t> widths(heading.size());
    for (auto const& row : rows)
        for (std::size_t i = 0; i + 1 < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    for (auto const& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i)
            line += fmt::format("{:<{}}  ", shown(row[i]), widths[i]);
        line.erase(line.find_last_not_of(' ') + 1);
        fmt::print("{}\n", line);
    }
}

int report(Error const& error) {
    fmt::print(stderr, "pointman-agent: {}\n", error.message);
    return error.code == Code::invalid_argument ? wrong_usage : failed;
}

std::string shown(std::string_view text) {
    std::string line(text);
    std::ranges::replace_if(
        line, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; }, ' ');
    return line;
}

} // namespace pointman::client::agent::cli
