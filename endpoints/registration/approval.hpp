// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "db/clients.hpp"

#include <string_view>

namespace pointman::endpoints::registration {

/// Whether `account` (`DOMAIN\HOST$`) is the machine account of the computer with that NetBIOS name.
///
/// registration.md 4.6 says only "a valid domain machine account". Taking any would let one computer of the
/// domain, or whoever holds its password, approve clients under other names, so the account must be that of
/// the computer that registers. Names are compared without case by their first 15 characters, as NetBIOS cuts
/// them.
bool is_machine_account_of(std::string_view account, std::string_view netbios_name);

struct Approved {
    db::Approval approval = db::Approval::pending;
    std::string_view method; ///< "", "automatic", "integrated"
};

/// What the site grants a client that nobody has judged yet.
Approved approval_for(config::AutoApprove rule, std::string_view account, std::string_view netbios_name);

} // namespace pointman::endpoints::registration
