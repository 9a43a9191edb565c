// SPDX-License-Identifier: Apache-2.0
#include "server/wire/header.hpp"
#include "tests/unit/wire/support.hpp"

#include <limits>

using namespace pointman;
using namespace pointman::test;
using wire::Header;

namespace {

constexpr auto largest = std::numeric_limits<std::size_t>::max();

Header read(std::string_view xml) {
    return unwrap(wire::parse_header(utf16_with_mark(xml)));
}

// Every element of wire.md 4, in the order of the recorded clients.
constexpr std::string_view full_document =
    R"(<Msg ReplyCompression="zlib" SchemaVersion="1.1">)"
    R"(<Attachment Type="ByteRange" Length="10" Name="report" Offset="26" />)"
    R"(<Attachment Length="10" Offset="36" />)"
    R"(<Body Type="ByteRange" Length="26" Offset="0" />)"
    R"(<CorrelationID>{00000000-0000-0000-0000-000000000000}</CorrelationID>)"
    R"(<Hooks><Hook2 Name="clientauth"><Property Name="AuthSenderMachine">LABPC01</Property>)"
    R"(<Property Name="HashAlgorithm">1.2.840.113549.1.1.11</Property></Hook2><Hook3 Name="zlib-compress" /></Hooks>)"
    R"(<ID>{CA6A20DC-2440-44B1-A78F-E2FE792973BA}</ID><Payload Type="inline" /><Priority>0</Priority>)"
    R"(<SourceType>1</SourceType><Property Name="FileType" Value="SMX" /><Protocol>http</Protocol>)"
    R"(<ReplyCapabilities><AllowRegistrationReset>direct:LABPC01:ClientRegistration</AllowRegistrationReset>)"
    R"(</ReplyCapabilities>)"
    R"(<ReplyMode>Sync</ReplyMode><ReplyTo>direct:LABPC01:SccmMessaging</ReplyTo>)"
    R"(<SentTime>2026-11-22T23:17:35Z</SentTime><SourceID>GUID:D7101B8D-D5AE-4F92-901F-C5E66F162A5C</SourceID>)"
    R"(<SourceHost>LABPC01</SourceHost><TargetAddress>mp:MP_RelayEndpoint</TargetAddress>)"
    R"(<TargetEndpoint>MP_RelayEndpoint</TargetEndpoint><TargetHost>mp1.lab.example</TargetHost>)"
    R"(<Timeout>60000</Timeout></Msg>)";

Header full_header() {
    Header header;
    header.reply_compression = "zlib";
    header.schema_version = "1.1";
    header.attachments = {{.name = "report", .type = "ByteRange", .range = {26, 10}},
                          {.name = "", .type = "", .range = {36, 10}}};
    header.body = wire::Range{0, 26};
    header.correlation_id = "{00000000-0000-0000-0000-000000000000}";
    header.hooks = {{"Hook2",
                     "clientauth",
                     {{"AuthSenderMachine", "LABPC01"}, {"HashAlgorithm", "1.2.840.113549.1.1.11"}}},
                    {"Hook3", "zlib-compress", {}}};
    header.id = "{CA6A20DC-2440-44B1-A78F-E2FE792973BA}";
    header.payload_type = "inline";
    header.priority = "0";
    header.properties = {{"FileType", "SMX"}};
    header.protocol = "http";
    header.allow_registration_reset = "direct:LABPC01:ClientRegistration";
    header.reply_mode = "Sync";
    header.reply_to = "direct:LABPC01:SccmMessaging";
    header.sent_time = "2026-11-22T23:17:35Z";
    header.source_host = "LABPC01";
    header.source_id = "GUID:D7101B8D-D5AE-4F92-901F-C5E66F162A5C";
    header.source_type = "1";
    header.target_address = "mp:MP_RelayEndpoint";
    header.target_endpoint = "MP_RelayEndpoint";
    header.target_host = "mp1.lab.example";
    header.timeout = "60000";
    return header;
}

} // namespace

