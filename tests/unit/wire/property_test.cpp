// SPDX-License-Identifier: Apache-2.0
#include "base/hex.hpp"
#include "server/wire/client_auth.hpp"
#include "server/wire/message.hpp"
#include "server/wire/multipart.hpp"
#include "server/wire/zlib.hpp"
#include "tests/unit/wire/support.hpp"

#include <rapidcheck.h>

#include <set>

using namespace pointman;
using namespace pointman::test;

namespace {

std::string from_code_points(std::vector<std::uint32_t> const& code_points) {
    Bytes utf16 = to_bytes("\xFF\xFE");
    auto const put = [&](std::uint32_t unit) {
        utf16.push_back(static_cast<std::byte>(unit & 0xFFU));
        utf16.push_back(static_cast<std::byte>(unit >> 8U));
    };
    for (auto const c : code_points) {
        if (c < 0x10000) {
            put(c);
        } else {
            put(0xD800 + ((c - 0x10000) >> 10U));
            put(0xDC00 + ((c - 0x10000) & 0x3FFU));
        }
    }
    return unwrap(wire::to_utf8(utf16));
}

/// Characters that XML allows, from every length of UTF-8.
rc::Gen<std::string> xml_text() {
    auto const code_point = rc::gen::oneOf(rc::gen::inRange<std::uint32_t>(0x20, 0x7F),
                                           rc::gen::element<std::uint32_t>('<', '>', '&', '"', '\'', ']'),
                                           rc::gen::inRange<std::uint32_t>(0xA0, 0xD800),
                                           rc::gen::inRange<std::uint32_t>(0xE000, 0xFFFE),
                                           rc::gen::inRange<std::uint32_t>(0x10000, 0x110000),
                                           rc::gen::element<std::uint32_t>('\t', '\n', '\r'));
    return rc::gen::map(rc::gen::container<std::vector<std::uint32_t>>(code_point), from_code_points);
}

/// A field of the header: blanks at its ends are no part of it.
rc::Gen<std::string> field() {
    return rc::gen::map(xml_text(), [](std::string const& text) { return std::string(trim(text)); });
}

rc::Gen<Bytes> bytes() {
    auto const byte =
        rc::gen::map(rc::gen::arbitrary<std::uint8_t>(), [](std::uint8_t b) { return std::byte{b}; });
    return rc::gen::container<Bytes>(byte);
}

std::vector<wire::Property> some_properties() {
    std::vector<wire::Property> result(*rc::gen::inRange<std::size_t>(0, 4));
    for (auto& property : result) property = {.name = *xml_text(), .value = *xml_text()};
    return result;
}

wire::Hook some_hook() {
    return {.element = *rc::gen::element<std::string>("Hook", "Hook2", "Hook3"),
            .name = *field(),
            .properties = some_properties()};
}

wire::Range some_range() {
    return {.offset = *rc::gen::arbitrary<std::size_t>(), .length = *rc::gen::arbitrary<std::size_t>()};
}

wire::Header some_header() {
    wire::Header header;
    if (*rc::gen::arbitrary<bool>()) header.reply_compression = *xml_text();
    header.schema_version = *xml_text();
    header.attachments.resize(*rc::gen::inRange<std::size_t>(0, 3));
    for (auto& attachment : header.attachments)
        attachment = {.name = *xml_text(), .type = *xml_text(), .range = some_range()};
    if (*rc::gen::arbitrary<bool>()) header.body = some_range();
    header.hooks.resize(*rc::gen::inRange<std::size_t>(0, 3));
    for (auto& hook : header.hooks) hook = some_hook();
    for (auto* const text :
         {&header.correlation_id, &header.id, &header.payload_type, &header.priority, &header.protocol,
          &header.allow_registration_reset, &header.reply_mode, &header.reply_to, &header.sent_time,
          &header.source_host, &header.source_id, &header.source_type, &header.target_address,
          &header.target_endpoint, &header.target_host, &header.timeout})
        *text = *field();
    header.properties = some_properties();
    header.unknown.resize(*rc::gen::inRange<std::size_t>(0, 2));
    for (auto& child : header.unknown)
        child = {.name = *rc::gen::element<std::string>("X", "Later"), .value = *field()};
    return header;
}

} // namespace

