// SPDX-License-Identifier: Apache-2.0
#include "server/wire/message.hpp"
#include "server/wire/zlib.hpp"
#include "tests/unit/wire/support.hpp"

#include <algorithm>
#include <limits>

using namespace pointman;
using namespace pointman::test;
using namespace std::string_literals;
using wire::Range;

namespace {

constexpr auto largest = std::numeric_limits<std::size_t>::max();

std::vector<std::string> texts(std::vector<BytesView> const& ranges) {
    std::vector<std::string> result;
    for (auto const& range : ranges) result.emplace_back(as_chars(range));
    return result;
}

} // namespace

TEST_CASE("the body is its range clamped to the payload, without what clients put behind it") {
    struct Row {
        char const* name;
        std::optional<Range> range;
        std::string payload;
        std::string body;
    };
    auto const row = GENERATE(values<Row>({
        {"no Body element", std::nullopt, "<a/>\0\r\n"s, "<a/>"},
        {"exact", Range{0, 4}, "<a/><b/>", "<a/>"},
        {"with offset", Range{4, 4}, "<a/><b/>", "<b/>"},
        {"too long", Range{4, 400}, "<a/><b/>", "<b/>"},
        {"offset behind the end", Range{400, 4}, "<a/>", ""},
        {"offset at the end", Range{4, 1}, "<a/>", ""},
        {"the sum overflows", Range{4, largest}, "<a/><b/>", "<b/>"},
        {"both huge", Range{largest, largest}, "<a/>", ""},
        {"empty payload", Range{0, 10}, "", ""},
        {"boot media: one byte of a NUL inside the range", Range{0, 9}, "<\0>\0\r\0\n\0\0\0\0"s, "<\0>\0"s},
        {"the mark stays", Range{0, 8}, "\xFF\xFE<\0>\0\0\0"s, "\xFF\xFE<\0>\0"s},
    }));
    INFO(row.name);
    wire::Header header;
    header.body = row.range;
    wire::Message const message(header, to_bytes(row.payload));
    CHECK(as_chars(message.body()) == row.body);
    CHECK(as_chars(message.payload()) == row.payload);
}

TEST_CASE("attachments and ranges") {
    struct Row {
        char const* name;
        std::vector<wire::AttachmentRange> attachments;
        std::vector<std::pair<std::string, std::string>> expected;
        std::vector<std::string> ranges;
    };
    // The body covers <b/> and a NUL.
    std::string const payload = "<b/>\0<one/>\0\r\n<two/>"s;
    auto const row = GENERATE(values<Row>({
        {"none", {}, {}, {"<b/>"}},
        {"one, bytes untouched", {{"a", "ByteRange", {5, 9}}}, {{"a", "<one/>\0\r\n"s}}, {"<b/>", "<one/>"}},
        {"the last of a name wins, in the place of the last",
         {{"a", "ByteRange", {0, 6}}, {"b", "", {14, 6}}, {"a", "", {5, 6}}},
         {{"b", "<two/>"}, {"a", "<one/>"}},
         {"<b/>", "<b/>\0<"s, "<two/>", "<one/>"}},
        {"an unnamed one that covers the body is the body again",
         {{"", "", {0, 4}}, {"", "", {0, 5}}},
         {},
         {"<b/>"}},
        {"another unnamed one is an attachment",
         {{"", "", {5, 6}}, {"", "", {14, 6}}},
         {{"", "<one/>"}, {"", "<two/>"}},
         {"<b/>", "<one/>", "<two/>"}},
        {"a named one may cover the body", {{"a", "", {0, 5}}}, {{"a", "<b/>\0"s}}, {"<b/>"}},
        {"clamped",
         {{"a", "", {14, largest}}, {"b", "", {largest, 1}}},
         {{"a", "<two/>"}, {"b", ""}},
         {"<b/>", "<two/>"}},
        {"twice the same range under two names",
         {{"a", "", {14, 6}}, {"b", "", {14, 60}}},
         {{"a", "<two/>"}, {"b", "<two/>"}},
         {"<b/>", "<two/>"}},
    }));
    INFO(row.name);
    wire::Header header;
    header.body = Range{0, 5};
    header.attachments = row.attachments;
    wire::Message const message(header, to_bytes(payload));
    std::vector<std::pair<std::string, std::string>> attachments;
    for (auto const& attachment : message.attachments())
        attachments.emplace_back(attachment.name, as_chars(attachment.bytes));
    CHECK(attachments == row.expected);
    CHECK(texts(message.ranges()) == row.ranges);
}