TEST_CASE("every field is read in every encoding") {
    struct Row {
        char const* name;
        Bytes document;
    };
    auto const row = GENERATE(values<Row>({
        {"UTF-16LE with mark", utf16_with_mark(full_document)},
        {"UTF-16LE", wire::to_utf16le(full_document)},
        {"UTF-16BE with mark", join({as_bytes("\xFE\xFF"), utf16be(full_document)})},
        {"UTF-16BE", utf16be(full_document)},
        {"UTF-8 with mark", join({as_bytes("\xEF\xBB\xBF"), as_bytes(full_document)})},
        {"UTF-8", to_bytes(full_document)},
        {"with NUL at the end", join({utf16_with_mark(full_document), BytesView(Bytes(2))})},
        {"with a declaration that says UTF-8",
         utf16_with_mark(R"(<?xml version="1.0" encoding="utf-8"?>)" + std::string(full_document))},
    }));
    INFO(row.name);
    CHECK(unwrap(wire::parse_header(row.document)) == full_header());
}

TEST_CASE("the header is written as the recorded clients write it") {
    CHECK(text_of(wire::write_header(full_header())) == full_document);
    CHECK(as_chars(wire::write_header(full_header())).starts_with("\xFF\xFE"));
    CHECK(text_of(wire::write_header(Header{})) == "<Msg><Hooks /></Msg>");
}

TEST_CASE("elements and attributes are found by name") {
    struct Row {
        char const* name;
        char const* document;
        void (*expect)(Header&);
    };
    auto const row = GENERATE(values<Row>({
        {"nothing but the root", "<Msg/>", [](Header&) {}},
        {"another order",
         "<Msg><TargetEndpoint>E</TargetEndpoint><ID>1</ID><Body Offset='2' Length='3'/></Msg>",
         [](Header& h) {
             h.target_endpoint = "E";
             h.id = "1";
             h.body = wire::Range{2, 3};
         }},
        {"the first of several counts", "<Msg><ID>1</ID><ID>2</ID><Body Length='1'/><Body Length='2'/></Msg>",
         [](Header& h) {
             h.id = "1";
             h.body = wire::Range{0, 1};
         }},
        {"blanks around a field", "<Msg>\r\n <ID>\t{1} \r\n</ID>\r\n</Msg>", [](Header& h) { h.id = "{1}"; }},
        {"reply compression as written", "<Msg ReplyCompression='None'/>",
         [](Header& h) { h.reply_compression = "None"; }},
        {"property with its value as text", "<Msg><Property Name='FileType'>IDMIF</Property></Msg>",
         [](Header& h) {
             h.properties = {{"FileType", "IDMIF"}};
         }},
        {"property without name or value", "<Msg><Property/></Msg>",
         [](Header& h) {
             h.properties = {{"", ""}};
         }},
        {"properties in a wrapper", "<Msg><Properties><Property Name='a' Value='1'/></Properties></Msg>",
         [](Header& h) {
             h.properties = {{"a", "1"}};
         }},
        {"properties inside Body", "<Msg><Body Length='4'><Property Name='a' Value='1'/></Body></Msg>",
         [](Header& h) {
             h.body = wire::Range{0, 4};
             h.properties = {{"a", "1"}};
         }},
        {"hook property with its value as attribute",
         "<Msg><Hooks><Hook Name='authenticate'><Property Name='a' Value='1'/></Hook></Hooks></Msg>",
         [](Header& h) {
             h.hooks = {{"Hook", "authenticate", {{"a", "1"}}}};
         }},
        {"token: CRLF has become LF, and the last one stays",
         "<Msg><Hooks><Hook2 Name='clientauth'><Property Name='Token'><![CDATA[ClientToken:{1};t\r\n"
         "ClientTokenSignature:AB\r\n]]></Property></Hook2></Hooks></Msg>",
         [](Header& h) {
             h.hooks = {{"Hook2", "clientauth", {{"Token", "ClientToken:{1};t\nClientTokenSignature:AB\n"}}}};
         }},
        {"unknown children", "<Msg><Future a='1'>soon</Future><ID>1</ID><Empty/></Msg>",
         [](Header& h) {
             h.id = "1";
             h.unknown = {{"Future", "soon"}, {"Empty", ""}};
         }},
        {"body without Length: to the end", "<Msg><Body Offset='5'/></Msg>",
         [](Header& h) {
             h.body = wire::Range{5, largest};
         }},
        {"the largest number",
         "<Msg><Body Offset='18446744073709551615' Length='18446744073709551616'/></Msg>",
         [](Header& h) {
             h.body = wire::Range{largest, largest};
         }},
        {"a number with forty digits",
         "<Msg><Attachment Offset='1111111111111111111111111111111111111111' Length='007'/></Msg>",
         [](Header& h) {
             h.attachments = {{"", "", {largest, 7}}};
         }},
        {"blanks around a number", "<Msg><Body Offset=' 1 ' Length='2 '/></Msg>",
         [](Header& h) {
             h.body = wire::Range{1, 2};
         }},
    }));
    INFO(row.name);
    Header expected;
    row.expect(expected);
    CHECK(read(row.document) == expected);
}

