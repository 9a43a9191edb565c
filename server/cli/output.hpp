// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace pointman::cli {

/// What scripts rely on (design, section 6).
enum ExitCode { done = 0, failed = 1, wrong_usage = 2 };

/// Prints JSON and a line end on standard output.
void print_json(boost::json::value const& value);

/// Rows under a heading, columns as wide as their widest cell; the last may run on. Readable at 80 columns.
void print_table(std::vector<std::string> const& heading, std::vector<std::vector<std::string>> const& rows);

/// Name and value, one a line, aligned.
void print_fields(std::vector<std::pair<std::string, std::string>> const& fields);

/// One line of a terminal, whatever a client wrote.
std::string shown(std::string_view text);

/// The text in lines of at most 80 columns behind `indent`, which the caller prints before the first.
std::string wrapped(std::string_view text, std::string_view indent);

/// "pointman: MESSAGE" on standard error; returns the exit code that fits the error.
int report(Error const& error);

} // namespace pointman::cli
