// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "db/policies.hpp"

#include <string>
#include <string_view>

namespace pointman::endpoints::policy {

/// The `PolicyAssignment` element, UTF-8. It is kept word for word and signed, so equal arguments give equal
/// text. `<mp>` stands in the location as it is: the client puts its management point there (wire.md 8.1).
/// `condition` is WQL, perhaps below a line such as `@root\ccm`; "" = none. Hashes are MD5 and SHA-1 of the
/// body as it is served, before it is encrypted to a client (policy.md 5).
std::string assignment_text(db::Policy const& policy, std::string_view assignment_id,
                            std::string_view condition, config::SiteMode mode);

/// The part of the location behind `.sms_pol?`: the dot of the version is an underscore there.
std::string location_query(std::string_view policy_id, std::string_view version);

} // namespace pointman::endpoints::policy
