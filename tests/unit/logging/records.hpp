// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/paths.hpp"

#include <array>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::test {

/// One record as CMTrace sees it.
struct Record {
    std::string message;
    unsigned hour = 0, minute = 0, second = 0, millisecond = 0;
    int bias = -1;
    unsigned month = 0, day = 0, year = 0;
    std::string component, context;
    unsigned type = 0, thread = 0;
    std::string file;
};

/// Reads a line with CMTrace's own scanf patterns: the text between the marks, then the attributes, with a
/// pattern that has no conversion for the context where it is empty. Nothing may follow.
inline std::optional<Record> read_record(std::string const& line) {
    constexpr std::string_view begin = "<![LOG[";
    constexpr std::string_view end = "]LOG]!>";
    auto const mark = line.find(end);
    if (!line.starts_with(begin) || mark == std::string::npos) return std::nullopt;
    Record r;
    r.message = line.substr(begin.size(), mark - begin.size());
    std::string const rest = line.substr(mark + end.size());
    std::array<char, 101> component{};
    std::array<char, 1024> context{};
    std::array<char, 101> file{};
    int used = -1;
    bool const empty = rest.find(" context=\"\" ") != std::string::npos;
    int const conversions =
        empty ? std::sscanf(rest.c_str(),
                            R"(<time="%02u:%02u:%02u.%03u%d" date="%02u-%02u-%04u" component="%100[^"]" )"
                            R"(context="" type="%u" thread="%u" file="%100[^"]">%n)",
                            &r.hour, &r.minute, &r.second, &r.millisecond, &r.bias, &r.month, &r.day, &r.year,
                            component.data(), &r.type, &r.thread, file.data(), &used)
              : std::sscanf(rest.c_str(),
                            R"(<time="%02u:%02u:%02u.%03u%d" date="%02u-%02u-%04u" component="%100[^"]" )"
                            R"(context="%1023[^"]" type="%u" thread="%u" file="%100[^"]">%n)",
                            &r.hour, &r.minute, &r.second, &r.millisecond, &r.bias, &r.month, &r.day, &r.year,
                            component.data(), context.data(), &r.type, &r.thread, file.data(), &used);
    if (conversions != (empty ? 12 : 13) || used != static_cast<int>(rest.size())) return std::nullopt;
    r.component = component.data();
    r.context = context.data();
    r.file = file.data();
    return r;
}

inline std::vector<std::string> lines_of(std::string const& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        auto const end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

/// All records of a file; throws on a line that is none, and on a file that does not end with a line's end.
inline std::vector<Record> read_records(std::filesystem::path const& path) {
    auto const text = read_text(path);
    if (!text.empty() && text.back() != '\n')
        throw std::runtime_error("half a line at the end of " + path.string());
    std::vector<Record> records;
    for (auto const& line : lines_of(text)) {
        auto record = read_record(line);
        if (!record) throw std::runtime_error("not a record: " + line);
        records.push_back(std::move(*record));
    }
    return records;
}

} // namespace pointman::test
