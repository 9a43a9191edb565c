// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "db/clients.hpp"
#include "endpoints/endpoint.hpp"

#include <optional>

namespace pointman::service {

/// What is known of the sender once the message is admitted.
struct Authentication {
    std::optional<db::Client> sender; ///< the registered client that SourceID names
    bool signature_verified = false;
};

/// Decides who sent the message and whether that is proven as far as the endpoint demands (interfaces.md,
/// "signatures demanded"). The key registered for SourceID decides, never the one inside the hook; a proxied
/// client's messages are signed by its proxy. A blocked client is refused before any signature is looked at.
/// Fails with unknown_client, blocked or bad_signature.
Result<Authentication> authenticate(config::Settings const& settings, endpoints::EndpointInfo const& info,
                                    wire::Header const& header, BytesView signed_payload,
                                    db::Session& session);

} // namespace pointman::service
