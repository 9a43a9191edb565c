// SPDX-License-Identifier: Apache-2.0
// Requests that mean harm or are broken, from the whole body on. Bytes of single layers are in the layers'
// own tests.
#include "server/wire/message.hpp"
#include "server/wire/zlib.hpp"
#include "tests/support/deflated.hpp"
#include "tests/unit/wire/support.hpp"

using namespace pointman;
using namespace pointman::test;
using namespace std::string_literals;

namespace {

constexpr std::string_view recorded_type = wire::content_type;

std::string repeated(std::string_view text, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += text;
    return out;
}

std::string message(std::string_view children) {
    return "<Msg>" + std::string(children) + "<TargetEndpoint>MP_DdrEndpoint</TargetEndpoint></Msg>";
}

Bytes with_header(std::string_view xml) {
    return multipart(utf16_with_mark(xml), as_bytes("payload"));
}

Bytes with_header_bytes(BytesView document) {
    return multipart(document, as_bytes("payload"));
}

/// As much of the recorded layout as the row wants, in characters.
Bytes raw(std::string_view text) {
    return to_bytes(text);
}

Result<wire::Message> open_all(wire::Envelope envelope, wire::Limits const& limits) {
    auto const payload = wire::decrypted_payload(envelope, {});
    if (!payload) return std::unexpected(payload.error());
    return wire::open(std::move(envelope.header), *payload, limits);
}

} // namespace

