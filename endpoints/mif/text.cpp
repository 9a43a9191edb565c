// SPDX-License-Identifier: Apache-2.0
#include "endpoints/mif/text.hpp"

#include "base/number.hpp"
#include "endpoints/mif/mif.hpp"
#include "server/wire/utf16.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace pointman::mif {

namespace {

/// Of the bytes 0x80 to 0x9F; the others are Unicode's own. Five mean nothing and stand for themselves.
constexpr std::array<char16_t, 32> windows_1252{
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

void append_windows_1252(std::string& out, unsigned char byte) {
    bool const is_mapped = byte >= 0x80 && byte <= 0x9F;
    wire::append_utf8(out, is_mapped ? windows_1252.at(byte - 0x80U) : byte);
}

std::string from_windows_1252(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size() + bytes.size() / 16);
    for (char const c : bytes) append_windows_1252(text, static_cast<unsigned char>(c));
    return text;
}

struct Escape {
    unsigned char byte = 0;
    std::size_t size = 0; ///< with the backslash
};

std::size_t digits_in(std::string_view text, std::string_view digits, std::size_t most) {
    return std::min({text.find_first_not_of(digits), text.size(), most});
}

/// The byte that an escape means; nothing where it is none. `text` begins with the backslash.
std::optional<Escape> escape_in(std::string_view text) {
    constexpr std::string_view names = "abfnrtv\\\"'?";
    constexpr std::string_view meanings = "\a\b\f\n\r\t\v\\\"'?";
    auto const rest = text.substr(1);
    if (rest.empty()) return std::nullopt;
    if (auto const known = names.find(rest.front()); known != std::string_view::npos)
        return Escape{static_cast<unsigned char>(meanings[known]), 2};
    bool const is_hex = rest.front() == 'x' || rest.front() == 'X';
    auto const digits = is_hex ? rest.substr(1, digits_in(rest.substr(1), "0123456789abcdefABCDEF", 2))
                               : rest.substr(0, digits_in(rest, "01234567", 3));
    auto const value = number_in<unsigned char>(digits, is_hex ? 16 : 8);
    if (!value) return std::nullopt;
    return Escape{*value, digits.size() + (is_hex ? 2 : 1)};
}

/// `put_plain(view)` for what stands as it is, `put_byte` for what an escape means.
template <class Plain, class Byte>
void unescape(std::string_view piece, Plain const& put_plain, Byte const& put_byte) {
    while (!piece.empty()) {
        auto const plain = std::min(piece.find('\\'), piece.size());
        put_plain(piece.substr(0, plain));
        piece.remove_prefix(plain);
        if (piece.empty()) return;
        auto const escape = escape_in(piece);
        if (escape) {
            put_byte(escape->byte);
        } else {
            put_plain(piece.substr(0, 1));
        }
        piece.remove_prefix(escape ? escape->size : 1);
    }
}

bool is_left_out(char c) {
    auto const byte = static_cast<unsigned char>(c);
    return byte < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

} // namespace

std::string_view cut_to(std::string_view utf8, std::size_t bytes) {
    auto end = std::min(bytes, utf8.size());
    while (end > 0 && end < utf8.size() && (static_cast<unsigned char>(utf8[end]) & 0xC0U) == 0x80U) --end;
    return utf8.substr(0, end);
}

std::string unescaped_text(std::span<std::string_view const> pieces) {
    std::string text;
    for (auto const piece : pieces) {
        unescape(
            piece, [&text](std::string_view plain) { text += plain; },
            [&text](unsigned char byte) { append_windows_1252(text, byte); });
    }
    std::erase_if(text, is_left_out);
    return text;
}

std::string unescaped_bytes(std::span<std::string_view const> pieces) {
    std::string bytes;
    for (auto const piece : pieces) {
        unescape(
            piece, [&bytes](std::string_view plain) { bytes += plain; },
            [&bytes](unsigned char byte) { bytes += static_cast<char>(byte); });
    }
    return bytes;
}

Result<std::string> text_of(BytesView file) {
    auto text = wire::to_utf8(file);
    if (!text) {
        auto const [encoding, mark_length] = wire::detect_encoding(file);
        if (encoding != wire::Encoding::utf8)
            return std::unexpected(Error{Code::bad_mif, std::move(text.error().message), {}, 1, 1});
        text = from_windows_1252(as_chars(file.subspan(mark_length)));
    }
    constexpr std::string_view trailer{"\0\x1A", 2};
    auto const last = text->find_last_not_of(trailer);
    text->resize(last == std::string::npos ? 0 : last + 1);
    return text;
}

} // namespace pointman::mif
