// SPDX-License-Identifier: Apache-2.0
#include "schemas/encoding.hpp"

#include "schemas/place.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

namespace pointman::schemas {
namespace {

enum class Encoding : std::uint8_t { utf8, utf16_le, utf16_be };

struct EncodedText {
    Encoding encoding = Encoding::utf8;
    std::string_view bytes;
    std::size_t unit_size() const { return encoding == Encoding::utf8 ? 1 : 2; }
    std::size_t unit_count() const { return bytes.size() / unit_size(); }
    /// The byte or UTF-16 unit at that index.
    char16_t unit(std::size_t index) const;
};

char16_t EncodedText::unit(std::size_t index) const {
    auto const at = [this](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    switch (encoding) {
    case Encoding::utf16_le:
        return static_cast<char16_t>(at(2 * index) | (at(2 * index + 1) << 8U));
    case Encoding::utf16_be:
        return static_cast<char16_t>((at(2 * index) << 8U) | at(2 * index + 1));
    case Encoding::utf8:
        break;
    }
    return at(index);
}

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

struct Put {
    char* end;
    bool is_whole;
};

Put put_units(char* out, std::u16string_view units, char16_t& pending) {
    for (char16_t const unit : units) {
        if (pending != 0) {
            auto const high = static_cast<char32_t>(std::exchange(pending, u'\0'));
            if (!is_low_surrogate(unit)) return {out, false};
            out = put_code_point(out, 0x10000U + ((high - 0xD800U) << 10U) + (unit - 0xDC00U));
        } else if (is_high_surrogate(unit)) {
            pending = unit;
        } else if (is_low_surrogate(unit)) {
            return {out, false};
        } else {
            out = put_code_point(out, unit);
        }
    }
    return {out, true};
}

/// Copies units while they are ASCII; gives how many. Blocks of this size, and as variables of their own, are
/// what the compiler works on many units at a time.
std::size_t put_ascii(char* out, std::u16string_view units) {
    constexpr std::size_t block = 32;
    std::array<char16_t, block> wide{};
    std::array<char, block> narrow{};
    std::size_t done = 0;
    for (; done + block <= units.size(); done += block) {
        std::memcpy(wide.data(), units.data() + done, sizeof wide);
        char16_t seen = 0;
        for (char16_t const unit : wide) seen = static_cast<char16_t>(seen | unit);
        if (seen >= 0x80) break;
        std::ranges::transform(wide, narrow.begin(), [](char16_t unit) { return static_cast<char>(unit); });
        std::memcpy(out + done, narrow.data(), sizeof narrow);
    }
    for (; done < units.size() && units[done] < 0x80; ++done) out[done] = static_cast<char>(units[done]);
    return done;
}

/// Bytes in the well-formed sequence at the start (Unicode 15, table 3-7); 0: there is none.
std::size_t sequence_length(std::string_view bytes) {
    auto const at = [&](std::size_t i) {
        return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U;
    };
    auto const is_tail = [&](std::size_t i) { return (at(i) & 0xC0U) == 0x80U; };
    unsigned const first = at(0);
    unsigned const second = at(1);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return is_tail(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        bool const overlong = first == 0xE0 && second < 0xA0;
        bool const surrogate = first == 0xED && second > 0x9F;
        return is_tail(1) && is_tail(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        bool const overlong = first == 0xF0 && second < 0x90;
        bool const too_high = first == 0xF4 && second > 0x8F;
        return is_tail(1) && is_tail(2) && is_tail(3) && !overlong && !too_high ? 4 : 0;
    }
    return 0;
}

/// Bytes at the start that are well-formed.
std::size_t utf8_prefix(std::string_view bytes) {
    std::size_t at = ascii_prefix(bytes);
    while (at < bytes.size()) {
        auto const length = sequence_length(bytes.substr(at));
        if (length == 0) break;
        at += length;
        at += ascii_prefix(bytes.substr(at));
    }
    return at;
}

DecodedText from_utf16(EncodedText const& text) {
    constexpr std::size_t block = 4096;
    std::array<char16_t, block> units{};
    auto const count = text.unit_count();
    DecodedText decoded;
    // Most text is ASCII. Each block may then ask for more than it takes.
    decoded.converted.reserve(count + 3 * block + 3);
    char16_t pending = 0;
    for (std::size_t at = 0; at < count && decoded.is_whole; at += block) {
        auto const piece = std::span(units).first(std::min(block, count - at));
        std::memcpy(piece.data(), text.bytes.data() + 2 * at, piece.size_bytes());
        bool const is_swapped =
            (text.encoding == Encoding::utf16_le) != (std::endian::native == std::endian::little);
        if (is_swapped)
            std::ranges::transform(piece, piece.begin(), [](char16_t unit) {
                return static_cast<char16_t>(unit << 8U | unit >> 8U);
            });
        decoded.is_whole = append_utf8(decoded.converted, {piece.data(), piece.size()}, pending);
    }
    decoded.is_whole = decoded.is_whole && pending == 0;
    return decoded;
}

EncodedText recognise(std::string_view bytes) {
    EncodedText text;
    if (bytes.starts_with(mark_utf8)) {
        text = {Encoding::utf8, bytes.substr(mark_utf8.size())};
    } else if (bytes.starts_with(mark_le)) {
        text = {Encoding::utf16_le, bytes.substr(mark_le.size())};
    } else if (bytes.starts_with(mark_be)) {
        text = {Encoding::utf16_be, bytes.substr(mark_be.size())};
    } else {
        text = {by_pattern(bytes), bytes};
    }
    auto units = text.unit_count();
    while (units > 0 && is_padding(text.unit(units - 1), text.encoding)) --units;
    text.bytes = text.bytes.substr(0, units * text.unit_size());
    return text;
}

} // namespace

DecodedText decode(BytesView bytes) {
    auto const text = recognise(as_chars(bytes));
    if (text.encoding != Encoding::utf8) return from_utf16(text);
    auto const valid = utf8_prefix(text.bytes);
    return {.converted = {}, .given = text.bytes.substr(0, valid), .is_whole = valid == text.bytes.size()};
}

Result<DecodedText> decode(BytesView bytes, Limits const& limits) {
    // Places in a document are 32 bits wide.
    constexpr std::size_t most = 1U << 30U;
    if (bytes.size() > std::min(limits.max_bytes, most)) {
        return std::unexpected(Error{Code::limit_exceeded, "the document is too large", {}, 1, 1});
    }
    auto decoded = decode(bytes);
    if (decoded.is_whole) return decoded;
    auto const place = place_of(decoded.text(), decoded.text().size());
    return std::unexpected(
        Error{Code::malformed, "the bytes are not UTF-8 or UTF-16", {}, place.line, place.column});
}

std::size_t ascii_prefix(std::string_view text) {
    constexpr std::uint64_t not_ascii = 0x8080808080808080U;
    std::uint64_t block = 0;
    std::size_t at = 0;
    for (; at + sizeof block <= text.size(); at += sizeof block) {
        std::memcpy(&block, text.data() + at, sizeof block);
        if ((block & not_ascii) != 0) break;
    }
    return at;
}

std::size_t utf16_units(std::string_view utf8) {
    auto const ascii = ascii_prefix(utf8);
    auto units = ascii;
    for (char const c : utf8.substr(ascii)) {
        auto const byte = static_cast<unsigned char>(c);
        // Four bytes are a pair; one inside a sequence is nothing of its own.
        if ((byte & 0xC0U) != 0x80U) units += byte < 0xF0U ? 1 : 2;
    }
    return units;
}

void append_utf8(std::string& out, char32_t c) {
    std::array<char, 4> bytes{};
    out.append(bytes.data(), put_code_point(bytes.data(), c));
}

bool append_utf8(std::string& out, std::u16string_view units, char16_t& pending) {
    auto const before = out.size();
    bool is_whole = true;
    // A unit becomes at most three bytes; a pair, four.
    out.resize_and_overwrite(before + 3 * units.size() + 1, [&](char* data, std::size_t /*size*/) {
        char* const start = data + before;
        std::size_t const ascii = pending == 0 ? put_ascii(start, units) : 0;
        auto const put = put_units(start + ascii, units.substr(ascii), pending);
        is_whole = put.is_whole;
        return static_cast<std::size_t>(put.end - data);
    });
    return is_whole;
}

} // namespace pointman::schemas
