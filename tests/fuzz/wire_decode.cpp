// SPDX-License-Identifier: Apache-2.0
// A request's body on its way to the endpoint: multipart, Msg header, hooks, zlib, ranges.
#include "server/wire/message.hpp"

#include <cstdint>
#include <cstdlib>
#include <span>

namespace {

using namespace pointman;

// Small, so that the fuzzer reaches the bounds and does not spend its time on inflating.
constexpr wire::Limits limits{.max_inflated = 1U << 20U, .max_ratio = 100, .max_attachments = 64};

bool inside(BytesView part, BytesView whole) {
    return part.empty() ||
           (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void require(bool condition) {
    if (!condition) std::abort();
}

void open_envelope(wire::Envelope& envelope) {
    auto const plain = [](BytesView bytes) -> Result<Bytes> { return Bytes(bytes.begin(), bytes.end()); };
    auto const signed_payload = wire::decrypted_payload(envelope, plain);
    if (!signed_payload) return;
    auto const message = wire::open(std::move(envelope.header), *signed_payload, limits);
    if (!message) return;
    require(message->payload().size() <= limits.max_inflated || !message->header().is_compressed());
    require(inside(message->body(), message->payload()));
    for (auto const& attachment : message->attachments())
        require(inside(attachment.bytes, message->payload()));
    for (auto const& range : message->ranges()) require(inside(range, message->payload()));
}

void decode_as(std::string_view content_type, BytesView body) {
    auto decoded = wire::decode(content_type, body, limits);
    if (!decoded) return;
    if (auto* envelope = std::get_if<wire::Envelope>(&*decoded)) {
        require(inside(envelope->payload, body) && inside(envelope->document, body));
        auto const whole = wire::put_together(envelope->document, envelope->payload);
        require(wire::decode(whole.content_type, whole.body, limits).has_value());
        require(!envelope->header.endpoint().empty());
        open_envelope(*envelope);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const body = std::as_bytes(std::span(data, size));
    decode_as(wire::content_type, body);
    decode_as("", body);
    // The first line as the header's value: the way to the parameter parser.
    auto const text = as_chars(body);
    decode_as(text.substr(0, text.find('\n')), body);
    (void)wire::decode_reply(wire::content_type, body, limits);
    (void)wire::parse_header(body, limits);
    return 0;
}
