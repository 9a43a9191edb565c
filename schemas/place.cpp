// SPDX-License-Identifier: Apache-2.0
#include "schemas/place.hpp"

#include <cstring>

namespace pointman::schemas {
namespace {

/// Bytes at the start that each are a column, as far as is quickly told: ASCII, no control characters.
std::size_t plain_prefix(std::string_view text) {
    constexpr std::uint64_t high_bits = 0x8080808080808080U;
    constexpr std::uint64_t blanks = 0x2020202020202020U;
    std::uint64_t block = 0;
    std::size_t at = 0;
    for (; at + sizeof block <= text.size(); at += sizeof block) {
        std::memcpy(&block, text.data() + at, sizeof block);
        // A byte below a blank borrows from its high bit, or leads the next to do so.
        if (((block | (block - blanks)) & high_bits) != 0) break;
    }
    return at;
}

} // namespace

Place PlaceCursor::at(std::size_t offset) {
    auto [line, column] = place_;
    for (auto at = offset_; at < offset; ++at) {
        auto const plain = plain_prefix(text_.substr(at, offset - at));
        column += static_cast<std::uint32_t>(plain);
        at += plain;
        if (at == offset) break;
        auto const byte = static_cast<unsigned char>(text_[at]);
        bool const before_newline = byte == '\r' && at + 1 < text_.size() && text_[at + 1] == '\n';
        if (byte == '\n' || (byte == '\r' && !before_newline)) {
            ++line;
            column = 1;
        } else if ((byte & 0xC0U) != 0x80U) {
            column += byte < 0xF0U ? 1 : 2;
        }
    }
    offset_ = offset;
    place_ = {line, column};
    return place_;
}

} // namespace pointman::schemas
