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
    bool is_new = false; ///< the SMSID is another than before
};

/// Confirms the registration that is there, or registers: with the site that the management point is of,
/// where none is known. A client that gets another SMSID forgets what it has reported under the former one.
/// Fails with access_denied where the management point rejects the client.
Result<Registration> ensure_registration(LocalClient& client);

} // namespace pointman::client::agent
