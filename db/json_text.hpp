// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace pointman::db {

/// Appends the text as a JSON string. Much inventory is written in this form, and a tree of values in between
/// would cost more than all else.
void append_json(std::string& out, std::string_view text);
/// One value as a string, several as an array of strings.
void append_json(std::string& out, std::span<std::string_view const> values);

} // namespace pointman::db
