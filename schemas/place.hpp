// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pointman::schemas {

/// Counted from 1. Lines end with LF, CR LF or CR; columns are UTF-16 units.
struct Place {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
};

/// Goes over UTF-8 text once, from place to place.
class PlaceCursor {
public:
    explicit PlaceCursor(std::string_view text)
        : text_(text) {}

    /// Place of the byte at that offset. Offsets must not fall.
    Place at(std::size_t offset);

private:
    std::string_view text_;
    std::size_t offset_ = 0;
    Place place_;
};

inline Place place_of(std::string_view text, std::size_t offset) {
    return PlaceCursor(text).at(offset);
}

} // namespace pointman::schemas
