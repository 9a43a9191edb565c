// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <pointman/policy.hpp>

namespace pointman::client {

/// Whether the bytes of a body, without an envelope, have the digests that the assignment names. Fails with
/// bad_reply: the message says which digest differs.
Result<void> check_policy_hashes(BytesView body, PolicyAssignment const& assignment);

} // namespace pointman::client