TEST_CASE("UTF-8 to UTF-16 and back") {
    CHECK(rc::check("any text", [] {
        auto const text = *xml_text();
        auto const units = wire::to_utf16le(text);
        RC_ASSERT(unwrap(wire::to_utf8(utf16_with_mark(text))) == text);
        RC_ASSERT(unwrap(wire::to_utf8(join({as_bytes("\xFE\xFF"), utf16be(text)}))) == text);
        RC_ASSERT(unwrap(wire::to_utf8(join({as_bytes("\xEF\xBB\xBF"), as_bytes(text)}))) == text);
        RC_ASSERT(units.size() % 2 == 0);
    }));
    CHECK(rc::check("any bytes become valid text or an error", [] {
        auto const input = *bytes();
        // Whatever comes out must be UTF-8 itself.
        if (auto const text = wire::to_utf8(input))
            RC_ASSERT(wire::to_utf8(join({as_bytes("\xEF\xBB\xBF"), as_bytes(*text)})).has_value());
        auto const replaced = join({as_bytes("\xFF\xFE"), wire::to_utf16le(as_chars(input))});
        RC_ASSERT(wire::to_utf8(replaced).has_value());
    }));
}

TEST_CASE("zlib round trip") {
    CHECK(rc::check("any bytes, with anything behind them", [] {
        auto const plain = *bytes();
        auto const tail = *bytes();
        RC_ASSERT(unwrap(wire::zlib_decompress(join({wire::zlib_compress(plain), tail}))) == plain);
    }));
}

TEST_CASE("parts come out as they were put in") {
    CHECK(rc::check("any bytes", [] {
        auto const first = *bytes();
        auto const second = *bytes();
        auto const body = multipart(first, second);
        auto const parts = unwrap(wire::split_parts(wire::boundary, body));
        RC_ASSERT(parts.size() == 2U);
        RC_ASSERT(std::ranges::equal(parts[0].content, first));
        RC_ASSERT(std::ranges::equal(parts[1].content, second));
    }));
}

TEST_CASE("a header read back is the header written") {
    CHECK(rc::check("any header", [] {
        auto const header = some_header();
        auto const read = wire::parse_header(wire::write_header(header));
        RC_ASSERT(read.has_value());
        RC_ASSERT(*read == header);
    }));
}

TEST_CASE("a request decodes to what was encoded") {
    auto const key = wire::PrivateKey::generate(1024);
    CHECK(rc::check("any text and attachments", [&] {
        auto const xml = "<Report>" + *xml_text() + "</Report>";
        wire::OutgoingRequest request{
            .header = {}, .xml = xml, .attachments = {}, .compress = {}, .sign = {}};
        request.header.target_endpoint = "MP_DdrEndpoint";
        request.header.id = *field();
        request.compress = *rc::gen::arbitrary<bool>();
        bool const is_signed = *rc::gen::arbitrary<bool>();
        if (is_signed)
            request.sign = [&](BytesView payload) {
                return wire::make_client_auth(key, "GUID:X", "PC", payload);
            };
        auto const count = *rc::gen::inRange<std::size_t>(0, 4);
        for (std::size_t i = 0; i < count; ++i)
            request.attachments.push_back({.name = "a" + std::to_string(i), .bytes = *bytes()});
        auto const sent = request;

        auto const body = wire::encode_request(std::move(request));
        auto envelope = decode_envelope(wire::content_type, body);
        auto const payload = unwrap(wire::decrypted_payload(envelope, {}));
        RC_ASSERT(envelope.header.id == sent.header.id);
        RC_ASSERT(envelope.header.is_compressed() == sent.compress);
        auto const* const hook = envelope.header.hook("clientauth");
        RC_ASSERT((hook != nullptr) == is_signed);
        if (hook != nullptr)
            RC_ASSERT(verify_client_auth(*hook, key.public_key(), "GUID:X", payload).has_value());

        auto const message = unwrap(wire::open(std::move(envelope.header), payload));
        RC_ASSERT(text_of(message.body()) == xml);
        auto const attachments = message.attachments();
        RC_ASSERT(attachments.size() == sent.attachments.size());
        for (std::size_t i = 0; i < attachments.size(); ++i) {
            RC_ASSERT(attachments[i].name == sent.attachments[i].name);
            RC_ASSERT(std::ranges::equal(attachments[i].bytes, sent.attachments[i].bytes));
        }
    }));
}

