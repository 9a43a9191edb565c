// SPDX-License-Identifier: Apache-2.0
// What is read without the parser is what the parser makes of it.
#include "schemas/encoding.hpp"
#include "schemas/plain.hpp"
#include "schemas/reader.hpp"
#include "tests/support/document_text.hpp"
#include "tests/unit/schemas/samples.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

namespace pointman {
namespace {

/// What the parser alone makes of it; the description of its error, if that is all.
std::string by_parser(std::string_view text, schemas::Limits const& limits = {}) {
    schemas::start_xerces();
    thread_local schemas::Reader reader(nullptr);
    auto const document = reader.read(text, limits);
    return document ? test::text_of(*document) : describe(document.error());
}

TEST_CASE("plain text is read as the parser reads it") {
    for (std::string const text : {
             "<a/>",
             "<a></a >",
             "<a b=\"1\" c='2' \r\n\td=\"\"/>",
             "<a b='\"' c=\"'\" d=\"&lt;&#10;&#x9;&#65;&amp;>]]>\xC3\xA9\xEF\xBB\xBF\"/>",
             "<a>1&gt;2]]&gt;&quot;&apos;&#x1F5B4;&#xFFFD;\x7F > ] ]] ]>\xEF\xBC\xA1</a>",
             "<a>\r\n <b>\r</b>\r\r\n\t<c>1</c>x\n</a>",
             "<?xml version=\"1.0\"?><a/>",
             "<?xml version=\"1.0\" encoding=\"utf-16\" ?>\r\n<!-- x - \xEF\xBC\xA1\r\n<a>&x; --><a/> "
             "<!----> ",
             "<a><!-- > & ]]> --><b/><!----><c-1.2_D>x<!-- y -->z</c-1.2_D></a>",
             "<xmlnsa xmlnsb='1'/>",
             "<a>\xF0\x9F\x96\xB4<b/>\xE6\xBC\xA2<c/></a>",
         }) {
        INFO(text);
        auto const plain = schemas::read_plain(text, {});
        REQUIRE(plain.has_value());
        CHECK(test::text_of(*plain) == by_parser(text));
    }
}

TEST_CASE("what is not plain, or not in order, is left to the parser") {
    for (std::string const text : {
             "",
             " ",
             "a",
             "<",
             "<a",
             "<a>",
             "<a></b>",
             "<a/><b/>",
             "<a/>x",
             "x<a/>",
             "<a></a",
             "<a/ >",
             "< a/>",
             "<1/>",
             "<a 1=''/>",
             "<a b/>",
             "<a b=1/>",
             "<a b='1/>",
             "<a b='1'c='2'/>",
             "<a b='' b=''/>",
             "<a b='<'/>",
             "<a b='\n'/>",
             "<a b='\x01'/>",
             "<a b='&x;'/>",
             "<a b='&#0;'/>",
             "<a b='&'/>",
             "<a>&x;</a>",
             "<a>&;</a>",
             "<a>&#;</a>",
             "<a>&#x;</a>",
             "<a>&#-1;</a>",
             "<a>&#x110000;</a>",
             "<a>&#xD800;</a>",
             "<a>&#xFFFE;</a>",
             "<a>&#1;</a>",
             "<a>&#99999999999;</a>",
             "<a>&amp</a>",
             "<a>&#32;</a>",
             "<a>&#xA;</a>",
             "<a>]]></a>",
             "<a>\x01</a>",
             "<a>\xEF\xBF\xBE</a>",
             "<a b='\xEF\xBF\xBF'/>",
             "<!--\xEF\xBF\xBE--><a/>",
             "<!-- -- --><a/>",
             "<!--\x01--><a/>",
             "<!--<a/>",
             "<!--a--->",
             "<x:a xmlns:x='u'/>",
             "<a xmlns='u'/>",
             "<a x:b=''/>",
             "<\xC3\x9C/>",
             "<?p?><a/>",
             "<a><?p?></a>",
             "<a><![CDATA[]]></a>",
             "<!DOCTYPE a><a/>",
             "<a><!DOCTYPE a></a>",
             "<?xml version='1.0'?><a/>",
             "<?xml version=\"1.1\"?><a/>",
             " <?xml version=\"1.0\"?><a/>",
             "<?xml version=\"1.0\" standalone=\"yes\"?><a/>",
             "<?xml version=\"1.0\" encoding=\"\"?><a/>",
             "<?xml version=\"1.0\" encoding=\"_x\"?><a/>",
             "<a b='\xC2\x85'/>",
             "<a>]\xE2\x80\xA8<b/></a>",
             "<?xml version=\"1.0\"encoding=\"utf-8\"?><a/>",
             "<a/>\x01",
         }) {
        INFO(text);
        CHECK_FALSE(schemas::read_plain(text, {}).has_value());
    }
}

TEST_CASE("what is over a limit is left to the parser, and what is just inside is not") {
    struct Case {
        schemas::Limits limits;
        std::string inside;
        std::string outside;
    };
    std::vector<Case> const cases{
        {{.max_depth = 2}, "<a><b/></a>", "<a><b><c/></b></a>"},
        {{.max_attributes = 1}, "<a b=''/>", "<a b='' c=''/>"},
        {{.max_name = 2}, "<ab cd=''/>", "<ab cde=''/>"},
        {{.max_text = 4}, "<a b='1234'>12<b/>34</a>", "<a>123<b/>45</a>"},
        {{.max_text = 4}, "<a>&lt;\r\n\xF0\x9F\x96\xB4</a>", "<a b='12345'/>"},
        {{.max_elements = 3}, "<a><b/><b/></a>", "<a><b/><b/><b/></a>"},
        {{.max_distinct_names = 2}, "<a b=''><b/></a>", "<a b=''><c/></a>"},
    };
    for (auto const& [limits, inside, outside] : cases) {
        INFO(inside << " " << outside);
        CHECK(schemas::read_plain(inside, limits).has_value());
        CHECK_FALSE(schemas::read_plain(outside, limits).has_value());
    }
}

TEST_CASE("samples are plain, but for those with sections") {
    std::size_t plain_ones = 0;
    auto const samples = test::all_samples();
    for (auto const& sample : samples) {
        INFO(sample.path.string());
        auto const text = test::read_text(sample.path);
        auto const plain = schemas::read_plain(text, {});
        if (!plain) continue;
        ++plain_ones;
        CHECK((test::text_of(*plain) == by_parser(text)));
    }
    CHECK(plain_ones > samples.size() * 9 / 10);
}

/// A document with something of all that is plain, changed in a few places to what may not be so.
std::string random_document() {
    static std::vector<std::string> const pieces{"<a>",
                                                 "</a>",
                                                 "<a",
                                                 "<b c='1'>",
                                                 "</b>",
                                                 "<b/>",
                                                 "/>",
                                                 ">",
                                                 "<",
                                                 "&lt;",
                                                 "&#32;",
                                                 "&#xD;",
                                                 "&#1;",
                                                 "&#x2028;",
                                                 "&",
                                                 ";",
                                                 "x",
                                                 "]]>",
                                                 "\r\n",
                                                 "\r",
                                                 "\n",
                                                 "\t",
                                                 " ",
                                                 "<!--",
                                                 "-->",
                                                 "--",
                                                 "-",
                                                 "'",
                                                 "\"",
                                                 "=",
                                                 " d='2'",
                                                 ":",
                                                 "<?p x?>",
                                                 "\x01",
                                                 "\x7F",
                                                 "\xC3\xA9",
                                                 "\xEF\xBF\xBD",
                                                 "\xEF\xBF\xBE",
                                                 "\xC2\x85",
                                                 "\xE2\x80\xA8",
                                                 "]",
                                                 "\xF0\x9F\x96\xB4",
                                                 "<![CDATA[ ]]>",
                                                 "<!DOCTYPE a>",
                                                 "xmlns='u'"};
    std::string text =
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<!-- x --><a>\n <b c=\"1\" d='&amp;2' e=''>"
        "text\r\n<b/>&gt;</b>\n <c><!-- y - z --> </c>\xC3\xA9</a> ";
    for (auto changes = *rc::gen::inRange(0, 4); changes > 0; --changes) {
        auto const at = *rc::gen::inRange<std::size_t>(0, text.size());
        auto const length = std::min(*rc::gen::inRange<std::size_t>(0, 4), text.size() - at);
        text.replace(at, length, *rc::gen::elementOf(pieces));
    }
    return text;
}

TEST_CASE("whatever is read without the parser, the parser takes as the same document") {
    std::size_t plain_ones = 0;
    bool const held = rc::check([&plain_ones] {
        for (int i = 0; i < 50; ++i) {
            auto const text = random_document();
            // Bytes that are not UTF-8 come to neither.
            auto const decoded = schemas::decode(as_bytes(text));
            if (!decoded.is_whole) continue;
            auto const plain = schemas::read_plain(decoded.text(), {});
            if (!plain) continue;
            ++plain_ones;
            RC_ASSERT(test::text_of(*plain) == by_parser(decoded.text()));
        }
    });
    CHECK(held);
    CHECK(plain_ones > 100);
}

} // namespace
} // namespace pointman
