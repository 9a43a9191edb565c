// SPDX-License-Identifier: Apache-2.0
#include "schemas/encoding.hpp"

#include <string_view>
#include <utility>

namespace pointman::schemas {
namespace {

constexpr std::string_view mark_utf8 = "\xEF\xBB\xBF";
constexpr std::string_view mark_le = "\xFF\xFE";
constexpr std::string_view mark_be = "\xFE\xFF";

bool can_start_text(char c) {
    return c == '<' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

Encoding by_pattern(std::string_view text) {
    if (text.size() < 2) return Encoding::utf8;
    if (text[1] == '\0' && can_start_text(text[0])) return Encoding::utf16_le;
    if (text[0] == '\0' && can_start_text(text[1])) return Encoding::utf16_be;
    return Encoding::utf8;
}

bool is_padding(char16_t unit, Encoding encoding) {
    switch (unit) {
    case u'\0':
    case u'\r':
    case u'\n':
    case u' ':
    case u'\t':
        return true;
    case u'\u0A0D':
        return encoding == Encoding::utf16_le;
    case u'\u0D0A':
        return encoding == Encoding::utf16_be;
    default:
        return false;
    }
}

constexpr bool is_high_surrogate(char16_t unit) {
    return (unit & 0xFC00U) == 0xD800U;
}
constexpr bool is_low_surrogate(char16_t unit) {
    return (unit & 0xFC00U) == 0xDC00U;
}

char* put_code_point(char* out, char32_t c) {
    auto const tail = [&](unsigned shift) { *out++ = static_cast<char>(0x80U | ((c >> shift) & 0x3FU)); };
    if (c < 0x80) {
        *out++ = static_cast<char>(c);
    } else if (c < 0x800) {
        *out++ = static_cast<char>(0xC0U | (c >> 6U));
        tail(0);
    } else if (c < 0x10000) {
        *out++ = static_cast<char>(0xE0U | (c >> 12U));
        tail(6);
        tail(0);
    } else {
        *out++ = static_cast<char>(0xF0U | (c >> 18U));
        tail(12);
        tail(6);
        tail(0);
    }
    return out;
}

char* put_units(char* out, std::u16string_view units, char16_t& pending) {
    constexpr char32_t replacement = 0xFFFD;
    for (char16_t const unit : units) {
        if (pending != 0) {
            auto const high = static_cast<char32_t>(std::exchange(pending, u'\0'));
            if (is_low_surrogate(unit)) {
                out = put_code_point(out, 0x10000U + ((high - 0xD800U) << 10U) + (unit - 0xDC00U));
                continue;
            }
            // The parser refuses lone halves before they get here.
            out = put_code_point(out, replacement);
        }
        if (is_high_surrogate(unit)) {
            pending = unit;
        } else {
            out = put_code_point(out, is_low_surrogate(unit) ? replacement : unit);
        }
    }
    return out;
}

/// Copies units while they are ASCII; gives how many.
std::size_t put_ascii(char* out, std::u16string_view units) {
    auto const count = units.size();
    constexpr std::size_t block = 16;
    std::size_t done = 0;
    while (done + block <= count) {
        unsigned seen = 0;
        for (std::size_t i = 0; i < block; ++i) seen |= units[done + i];
        if (seen >= 0x80) break;
        for (std::size_t i = 0; i < block; ++i) out[done + i] = static_cast<char>(units[done + i]);
        done += block;
    }
    for (; done < count && units[done] < 0x80; ++done) out[done] = static_cast<char>(units[done]);
    return done;
}

} // namespace

char16_t EncodedText::unit(std::size_t index) const {
    auto const at = [this](std::size_t i) {
        return static_cast<unsigned>(std::to_integer<unsigned char>(bytes[i]));
    };
    switch (encoding) {
    case Encoding::utf16_le:
        return static_cast<char16_t>(at(2 * index) | (at(2 * index + 1) << 8U));
    case Encoding::utf16_be:
        return static_cast<char16_t>((at(2 * index) << 8U) | at(2 * index + 1));
    case Encoding::utf8:
        break;
    }
    return static_cast<char16_t>(at(index));
}

EncodedText recognise(BytesView bytes) {
    auto const chars = as_chars(bytes);
    EncodedText text;
    if (chars.starts_with(mark_utf8)) {
        text = {Encoding::utf8, bytes.subspan(mark_utf8.size())};
    } else if (chars.starts_with(mark_le)) {
        text = {Encoding::utf16_le, bytes.subspan(mark_le.size())};
    } else if (chars.starts_with(mark_be)) {
        text = {Encoding::utf16_be, bytes.subspan(mark_be.size())};
    } else {
        text = {by_pattern(chars), bytes};
    }
    auto units = text.unit_count();
    while (units > 0 && is_padding(text.unit(units - 1), text.encoding)) --units;
    text.bytes = text.bytes.first(units * text.unit_size());
    return text;
}

void append_utf8(std::string& out, std::u16string_view units, char16_t& pending) {
    auto const before = out.size();
    auto const count = units.size();
    // A unit becomes at most three bytes; a pair, four. One more replacement for a half that was pending.
    out.resize_and_overwrite(before + 3 * count + 3, [&](char* data, std::size_t /*size*/) {
        char* const start = data + before;
        std::size_t const ascii = pending == 0 ? put_ascii(start, units) : 0;
        char* const end = put_units(start + ascii, units.substr(ascii), pending);
        return static_cast<std::size_t>(end - data);
    });
}

} // namespace pointman::schemas
