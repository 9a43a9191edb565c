// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "schemas/document.hpp"

#include <pointman/policy.hpp>

namespace pointman::client {

/// From a `PolicyAssignment` element. Fails with bad_reply.
Result<PolicyAssignment> read_policy_assignment(schemas::Element const& element);

} // namespace pointman::client
