// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/clients.hpp"
#include "db/media.hpp"
#include "server/wire/token.hpp"

namespace pointman::service {

/// Who signs for the client: itself, or its proxy as that is now. Fails with bad_signature where the proxy is
/// not registered, with blocked where it is blocked.
Result<db::Client> signer_of(db::Client const& client, db::Session& session);

/// Whether the token is that client's. Fails with bad_signature.
Result<void> verify_token(wire::ClientToken const& token, db::Client const& sender, db::Session& session);

/// The boot medium whose key signed the token. The identity in it is the medium's own, which nobody
/// registers; the key alone tells. Fails with unknown_client where no media are known, else with
/// bad_signature.
Result<db::Medium> medium_of(wire::ClientToken const& token, db::Session& session);

} // namespace pointman::service
