// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
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

/// Code points of a text in UTF-8.
std::size_t characters_in(std::string_view utf8);

/// The character that a text begins with.
struct Utf8Character {
    char32_t value = 0;
    std::size_t size = 0; ///< bytes; 0 = the text is empty or does not begin with UTF-8
};
/// Strict: no overlong form, no surrogate, nothing past U+10FFFF.
Utf8Character first_utf8_character(std::string_view text);

/// The text as XML character data or attribute value: & < > " escaped, so are tab and line breaks, which an
/// attribute would lose; characters that XML forbids dropped; each byte that is not UTF-8 becomes U+FFFD.
std::string escape_xml(std::string_view utf8);
/// The same, at the end of `out`.
void append_escaped_xml(std::string& out, std::string_view utf8);

/// Part of a URL without its percent-encoding; what is none stands for itself.
std::string percent_decoded(std::string_view text);

} // namespace pointman
