// SPDX-License-Identifier: Apache-2.0
// The policies of an agent: assigned, fetched, kept.
#pragma once

#include "client/agent/local_client.hpp"

#include <optional>
#include <pointman/policy.hpp>
#include <string>
#include <vector>

namespace pointman::client::agent {

struct KeptAssignment {
    PolicyAssignment assignment;
    std::string body{}; ///< XML; "" = not fetched yet
    bool operator==(KeptAssignment const&) const = default;
};

struct KeptPolicy {
    std::string cookie{};
    std::optional<Time> asked{}; ///< the last time that there was an answer
    std::vector<KeptAssignment> assignments{};

    /// With that policy id or assignment id, in any case.
    KeptAssignment const* find(std::string_view id) const;
    bool operator==(KeptPolicy const&) const = default;
};

/// A damaged file is told of, and is as if there were none: the management point has it all.
Result<KeptPolicy> load_policy(LocalClient const& client);

enum class PolicyAsk : std::uint8_t { changes, everything };

struct PolicyUpdate {
    bool full = false; ///< what the management point answered
    std::vector<PolicyAssignment> added{};
    std::vector<PolicyAssignment> changed{};
    std::vector<PolicyAssignment> removed{};
    /// Bodies that could not be had, or were others than the assignments promised: none of these is kept, and
    /// they are tried again the next time.
    std::vector<std::string> failures{};
};

/// Asks for assignments, fetches the bodies that are not there yet, opens and checks them, and keeps all of
/// that in one step. In native mode assignments have to be signed by the site.
Result<PolicyUpdate> update_policy(LocalClient& client, KeptPolicy& policy, PolicyAsk ask);

} // namespace pointman::client::agent
