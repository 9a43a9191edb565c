// SPDX-License-Identifier: Apache-2.0
#include "server/service/body_request.hpp"

#include "server/service/client_token.hpp"

#include <algorithm>

namespace pointman::service {

namespace {

Result<std::optional<wire::ClientToken>> read_credentials(BodyCredentials const& credentials) {
    auto const& headers = credentials.signed_headers;
    if (!credentials.token.empty()) return wire::read_token(credentials.token, credentials.token_signature);
    if (!headers.id.empty()) return wire::read_signed_headers(headers);
    return std::nullopt;
}

Result<Requester> requester_by_token(wire::ClientToken const& token, db::Session& session) {
    if (auto const id = ClientId::parse(token.identity)) {
        auto client = db::Clients(session).find(*id);
        if (!client) return std::unexpected(std::move(client.error()));
        if (*client) {
            if (auto verified = verify_token(token, **client, session); !verified)
                return std::unexpected(std::move(verified.error()));
            return std::move(**client);
        }
    }
    return medium_of(token, session);
}

Result<Requester> requester_by_certificate(BytesView certificate, db::Session& session) {
    auto const key = wire::PublicKey::from_certificate(certificate);
    if (!key) return std::unexpected(key.error());
    auto client = db::Clients(session).find_by_key(key->sha256());
    if (!client) return std::unexpected(std::move(client.error()));
    if (*client && std::ranges::equal((*client)->signing_certificate, certificate))
        return std::move(**client);
    auto media = db::Media(session).list();
    if (!media) return std::unexpected(std::move(media.error()));
    for (auto& medium : *media) {
        if (std::ranges::equal(medium.certificate, certificate)) return std::move(medium);
    }
    return fail(Code::unknown_client, "no client and no boot medium has this certificate");
}

} // namespace

Result<std::optional<Requester>> authenticate_body_request(config::Settings::Security const& security,
                                                           BodyCredentials const& credentials, TimePoint now,
                                                           db::Session& session) {
    auto const token = read_credentials(credentials);
    if (!token) return std::unexpected(token.error());
    if (*token) {
        if (auto fresh = wire::check_token_age(**token, now, security.token_tolerance); !fresh)
            return std::unexpected(std::move(fresh.error()));
        return requester_by_token(**token, session);
    }
    if (credentials.certificate.empty()) return std::nullopt;
    return requester_by_certificate(credentials.certificate, session);
}

} // namespace pointman::service
