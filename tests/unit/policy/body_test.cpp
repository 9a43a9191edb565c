// SPDX-License-Identifier: Apache-2.0
#include "base/hex.hpp"
#include "endpoints/policy/body.hpp"
#include "server/wire/utf16.hpp"
#include "server/wire/zlib.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <regex>

using namespace pointman;
using namespace endpoints::policy;

namespace {

/// policy.md 6.
constexpr std::string_view vector_text =
    R"(<Policy PolicyType="Machine" SchemaVersion="1.00" PolicyID="{3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11}" )"
    R"(PolicyVersion="3.00" PolicySource="SMS:Q7T"><PolicyRule PolicyRuleID="{9a2b4c6d-1e3f-4a5b-8c7d-0f1e2d3c4b5a}">)"
    R"(<PolicyAction PolicyActionType="WMI-XML"><instance class="CCM_SoftwareInventoryConfiguration">)"
    R"(<property name="Enabled" type="11"><value><![CDATA[TRUE]]></value></property></instance></PolicyAction>)"
    R"(</PolicyRule></Policy>)";

Result<Body> made(std::string_view xml, BodyOptions const& options = {}) {
    auto const document = schemas::parse(as_bytes(xml));
    REQUIRE(document.has_value());
    return make_body(*document, options);
}

std::string text_of(Body const& body) {
    return body_text(body.content).value();
}

/// A document whose one property has that value.
std::string with_value(std::string_view value, std::string_view attributes = {}) {
    return R"(<Policy PolicyType="Machine" SchemaVersion="1.00" PolicyID="P" PolicyVersion="1.00"><property name="x" type="8")" +
           std::string(attributes) + "><value>" + std::string(value) + "</value></property></Policy>";
}

std::string value_in(BytesView content) {
    auto const document = schemas::parse(as_bytes(body_text(content).value()));
    auto const property = document.value().root().first_child();
    return std::string(property.value().child_text("value"));
}

BodyOptions with_id(std::string id) {
    return {.policy_id = std::move(id)};
}
BodyOptions with_version(std::string version) {
    return {.version = std::move(version)};
}
BodyOptions with_type(std::string type) {
    return {.policy_type = std::move(type)};
}
BodyOptions in_zlib() {
    return {.compressed = true};
}

} // namespace

TEST_CASE("the body of the test vector", "[policy]") {
    auto const body = made(vector_text);
    REQUIRE(body.has_value());
    CHECK(body->policy_id == "{3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11}");
    CHECK(body->version == "3.00");
    CHECK(body->policy_type == "Machine");
    CHECK_FALSE(body->has_secrets);
    CHECK(body->content.size() == 860);
    CHECK(to_hex(std::span(body->content).first(6)) == "FFFE3C005000");
    CHECK(text_of(*body) == vector_text);
    CHECK(body->md5 == "9A8FCBB5113E6AA73A770E935C6425DB");
    CHECK(body->sha1 == "8FB1EB5CB6F3A54B715AE2C3396BDFEE0C45A6F9");
    CHECK(body->sha256 == "D1FB43053A5F806ABB18ACF547AB0D05E5DAD66C292ACDEDA098853E4BD8AA3D");
}

