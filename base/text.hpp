// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pointman {

// ASCII only: the protocol's names are ASCII, and locales must not change what matches.

std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);
/// Without white space and NUL at both ends.
std::string_view trim(std::string_view text);
/// The text as XML character data or attribute value: & < > " escaped, characters that XML forbids dropped.
std::string escape_xml(std::string_view utf8);

} // namespace pointman
