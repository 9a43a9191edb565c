// SPDX-License-Identifier: Apache-2.0
#include "server/cli/output.hpp"

#include "server/logging_text.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace pointman::cli {

namespace {

void print_row(std::vector<std::string> const& cells, std::vector<std::size_t> const& widths) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        line += i + 1 < cells.size() ? fmt::format("{:<{}}  ", cells[i], widths[i]) : cells[i];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    fmt::print("{}\n", line);
}

} // namespace

void print_json(boost::json::value const& value) {
    fmt::print("{}\n", boost::json::serialize(value));
}

void print_table(std::vector<std::string> const& heading, std::vector<std::vector<std::string>> const& rows) {
    std::vector<std::size_t> widths;
    widths.reserve(heading.size());
    for (auto const& cell : heading) widths.push_back(cell.size());
    for (auto const& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    print_row(heading, widths);
    for (auto const& row : rows) print_row(row, widths);
}

void print_fields(std::vector<std::pair<std::string, std::string>> const& fields) {
    std::size_t width = 0;
    for (auto const& field : fields) width = std::max(width, field.first.size());
    for (auto const& [name, value] : fields) {
        auto line = fmt::format("{:<{}}  {}", name, width, value);
        line.erase(line.find_last_not_of(' ') + 1);
        fmt::print("{}\n", line);
    }
}

std::string shown(std::string_view text) {
    constexpr std::size_t longest = 400;
    return log::visible(text, longest);
}

std::string wrapped(std::string_view text, std::string_view indent) {
    constexpr std::size_t columns = 80;
    std::string lines;
    auto column = indent.size();
    while (!text.empty()) {
        auto const word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        if (!lines.empty() && column + 1 + word.size() > columns) {
            lines += '\n';
            lines += indent;
            column = indent.size();
        } else if (!lines.empty()) {
            lines += ' ';
            ++column;
        }
        lines += word;
        column += word.size();
    }
    return lines;
}

int report(Error const& error) {
    fmt::print(stderr, "pointman: {}\n", error.message);
    if (!error.detail.empty()) fmt::print(stderr, "  {}\n", error.detail);
    return error.code == Code::usage ? wrong_usage : failed;
}

} // namespace pointman::cli
