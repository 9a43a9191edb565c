// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/clients.hpp"
#include "endpoints/endpoint.hpp"

#include <optional>

namespace pointman::service {

/// What native mode demands beside the signature (interfaces.md, "signatures demanded").
struct NativeMode {
    endpoints::EndpointInfo const& info;
    wire::Header const& header;
    /// Of the TLS client, trusted. Empty: altauth, the local socket, or a replay from the quarantine.
    BytesView certificate;
    endpoints::Trusts const& trusts;

    /// Over TLS with a certificate, what the endpoint demands. Without one the signature is all the proof
    /// there is, whatever the endpoint.
    endpoints::Proof proof() const;

    /// Whether the connection's certificate is the one registered for the client, or for its proxy. Without
    /// a certificate the registered one must still be trusted: altauth is no way around a revocation. Fails
    /// with unknown_client or bad_signature.
    Result<void> check(std::optional<db::Client> const& sender, db::Session& session) const;

    /// Whether the connection may be that boot medium's: it shows the medium's certificate, or none
    /// (altauth).
    bool may_come_from(db::Medium const& medium) const;

private:
    bool may_be_anonymous() const;
};

} // namespace pointman::service
