// SPDX-License-Identifier: Apache-2.0
#include "server/service/authenticate.hpp"

#include "server/service/native_mode.hpp"
#include "server/wire/client_auth.hpp"

#include <fmt/format.h>

namespace pointman::service {

namespace {

using config::RequireSignature;
using endpoints::Proof;

Proof demanded(config::Settings const& settings, endpoints::EndpointInfo const& info,
               std::optional<NativeMode> const& native) {
    if (info.mixed == Proof::own) return Proof::own;
    switch (settings.security.require_signature) {
    case RequireSignature::always:
        return Proof::signature;
    case RequireSignature::never:
        return Proof::none;
    case RequireSignature::endpoint:
        break;
    }
    return native ? native->proof() : info.mixed;
}

Result<std::optional<db::Client>> find_sender(std::string_view source_id, db::Session& session) {
    auto const id = ClientId::parse(source_id);
    if (!id) return std::nullopt;
    return db::Clients(session).find(*id);
}

/// The key that signs for the client: its own, or that of its proxy as it is now.
Result<wire::PublicKey> signing_key(db::Client const& client, db::Session& session) {
    if (client.proxy) {
        auto proxy = db::Clients(session).find(*client.proxy);
        if (!proxy) return std::unexpected(proxy.error());
        if (!*proxy)
            return fail(Code::bad_signature, "the proxy that signs for this client is not registered");
        if ((*proxy)->approval == db::Approval::blocked)
            return fail(Code::blocked, "the client's proxy is blocked");
        return wire::PublicKey::from_spki((*proxy)->key_spki);
    }
    return wire::PublicKey::from_spki(client.key_spki);
}

} // namespace

Result<Authentication> authenticate(config::Settings const& settings, endpoints::EndpointInfo const& info,
                                    wire::Header const& header, BytesView signed_payload,
                                    Transport const& transport, db::Session& session) {
    std::optional<NativeMode> native;
    if (settings.site.mode == config::SiteMode::native)
        native.emplace(info, header, transport.certificate, transport.trusts);
    auto const proof = demanded(settings, info, native);
    auto sender = find_sender(header.source_id, session);
    if (!sender) return std::unexpected(sender.error());

    Authentication result{std::move(*sender), false};
    if (proof == Proof::own) return result;
    if (result.sender && result.sender->approval == db::Approval::blocked) {
        return fail(Code::blocked, fmt::format("client {} is blocked", result.sender->id.text()));
    }
    if (native) {
        if (auto checked = native->check(result.sender, session); !checked)
            return std::unexpected(std::move(checked.error()));
    }
    auto const* hook = header.hook("clientauth");
    if (proof == Proof::signature) {
        if (!result.sender) {
            return fail(Code::unknown_client, header.source_id.empty()
                                                  ? std::string("the message names no sender")
                                                  : fmt::format("{} is not registered", header.source_id));
        }
        if (hook == nullptr)
            return fail(Code::bad_signature, "the message is not signed, and this endpoint demands it");
    }
    // A signature by a sender that is not registered cannot be checked; where none is demanded it is as if it
    // were absent.
    if (hook == nullptr || !result.sender || settings.security.require_signature == RequireSignature::never)
        return result;

    auto const key = signing_key(*result.sender, session);
    if (!key) return std::unexpected(key.error());
    if (auto verified = wire::verify_client_auth(*hook, *key, header.source_id, signed_payload); !verified) {
        return std::unexpected(verified.error());
    }
    result.signature_verified = true;
    return result;
}

} // namespace pointman::service
