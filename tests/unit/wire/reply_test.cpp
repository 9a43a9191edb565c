// SPDX-License-Identifier: Apache-2.0
// The layout of replies (wire.md 7.1, 7.3, 7.4), and what each recorded client makes of it and of changes to
// it (7.2).
#include "server/wire/message.hpp"
#include "server/wire/zlib.hpp"
#include "tests/support/deflated.hpp"
#include "tests/unit/wire/client_models.hpp"
#include "tests/unit/wire/support.hpp"

#include <fmt/format.h>

#include <set>

using namespace pointman;
using namespace pointman::test;
using namespace std::string_literals;

namespace {

constexpr std::string_view reply_xml =
    R"(<ReplyAssignments SchemaVersion="1.00"><a>é</a></ReplyAssignments>)";

wire::ReplyStamp stamp() {
    return {"{11111111-2222-4333-8444-555555555555}", "2026-11-22T23:17:35Z", "MP1"};
}

wire::Header request_header(bool compressed) {
    wire::Header header;
    header.id = "{041A35B4-DCEE-4F64-A978-D4D489F47D28}";
    header.reply_compression = compressed ? "zlib" : "none";
    header.reply_mode = "Sync";
    header.reply_to = "direct:LABPC01:SccmMessaging";
    header.target_endpoint = "MP_PolicyManager";
    return header;
}

/// A reply taken apart, to be put together again with one thing changed.
struct ReplyLayout {
    bool compressed = true;
    std::optional<std::string> content_type = std::string(wire::content_type);
    std::string boundary{wire::boundary};
    std::string before_first_delimiter;
    std::string header_lines = "content-type: text/plain; charset=UTF-16";
    std::string header_document;
    std::string payload_lines = "content-type: application/octet-stream";
    std::string payload_text; ///< UTF-16LE
    bool payload_first = false;
    std::string after_closing_delimiter = "\r\n";
};

HttpReply assemble(ReplyLayout const& layout) {
    auto const payload = as_bytes(layout.payload_text);
    auto const content =
        layout.compressed ? wire::zlib_compress(payload) : Bytes(payload.begin(), payload.end());
    auto header_part = layout.header_lines + "\r\n\r\n" + layout.header_document;
    auto payload_part = layout.payload_lines + "\r\n\r\n" + std::string(as_chars(content));
    if (layout.payload_first) std::swap(header_part, payload_part);
    return {.content_type = layout.content_type,
            .body =
                fmt::format("{0}--{1}\r\n{2}\r\n--{1}\r\n{3}\r\n--{1}--{4}", layout.before_first_delimiter,
                            layout.boundary, header_part, payload_part, layout.after_closing_delimiter)};
}

std::string utf16(std::string_view text) {
    return std::string(as_chars(wire::to_utf16le(text)));
}

/// The daemon's own reply, taken apart by the offsets of wire.md 7.1.
ReplyLayout our_reply(bool compressed) {
    auto const body = wire::encode_reply(request_header(compressed), reply_xml, stamp());
    ReplyLayout layout;
    layout.compressed = compressed;
    std::string_view text = as_chars(body);
    text.remove_prefix(("--" + layout.boundary + "\r\n" + layout.header_lines + "\r\n\r\n").size());
    layout.header_document = text.substr(0, text.find("\r\n--" + layout.boundary));
    layout.payload_text = utf16(reply_xml) + "\0\0"s;
    return layout;
}

std::set<std::string> clients_that_fail(HttpReply const& reply, bool compressed) {
    std::set<std::string> failed;
    for (auto const& client : client_models())
        if (client.read(reply, compressed) != reply_xml) failed.emplace(client.name);
    return failed;
}

std::set<std::string> const nobody;
std::set<std::string> const python{"sccmwtf", "sccmhunter", "SCCMSecrets", "PXEThief", "cred1py"};

} // namespace

TEST_CASE("a reply is laid out byte by byte as every client accepts it") {
    auto const compressed = GENERATE(true, false);
    auto const layout = our_reply(compressed);
    auto const body = wire::encode_reply(request_header(compressed), reply_xml, stamp());
    CHECK(as_chars(body) == assemble(layout).body);
    CHECK(layout.content_type == "multipart/mixed; boundary=\"aAbBcCdDv1234567890VxXyYzZ\"");
    CHECK(layout.header_document.starts_with("\xFF\xFE"));
}