TEST_CASE("hooks are undone in the one order that makes sense") {
    auto const plain = to_bytes("<a/>");
    auto const compressed = wire::zlib_compress(plain);
    auto const envelope = Bytes(compressed.rbegin(), compressed.rend()); // stands for encryption
    auto const reverse = [](BytesView bytes) -> Result<Bytes> { return Bytes(bytes.rbegin(), bytes.rend()); };

    wire::Hook const sign{"Hook2", "clientauth", {}};
    wire::Hook const compress{"Hook3", "zlib-compress", {}};
    wire::Hook const encrypt{"Hook2", "encrypt", {}};
    struct Row {
        char const* name;
        std::vector<wire::Hook> hooks;
        Bytes payload;
        Bytes signed_payload;
    };
    auto const row = GENERATE_COPY(values<Row>({
        {"none", {}, plain, plain},
        {"compressed", {compress}, compressed, compressed},
        {"signed and compressed", {sign, compress}, compressed, compressed},
        {"compressed and signed", {compress, sign}, compressed, compressed},
        {"signed, compressed, encrypted", {sign, compress, encrypt}, envelope, compressed},
        {"encrypted only", {encrypt}, Bytes(plain.rbegin(), plain.rend()), plain},
    }));
    INFO(row.name);
    wire::Envelope given;
    given.header.hooks = row.hooks;
    given.payload = row.payload;
    auto const signed_payload = unwrap(wire::decrypted_payload(given, reverse));
    CHECK(signed_payload == row.signed_payload);
    auto const message = unwrap(wire::open(given.header, signed_payload));
    CHECK(as_chars(message.payload()) == "<a/>");
}

TEST_CASE("hooks that cannot be undone are refused") {
    wire::Hook const sign{"Hook2", "clientauth", {}};
    wire::Hook const compress{"Hook3", "zlib-compress", {}};
    wire::Hook const encrypt{"Hook2", "encrypt", {}};
    struct Row {
        char const* name;
        std::vector<wire::Hook> hooks;
        char const* message;
    };
    auto const row = GENERATE_COPY(values<Row>({
        {"not known", {{"Hook4", "rot13", {}}}, "unknown hook"},
        {"of an older generation", {{"Hook", "compress", {}}}, "unknown hook"},
        {"without name", {{"Hook2", "", {}}}, "unknown hook"},
        {"compressed twice", {compress, compress}, "hook given twice"},
        {"signed twice", {sign, compress, sign}, "hook given twice"},
        {"encrypted twice", {encrypt, encrypt}, "hook given twice"},
        {"compressed after encryption", {encrypt, compress}, "compression after encryption"},
        {"encrypted, and no key", {compress, encrypt}, "encrypted payload, and nothing to open it with"},
    }));
    INFO(row.name);
    wire::Envelope given;
    given.header.hooks = row.hooks;
    auto const result = wire::decrypted_payload(given, {});
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Code::malformed);
    CHECK(result.error().message == row.message);
}

TEST_CASE("a failure to decrypt is handed on") {
    wire::Envelope given;
    given.header.hooks = {{"Hook2", "encrypt", {}}};
    auto const result = wire::decrypted_payload(
        given, [](BytesView) -> Result<Bytes> { return fail(Code::malformed, "no key fits"); });
    REQUIRE_FALSE(result);
    CHECK(result.error().message == "no key fits");
}

TEST_CASE("requests are written in the recorded layout") {
    wire::OutgoingRequest request{
        .header = {}, .xml = "<a/>", .attachments = {}, .compress = false, .sign = {}};
    request.header.target_endpoint = "E";
    request.attachments.push_back({.name = "one", .bytes = to_bytes("123")});
    auto const body = wire::encode_request(std::move(request));
    auto const document = utf16_with_mark(
        R"(<Msg><Attachment Type="ByteRange" Length="3" Name="one" Offset="10" /><Body Type="ByteRange" Length="10" Offset="0" />)"
        R"(<Hooks /><Payload Type="inline" /><TargetEndpoint>E</TargetEndpoint></Msg>)");
    CHECK(body == multipart(document, as_bytes("<\0a\0/\0>\0\0\0"
                                               "123\r\n"s)));
}