TEST_CASE("what an authored document becomes", "[policy]") {
    struct Row {
        std::string name;
        std::string authored;
        std::string served;
    };
    std::string const head =
        R"(<Policy PolicyType="Machine" SchemaVersion="1.00" PolicyID="P" PolicyVersion="1.00">)";
    auto const inside = [&](std::string const& content) { return head + content + "</Policy>"; };
    auto const row = GENERATE_COPY(values<Row>({
        {"attributes that are missing are added", R"(<Policy PolicyID="P"><PolicyRule/></Policy>)",
         R"(<Policy PolicyID="P" PolicyType="Machine" SchemaVersion="1.00" PolicyVersion="1.00"><PolicyRule/></Policy>)"},
        {"the order of attributes stays, unknown ones too",
         R"(<Policy PolicyVersion="12.34" Other="a" PolicyID="P" SchemaVersion="2.00" PolicyType="user"/>)",
         R"(<Policy PolicyVersion="12.34" Other="a" PolicyID="P" SchemaVersion="2.00" PolicyType="User"/>)"},
        {"nested names of the root's are left alone", inside(R"(<a PolicyID="x" PolicyVersion="no"/>)"),
         inside(R"(<a PolicyID="x" PolicyVersion="no"/>)")},
        {"attributes are escaped", inside("<a b=\"&lt;&amp;&quot;'&#10;&gt;\"/>"),
         inside("<a b=\"&lt;&amp;&quot;'&#10;&gt;\"/>")},
        {"values become CDATA", inside("<value>a &lt; b</value>"),
         inside("<value><![CDATA[a < b]]></value>")},
        {"empty values stay empty", inside("<value></value>"), inside("<value/>")},
        {"layout stays out of the CDATA", inside("<value>\n\t<![CDATA[1 ]]>\n  </value>"),
         inside("<value>\n\t<![CDATA[1]]> \n  </value>")},
        {"blanks alone are no layout", inside("<value> 1 </value>"),
         inside("<value><![CDATA[ 1 ]]></value>")},
        {"a value of nothing but layout", inside("<value>\n \n</value>"), inside("<value>\n \n</value>")},
        {"the end of a CDATA section inside of one", inside("<value>a]]&gt;b]]&gt;</value>"),
         inside("<value><![CDATA[a]]]]><![CDATA[>b]]]]><![CDATA[>]]></value>")},
        {"a CR", inside("<value>a&#13;\nb</value>"),
         inside("<value><![CDATA[a]]>&#13;<![CDATA[\nb]]></value>")},
        {"plain texts stay plain", inside("<Expression>SELECT * FROM \"x\"</Expression>"),
         inside("<Expression>SELECT * FROM \"x\"</Expression>")},
        {"texts with markup and lines become CDATA",
         inside("<Expression>@root\\ccm\nSELECT &lt;= 1</Expression>"),
         inside("<Expression><![CDATA[@root\\ccm\nSELECT <= 1]]></Expression>")},
        {"layout between elements goes", inside("\n  <a>\n    <b/>\n  </a>\n"), inside("<a><b/></a>")},
        {"comments and instructions go", inside("<?pi x?><!-- c --><a/>"), inside("<a/>")},
        {"all of Unicode", inside("<value>Z\xC3\xBCrich \xE4\xBD\xA0 \xF0\x9F\x98\x80</value>"),
         inside("<value><![CDATA[Z\xC3\xBCrich \xE4\xBD\xA0 \xF0\x9F\x98\x80]]></value>")},
        {"several values", inside("<property type=\"8200\"><value>a</value><value>b</value></property>"),
         inside(
             "<property type=\"8200\"><value><![CDATA[a]]></value><value><![CDATA[b]]></value></property>")},
    }));
    INFO(row.name);
    auto const body = made(row.authored);
    REQUIRE(body.has_value());
    CHECK(text_of(*body) == row.served);
    // Served bodies are stable: going through once more changes nothing.
    CHECK(text_of(made(row.served).value()) == row.served);
}

TEST_CASE("options override the document", "[policy]") {
    BodyOptions options;
    options.policy_id = "LAB00001-x";
    options.version = "7.01";
    options.policy_type = "USER";
    options.policy_source = "SMS:LAB";
    auto const body =
        made(R"(<Policy PolicyID="{old}" PolicyVersion="not one" PolicySource="SMS:Q7T"/>)", options);
    REQUIRE(body.has_value());
    CHECK(body->policy_id == "LAB00001-x");
    CHECK(body->version == "7.01");
    CHECK(body->policy_type == "User");
    CHECK(text_of(*body) == R"(<Policy PolicyID="LAB00001-x" PolicyVersion="7.01" PolicySource="SMS:Q7T" )"
                            R"(PolicyType="User" SchemaVersion="1.00"/>)");
}

TEST_CASE("a document that names no source gets the site's", "[policy]") {
    BodyOptions options;
    options.policy_source = "SMS:LAB";
    auto const authored = GENERATE(values<std::string>({"<Policy/>", R"(<Policy PolicySource=""/>)"}));
    CHECK_THAT(text_of(made(authored, options).value()), Catch::Contains(R"(PolicySource="SMS:LAB")"));
}

