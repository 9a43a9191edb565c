// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "db/clients.hpp"
#include "db/media.hpp"
#include "server/wire/token.hpp"

#include <optional>
#include <string_view>
#include <variant>

namespace pointman::service {

/// What a request for a policy body brings to say who asks (policy.md 5). Texts are "" where absent.
struct BodyCredentials {
    std::string_view token; ///< the header ClientToken
    std::string_view token_signature;
    wire::SignedHeaders signed_headers; ///< CCMClientID and those beside it
    BytesView certificate;              ///< DER of the TLS client certificate, where it is trusted
};

/// Who asks, proven.
using Requester = std::variant<db::Client, db::Medium>;

/// Signed headers go before the certificate; the newer ones before the older. Says nothing about approval.
/// Nothing where the request brings nothing. Fails with bad_signature, or with unknown_client where nobody
/// with that key is known.
Result<std::optional<Requester>> authenticate_body_request(config::Settings::Security const& security,
                                                           BodyCredentials const& credentials, TimePoint now,
                                                           db::Session& session);

} // namespace pointman::service
