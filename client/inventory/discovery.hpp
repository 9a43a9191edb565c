// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/inventory/snapshot.hpp"

#include <optional>
#include <pointman/report.hpp>
#include <string>
#include <vector>

namespace pointman::client::inventory {

/// What a discovery record tells of the agent rather than of the machine. "" = not known.
struct AgentFacts {
    std::string version = {}; ///< e.g. "5.00.8325.0000"
    std::string site = {};    ///< code of the site that it belongs to
    std::string ad_site = {};
    std::string previous_id = {}; ///< the SMSID that it had before
    std::optional<Time> id_changed = {};
    std::string platform = {}; ///< where the operating system is called otherwise than in the inventory
};

/// The discovery record of a machine, from its hardware inventory (ddr.md "Classes a real heartbeat
/// carries"). Classes of which nothing is known are left out.
std::vector<Instance> discovery_record(Snapshot const& machine, AgentFacts const& agent);

} // namespace pointman::client::inventory
