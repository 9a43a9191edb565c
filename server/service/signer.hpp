// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/clients.hpp"
#include "endpoints/endpoint.hpp"
#include "server/wire/client_auth.hpp"

#include <string_view>

namespace pointman::service {

/// The signing key of a client, proxy or boot medium as the database keeps it, ready for use. Each thread
/// remembers the keys that it has used: to take one out of its DER costs as much as a verification.
Result<wire::PublicKey> key_of(std::string_view key_sha256, BytesView key_spki);

/// Verifies the clientauth hook of a message with the registered key of who signed it (wire.md 6). Each
/// thread remembers what was good: a client sends the same id signature with every message, and the same
/// payload with the same signature whenever it asks for policy and has no new cookie; what it posts it posts
/// once. Fails with bad_signature; the detail says which signature and why.
Result<void> verify_signatures(wire::Hook const& hook, db::Client const& signer, std::string_view source_id,
                               BytesView signed_payload, endpoints::Delivery delivery);

} // namespace pointman::service
