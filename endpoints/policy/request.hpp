// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"
#include "db/policies.hpp"
#include "endpoints/policy/decision.hpp"
#include "schemas/document.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pointman::endpoints::policy {

/// `RequestAssignments` (policy.md 2). Texts as sent without white space around them; "" where absent.
struct PolicyRequest {
    struct Machine {
        std::string client_id;
        std::string netbios_name;
        std::string fqdn;
        std::string sid;
    };
    struct User {
        std::string nt4_name;
        std::string sid;
        std::vector<std::string> groups; ///< SIDs
    };

    Scope scope = Scope::full;
    std::string request_type; ///< as sent
    std::string policy_source;
    Machine machine;
    std::optional<User> user; ///< absent too for the empty `User` that machines send along
    db::PolicyResource resource = db::PolicyResource::machine;
    std::string cookie; ///< ServerCookie, of the request or else of its user
};

/// Elements in any order, names of attributes and values of enumerations in any case. A RequestType that is
/// not known means full. Fails with schema_violation (policy.md 8) where ClientID is empty, Resource is
/// missing or of an unknown type, or a user's policy is wanted and no User/SID given.
Result<PolicyRequest> read_policy_request(schemas::Element const& request);

} // namespace pointman::endpoints::policy
