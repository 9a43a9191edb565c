// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "schemas/document.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace pointman::schemas {

/// XML text as UTF-8, without byte-order mark and without what clients leave behind the last tag.
struct DecodedText {
    std::string converted;  ///< from UTF-16
    std::string_view given; ///< UTF-8 as it came; refers to the bytes
    bool is_whole = true;   ///< if not, the text ends before what is no part of a character

    std::string_view text() const { return converted.empty() ? given : std::string_view(converted); }
};

/// The mark decides the encoding; without one, the zero half of an ASCII first character does, since XML text
/// starts with "<" or white space. What is cut off the end: an odd last byte of UTF-16 text, and units of
/// NUL, CR, LF, blank, tab, as well as the two bytes CR LF that clients put behind UTF-16 text as they are
/// (wire.md 4.2).
DecodedText decode(BytesView bytes);

/// The same, but fails with limit_exceeded for too many bytes, and with malformed, with place, for what is
/// not UTF-8 and for half of a surrogate pair.
Result<DecodedText> decode(BytesView bytes, Limits const& limits);

/// Bytes at the start that are all ASCII, as far as is quickly told: maybe a few less than there are.
std::size_t ascii_prefix(std::string_view text);

/// Length in UTF-16 of UTF-8.
std::size_t utf16_units(std::string_view utf8);

void append_utf8(std::string& out, char32_t c);

/// Appends UTF-16 as UTF-8. A high surrogate at the end is kept in `pending` for the next call, because the
/// parser may cut text between the halves of a pair. False: stopped at a lone half.
bool append_utf8(std::string& out, std::u16string_view units, char16_t& pending);

} // namespace pointman::schemas
