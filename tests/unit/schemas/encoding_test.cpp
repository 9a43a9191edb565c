// SPDX-License-Identifier: Apache-2.0
#include "schemas/validator.hpp"
#include "tests/unit/schemas/encode.hpp"

#include <catch2/catch.hpp>

namespace pointman {
namespace {

using test::utf16_be;
using test::utf16_le;
using namespace std::string_literals;

TEST_CASE("the bytes decide the encoding") {
    std::u16string const body = u"<a b=\"\u00E9\">\u6F22\U0001D11E</a>";
    std::string const body8 = "<a b=\"\xC3\xA9\">\xE6\xBC\xA2\xF0\x9D\x84\x9E</a>";
    auto const says = [](char const* encoding) {
        return "<?xml version=\"1.0\" encoding=\""s + encoding + "\"?>";
    };
    struct Case {
        char const* name;
        std::string bytes;
    };
    std::vector<Case> const cases{
        {"UTF-8", body8},
        {"UTF-8, mark", "\xEF\xBB\xBF" + body8},
        {"UTF-16LE", utf16_le(body)},
        {"UTF-16LE, mark", "\xFF\xFE" + utf16_le(body)},
        {"UTF-16BE", utf16_be(body)},
        {"UTF-16BE, mark", "\xFE\xFF" + utf16_be(body)},
        {"UTF-16LE without mark that says utf-16", utf16_le(test::widen(says("utf-16")) + body)},
        {"UTF-16LE that says utf-8", utf16_le(test::widen(says("utf-8")) + body)},
        {"UTF-16BE that says UTF-16LE", utf16_be(test::widen(says("UTF-16LE")) + body)},
        {"UTF-8 that says utf-16", says("utf-16") + body8},
        {"UTF-8 that says iso-8859-1", says("iso-8859-1") + body8},
        {"UTF-8 that says an unknown name", says("x-martian") + body8},
        {"UTF-8 that says EBCDIC", says("ebcdic-cp-us") + body8},
        {"white space first", utf16_le(u"\r\n " + body)},
        {"NUL behind", utf16_le(body + u"\0"s)},
        {"CR LF units behind", utf16_le(body + u"\r\n")},
        {"NUL and CR LF bytes behind", utf16_le(body + u"\0"s) + "\r\n"},
        {"NUL and CR LF bytes behind, big-endian", utf16_be(body + u"\0"s) + "\r\n"},
        {"CR LF units and three zero bytes behind", utf16_le(body + u"\r\n") + "\0\0\0"s},
        {"odd byte behind", utf16_le(body) + "\n"},
        {"NUL behind UTF-8", body8 + "\0\r\n \t\0"s},
    };
    for (auto const& [name, bytes] : cases) {
        INFO(name);
        auto const document = schemas::parse(as_bytes(bytes));
        INFO((document ? "" : describe(document.error())));
        REQUIRE(document.has_value());
        CHECK(document->root().attribute("b") == "\xC3\xA9");
        CHECK(document->root().text() == "\xE6\xBC\xA2\xF0\x9D\x84\x9E");
        CHECK(schemas::root_name(as_bytes(bytes)).value_or("") == "a");
    }
}

TEST_CASE("pairs survive wherever the parser cuts text") {
    // Longer than any buffer of the parser, at every alignment of the pair.
    for (std::size_t shift = 0; shift < 4; ++shift) {
        std::u16string text = u"<a>" + std::u16string(shift, u'x');
        std::string expected(shift, 'x');
        for (int i = 0; i < 300'000; ++i) {
            text += u"\U0001F5B4";
            expected += "\xF0\x9F\x96\xB4";
        }
        auto const document = schemas::parse(as_bytes(utf16_le(text + u"</a>")));
        REQUIRE(document.has_value());
        CHECK((document->root().text() == expected));
    }
}

TEST_CASE("root_name") {
    struct Case {
        char const* name;
        std::string bytes;
        std::string expected; ///< "" = malformed
    };
    std::vector<Case> const cases{
        {"plain", "<Report/>", "Report"},
        {"with attributes", "<Report a=\"1\">", "Report"},
        {"line break behind the name", "<Report\r\n a=\"1\">", "Report"},
        {"not well-formed later", "<Report></wrong", "Report"},
        {"name at the end", "<Report", "Report"},
        {"declaration, comments, instructions",
         "<?xml version=\"1.0\"?>\n<!-- <b/> -- > -->\n<?x <c/> ?>\n<Report>", "Report"},
        {"UTF-16", utf16_le(u"<!-- \u6F22 --><Report>"), "Report"},
        {"UTF-16 mark", "\xFE\xFF" + utf16_be(u"<Report>"), "Report"},
        {"prefix", "<x:Report xmlns:x=\"u\"/>", "Report"},
        {"not ASCII", utf16_le(u"<\u00DCbersicht/>"),
         "\xC3\x9C"
         "bersicht"},
        {"document type", "<!DOCTYPE Report><Report/>", ""},
        {"empty", "", ""},
        {"text", "Report", ""},
        {"digit", "<1/>", ""},
        {"comment over the window", "<!--" + std::string(64U * 1024, 'x') + "--><Report/>", ""},
        {"comment inside the window", "<!--" + std::string(63U * 1024, 'x') + "--><Report/>", "Report"},
        {"endless name", "<" + std::string(100'000, 'a'), ""},
    };
    for (auto const& [name, bytes, expected] : cases) {
        INFO(name);
        auto const root = schemas::root_name(as_bytes(bytes));
        CHECK(root.value_or("") == expected);
        if (expected.empty()) CHECK(name_of(root.error().code) == name_of(Code::malformed));
    }
}

} // namespace
} // namespace pointman
