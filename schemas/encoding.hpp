// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace pointman::schemas {

enum class Encoding : std::uint8_t { utf8, utf16_le, utf16_be };

/// XML text without byte-order mark and without what clients leave behind the last tag.
struct EncodedText {
    Encoding encoding = Encoding::utf8;
    BytesView bytes;
    std::size_t unit_size() const { return encoding == Encoding::utf8 ? 1 : 2; }
    std::size_t unit_count() const { return bytes.size() / unit_size(); }
    /// The byte or UTF-16 unit at that index.
    char16_t unit(std::size_t index) const;
};

/// The mark decides; without one, the zero half of an ASCII first character does, since XML text starts with
/// "<" or white space. What is cut off the end: an odd last byte of UTF-16 text, and units of NUL, CR, LF,
/// blank, tab, as well as the two bytes CR LF that clients put behind UTF-16 text as they are (wire.md 4.2).
EncodedText recognise(BytesView bytes);

/// Appends UTF-16 as UTF-8. A high surrogate at the end is kept in `pending` for the next call, because the
/// parser may cut text between the halves of a pair.
void append_utf8(std::string& out, std::u16string_view units, char16_t& pending);

} // namespace pointman::schemas