TEST_CASE("changes to the reply break just the clients that wire.md names") {
    struct Row {
        char const* change;
        void (*apply)(ReplyLayout&);
        std::set<std::string> fails;
    };
    auto const row = GENERATE(values<Row>({
        {"none", [](ReplyLayout&) {}, nobody},
        {"other boundary value",
         [](ReplyLayout& r) {
             r.boundary = "another";
             r.content_type = "multipart/mixed; boundary=\"another\"";
         },
         {"impacket", "SDK"}},
        {"boundary unquoted",
         [](ReplyLayout& r) { r.content_type = "multipart/mixed; boundary=aAbBcCdDv1234567890VxXyYzZ"; },
         nobody},
        {"multipart/related",
         [](ReplyLayout& r) {
             r.content_type = "multipart/related; boundary=\"aAbBcCdDv1234567890VxXyYzZ\"";
         },
         nobody},
        {"no Content-Type header", [](ReplyLayout& r) { r.content_type.reset(); }, python},
        {"CRLF before the first delimiter",
         [](ReplyLayout& r) { r.before_first_delimiter = "\r\n"; },
         {"impacket"}},
        {"a second header line in the header part",
         [](ReplyLayout& r) { r.header_lines += "\r\nx: 1"; },
         {"SDK"}},
        {"a second header line in the payload part",
         [](ReplyLayout& r) { r.payload_lines += "\r\nx: 1"; },
         {"SDK"}},
        {"part 2 type with a parameter",
         [](ReplyLayout& r) { r.payload_lines += "; x=1"; },
         {"sccmwtf", "sccmhunter", "SCCMSecrets"}},
        {"Content-Type capitalised in parts",
         [](ReplyLayout& r) {
             r.header_lines.replace(0, 12, "Content-Type");
             r.payload_lines.replace(0, 12, "Content-Type");
         },
         nobody},
        {"no CRLF after the closing delimiter", [](ReplyLayout& r) { r.after_closing_delimiter.clear(); },
         nobody},
        {"mark missing in Msg", [](ReplyLayout& r) { r.header_document.erase(0, 2); }, nobody},
        {"Msg as UTF-8", [](ReplyLayout& r) { r.header_document = "<Msg/>"; }, nobody},
        {"empty part 1", [](ReplyLayout& r) { r.header_document.clear(); }, nobody},
        {"wrong Body length, no CorrelationID, no Hooks",
         [](ReplyLayout& r) {
             r.header_document =
                 as_chars(utf16_with_mark(R"(<Msg><Body Type="ByteRange" Length="1" Offset="7" /></Msg>)"));
         },
         nobody},
        {"mark in front of the payload XML", [](ReplyLayout& r) { r.payload_text.insert(0, "\xFF\xFE"); },
         nobody},
        {"XML followed by LF", [](ReplyLayout& r) { r.payload_text = utf16(reply_xml) + utf16("\n"); },
         nobody},
        {"XML followed by CRLF", [](ReplyLayout& r) { r.payload_text = utf16(reply_xml) + utf16("\r\n"); },
         nobody},
        {"XML followed by nothing",
         [](ReplyLayout& r) { r.payload_text = utf16(reply_xml); },
         {"SCCMSecrets", "impacket"}},
        {"XML followed by NUL and CRLF",
         [](ReplyLayout& r) { r.payload_text += utf16("\r\n"); },
         {"SCCMSecrets", "impacket", "SDK"}},
        {"payload part first",
         [](ReplyLayout& r) { r.payload_first = true; },
         {"PXEThief", "cred1py", "SDK"}},
    }));
    // Chunking is HTTP's affair: the bytes that arrive are the same.
    auto const compressed = GENERATE(true, false);
    INFO(row.change << (compressed ? ", compressed" : ", plain"));
    auto layout = our_reply(compressed);
    row.apply(layout);
    CHECK(clients_that_fail(assemble(layout), compressed) == row.fails);
}

TEST_CASE("compression follows the request alone") {
    struct Row {
        std::optional<std::string> asked;
        bool compressed;
    };
    auto const row = GENERATE(values<Row>({
        {std::nullopt, true},
        {"zlib", true},
        {"ZLIB", true},
        {"", true},
        {"none", false},
        {"None", false},
    }));
    INFO(row.asked.value_or("(absent)"));
    auto request = request_header(true);
    request.reply_compression = row.asked;
    auto const body = wire::encode_reply(request, reply_xml, stamp());
    HttpReply const reply{std::string(wire::content_type), std::string(as_chars(body))};
    CHECK(clients_that_fail(reply, row.compressed) == nobody);
    CHECK(unwrap(wire::decode_reply(wire::content_type, body)).header->is_compressed() == row.compressed);
}

