// SPDX-License-Identifier: Apache-2.0
// What stands in the body of a policy.
#pragma once

#include "client/inventory/snapshot.hpp"

#include <pointman/error.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pointman::client::agent {

struct PolicyProperty {
    std::string name;
    bool is_secret = false; ///< then the values are obfuscated
    std::vector<std::string> values;
};

/// An instance that a policy would make in WMI.
struct PolicyInstance {
    std::string class_name;
    std::vector<PolicyProperty> properties;

    /// The first value; "" where there is none. Names in any case.
    std::string value(std::string_view name) const;
    std::vector<std::string> values(std::string_view name) const;
};

struct PolicyBody {
    std::string policy_id;
    std::string version;
    /// Those of the rules whose conditions hold, in order.
    std::vector<PolicyInstance> instances;
    /// Conditions of rules that cannot be judged here: those rules are left out.
    std::vector<std::string> unknown_conditions;
};

/// `facts`: what conditions are judged by (condition.hpp). Fails with bad_reply where it is no `Policy`
/// document.
Result<PolicyBody> read_policy_instances(std::string_view xml, inventory::Snapshot const& facts);

} // namespace pointman::client::agent