TEST_CASE("a policy without an id gets a fresh one", "[policy]") {
    std::regex const guid("\\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\}");
    auto const first = made("<Policy/>").value();
    auto const second = made(R"(<Policy PolicyID=""/>)").value();
    CHECK(std::regex_match(first.policy_id, guid));
    CHECK(std::regex_match(second.policy_id, guid));
    CHECK(first.policy_id != second.policy_id);
    CHECK(text_of(second).starts_with("<Policy PolicyID=\"" + second.policy_id + "\""));
}

TEST_CASE("ids, versions and types that are taken", "[policy]") {
    auto const id = GENERATE(as<std::string>(), "Q7T20003-Q7T00009-6F6BCC28", "{3e1d2c6a}", "a.b_c", "a.1_b",
                             "a.1", "1_00", "ScopeId_1/Application_2/VI", std::string(256, 'x'));
    INFO(id);
    CHECK(made("<Policy/>", with_id(id)).value().policy_id == id);
    for (auto const* const version : {"0.0", "1.00", "12345678.87654321"})
        CHECK(made("<Policy/>", with_version(version)).value().version == version);
}

TEST_CASE("what an operator is told is wrong", "[policy]") {
    struct Row {
        std::string name;
        std::string authored;
        BodyOptions options;
        std::string message;
        std::uint32_t line = 0;
        std::uint32_t column = 0;
    };
    std::string const bad_version = "is not of the form 1.00: two numbers of at most 8 digits";
    std::string const bad_id = "may hold letters, digits and {}-_./ only";
    auto const row = GENERATE_COPY(values<Row>({
        {"another root", "\n<policy/>", {}, "the root element is policy, not Policy", 2, 10},
        {"a body as served", "<PolicyXML/>", {}, "the root element is PolicyXML, not Policy", 1, 13},
        {"the document's version",
         "<Policy PolicyVersion='1'/>",
         {},
         "the policy version \"1\" " + bad_version,
         1,
         28},
        {"no minor", "<Policy/>", with_version("1."), "the policy version \"1.\" " + bad_version},
        {"no major", "<Policy/>", with_version(".1"), "the policy version \".1\" " + bad_version},
        {"three parts", "<Policy/>", with_version("1.2.3"), "the policy version \"1.2.3\" " + bad_version},
        {"letters", "<Policy/>", with_version("1.0a"), "the policy version \"1.0a\" " + bad_version},
        {"nine digits", "<Policy/>", with_version("123456789.0"),
         "the policy version \"123456789.0\" " + bad_version},
        {"the document's id", "<Policy PolicyID='a b'/>", {}, "the policy id \"a b\" " + bad_id, 1, 25},
        {"a colon", "<Policy/>", with_id("x.SHA256:00"), "the policy id \"x.SHA256:00\" " + bad_id},
        {"a quote", "<Policy/>", with_id("x'"), "the policy id \"x'\" " + bad_id},
        {"no ASCII", "<Policy/>", with_id("\xC3\xBC"), "the policy id \"\xC3\xBC\" " + bad_id},
        {"nothing but punctuation", "<Policy/>", with_id("../.."), "the policy id \"../..\" " + bad_id},
        {"a long id", "<Policy/>", with_id(std::string(257, 'x')),
         "the policy id is longer than 256 characters"},
        {"an id like a URL's end", "<Policy/>", with_id("P.1_00"),
         "the policy id \"P.1_00\" ends like the version in a policy's URL"},
        {"the document's type",
         "<Policy PolicyType='Device'/>",
         {},
         "the policy type \"Device\" is neither Machine nor User",
         1,
         30},
        {"the option's type", "<Policy/>", with_type("all"),
         "the policy type \"all\" is neither Machine nor User"},
        {"text beside elements",
         "<Policy>\n<a>x<b/></a></Policy>",
         {},
         "a has text beside its elements",
         2,
         4},
        {"two attributes that were told apart by prefixes",
         "<Policy xmlns:p='u'><a p:b='1' b='2'/></Policy>",
         {},
         "a has the attribute b twice",
         1,
         39},
        {"a secret by another word",
         "<Policy><property secret='true'/></Policy>",
         {},
         "secret is \"true\"; it is 1 or 0",
         1,
         34},
        {"a secret in another case",
         "<Policy><property Secret='1'><value>x</value></property></Policy>",
         {},
         "Secret of property hides nothing; secret of property does",
         1,
         30},
        {"a secret of another element",
         "<Policy><a secret='1'/></Policy>",
         {},
         "secret of a hides nothing; secret of property does",
         1,
         24},
        {"a secret outside of its value",
         "<Policy><property name='n' secret='1'>x</property></Policy>",
         {},
         "the secret property n has content outside of value elements",
         1,
         39},
        {"a secret in another element",
         "<Policy><property secret='1'><value>x</value><Value>y</Value></property></Policy>",
         {},
         "the secret property (without a name) has content outside of value elements",
         1,
         30},
        {"a secret with elements",
         "<Policy><property secret='1'><value><b/></value></property></Policy>",
         {},
         "the value of a secret property has elements",
         1,
         37},
        {"too large",
         with_value(std::string(max_body / 2, 'x')),
         {},
         "the policy body is 4194624 bytes; 4194304 are allowed"},
        {"far too large",
         with_value(std::string(max_body * 3 / 2, 'x')),
         {},
         "the policy body would be larger than 4194304 bytes",
         1,
         120},
    }));
    INFO(row.name);
    schemas::Limits limits;
    limits.max_text = 4 * max_body;
    auto const document = schemas::parse(as_bytes(row.authored), limits);
    REQUIRE(document.has_value());
    auto const body = make_body(*document, row.options);
    REQUIRE_FALSE(body.has_value());
    CHECK(body.error().code == Code::usage);
    CHECK(body.error().message == row.message);
    CHECK(body.error().line == row.line);
    CHECK(body.error().column == row.column);
}

