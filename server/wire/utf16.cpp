// SPDX-License-Identifier: Apache-2.0
#include "server/wire/utf16.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

namespace pointman::wire {

namespace {

constexpr char32_t replacement = 0xFFFD;
constexpr char32_t last_code_point = 0x10FFFF;

unsigned octet(BytesView bytes, std::size_t at) {
    return std::to_integer<unsigned>(bytes[at]);
}
unsigned octet(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

bool is_high_surrogate(char32_t unit) {
    return unit >= 0xD800 && unit <= 0xDBFF;
}
bool is_low_surrogate(char32_t unit) {
    return unit >= 0xDC00 && unit <= 0xDFFF;
}
bool is_surrogate(char32_t unit) {
    return unit >= 0xD800 && unit <= 0xDFFF;
}

struct Step {
    std::optional<char32_t> code_point; ///< nothing where the bytes are no UTF-8
    std::size_t length;                 ///< bytes to go on by, never 0
};

struct Lead {
    std::size_t trailing;
    char32_t bits;
    char32_t smallest; ///< below it the sequence would be overlong
};

std::optional<Lead> lead_of(unsigned byte) {
    if (byte >= 0xC2 && byte <= 0xDF) return Lead{1, byte & 0x1FU, 0x80};
    if (byte >= 0xE0 && byte <= 0xEF) return Lead{2, byte & 0x0FU, 0x800};
    if (byte >= 0xF0 && byte <= 0xF4) return Lead{3, byte & 0x07U, 0x10000};
    return std::nullopt;
}

Step next_code_point(std::string_view text, std::size_t at) {
    auto const first = octet(text, at);
    if (first < 0x80) return {first, 1};
    auto const lead = lead_of(first);
    if (!lead) return {std::nullopt, 1};
    auto value = lead->bits;
    for (std::size_t i = 1; i <= lead->trailing; ++i) {
        if (at + i >= text.size() || (octet(text, at + i) & 0xC0U) != 0x80) return {std::nullopt, i};
        value = (value << 6U) | (octet(text, at + i) & 0x3FU);
    }
    bool const valid = value >= lead->smallest && value <= last_code_point && !is_surrogate(value);
    return {valid ? std::optional(value) : std::nullopt, lead->trailing + 1};
}

void append_utf16le(Bytes& out, char32_t c) {
    auto const put = [&out](char32_t unit) {
        out.push_back(static_cast<std::byte>(unit & 0xFFU));
        out.push_back(static_cast<std::byte>(unit >> 8U));
    };
    if (c < 0x10000) {
        put(c);
    } else {
        put(0xD800U + ((c - 0x10000U) >> 10U));
        put(0xDC00U + ((c - 0x10000U) & 0x3FFU));
    }
}

Result<std::string> checked_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        auto const step = next_code_point(text, at);
        if (!step.code_point) return fail(Code::malformed, "broken UTF-8");
        at += step.length;
    }
    return std::string(text);
}

Result<std::string> from_utf16(BytesView bytes, Encoding encoding) {
    if (bytes.size() % 2 != 0) return fail(Code::malformed, "odd number of bytes in UTF-16 text");
    std::size_t const low = encoding == Encoding::utf16le ? 0 : 1;
    auto const unit_at = [&](std::size_t at) -> char32_t {
        return octet(bytes, at + low) | (octet(bytes, at + 1 - low) << 8U);
    };
    std::string out;
    out.reserve(bytes.size() / 2);
    for (std::size_t at = 0; at < bytes.size(); at += 2) {
        auto const unit = unit_at(at);
        if (!is_surrogate(unit)) {
            append_utf8(out, unit);
            continue;
        }
        bool const paired =
            is_high_surrogate(unit) && at + 4 <= bytes.size() && is_low_surrogate(unit_at(at + 2));
        if (!paired) return fail(Code::malformed, "lone surrogate in UTF-16 text");
        at += 2;
        append_utf8(out, 0x10000U + ((unit - 0xD800U) << 10U) + (unit_at(at) - 0xDC00U));
    }
    return out;
}

bool is_trailer_byte(std::byte byte) {
    return byte == std::byte{0} || byte == std::byte{'\r'} || byte == std::byte{'\n'};
}

} // namespace

void append_utf8(std::string& out, char32_t c) {
    auto const put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xC0U | (c >> 6U));
        put(0x80U | (c & 0x3FU));
    } else if (c < 0x10000) {
        put(0xE0U | (c >> 12U));
        put(0x80U | ((c >> 6U) & 0x3FU));
        put(0x80U | (c & 0x3FU));
    } else {
        put(0xF0U | (c >> 18U));
        put(0x80U | ((c >> 12U) & 0x3FU));
        put(0x80U | ((c >> 6U) & 0x3FU));
        put(0x80U | (c & 0x3FU));
    }
}

Detected detect_encoding(BytesView bytes) {
    if (bytes.size() < 2) return {Encoding::utf8, 0};
    auto const first = octet(bytes, 0);
    auto const second = octet(bytes, 1);
    if (first == 0xFF && second == 0xFE) return {Encoding::utf16le, 2};
    if (first == 0xFE && second == 0xFF) return {Encoding::utf16be, 2};
    if (bytes.size() >= 3 && first == 0xEF && second == 0xBB && octet(bytes, 2) == 0xBF)
        return {Encoding::utf8, 3};
    if (first != 0 && second == 0) return {Encoding::utf16le, 0};
    if (first == 0 && second != 0) return {Encoding::utf16be, 0};
    return {Encoding::utf8, 0};
}

Result<std::string> to_utf8(BytesView bytes) {
    auto const [encoding, mark_length] = detect_encoding(bytes);
    auto const text = bytes.subspan(mark_length);
    return encoding == Encoding::utf8 ? checked_utf8(as_chars(text)) : from_utf16(text, encoding);
}

Bytes to_utf16le(std::string_view utf8) {
    // Nearly all of it is ASCII, at whose beginning each character is two bytes.
    auto const ascii = static_cast<std::size_t>(
        std::ranges::find_if(utf8, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }) -
        utf8.begin());
    Bytes out;
    out.reserve(utf8.size() * 2);
    out.resize(ascii * 2);
    for (std::size_t i = 0; i < ascii; ++i) out[2 * i] = static_cast<std::byte>(utf8[i]);
    for (std::size_t at = ascii; at < utf8.size();) {
        auto const step = next_code_point(utf8, at);
        append_utf16le(out, step.code_point.value_or(replacement));
        at += step.length;
    }
    return out;
}

BytesView strip_trailer(BytesView bytes) {
    if (detect_encoding(bytes).encoding == Encoding::utf8) {
        while (!bytes.empty() && is_trailer_byte(bytes.back())) bytes = bytes.first(bytes.size() - 1);
        return bytes;
    }
    // Half a unit behind the text: boot-media clients end their payload with three zero bytes (wire.md 3.1).
    if (bytes.size() % 2 != 0 && is_trailer_byte(bytes.back())) bytes = bytes.first(bytes.size() - 1);
    // Any pair of such bytes: U+0000, CR and LF in either byte order, and the two bytes 0D 0A that are no
    // UTF-16 at all.
    while (bytes.size() >= 2 && bytes.size() % 2 == 0 && is_trailer_byte(bytes.back()) &&
           is_trailer_byte(bytes[bytes.size() - 2]))
        bytes = bytes.first(bytes.size() - 2);
    return bytes;
}

} // namespace pointman::wire
