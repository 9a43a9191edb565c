// SPDX-License-Identifier: Apache-2.0
// MP_ClientRegistration.
#pragma once

#include <pointman/session.hpp>

namespace pointman::client {

enum class RegistrationStatus : std::uint8_t {
    registered = 0,
    pending = 1,           ///< ask again with a confirmation, in 30 seconds to five minutes
    reset = 2,             ///< register again
    rejected = 3,          ///< blocked, or the request was wrong
    certificate_reset = 4, ///< make another key, and register again
};

struct RegistrationReply {
    RegistrationStatus status = RegistrationStatus::rejected;
    std::string smsid; ///< with registered and pending
    std::optional<int> approval =
        {}; ///< -1 unknown, 0 pending, 1 approved, 2 not applicable; later servers only
};

/// `ClientRegistrationRequest`, signed with the identity's key. `former` proves, where the key is another
/// than the registered one, that the same client asks (RegistrationHint).
POINTMAN_API std::string registration_request(Identity const& identity, Agent const& agent, Time now,
                                              std::optional<Credentials> const& former = {});
POINTMAN_API std::string confirmation_request(Identity const& identity, Agent const& agent, Time now);
/// Fails with bad_reply.
POINTMAN_API Result<RegistrationReply> read_registration_reply(std::string_view xml);

/// Registers, or registers again; the identity remembers the SMSID.
POINTMAN_API Result<RegistrationReply> register_client(Session const& session,
                                                       std::optional<Credentials> const& former = {});
/// Asks whether the registration holds.
POINTMAN_API Result<RegistrationReply> confirm_registration(Session const& session);

} // namespace pointman::client
