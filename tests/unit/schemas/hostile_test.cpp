// SPDX-License-Identifier: Apache-2.0
#include "schemas/validator.hpp"
#include "tests/unit/schemas/encode.hpp"

#include <catch2/catch.hpp>

namespace pointman {
namespace {

using test::repeat;
using test::utf16_be;
using test::utf16_le;
using namespace std::string_literals;

struct Case {
    char const* name;
    std::string bytes;
    Code code;
    std::uint32_t line;
    std::uint32_t column;
};

/// Places: of what is no text, of the prolog's checks and of what is looked for ahead of the parser, at the
/// fault; of all others, just behind what was read when the fault was noticed.
std::vector<Case> refused() {
    auto const bomb = "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;&b;\">]><a>&c;</a>"s;
    auto const external = "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><a>&e;</a>"s;
    std::string attributes = "<a";
    for (int i = 10; i < 75; ++i) attributes += " b" + std::to_string(i) + "=\"\"";
    return {
        {"document type", "<!DOCTYPE a><a/>", Code::malformed, 1, 1},
        {"document type on a later line", "<?xml version=\"1.0\"?>\r\n <!-- x -->\r\n  <!DOCTYPE a><a/>",
         Code::malformed, 3, 3},
        {"document type in UTF-16", utf16_le(u"<!DOCTYPE a><a/>"), Code::malformed, 1, 1},
        {"document type behind a comment that names the root", "<!-- <a> --><!DOCTYPE a><a/>",
         Code::malformed, 1, 13},
        {"document type behind the root", "<a/><!DOCTYPE a>", Code::malformed, 1, 5},
        {"document type inside the root", "<a><!DOCTYPE a></a>", Code::malformed, 1, 5},
        {"entity bomb", bomb, Code::malformed, 1, 1},
        {"external entity", external, Code::malformed, 1, 1},
        {"parameter entity", "<!DOCTYPE a [<!ENTITY % p SYSTEM \"http://127.0.0.1/x\">%p;]><a/>",
         Code::malformed, 1, 1},
        {"external subset", "<!DOCTYPE a SYSTEM \"http://127.0.0.1/a.dtd\"><a/>", Code::malformed, 1, 1},
        {"entity that nobody declared", "<a>&foo;</a>", Code::malformed, 1, 9},
        {"65 levels", repeat("<a>", 65) + repeat("</a>", 65), Code::limit_exceeded, 1, 196},
        {"never closed, very deep", repeat("<a>", 100'000), Code::limit_exceeded, 1, 196},
        {"65 attributes", attributes + "/>", Code::limit_exceeded, 1, 456},
        {"100,000 attributes", "<a" + repeat(" b=\"\"", 100'000) + "/>", Code::limit_exceeded, 1, 326},
        {"65 namespaces", "<a>" + repeat("<b xmlns=\"u\"/>", 65) + "</a>", Code::limit_exceeded, 1, 903},
        {"long root name", "<" + repeat("a", 513) + "/>", Code::limit_exceeded, 1, 515},
        {"long name", "<a><" + repeat("b", 513) + "/></a>", Code::limit_exceeded, 1, 520},
        {"long attribute name", "<a " + repeat("b", 513) + "=\"\"/>", Code::limit_exceeded, 1, 522},
        {"lone first half of a pair", utf16_le(u"<a>\n"s + char16_t(0xD800) + u"y</a>"), Code::malformed, 2,
         1},
        {"lone second half of a pair", utf16_le(u"<a>\n"s + char16_t(0xDC00) + u"y</a>"), Code::malformed, 2,
         1},
        {"half of a pair before a tag", utf16_be(u"<a>"s + char16_t(0xDBFF) + u"</a>"), Code::malformed, 1,
         4},
        {"half of a pair in a comment", utf16_le(u"<a><!--"s + char16_t(0xD83D) + u"--></a>"),
         Code::malformed, 1, 8},
        {"half of a pair in a value", utf16_le(u"<a b=\""s + char16_t(0xD83D) + u"\"/>"), Code::malformed, 1,
         7},
        {"half of a pair behind a pair", utf16_le(u"<a>\U0001F5B4"s + char16_t(0xDDB4) + u"</a>"),
         Code::malformed, 1, 6},
        {"half of a pair at the end", utf16_le(u"<a/>"s + char16_t(0xD83D)), Code::malformed, 1, 5},
        {"not UTF-8", "<a>\n<b>\xFF</b></a>", Code::malformed, 2, 4},
        {"overlong UTF-8", "<a>\xC3\xA9\xC0\xAF</a>", Code::malformed, 1, 5},
        {"surrogate in UTF-8", "<a>\xED\xA0\x80</a>", Code::malformed, 1, 4},
        {"cut UTF-8", "<a/>\xE2\x82", Code::malformed, 1, 5},
        {"beyond Unicode", "<a>\xF4\x90\x80\x80</a>", Code::malformed, 1, 4},
        {"control character", "<a>\x01</a>", Code::malformed, 1, 5},
        {"NUL in the middle", "<a>x\0y</a>"s, Code::malformed, 1, 6},
        {"reference to a control character", "<a>&#1;</a>", Code::malformed, 1, 8},
        {"version 9.9", "<?xml version=\"9.9\"?><a/>", Code::malformed, 1, 20},
        {"version 1.1", "<?xml version=\"1.1\"?><a/>", Code::malformed, 1, 22},
        {"declaration without version", "<?xml encoding=\"utf-8\"?><a/>", Code::malformed, 1, 23},
        {"declaration behind white space", " <?xml version=\"1.0\"?><a/>", Code::malformed, 1, 8},
        {"truncated", "<a><b>", Code::malformed, 1, 7},
        {"truncated in a tag", "<a><b c=\"", Code::malformed, 1, 10},
        {"truncated in a comment", "<a><!--", Code::malformed, 1, 8},
        {"truncated in UTF-16", utf16_be(u"<a>\r\n<b>"), Code::malformed, 2, 4},
        {"wrong end tag", "<a>\n<b></c></a>", Code::malformed, 2, 6},
        {"two roots", "<a/><b/>", Code::malformed, 1, 5},
        {"same attribute twice", "<a b=\"\" b=\"\"/>", Code::malformed, 1, 11},
        {"undeclared prefix", "<x:a/>", Code::malformed, 1, 7},
        {"empty", "", Code::malformed, 1, 1},
        {"NUL only", "\0\0\0\0"s, Code::malformed, 1, 1},
        {"mark only", "\xFF\xFE", Code::malformed, 1, 1},
        {"white space only", "\r\n  ", Code::malformed, 1, 1},
        {"declaration only", "<?xml version=\"1.0\"?>", Code::malformed, 1, 22},
        {"comment without end", "<!-- <a/>", Code::malformed, 1, 1},
        {"text", "hello", Code::malformed, 1, 1},
        {"no name", "< a/>", Code::malformed, 1, 2},
        {"end tag first", "</a>", Code::malformed, 1, 2},
    };
}

TEST_CASE("hostile and broken documents are refused with their place") {
    for (auto const& [name, bytes, code, line, column] : refused()) {
        INFO(name);
        auto const parsed = schemas::parse(as_bytes(bytes));
        REQUIRE_FALSE(parsed.has_value());
        INFO(describe(parsed.error()));
        CHECK(name_of(parsed.error().code) == name_of(code));
        CHECK(parsed.error().line == line);
        CHECK(parsed.error().column == column);
        CHECK_FALSE(parsed.error().message.empty());
    }
}

TEST_CASE("the validator refuses what the parser refuses") {
    for (auto const& one : refused()) {
        INFO(one.name);
        CHECK_FALSE(schemas::validate("status.xsd", as_bytes(one.bytes)).has_value());
    }
    // The same faults inside a valid skeleton, so that no wrong root hides them.
    auto const inside = [](std::string const& text) {
        return "<UploadRequest><MessageID>" + text + "</MessageID></UploadRequest>";
    };
    struct Inside {
        char const* name;
        std::string text;
        Code code;
    };
    std::vector<Inside> const cases{
        {"undeclared entity", inside("&foo;"), Code::malformed},
        {"control character", inside("\x02"), Code::malformed},
        {"document type", "<!DOCTYPE UploadRequest>" + inside("x"), Code::malformed},
        {"document type inside", "<UploadRequest><!DOCTYPE a><MessageID/></UploadRequest>", Code::malformed},
        {"deep",
         "<UploadRequest><MessageID/>" + repeat("<a>", 100) + repeat("</a>", 100) + "</UploadRequest>",
         Code::limit_exceeded},
        {"attributes", "<UploadRequest" + repeat(" b=\"\"", 70) + "><MessageID/></UploadRequest>",
         Code::limit_exceeded},
    };
    for (auto const& [name, text, code] : cases) {
        INFO(name);
        auto const result = schemas::validate("upload_request.xsd", as_bytes(text));
        REQUIRE_FALSE(result.has_value());
        INFO(describe(result.error()));
        CHECK(name_of(result.error().code) == name_of(code));
    }
}

TEST_CASE("limits are the caller's, and what is just inside passes") {
    struct LimitCase {
        char const* name;
        schemas::Limits limits;
        std::string inside;
        std::string outside;
        std::uint32_t column;
    };
    std::vector<LimitCase> const cases{
        {"depth", {.max_depth = 2}, "<a><b/></a>", "<a><b><c/></b></a>", 11},
        {"elements", {.max_elements = 3}, "<a><b/><b/></a>", "<a><b/><b/><b/></a>", 16},
        {"attributes", {.max_attributes = 1}, "<a b=''/>", "<a b='' c=''/>", 11},
        {"text", {.max_text = 10}, "<a>1234567890</a>", "<a>12345678901</a>", 15},
        {"text in two pieces", {.max_text = 10}, "<a>12345<b/>67890</a>", "<a>123456<b/>78901</a>", 19},
        {"section", {.max_text = 4}, "<a><![CDATA[1234]]></a>", "<a><![CDATA[12345]]></a>", 21},
        {"attribute value", {.max_text = 4}, "<a b='1234'/>", "<a b='12345'/>", 15},
        {"bytes", {.max_bytes = 4}, "<a/>", "<ab/>", 1},
        {"different names", {.max_distinct_names = 2}, "<a b=''><b/></a>", "<a b=''><c/></a>", 13},
        {"units of a text",
         {.max_text = 3},
         "<a>\xE6\xBC\xA2\xF0\x9F\x96\xB4</a>",
         "<a>\xE6\xBC\xA2\xE6\xBC\xA2\xF0\x9F\x96\xB4</a>",
         8},
        {"root name", {.max_name = 2}, "<ab/>", "<abc/>", 5},
    };
    for (auto const& [name, limits, inside, outside, column] : cases) {
        INFO(name);
        auto const good = schemas::parse(as_bytes(inside), limits);
        INFO((good ? "" : describe(good.error())));
        CHECK(good.has_value());
        auto const bad = schemas::parse(as_bytes(outside), limits);
        REQUIRE_FALSE(bad.has_value());
        INFO(describe(bad.error()));
        CHECK(name_of(bad.error().code) == name_of(Code::limit_exceeded));
        CHECK(bad.error().line == 1);
        CHECK(bad.error().column == column);
    }
}

TEST_CASE("what only looks dangerous passes") {
    std::vector<std::string> const cases{
        repeat("<a>", 64) + repeat("</a>", 64),
        "<a><!-- <!DOCTYPE a> --><![CDATA[<!DOCTYPE a>" + repeat("'\"", 200) + "]]></a>",
        "<?pi '\"'\"?><a>" + repeat("\"x=\"", 200) + "</a>",
        "<a b=\"" + repeat("'", 200) + "\" c='>xmlns" + repeat(" xmlns", 200) + "'/>",
        "<a>&lt;&gt;&amp;&quot;&apos;&#x41;</a>",
        "<a b=\"" + repeat("x", 4'000'000) + "\"><!--" + repeat("-x", 4'000'000) + "--></a>",
    };
    for (auto const& text : cases) {
        INFO(text.substr(0, 100));
        auto const parsed = schemas::parse(as_bytes(text));
        INFO((parsed ? "" : describe(parsed.error())));
        CHECK(parsed.has_value());
    }
}

} // namespace
} // namespace pointman
