// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/agent/local_client.hpp"

#include <pointman/registration.hpp>

namespace pointman::client::agent {

enum class Standing : std::uint8_t {
    approved, ///< or approval is nothing that this site has
    waiting,  ///< the record is being made, or an administrator has to approve it
};

struct Registration {
    std::string smsid;
    Standing standing = Standing::waiting;
    bool is_new = false; ///< made just now, in place of none or of one that the site does not know
};

/// Confirms the registration that is there, or registers: with the site that the management point is of,
/// where none is known. A client that registers forgets what it has reported before: the site does not know
/// it. Fails with access_denied where the management point rejects the client.
Result<Registration> ensure_registration(LocalClient& client);

} // namespace pointman::client::agent
