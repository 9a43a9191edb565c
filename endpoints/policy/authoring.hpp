// SPDX-License-Identifier: Apache-2.0
// What operators do to policy, each within the caller's transaction. The texts of assignments follow.
#pragma once

#include "config/settings.hpp"
#include "db/policies.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace pointman::endpoints::policy {

/// Bytes of a condition at most, in UTF-8.
constexpr std::size_t most_condition = 4096;

/// Makes it the current version, for those to whom the policy is assigned too. Returns whether there was
/// anything to do. Fails like db::Policies::add.
Result<bool> add_policy(db::Transaction& transaction, db::Policy const& policy, BytesView content,
                        config::SiteMode mode);

/// Returns the assignment, which is the known one where that policy is assigned to that target under that
/// condition already. Fails with not_found for a policy that is not known, with usage for a condition that
/// is too long, holds control characters or is no text for XML.
Result<db::PolicyAssignment> assign(db::Transaction& transaction, std::string_view policy_id,
                                    db::PolicyTarget const& target, std::string_view condition,
                                    config::SiteMode mode);

/// Gives every assignment the text that it would get today: in another mode of the site locations are others.
/// Returns how many changed.
Result<std::size_t> renew_texts(db::Transaction& transaction, config::SiteMode mode);

} // namespace pointman::endpoints::policy
