// SPDX-License-Identifier: Apache-2.0
#include "server/wire/utf16.hpp"
#include "tests/unit/wire/support.hpp"

using namespace pointman;
using namespace pointman::test;
using namespace std::string_literals;

TEST_CASE("text in any of the encodings becomes UTF-8") {
    struct Row {
        char const* name;
        std::string bytes;
        std::string text;
    };
    auto const row = GENERATE(values<Row>({
        {"empty", "", ""},
        {"one byte", "a", "a"},
        {"UTF-8", "<a>\xC3\xA9</a>", "<a>\xC3\xA9</a>"},
        {"UTF-8 with mark", "\xEF\xBB\xBF<a/>", "<a/>"},
        {"UTF-16LE with mark", "\xFF\xFE<\0a\0"s, "<a"},
        {"UTF-16LE without mark", "<\0a\0"s, "<a"},
        {"UTF-16BE with mark", "\xFE\xFF\0<\0a"s, "<a"},
        {"UTF-16BE without mark", "\0<\0a"s, "<a"},
        {"only a mark", "\xFF\xFE", ""},
        {"surrogate pair, little-endian", "\xFF\xFE\x3D\xD8\x00\xDE"s, "\xF0\x9F\x98\x80"},
        {"surrogate pair, big-endian", "\xFE\xFF\xD8\x3D\xDE\x00"s, "\xF0\x9F\x98\x80"},
        {"largest code point", "\xFF\xFE\xFF\xDB\xFF\xDF"s, "\xF4\x8F\xBF\xBF"},
        {"two and three bytes of UTF-8", "\xFF\xFE\xE9\x00\xAC\x20"s, "\xC3\xA9\xE2\x82\xAC"},
        {"a zero inside stays",
         "\xFF\xFE"
         "a\0\0\0b\0"s,
         "a\0b"s},
    }));
    INFO(row.name);
    CHECK(unwrap(wire::to_utf8(as_bytes(row.bytes))) == row.text);
}

TEST_CASE("text that cannot be decoded is malformed") {
    struct Row {
        char const* name;
        std::string bytes;
        char const* message;
    };
    auto const row = GENERATE(values<Row>({
        {"odd number of bytes", "\xFF\xFE<\0a"s, "odd number of bytes in UTF-16 text"},
        {"lone high surrogate", "\xFF\xFE\x3D\xD8"s, "lone surrogate in UTF-16 text"},
        {"high surrogate before a letter",
         "\xFF\xFE\x3D\xD8"
         "a\0"s,
         "lone surrogate in UTF-16 text"},
        {"two high surrogates", "\xFF\xFE\x3D\xD8\x3D\xD8"s, "lone surrogate in UTF-16 text"},
        {"lone low surrogate", "\xFF\xFE\x00\xDE"s, "lone surrogate in UTF-16 text"},
        {"low before high", "\xFE\xFF\xDE\x00\xD8\x3D"s, "lone surrogate in UTF-16 text"},
        {"continuation byte alone", "a\x80", "broken UTF-8"},
        {"sequence cut short", "a\xE2\x82", "broken UTF-8"},
        {"overlong in two bytes", "a\xC0\xAF", "broken UTF-8"},
        {"overlong in three bytes", "a\xE0\x80\xAF", "broken UTF-8"},
        {"overlong in four bytes", "a\xF0\x80\x80\xAF", "broken UTF-8"},
        {"surrogate in UTF-8", "a\xED\xA0\x80", "broken UTF-8"},
        {"beyond U+10FFFF", "a\xF4\x90\x80\x80", "broken UTF-8"},
        {"byte that never occurs", "a\xFF", "broken UTF-8"},
    }));
    INFO(row.name);
    auto const result = wire::to_utf8(as_bytes(row.bytes));
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Code::malformed);
    CHECK(result.error().message == row.message);
}

TEST_CASE("UTF-16 of UTF-8") {
    struct Row {
        std::string text;
        std::string bytes;
    };
    auto const row = GENERATE(values<Row>({
        {"", ""},
        {"<a", "<\0a\0"s},
        {"\xE2\x82\xAC", "\xAC\x20"},
        {"\xF0\x9F\x98\x80", "\x3D\xD8\x00\xDE"s},
        {"a\x80z", "a\0\xFD\xFFz\0"s},
        {"a\xE2\x82", "a\0\xFD\xFF"s},
        {"\xED\xA0\x80", "\xFD\xFF"},
    }));
    CHECK(as_chars(wire::to_utf16le(row.text)) == row.bytes);
}

TEST_CASE("what clients put behind the text is stripped") {
    struct Row {
        char const* name;
        std::string bytes;
        std::string stripped;
    };
    auto const row = GENERATE(values<Row>({
        {"nothing there", "", ""},
        {"only zeros", "\0\0\0"s, ""},
        {"UTF-8: NUL, CR, LF", "<a/>\r\n\0"s, "<a/>"},
        {"UTF-8: a blank stays", "<a/> ", "<a/> "},
        {"UTF-16: NUL", "<\0>\0\0\0"s, "<\0>\0"s},
        {"UTF-16: NUL, then the two bytes 0D 0A", "<\0>\0\0\0\r\n"s, "<\0>\0"s},
        {"UTF-16: CR LF as units, then three zero bytes", "<\0>\0\r\0\n\0\0\0\0"s, "<\0>\0"s},
        {"UTF-16: one stray zero byte", "<\0>\0\0"s, "<\0>\0"s},
        {"UTF-16 big-endian: CR LF and NUL", "\0<\0>\0\r\0\n\0\0"s, "\0<\0>"s},
        {"UTF-16: the mark stays", "\xFF\xFE<\0\0\0"s, "\xFF\xFE<\0"s},
        {"UTF-16: half a letter stays, to be found out later", "<\0>\0x"s, "<\0>\0x"s},
        {"UTF-16: U+0A00 is a letter",
         "<\0\0\x0A"
         "x\0"s,
         "<\0\0\x0A"
         "x\0"s},
    }));
    INFO(row.name);
    CHECK(as_chars(wire::strip_trailer(as_bytes(row.bytes))) == row.stripped);
}