TEST_CASE("secret values are obfuscated", "[policy]") {
    auto const body = made(with_value("\n  <![CDATA[Gelb&Blau<7>]]>\n", R"( secret="1")"));
    REQUIRE(body.has_value());
    CHECK(body->has_secrets);
    CHECK(text_of(*body).find("Gelb") == std::string::npos);
    CHECK(text_of(*body).find("<value>\n  <![CDATA[89130000") != std::string::npos);
    CHECK(reveal(value_in(body->content)).value() == "Gelb&Blau<7>");

    auto const open = made(with_value("Gelb", R"( secret="0")"));
    REQUIRE(open.has_value());
    CHECK_FALSE(open->has_secrets);
    CHECK(value_in(open->content) == "Gelb");

    auto const empty = made(with_value("", R"( secret="1")"));
    CHECK(reveal(value_in(empty.value().content)).value().empty());
}

TEST_CASE("a compressed body", "[policy]") {
    auto const plain = made(vector_text).value();
    auto const body = made(vector_text, in_zlib());
    REQUIRE(body.has_value());
    auto const text = wire::to_utf8(body->content).value();
    std::string const start = R"(<PolicyXML Compression="zlib" Version="1">789C)";
    std::string const end = "</PolicyXML>";
    REQUIRE(text.starts_with(start));
    REQUIRE(text.ends_with(end));
    auto const digits = text.substr(start.size() - 4, text.size() - start.size() + 4 - end.size());
    CHECK(wire::zlib_decompress(from_hex(digits).value()).value() == plain.content);
    CHECK(text_of(*body) == vector_text);
    CHECK(body->sha256 == sha256_hex(body->content));
    CHECK(body->sha256 != plain.sha256);
    CHECK(body->policy_id == plain.policy_id);
}