TEST_CASE("a reply decodes to what was encoded") {
    CHECK(rc::check("any text", [] {
        wire::Header request;
        request.id = *field();
        request.reply_to = *field();
        if (*rc::gen::arbitrary<bool>()) request.reply_compression = "none";
        auto const xml = "<Reply>" + *xml_text() + "</Reply>";
        auto const body = wire::encode_reply(request, xml, {"{1}", "2026-11-22T23:17:35Z", "MP1"});
        auto const reply = unwrap(wire::decode_reply(wire::content_type, body));
        RC_ASSERT(reply.xml == xml);
        RC_ASSERT(reply.header.has_value());
        RC_ASSERT(reply.header->correlation_id == request.id);
        RC_ASSERT(reply.header->target_address == request.reply_to);
    }));
}

namespace {

std::vector<Capture> const& recorded_requests() {
    static auto const captures = [] {
        std::vector<Capture> result;
        for (auto const* number : {"pxethief/02", "sccmhunter/08", "sccmwtf/01", "sdk/10", "sdk/16", "sdk/19",
                                   "sdk/40", "sdk/43", "sdk/47"})
            result.push_back(load_capture(number));
        return result;
    }();
    return captures;
}

void read_to_the_end(std::string_view content_type, BytesView body) {
    auto decoded = wire::decode(content_type, body);
    (void)wire::decode_reply(content_type, body);
    if (!decoded || !std::holds_alternative<wire::Envelope>(*decoded)) return;
    auto& envelope = std::get<wire::Envelope>(*decoded);
    auto const payload = wire::decrypted_payload(
        envelope, [](BytesView b) -> Result<Bytes> { return Bytes(b.begin(), b.end()); });
    if (!payload) return;
    auto const message = wire::open(std::move(envelope.header), *payload);
    if (!message) return;
    auto const whole = message->payload();
    for (auto const& range : message->ranges())
        RC_ASSERT(range.empty() || (range.data() >= whole.data() &&
                                    range.data() + range.size() <= whole.data() + whole.size()));
    for (auto const& attachment : message->attachments()) RC_ASSERT(attachment.bytes.size() <= whole.size());
}

} // namespace

TEST_CASE("damaged requests are read or refused, never worse") {
    CHECK(rc::check("bits flipped, pieces removed and repeated", [] {
        auto const& capture =
            recorded_requests()[*rc::gen::inRange<std::size_t>(0, recorded_requests().size())];
        auto body = capture.body;
        auto const changes = *rc::gen::inRange(1, 6);
        for (int i = 0; i < changes && !body.empty(); ++i) {
            auto const at = *rc::gen::inRange<std::size_t>(0, body.size());
            auto const place = body.begin() + static_cast<std::ptrdiff_t>(at);
            auto const length = *rc::gen::inRange<std::size_t>(0, 64);
            auto const end = place + static_cast<std::ptrdiff_t>(std::min(length, body.size() - at));
            switch (*rc::gen::inRange(0, 4)) {
            case 0:
                *place ^= std::byte{1} << *rc::gen::inRange(0U, 8U);
                break;
            case 1:
                body.erase(place, end);
                break;
            case 2: {
                Bytes const piece(place, end);
                body.insert(place, piece.begin(), piece.end());
                break;
            }
            default:
                body.resize(at);
                break;
            }
        }
        read_to_the_end(*rc::gen::arbitrary<bool>() ? capture.content_type : std::string(), body);
    }));
}

TEST_CASE("any bytes are read or refused, never worse") {
    CHECK(rc::check("decode", [] { read_to_the_end(wire::content_type, *bytes()); }));
    CHECK(rc::check("as the first part",
                    [] { read_to_the_end(wire::content_type, multipart(*bytes(), *bytes())); }));
    CHECK(rc::check("content type", [] { (void)wire::boundary_of(*rc::gen::arbitrary<std::string>()); }));
}
