// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pointman::test {

inline std::string utf16_le(std::u16string_view text) {
    std::string bytes;
    for (char16_t const unit : text) {
        bytes += static_cast<char>(unit & 0xFFU);
        bytes += static_cast<char>(unit >> 8U);
    }
    return bytes;
}

inline std::string utf16_be(std::u16string_view text) {
    std::string bytes;
    for (char16_t const unit : text) {
        bytes += static_cast<char>(unit >> 8U);
        bytes += static_cast<char>(unit & 0xFFU);
    }
    return bytes;
}

/// Only for ASCII.
inline std::u16string widen(std::string_view ascii) {
    return {ascii.begin(), ascii.end()};
}

inline std::string repeat(std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}

} // namespace pointman::test
