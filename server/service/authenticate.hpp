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
    std::optional<db::Medium> medium; ///< the boot medium that asks for a computer that is not registered
    /// The whole message is proven, by its signature or by the operating system; a token proves only who
    /// sends it.
    bool signature_verified = false;
};

/// What the connection says of the sender, and when.
struct Transport {
    BytesView certificate; ///< DER of the TLS client certificate, where it is trusted; empty = none
    endpoints::Trusts const& trusts;
    TimePoint received;
    /// The operating system vouches for it: it comes from root or the daemon's own user, over the local
    /// socket.
    bool by_operator = false;
};

/// Decides who sent the message and whether that is proven as far as the endpoint demands (interfaces.md,
/// "signatures demanded"). The key registered for SourceID decides, never the one inside the hook; a proxied
/// client's messages are signed by its proxy. A blocked client is refused before any signature is looked at.
/// Where the endpoint takes it, a client token stands in for the signature: of the registered client, or of a
/// boot medium that is known, whose SourceID is then nobody's. In native mode the certificate of the
/// connection is looked at too (native_mode.hpp). A message of the operator counts as signed by a client that
/// is registered and not blocked; one that is signed is verified like any other. Fails with unknown_client,
/// blocked or bad_signature.
Result<Authentication> authenticate(config::Settings const& settings, endpoints::EndpointInfo const& info,
                                    wire::Header const& header, BytesView signed_payload,
                                    Transport const& transport, db::Session& session);

} // namespace pointman::service
