// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "schemas/document.hpp"

#include <pointman/policy.hpp>

namespace pointman::client {

/// From a `PolicyAssignment` element. Fails with bad_reply.
Result<PolicyAssignment> read_policy_assignment(schemas::Element const& element);

/// Text of the first expression in the `Condition` of an assignment or a rule; "" = always.
std::string condition_text(schemas::Element const& parent);

} // namespace pointman::client
