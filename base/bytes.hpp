// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace pointman {

using Bytes = std::vector<std::byte>;
using BytesView = std::span<std::byte const>;

inline BytesView as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

inline std::string_view as_chars(BytesView bytes) {
    // char may alias anything.
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

inline Bytes to_bytes(std::string_view text) {
    auto const view = as_bytes(text);
    return {view.begin(), view.end()};
}

} // namespace pointman
