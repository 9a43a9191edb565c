// SPDX-License-Identifier: Apache-2.0
#include "client/messaging/reply.hpp"

#include "client/transport/failure.hpp"
#include "server/wire/client_auth.hpp"

#include <algorithm>

namespace pointman::client {

namespace {

Result<void> verify(std::string_view content_type, BytesView body,
                    std::vector<wire::PublicKey> const& signers, wire::Limits const& limits) {
    auto const decoded = wire::decode(content_type, body, limits);
    auto const* const envelope = decoded ? std::get_if<wire::Envelope>(&*decoded) : nullptr;
    auto const* const hook = envelope == nullptr ? nullptr : envelope->header.hook("clientauth");
    if (hook == nullptr) return fail(Code::bad_signature, "the reply is not signed");
    bool const known = std::ranges::any_of(signers, [&](wire::PublicKey const& key) {
        return wire::verify_payload_signature(*hook, key, envelope->payload).has_value();
    });
    if (!known) return fail(Code::bad_signature, "none of the known management points has signed the reply");
    return {};
}

} // namespace

Result<Message> read_reply(HttpReply const& reply, std::vector<wire::PublicKey> const& signers,
                           std::size_t max_inflated) {
    wire::Limits limits;
    limits.max_inflated = max_inflated;
    auto const content_type = reply.header("Content-Type");
    auto const body = as_bytes(reply.body);
    auto decoded = wire::decode_reply(content_type, body, limits);
    if (!decoded) return fail(Code::bad_reply, decoded.error());
    if (decoded->xml.empty())
        return fail(
            Code::no_reply,
            "the management point gave no reply; it refuses messages in this way, too: its log says why");
    if (!signers.empty()) {
        if (auto const verified = verify(content_type, body, signers, limits); !verified)
            return std::unexpected(verified.error());
    }
    Message message;
    message.set_body_from_string(decoded->xml);
    if (decoded->header) {
        message.set_target_endpoint(std::string(decoded->header->endpoint()));
        message.set_client_id(decoded->header->source_id);
        for (auto& property : decoded->header->properties)
            message.set_property(std::move(property.name), std::move(property.value));
    }
    return message;
}

} // namespace pointman::client
