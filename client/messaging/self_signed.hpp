// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/wire/signature.hpp"

#include <pointman/identity.hpp>

namespace pointman::client {

/// PEM of a certificate that is signed with its own key.
std::string self_signed_certificate(wire::PrivateKey const& key, IdentityTerms const& terms);
Bytes self_signed_certificate_der(wire::PrivateKey const& key, IdentityTerms const& terms);

} // namespace pointman::client