TEST_CASE("the header of a reply") {
    struct Row {
        char const* name;
        void (*change)(wire::Header&);
        char const* document;
    };
    // The text is 67 characters and the NUL.
    auto const row = GENERATE(values<Row>({
        {"compressed", [](wire::Header&) {},
         R"(<Msg SchemaVersion="1.1"><Body Type="ByteRange" Length="{}" Offset="0" />)"
         R"(<CorrelationID>{{041A35B4-DCEE-4F64-A978-D4D489F47D28}}</CorrelationID>)"
         R"(<Hooks><Hook3 Name="zlib-compress" /></Hooks><ID>{{11111111-2222-4333-8444-555555555555}}</ID>)"
         R"(<Payload Type="inline" /><Protocol>http</Protocol><ReplyMode>Sync</ReplyMode>)"
         R"(<SentTime>2026-11-22T23:17:35Z</SentTime><SourceHost>MP1</SourceHost>)"
         R"(<TargetAddress>direct:LABPC01:SccmMessaging</TargetAddress><TargetEndpoint>SccmMessaging</TargetEndpoint></Msg>)"},
        {"plain, from boot media",
         [](wire::Header& request) {
             request.id.clear();
             request.reply_compression = "none";
             request.reply_to = "direct:OSD";
             request.reply_mode.clear();
         },
         R"(<Msg SchemaVersion="1.1"><Body Type="ByteRange" Length="{}" Offset="0" />)"
         R"(<Hooks /><ID>{{11111111-2222-4333-8444-555555555555}}</ID>)"
         R"(<Payload Type="inline" /><Protocol>http</Protocol><ReplyMode>Sync</ReplyMode>)"
         R"(<SentTime>2026-11-22T23:17:35Z</SentTime><SourceHost>MP1</SourceHost>)"
         R"(<TargetAddress>direct:OSD</TargetAddress><TargetEndpoint>OSD</TargetEndpoint></Msg>)"},
    }));
    INFO(row.name);
    auto request = request_header(true);
    row.change(request);
    auto const body = wire::encode_reply(request, reply_xml, stamp());
    auto const reply = unwrap(wire::decode_reply(wire::content_type, body));
    REQUIRE(reply.header);
    auto const length = wire::to_utf16le(reply_xml).size() + 2;
    CHECK(text_of(wire::write_header(*reply.header)) == fmt::format(fmt::runtime(row.document), length));
    CHECK(reply.xml == reply_xml);
}

TEST_CASE("a reply of the header part alone") {
    auto request = request_header(true);
    request.reply_mode = "ASync";
    auto const body = wire::encode_header_only(request, stamp());
    CHECK(as_chars(body).starts_with(
        "--aAbBcCdDv1234567890VxXyYzZ\r\ncontent-type: text/plain; charset=UTF-16\r\n\r\n\xFF\xFE"));
    CHECK(as_chars(body).ends_with("\r\n--aAbBcCdDv1234567890VxXyYzZ--\r\n"));
    auto const reply = unwrap(wire::decode_reply(wire::content_type, body));
    CHECK(reply.xml.empty());
    REQUIRE(reply.header);
    CHECK(reply.header->correlation_id == request.id);
    CHECK(reply.header->reply_mode == "ASync");
    CHECK_FALSE(reply.header->body);
    CHECK(reply.header->hooks.empty());
}

TEST_CASE("an upload reply is one part") {
    auto const body =
        wire::encode_upload_reply("mp1.lab.example", "http://mp1.lab.example/CCM_Incoming/{A}?a&b");
    auto const document =
        utf16_with_mark("<UploadReply><Host>mp1.lab.example</Host>"
                        "<URL>http://mp1.lab.example/CCM_Incoming/{A}?a&amp;b</URL></UploadReply>");
    CHECK(body ==
          join({as_bytes("--aAbBcCdDv1234567890VxXyYzZ\r\ncontent-type: text/plain; charset=UTF-16\r\n\r\n"),
                document, as_bytes("\r\n--aAbBcCdDv1234567890VxXyYzZ--\r\n")}));
    auto const reply = unwrap(wire::decode_reply(wire::content_type, body));
    CHECK_FALSE(reply.header);
    CHECK(reply.xml == text_of(document));
}

TEST_CASE("replies that a client cannot read") {
    struct Row {
        char const* name;
        Bytes body;
        Code code;
    };
    auto const compressed_header = utf16_with_mark("<Msg><Hooks><Hook3 Name='zlib-compress'/></Hooks></Msg>");
    auto const row = GENERATE_COPY(values<Row>({
        {"no delimiter", to_bytes("<HTML>"), Code::malformed},
        {"first part is no XML", multipart(as_bytes("text"), as_bytes("")), Code::malformed},
        {"first part is another document", multipart(utf16_with_mark("<Other/>"), as_bytes("")),
         Code::malformed},
        {"payload is no zlib stream", multipart(compressed_header, as_bytes("text")), Code::malformed},
        {"payload is a bomb", multipart(compressed_header, deflated(Bytes(8U << 20U))), Code::limit_exceeded},
        {"payload is no text", multipart(utf16_with_mark("<Msg/>"), as_bytes("<\0\x3D\xD8"s)),
         Code::malformed},
    }));
    INFO(row.name);
    auto const result = wire::decode_reply(wire::content_type, row.body);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == row.code);
}

TEST_CASE("the empty answer") {
    auto const reply = unwrap(wire::decode_reply("", {}));
    CHECK_FALSE(reply.header);
    CHECK(reply.xml.empty());
}

TEST_CASE("a reply whose header part is empty still has its text") {
    auto const reply =
        unwrap(wire::decode_reply(wire::content_type, multipart({}, wire::to_utf16le("<a/>"))));
    CHECK_FALSE(reply.header);
    CHECK(reply.xml == "<a/>");
}