TEST_CASE("a range must be a decimal number") {
    auto const text =
        GENERATE(as<std::string>{}, "", "x", "-1", "+1", "0x10", "1.0", "1e3", "1 2", "\xD9\xA1");
    auto const place =
        GENERATE(as<std::string>{}, "Body Offset", "Body Length", "Attachment Offset", "Attachment Length");
    INFO(place << " = '" << text << "'");
    auto const element = place.substr(0, place.find(' '));
    auto const attribute = place.substr(place.find(' ') + 1);
    auto const result = wire::parse_header(
        utf16_with_mark("<Msg>\n  <" + element + " " + attribute + "=\"" + text + "\"/></Msg>"));
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Code::malformed);
    CHECK(result.error().message == element + "/@" + attribute + " is no decimal number");
    CHECK(result.error().line == 2);
}

TEST_CASE("the endpoint's plain name") {
    struct Row {
        char const* address;
        char const* endpoint;
        char const* name;
    };
    auto const row = GENERATE(values<Row>({
        {"", "MP_DdrEndpoint", "MP_DdrEndpoint"},
        {"mp:MP_DdrEndpoint", "", "MP_DdrEndpoint"},
        {"mp:[http]MP_LocationManager", "", "MP_LocationManager"},
        {"", "mp:[http]MP_LocationManager", "MP_LocationManager"},
        {"", "MP:[HTTP]mp_locationmanager", "mp_locationmanager"},
        {"", "[http]MP_LocationManager", "MP_LocationManager"},
        {"mp:Other", "StatusReceiver", "StatusReceiver"},
        {"", "", ""},
        {"mp:", "", ""},
        {"", "[unclosed", "[unclosed"},
    }));
    INFO(row.address << " " << row.endpoint);
    Header header;
    header.target_address = row.address;
    header.target_endpoint = row.endpoint;
    CHECK(header.endpoint() == row.name);
}

TEST_CASE("questions asked of a header") {
    Header header;
    CHECK(header.wants_compressed_reply());
    CHECK_FALSE(header.is_async());
    CHECK_FALSE(header.is_compressed());
    CHECK_FALSE(header.is_encrypted());
    CHECK(header.hook("clientauth") == nullptr);

    header.reply_compression = "zlib";
    CHECK(header.wants_compressed_reply());
    header.reply_compression = "None";
    CHECK_FALSE(header.wants_compressed_reply());

    for (auto const* mode : {"Async", "ASync", "ASYNC"}) {
        header.reply_mode = mode;
        CHECK(header.is_async());
    }
    header.reply_mode = "DirectAsync";
    CHECK_FALSE(header.is_async());

    header.hooks = {{"Hook3", "ZLIB-Compress", {}}, {"Hook2", "encrypt", {{"Token", "a"}, {"token", "b"}}}};
    CHECK(header.is_compressed());
    CHECK(header.is_encrypted());
    REQUIRE(header.hook("Encrypt") == &header.hooks[1]);
    CHECK(header.hook("encrypt")->property("TOKEN") == "a");
    CHECK_FALSE(header.hook("encrypt")->property("other"));

    header.properties = {{"FileType", "SMX"}};
    CHECK(header.property("filetype") == "SMX");
    CHECK_FALSE(header.property("FileTyp"));
}