// A fault of an element is placed just behind its start tag: see schemas::Element::line.
TEST_CASE("requests that cannot be decoded are refused with their place") {
    struct Row {
        char const* name;
        std::string content_type;
        Bytes body;
        Code code;
        std::uint32_t line = 0;
        std::uint32_t column = 0;
    };
    std::string const type(recorded_type);
    std::string const delimiter = "--aAbBcCdDv1234567890VxXyYzZ";
    auto const row = GENERATE_COPY(values<Row>({
        {"empty body", type, {}, Code::malformed},
        {"empty body, no type", "", {}, Code::malformed},
        {"type without boundary", "multipart/mixed", with_header(message("")), Code::malformed},
        {"XML with an XML type", "text/xml", raw("<Msg/>"), Code::malformed},
        {"no delimiter", type, raw("<Msg/>"), Code::malformed},
        {"delimiter of another boundary", type, raw("--other\r\n\r\nx\r\n--other--"), Code::malformed},
        {"only a closing delimiter", type, raw(delimiter + "--"), Code::malformed},
        {"never closed", type, raw(delimiter + "\r\n\r\n<Msg/>"), Code::malformed},
        {"empty first part", type, with_header_bytes({}), Code::malformed},
        {"only a mark", type, with_header_bytes(as_bytes("\xFF\xFE")), Code::malformed},
        {"header is no XML", type, with_header("Msg"), Code::malformed, 1, 1},
        {"header is binary", type, with_header_bytes(as_bytes("\x01\x02\x03\x04\x05")), Code::malformed},
        {"element not closed", type, with_header("<Msg>\n<ID>"), Code::malformed, 2, 5},
        {"wrong closing tag", type, with_header("<Msg>\n\n  <ID></IE></Msg>"), Code::malformed, 3, 9},
        {"two roots", type, with_header(message("") + "<Msg/>"), Code::malformed},
        {"another root", type, with_header("<Message><TargetEndpoint>E</TargetEndpoint></Message>"),
         Code::malformed, 1, 10},
        {"root in another case", type, with_header("<msg><TargetEndpoint>E</TargetEndpoint></msg>"),
         Code::malformed, 1, 6},
        {"document type declaration", type, with_header("<!DOCTYPE Msg>\n" + message("")), Code::malformed, 1,
         1},
        {"entity of one's own", type,
         with_header("<!DOCTYPE Msg [<!ENTITY a 'b'>]><Msg><TargetEndpoint>&a;</TargetEndpoint></Msg>"),
         Code::malformed, 1, 1},
        {"entity that nobody declared", type, with_header(message("<ID>&a;</ID>")), Code::malformed},
        {"nesting", type, with_header(message(repeated("<a>", 100) + repeated("</a>", 100))),
         Code::limit_exceeded},
        {"deep nesting that never ends", type, with_header(repeated("<a>", 10'000)), Code::limit_exceeded},
        {"attributes", type,
         with_header(message("<ID a='' b='' c='' d='' e='' f='' g='' h='' i='' j='' k='' l='' m='' "
                             "n='' o='' p='' q=''/>")),
         Code::limit_exceeded},
        {"name of an element", type, with_header(message("<" + std::string(200, 'n') + "/>")),
         Code::limit_exceeded},
        {"lone surrogate", type,
         with_header_bytes(
             join({utf16_with_mark("<Msg>"), as_bytes("\x3D\xD8"), wire::to_utf16le("</Msg>")})),
         Code::malformed},
        {"half a letter", type, with_header_bytes(join({utf16_with_mark(message("")), as_bytes("x")})),
         Code::malformed},
        {"broken UTF-8", type, with_header_bytes(as_bytes("<Msg>\xC0\xAF</Msg>")), Code::malformed},
        {"no TargetEndpoint", type, with_header("<Msg><ID>1</ID></Msg>"), Code::malformed},
        {"empty TargetEndpoint", type, with_header("<Msg><TargetEndpoint> </TargetEndpoint></Msg>"),
         Code::malformed},
        {"endpoint that is only a scheme", type,
         with_header("<Msg><TargetAddress>mp:[http]</TargetAddress></Msg>"), Code::malformed},
        {"range is text", type, with_header(message("\n<Body Offset='a' Length='1'/>")), Code::malformed, 2,
         30},
        {"range is negative", type, with_header(message("\n\n <Attachment Offset='0' Length='-1'/>")),
         Code::malformed, 3, 38},
        {"upload request without id", type, with_header("<UploadRequest NetworkType='Intranet'/>"),
         Code::malformed},
        {"upload request with an empty id", type,
         with_header("<UploadRequest><MessageID> </MessageID></UploadRequest>"), Code::malformed},
    }));
    INFO(row.name);
    auto const result = wire::decode(row.content_type, row.body);
    REQUIRE_FALSE(result);
    INFO(describe(result.error()));
    CHECK(result.error().code == row.code);
    if (row.line != 0) {
        CHECK(result.error().line == row.line);
        CHECK(result.error().column == row.column);
    }
    CHECK_FALSE(result.error().message.empty());
}

TEST_CASE("each bound of a header holds, and one less is taken") {
    auto const hooks = [](std::size_t count) {
        return "<Hooks>" + repeated("<Hook2 Name='x'/>", count) + "</Hooks>";
    };
    auto const hook_properties = [](std::size_t count) {
        return "<Hooks><Hook2 Name='x'>" + repeated("<Property Name='a'>b</Property>", count) +
               "</Hook2></Hooks>";
    };
    struct Row {
        char const* name;
        std::string taken;
        std::string refused;
        char const* message;
    };
    auto const row = GENERATE_COPY(values<Row>({
        {"attachments", repeated("<Attachment Offset='0' Length='1'/>", 5),
         repeated("<Attachment Offset='0' Length='1'/>", 6), "too many attachments"},
        {"hooks", hooks(3), hooks(4), "too many hooks"},
        {"properties of a hook", hook_properties(4), hook_properties(5), "too many properties"},
        {"properties of the message", repeated("<Property Name='a' Value='b'/>", 4),
         repeated("<Property Name='a' Value='b'/>", 5), "too many properties"},
        {"properties in two places", "<Properties><Property/><Property/></Properties><Property/><Property/>",
         "<Properties><Property/><Property/></Properties><Property/><Property/><Property/>",
         "too many properties"},
        // The rest of the message takes 58 characters.
        {"size", std::string(442, ' '), std::string(443, ' '), "header document too large"},
    }));
    INFO(row.name);
    wire::Limits const limits{.max_header = 1002, .max_attachments = 5, .max_hooks = 3, .max_properties = 4};
    CHECK(wire::decode(recorded_type, with_header(message(row.taken)), limits));
    auto const result = wire::decode(recorded_type, with_header(message(row.refused)), limits);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Code::limit_exceeded);
    CHECK(result.error().message == row.message);
}

TEST_CASE("defaults bound a request before its header is parsed") {
    struct Row {
        char const* name;
        Bytes body;
        char const* message;
    };
    auto const part = [](std::string_view headers) {
        return "--aAbBcCdDv1234567890VxXyYzZ\r\n" + std::string(headers) + "\r\n<Msg/>\r\n";
    };
    auto const row = GENERATE_COPY(values<Row>({
        {"parts", raw(repeated(part(""), 5) + "--aAbBcCdDv1234567890VxXyYzZ--"), "too many parts"},
        {"one giant header line",
         raw(part("a: " + std::string(5000, 'x') + "\r\n") + "--aAbBcCdDv1234567890VxXyYzZ--"),
         "part headers too long"},
        {"a thousand header lines", raw(part(repeated("a: 1\r\n", 1000)) + "--aAbBcCdDv1234567890VxXyYzZ--"),
         "part headers too long"},
        {"giant header document", with_header_bytes(Bytes(256U * 1024 + 1, std::byte{'<'})),
         "header document too large"},
    }));
    INFO(row.name);
    auto const result = wire::decode(recorded_type, row.body);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Code::limit_exceeded);
    CHECK(result.error().message == row.message);
}

TEST_CASE("payloads that cannot be opened are refused") {
    auto const bomb = deflated(Bytes(8U * 1024 * 1024));
    auto const good = wire::zlib_compress(as_bytes("hello"));
    struct Row {
        char const* name;
        char const* hooks;
        Bytes payload;
        wire::Limits limits;
        Code code;
    };
    auto const zlib = "<Hooks><Hook3 Name='zlib-compress'/></Hooks>";
    auto const row = GENERATE_COPY(values<Row>({
        {"zlib: no payload", zlib, {}, {}, Code::malformed},
        {"zlib: garbage", zlib, to_bytes("garbage"), {}, Code::malformed},
        {"zlib: truncated", zlib, Bytes(good.begin(), good.end() - 1), {}, Code::malformed},
        {"zlib: bomb by ratio", zlib, bomb, {}, Code::limit_exceeded},
        {"zlib: bomb by size",
         zlib,
         bomb,
         {.max_inflated = 1000, .max_ratio = 100'000},
         Code::limit_exceeded},
        {"unknown hook", "<Hooks><Hook9 Name='future'/></Hooks>", good, {}, Code::malformed},
        {"hook without name", "<Hooks><Hook3/></Hooks>", good, {}, Code::malformed},
        {"compressed twice",
         "<Hooks><Hook3 Name='zlib-compress'/><Hook3 Name='ZLIB-compress'/></Hooks>",
         good,
         {},
         Code::malformed},
    }));
    INFO(row.name);
    auto const body = multipart(utf16_with_mark(message(row.hooks)), row.payload);
    auto envelope = decode_envelope(recorded_type, body);
    auto const opened = open_all(std::move(envelope), row.limits);
    REQUIRE_FALSE(opened);
    INFO(describe(opened.error()));
    CHECK(opened.error().code == row.code);
}

TEST_CASE("what looks odd and is harmless is taken") {
    struct Row {
        char const* name;
        std::string content_type;
        Bytes body;
    };
    std::string const type(recorded_type);
    auto const document = utf16_with_mark(message(""));
    auto const good = with_header(message(""));
    auto const framed = [&](std::string_view before, std::string_view after) {
        return join({as_bytes(before), good, as_bytes(after)});
    };
    auto const form_data =
        join({as_bytes("--x\r\nContent-Disposition: form-data; name=\"Msg\"\r\n\r\n"), document,
              as_bytes("\r\n--x\r\nContent-Disposition: form-data; name=\"RequestAssignments\"\r\n\r\n"
                       "payload\r\n--x--\r\n")});
    auto const row = GENERATE_COPY(values<Row>({
        {"as recorded", type, good},
        {"unquoted boundary", "multipart/mixed; boundary=aAbBcCdDv1234567890VxXyYzZ", good},
        {"multipart/related in capitals", "MULTIPART/RELATED; BOUNDARY=aAbBcCdDv1234567890VxXyYzZ", good},
        {"form-data without part types", "multipart/form-data; boundary=x", form_data},
        {"no type, boundary from the body", "", form_data},
        {"blank type", "  ", good},
        {"line before the first delimiter", type, framed("\r\n", "")},
        {"line after the last delimiter", type, framed("", "\r\n")},
        {"zeros after the last delimiter", type, framed("", "\0\0\0"s)},
        {"header in UTF-8", type, with_header_bytes(to_bytes(message("")))},
        {"header in big-endian", type, with_header_bytes(utf16be(message("")))},
        {"header with declaration", type,
         with_header("<?xml version=\"1.0\" encoding=\"utf-16\"?>" + message(""))},
        {"header with NUL", type, with_header_bytes(join({document, as_bytes("\0\0"s)}))},
        {"endpoint from the address", type,
         with_header("<Msg><TargetAddress>mp:[http]MP_DdrEndpoint</TargetAddress></Msg>")},
    }));
    INFO(row.name);
    auto envelope = decode_envelope(row.content_type, row.body);
    CHECK(envelope.header.endpoint() == "MP_DdrEndpoint");
    CHECK(as_chars(envelope.payload) == "payload");
}

TEST_CASE("parts behind the second are ignored") {
    auto const body = join({as_bytes("--x\r\n\r\n"), utf16_with_mark(message("")),
                            as_bytes("\r\n--x\r\n\r\npayload\r\n--x\r\n\r\nthird\r\n--x--")});
    CHECK(as_chars(decode_envelope("multipart/mixed; boundary=x", body).payload) == "payload");
}
