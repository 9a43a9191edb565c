// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/clients.hpp"
#include "endpoints/registration/request.hpp"

#include <optional>

namespace pointman::endpoints::registration {

/// Which client a registration speaks for.
struct Identity {
    ClientId id;
    std::optional<db::Client> known;   ///< its record, where it is registered already
    std::optional<ClientId> contested; ///< the SMSID that it asked for and that belongs to another client
};

/// For a client that signs with its own key. One key is one client (registration.md 4.1, 4.2):
///
///   key      SMSID asked for                  result
///   known    none, its own, or an unused one  the known client. For another unused SMSID the page has no
///   rule; a second
///                                             record with the same key would make two of one client
///   known    another client's                 the known client; contested
///   new      none                             a new SMSID
///   new      unused                           the SMSID asked for
///   new      another's, hint verifies         that client, which gets the new key
///   new      another's, no or bad hint        a new SMSID; contested, the old record stays as it is
Result<Identity> own_identity(Request const& request, db::Clients const& clients);

/// For a client behind an ISV proxy. All of them share the proxy's key, so the key says nothing; the proxy
/// vouches for the SMSID. Without one that is free or the client's own, name and hardware id tell whether it
/// was here before.
Result<Identity> proxied_identity(Request const& request, db::Clients const& clients);

/// Whether the request's RegistrationHint is a signature of `id` under the key that is registered for it.
/// Nobody published the exact bytes: all spellings of the id, with and without a NUL, and all hashes are
/// tried (registration.md 5, 9).
bool hint_verifies(Request const& request, db::Client const& registered);

} // namespace pointman::endpoints::registration
