// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/value.hpp>

#include <pointman/error.hpp>
#include <string>
#include <utility>
#include <vector>

namespace pointman::client::agent::cli {

/// What scripts rely on (design, section 6).
enum ExitCode { done = 0, failed = 1, wrong_usage = 2 };

using Fields = std::vector<std::pair<std::string, std::string>>;

void print_json(boost::json::value const& value);
/// Name and value, one a line, aligned.
void print_fields(Fields const& fields);
/// Rows under a heading, columns as wide as their widest cell; the last may run on.
void print_table(std::vector<std::string> const& heading, std::vector<std::vector<std::string>> rows);
/// "pointman-agent: MESSAGE" on standard error; returns the exit code that fits.
int report(Error const& error);
/// One line of a terminal, whatever a server wrote.
std::string shown(std::string_view text);

} // namespace pointman::client::agent::cli