TEST_CASE("a body that is no text is sent as it is") {
    wire::OutgoingRequest request{.header = {},
                                  .xml = {},
                                  .attachments = {},
                                  .compress = false,
                                  .sign = {},
                                  .seal = {},
                                  .body = to_bytes("\1\2")};
    auto const prepared = wire::prepare_request(std::move(request));
    CHECK(prepared.header.body == wire::Range{.offset = 0, .length = 2});
    CHECK(as_chars(prepared.payload) == "\1\2\r\n");
}

TEST_CASE("what was prepared goes in two parts, or uploaded in one") {
    wire::OutgoingRequest request{
        .header = {}, .xml = "<a/>", .attachments = {}, .compress = true, .sign = {}};
    request.header.target_endpoint = "E";
    request.header.id = "{1}";
    auto const prepared = wire::prepare_request(request);
    CHECK(wire::encode_inline(prepared) == wire::encode_request(request));
    auto const uploaded = decode_envelope(wire::content_type, wire::encode_uploaded(prepared.header));
    CHECK_FALSE(uploaded.has_payload);
    auto expected = prepared.header;
    expected.payload_type = "localcache";
    CHECK(uploaded.header == expected);
}

TEST_CASE("an upload request is written as it was recorded") {
    auto const capture = load_capture("sdk/47");
    CHECK(wire::encode_upload_request(
              {.network_type = "Intranet", .message_id = "{693C1E7F-FFDA-4500-B39A-A6D1D157FB51}"}) ==
          capture.body);
}

TEST_CASE("an upload request stands in place of the header") {
    auto const capture = load_capture("sdk/47");
    auto const decoded = unwrap(wire::decode(capture.content_type, capture.body));
    auto const& request = std::get<wire::UploadRequest>(decoded);
    CHECK(request.network_type == "Intranet");
    CHECK(request.message_id == "{693C1E7F-FFDA-4500-B39A-A6D1D157FB51}");
}

TEST_CASE("a message whose payload was uploaded has one part") {
    auto const document = utf16_with_mark(
        R"(<Msg><Body Type="ByteRange" Length="10" Offset="0" /><ID>{1}</ID><Payload Type="localcache" /><TargetEndpoint>E</TargetEndpoint></Msg>)");
    auto const body =
        join({as_bytes("--aAbBcCdDv1234567890VxXyYzZ\r\ncontent-type: text/plain; charset=UTF-16\r\n\r\n"),
              document, as_bytes("\r\n--aAbBcCdDv1234567890VxXyYzZ--")});
    auto const envelope = decode_envelope(wire::content_type, body);
    CHECK_FALSE(envelope.has_payload);
    CHECK(envelope.payload.empty());
    CHECK(envelope.header.payload_type == "localcache");
    CHECK(envelope.header.id == "{1}");
    CHECK(envelope.names_upload());
    CHECK(std::ranges::equal(envelope.document, document));
}

TEST_CASE("a message with its upload put in is a message like any other") {
    auto const document = utf16_with_mark(
        R"(<Msg><Body Type="ByteRange" Length="10" Offset="0" /><ID>{1}</ID><Payload Type="LocalCache" /><TargetEndpoint>E</TargetEndpoint></Msg>)");
    // Delimiters inside the payload are no delimiters, whoever wrote them there.
    auto const payload = to_bytes("\r\n--aAbBcCdDv1234567890VxXyYzZ--\r\n\0\r\n--"s);
    auto const request = wire::put_together(document, payload);
    auto const envelope = decode_envelope(request.content_type, request.body);
    CHECK(std::ranges::equal(envelope.document, document));
    CHECK(std::ranges::equal(envelope.payload, payload));
    CHECK_FALSE(envelope.names_upload());
    auto const empty = wire::put_together(document, {});
    CHECK(decode_envelope(empty.content_type, empty.body).has_payload);
    CHECK(wire::put_together(document, payload).content_type != request.content_type);
}
