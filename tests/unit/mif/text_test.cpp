// SPDX-License-Identifier: Apache-2.0
#include "endpoints/mif/mif.hpp"

#include <catch2/catch.hpp>

using namespace pointman;
using namespace std::string_literals;

TEST_CASE("bytes of a file become text") {
    struct Row {
        std::string name;
        std::string bytes;
        std::string text;
    };
    auto const row =
        GENERATE(Row{"nothing", "", ""}, Row{"ASCII", "Start", "Start"}, Row{"UTF-8", "\xC3\xA4", "\xC3\xA4"},
                 Row{"UTF-8 with mark", "\xEF\xBB\xBF\xC3\xA4", "\xC3\xA4"},
                 Row{"Windows-1252", "a\xE4 \x80\x99z", "a\xC3\xA4 \xE2\x82\xAC\xE2\x84\xA2z"},
                 Row{"a byte that Windows-1252 leaves open", "\x81", "\xC2\x81"},
                 Row{"mark of UTF-8 and another encoding behind it", "\xEF\xBB\xBF\xE4", "\xC3\xA4"},
                 Row{"UTF-16 LE", "\xFF\xFES\0\xE4\0"s, "S\xC3\xA4"},
                 Row{"UTF-16 BE", "\xFE\xFF\0S\0\xE4"s, "S\xC3\xA4"},
                 Row{"UTF-16 LE without mark", "S\0t\0"s, "St"}, Row{"zeros at the end", "End\0\0"s, "End"},
                 Row{"mark of CP/M at the end", "End\x1A", "End"}, Row{"only zeros", "\0\0\0"s, ""});
    CAPTURE(row.name);
    auto const text = mif::text_of(as_bytes(row.bytes));
    REQUIRE(text);
    CHECK(*text == row.text);
}

TEST_CASE("broken UTF-16 is no MIF") {
    auto const bytes = GENERATE(as<std::string>{}, "\xFF\xFES\0t"s, "\xFF\xFE\x00\xD8"s + "a\0"s);
    auto const text = mif::text_of(as_bytes(bytes));
    REQUIRE_FALSE(text);
    CHECK(text.error().code == Code::bad_mif);
    CHECK(text.error().line == 1);
    CHECK(text.error().column == 1);
}
