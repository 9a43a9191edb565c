// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "schemas/document.hpp"
#include "server/wire/signature.hpp"

#include <pointman/policy.hpp>

namespace pointman::client {

/// `RequestAssignments` of the client with that id.
std::string policy_request(std::string_view smsid, Agent const& agent, PolicyRequest const& request);

HttpHeaders token_headers(std::string_view smsid, wire::PrivateKey const& key, Time now);

/// What a location names behind its host, whatever that is: `http://<mp>/SMS_MP/.sms_pol?...`. Fails with
/// bad_reply.
Result<std::string> target_of_policy(std::string_view location);

/// From a `PolicyAssignment` element. Fails with bad_reply.
Result<PolicyAssignment> read_policy_assignment(schemas::Element const& element);

/// The `Condition` of an assignment or of a rule.
PolicyCondition read_condition(schemas::Element const& parent);

} // namespace pointman::client
