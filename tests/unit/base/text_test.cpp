// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.hpp"
#include "base/text.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch.hpp>

using namespace pointman;

TEST_CASE("case is changed in ASCII only", "[base]") {
    CHECK(to_lower("AZaz09_[`@Ä") == "azaz09_[`@Ä");
    CHECK(to_upper("AZaz09_{`@ä") == "AZAZ09_{`@ä");
    CHECK(to_lower("").empty());
}

TEST_CASE("comparing without regard to case", "[base]") {
    struct Row {
        std::string a, b;
        bool equal, begins;
    };
    auto const row = GENERATE(values<Row>({
        {"MP_Ddr", "mp_dDR", true, true},
        {"", "", true, true},
        {"a", "", false, true},
        {"", "a", false, false},
        {"MP:endpoint", "mp:", false, true},
        {"mp", "MP:", false, false},
        {"[", "{", false, false},
        {"@", "`", false, false},
        {"Ä", "ä", false, false},
        {std::string("a\0b", 3), std::string("A\0B", 3), true, true},
        {std::string("a\0b", 3), std::string("A\0C", 3), false, false},
    }));
    INFO(row.a << " and " << row.b);
    CHECK(equal_ignoring_case(row.a, row.b) == row.equal);
    CHECK(starts_with_ignoring_case(row.a, row.b) == row.begins);
}

TEST_CASE("white space and NUL are trimmed at both ends", "[base]") {
    CHECK(trim("") == "");
    CHECK(trim(" \t\r\n") == "");
    CHECK(trim(std::string_view("\0 \0", 3)) == "");
    CHECK(trim(" a b\r\n") == "a b");
    CHECK(trim(std::string_view("x\0y\0\0", 5)) == std::string_view("x\0y", 3));
    CHECK(trim("\u00a0x") == "\u00a0x");
}

TEST_CASE("the first character of UTF-8", "[base]") {
    struct Row {
        std::string text;
        char32_t value;
        std::size_t size;
    };
    auto const row = GENERATE(values<Row>({
        {"", 0, 0},
        {"ab", 'a', 1},
        {std::string(1, '\0'), 0, 1},
        {"\x7f", 0x7F, 1},
        {"\xc2\x80", 0x80, 2},
        {"\xdf\xbf", 0x7FF, 2},
        {"\xe0\xa0\x80", 0x800, 3},
        {"\xed\x9f\xbf", 0xD7FF, 3},
        {"\xee\x80\x80", 0xE000, 3},
        {"\xef\xbf\xbf", 0xFFFF, 3},
        {"\xf0\x90\x80\x80", 0x10000, 4},
        {"\xf4\x8f\xbf\xbf", 0x10FFFF, 4},
        {"\x80", 0, 0},             // begins nothing
        {"\xc1\xbf", 0, 0},         // overlong
        {"\xe0\x9f\xbf", 0, 0},     // overlong
        {"\xf0\x8f\xbf\xbf", 0, 0}, // overlong
        {"\xed\xa0\x80", 0, 0},     // surrogate
        {"\xf4\x90\x80\x80", 0, 0}, // past the last
        {"\xf8\x88\x80\x80\x80", 0, 0},
        {"\xc3", 0, 0}, // cut
        {"\xe2\x82", 0, 0},
        {"\xc3(", 0, 0},
    }));
    auto const character = first_utf8_character(row.text);
    CHECK(character.value == row.value);
    CHECK(character.size == row.size);
}

TEST_CASE("text becomes XML", "[base]") {
    struct Row {
        std::string text, expected;
    };
    auto const row = GENERATE(values<Row>({
        {"", ""},
        {"plain", "plain"},
        {R"(<a b="c">&'</a>)", "&lt;a b=&quot;c&quot;&gt;&amp;'&lt;/a&gt;"},
        {"]]>", "]]&gt;"},
        {"a\tb\nc\rd", "a&#9;b&#10;c&#13;d"}, // as they are, an attribute would lose them
        {std::string("a\0b\x01\x1f", 5), "ab"},
        {"ä€\U0001F600", "ä€\U0001F600"},
        {"a\xef\xbf\xbe"
         "b\xef\xbf\xbf",
         "ab"},                                                       // U+FFFE and U+FFFF are forbidden too
        {"a\xffz", "a\xef\xbf\xbdz"},                                 // never in UTF-8
        {"a\xed\xa0\x80z", "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz"}, // a surrogate
        {"a\xc3", "a\xef\xbf\xbd"},
    }));
    INFO(row.text);
    CHECK(escape_xml(row.text) == row.expected);
}

TEST_CASE("percent-encoding is undone where it is some", "[base]") {
    struct Row {
        std::string text, expected;
    };
    auto const row = GENERATE(values<Row>({
        {"", ""},
        {"plain", "plain"},
        {"%7B3e1d%7D.3_00", "{3e1d}.3_00"},
        {"%7ba%7d", "{a}"},
        {"%41%6a%4A", "AjJ"},
        {"a+b", "a+b"}, // that is of forms, not of URLs
        {"%", "%"},
        {"%4", "%4"},
        {"a%", "a%"},
        {"%zz", "%zz"},
        {"%4z", "%4z"},
        {"%z4", "%z4"},
        {"%%41", "%A"},
        {"%2541", "%41"}, // once only
        {"%+1", "%+1"},
        {"%-1", "%-1"},
        {"% 1", "% 1"},
        {"%0x", "%0x"},
        {"%00a", std::string("\0a", 2)},
        {"%ff%FE", "\xff\xfe"},
        {"%C3%A4", "ä"},
        {"%41%", "A%"},
        {"%41%4", "A%4"},
    }));
    INFO(row.text);
    CHECK(percent_decoded(row.text) == row.expected);
}

TEST_CASE("bytes and characters are the same memory", "[base]") {
    std::string const text("a\0\xff", 3);
    CHECK(as_chars(as_bytes(text)) == text);
    CHECK(as_bytes(text).data() == static_cast<void const*>(text.data()));
    CHECK(as_chars(to_bytes(text)) == text);
    CHECK(as_chars({}).empty());
}
