// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "endpoints/policy/decision.hpp"
#include "endpoints/policy/request.hpp"
#include "endpoints/policy/signatures.hpp"

#include <string>
#include <string_view>

namespace pointman::endpoints::policy {

/// Who signs the assignments, and how; in mixed mode nobody does.
struct Signer {
    Signatures* signatures = nullptr;
    wire::Digest digest = wire::Digest::sha256;
};

/// `ReplyAssignments` (policy.md 3): the identity of the request, the site's own code, and the assignments
/// word for word as they are kept. What is no full reply is called as the request calls it (policy.md 4.4):
/// `OnUpdate` where it says so, else `Delta`.
std::string reply_assignments(PolicyRequest const& request, Told const& told, std::string_view site_code,
                              Signer const& signer);

} // namespace pointman::endpoints::policy
