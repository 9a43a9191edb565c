// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "endpoints/policy/request.hpp"

#include <string>
#include <string_view>

namespace pointman::endpoints {

/// `ReplyAssignments` of a site that has nothing assigned (policy.md 3, interfaces.md "nothing assigned"):
/// always Full, which is right for a delta too, with the identity of the request and the site's own code.
std::string no_assignments(PolicyRequest const& request, std::string_view site_code);

} // namespace pointman::endpoints
