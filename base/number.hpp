// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>
#include <system_error>

namespace pointman {

/// The number that a text is, all of it; nothing for an empty text, for what has anything else around the
/// digits, and for a number that T cannot hold. A minus only where T has a sign.
template <std::integral T>
std::optional<T> number_in(std::string_view text, int base = 10) {
    T value{};
    auto const* const begin = text.data();
    auto const* const end = begin + text.size();
    auto const [stop, error] = std::from_chars(begin, end, value, base);
    if (error != std::errc{} || stop != end) return {};
    return value;
}

} // namespace pointman
