// SPDX-License-Identifier: Apache-2.0
#include "server/service/authenticate.hpp"

#include "server/service/client_token.hpp"
#include "server/service/native_mode.hpp"
#include "server/service/signer.hpp"

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
    return db::Clients(session).find_brief(*id);
}

/// The text of a hook that holds a token and no signature of the message.
std::optional<std::string_view> token_of(wire::Hook const* hook) {
    if (hook == nullptr || hook->property("PayloadSignature")) return std::nullopt;
    return hook->property("Token");
}

/// Cheap checks first: form and age before any key is looked for.
Result<wire::ClientToken> read_fresh_token(std::string_view property, TimePoint now,
                                           std::chrono::seconds tolerance) {
    auto token = wire::read_token_property(property);
    if (!token) return token;
    if (auto fresh = wire::check_token_age(*token, now, tolerance); !fresh)
        return std::unexpected(std::move(fresh.error()));
    return token;
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

    Authentication result{std::move(*sender), {}, false};
    if (proof == Proof::own) return result;
    if (result.sender && result.sender->approval == db::Approval::blocked) {
        return fail(Code::blocked, fmt::format("client {} is blocked", result.sender->id.text()));
    }
    auto const* hook = header.hook("clientauth");
    bool const verifying = settings.security.require_signature != RequireSignature::never;
    std::optional<wire::ClientToken> token;
    if (auto const property = token_of(hook); property && info.takes_token && verifying) {
        auto read = read_fresh_token(*property, transport.received, settings.security.token_tolerance);
        if (!read) return std::unexpected(std::move(read.error()));
        token = std::move(*read);
    }
    if (token && !result.sender) {
        auto medium = medium_of(*token, session);
        if (!medium) return std::unexpected(std::move(medium.error()));
        if (native && !native->may_come_from(*medium))
            return fail(Code::bad_signature, "the TLS client's certificate is not the boot medium's");
        result.medium = std::move(*medium);
        return result;
    }
    if (native) {
        if (auto checked = native->check(result.sender, session); !checked)
            return std::unexpected(std::move(checked.error()));
    }
    if (proof == Proof::signature) {
        if (!result.sender) {
            return fail(Code::unknown_client, header.source_id.empty()
                                                  ? std::string("the message names no sender")
                                                  : fmt::format("{} is not registered", header.source_id));
        }
        if (hook == nullptr && !transport.by_operator)
            return fail(Code::bad_signature, "the message is not signed, and this endpoint demands it");
    }
    // A signature by a sender that is not registered cannot be checked; where none is demanded it is as if it
    // were absent. So is a token where it says nothing.
    if (!result.sender || !verifying) return result;
    if (hook == nullptr) {
        result.signature_verified = transport.by_operator;
        return result;
    }
    if (token) {
        if (auto verified = verify_token(*token, *result.sender, session); !verified)
            return std::unexpected(std::move(verified.error()));
        return result;
    }
    if (proof == Proof::none && token_of(hook)) return result;

    auto const signer = signer_of(*result.sender, session);
    if (!signer) return std::unexpected(signer.error());
    auto verified = verify_signatures(*hook, *signer, header.source_id, signed_payload, info.delivery);
    if (!verified) return std::unexpected(std::move(verified.error()));
    result.signature_verified = true;
    return result;
}

} // namespace pointman::service