TEST_CASE("another version of the same body", "[policy]") {
    auto const options = GENERATE(BodyOptions(), in_zlib());
    INFO((options.compressed ? "compressed" : "plain"));
    auto const body = made(with_value("Gelb", R"( secret="1")"), options).value();
    auto const next = reversion(body.content, "2.00");
    REQUIRE(next.has_value());
    CHECK(next->policy_id == "P");
    CHECK(next->version == "2.00");
    CHECK(next->policy_type == "Machine");
    CHECK(next->has_secrets);
    // Only the version differs: the obfuscated value is the same, key and all.
    auto expected = text_of(body);
    expected.replace(expected.find("1.00\"><"), 4, "2.00");
    CHECK(text_of(*next) == expected);
    CHECK(next->sha256 == sha256_hex(next->content));
    CHECK(wire::to_utf8(next->content).value().starts_with("<PolicyXML") == options.compressed);
    // And back, bit for bit.
    auto const back = reversion(next->content, "1.00").value();
    CHECK(back.content == body.content);
    CHECK(back.md5 == body.md5);
}

TEST_CASE("bodies that can hardly be compressed, or without bounds", "[policy]") {
    std::string noise;
    std::uint32_t state = 1;
    while (noise.size() < 2'000'000) {
        state = state * 1'664'525 + 1'013'904'223;
        char32_t const c = 0x4E00 + (state >> 16U) % 0x5000;
        noise.push_back(static_cast<char>(0xE0 | (c >> 12U)));
        noise.push_back(static_cast<char>(0x80 | ((c >> 6U) & 0x3F)));
        noise.push_back(static_cast<char>(0x80 | (c & 0x3F)));
    }
    std::string const same(2'000'000, 'x');
    auto const value = GENERATE_COPY(noise, same);
    auto const body = made(with_value(value), in_zlib()).value();
    CHECK(value_in(reversion(body.content, "2.00").value().content) == value);
}

TEST_CASE("what is no stored body", "[policy]") {
    struct Row {
        std::string name;
        std::string content;
        std::string message;
    };
    auto const row = GENERATE(values<Row>({
        {"another document", "<Other PolicyID='P'/>", "the root element is Other, not Policy"},
        {"no id", "<Policy/>", "it has no PolicyID"},
        {"an id that cannot be", "<Policy PolicyID='a b'/>",
         "the policy id \"a b\" may hold letters, digits and {}-_./ only"},
        {"another compression", "<PolicyXML Compression='gzip'>00</PolicyXML>",
         "its compression is not zlib"},
        {"no hexadecimal", "<PolicyXML Compression='zlib'>x</PolicyXML>",
         "no hexadecimal digit at position 1"},
    }));
    INFO(row.name);
    auto const body = reversion(as_bytes(row.content), "1.00");
    REQUIRE_FALSE(body.has_value());
    CHECK(body.error().code == Code::malformed);
    CHECK(body.error().message == "the stored policy body is damaged: " + row.message);

    CHECK(reversion(as_bytes("no XML"), "1.00").error().code == Code::malformed);
    CHECK(reversion(as_bytes("<PolicyXML Compression='zlib'>789C00</PolicyXML>"), "1.00").error().code ==
          Code::malformed);
    CHECK(reversion(as_bytes(vector_text), "1").error().code == Code::usage);
}

TEST_CASE("texts survive whatever is in them", "[policy]") {
    CHECK(rc::check([](std::vector<int> const& picks) {
        constexpr std::array<std::string_view, 12> pieces{"a",  "]",  "]]>", ">",        "<",  "&",
                                                          "\r", "\n", " ",   "\xC3\xBC", "\t", "<![CDATA["};
        std::string text;
        for (int const pick : picks) text += pieces.at(static_cast<unsigned>(pick) % pieces.size());
        std::string authored;
        for (char const c : text) authored += "&#" + std::to_string(static_cast<unsigned char>(c)) + ";";
        std::string expected;
        for (char const c : text) // references to bytes are references to Latin-1 characters
            if (static_cast<unsigned char>(c) < 0x80) {
                expected.push_back(c);
            } else {
                expected.push_back(static_cast<char>(0xC0U | (static_cast<unsigned char>(c) >> 6U)));
                expected.push_back(static_cast<char>(0x80U | (static_cast<unsigned char>(c) & 0x3FU)));
            }
        auto const document = schemas::parse(as_bytes(with_value(authored)));
        RC_ASSERT(document.has_value());
        auto const body = make_body(*document, {});
        RC_ASSERT(body.has_value());
        RC_ASSERT(value_in(body->content) == expected);
    }));
}
