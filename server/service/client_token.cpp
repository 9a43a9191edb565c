// SPDX-License-Identifier: Apache-2.0
#include "server/service/client_token.hpp"

#include "server/service/signer.hpp"

#include <fmt/format.h>

namespace pointman::service {

Result<db::Client> signer_of(db::Client const& client, db::Session& session) {
    if (!client.proxy) return client;
    auto proxy = db::Clients(session).find(*client.proxy);
    if (!proxy) return std::unexpected(proxy.error());
    if (!*proxy) return fail(Code::bad_signature, "the proxy that signs for this client is not registered");
    if ((*proxy)->approval == db::Approval::blocked)
        return fail(Code::blocked, "the client's proxy is blocked");
    return std::move(**proxy);
}

Result<void> verify_token(wire::ClientToken const& token, db::Client const& sender, db::Session& session) {
    auto const id = ClientId::parse(token.identity);
    if (!id || *id != sender.id) {
        return fail(Code::bad_signature,
                    fmt::format("the token is of {}, not of {}", token.identity, sender.id.text()));
    }
    auto const signer = signer_of(sender, session);
    if (!signer) return std::unexpected(signer.error());
    auto const key = key_of(signer->key_sha256, signer->key_spki);
    if (!key) return std::unexpected(key.error());
    if (wire::token_is_signed_by(token, *key)) return {};
    return fail(Code::bad_signature, "client token not accepted", "its signature does not verify");
}

Result<db::Medium> medium_of(wire::ClientToken const& token, db::Session& session) {
    auto media = db::Media(session).list();
    if (!media) return std::unexpected(media.error());
    if (media->empty()) {
        return fail(Code::unknown_client,
                    fmt::format("{} is not registered, and no boot media are known", token.identity));
    }
    for (auto& medium : *media) {
        auto const key = key_of(medium.key_sha256, medium.key_spki);
        if (!key) return std::unexpected(key.error());
        if (wire::token_is_signed_by(token, *key)) return std::move(medium);
    }
    return fail(Code::bad_signature, "the token is signed by none of the boot media that are known");
}

} // namespace pointman::service
