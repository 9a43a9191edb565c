// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"

#include <string>
#include <string_view>

namespace pointman::wire {

enum class Encoding { utf8, utf16le, utf16be };

/// By mark, else by the pattern of the first two bytes (a zero before or behind another byte); UTF-8
/// otherwise.
struct Detected {
    Encoding encoding;
    std::size_t mark_length; ///< bytes of the byte-order mark, 0 where there is none
};
Detected detect_encoding(BytesView bytes);

/// To UTF-8, mark dropped. Fails with malformed on an odd number of bytes, a lone surrogate or broken UTF-8.
Result<std::string> to_utf8(BytesView bytes);

/// Appends a code point that is no surrogate.
void append_utf8(std::string& out, char32_t c);

/// UTF-16 LE of UTF-8 text, without mark or terminator. Broken UTF-8 becomes U+FFFD.
Bytes to_utf16le(std::string_view utf8);

/// Without trailing U+0000, CR and LF units (of two bytes for UTF-16) and without odd stray bytes behind
/// them.
BytesView strip_trailer(BytesView bytes);

} // namespace pointman::wire
