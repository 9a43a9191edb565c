// SPDX-License-Identifier: Apache-2.0
// Whose usage policy asks for: programs that ran, from when to when, and for whom.
#pragma once

#include "client/agent/instructions.hpp"
#include "client/agent/local_client.hpp"
#include "client/agent/reports.hpp"

namespace pointman::client::agent {

/// How often the running programs are looked at. What begins and ends in between is not seen, and an end is
/// known to that.
inline constexpr std::chrono::minutes between_looks{1};

/// Looks which programs of the rules run, and keeps that. A run that has ended ended when it was seen last.
Result<void> look_at_programs(LocalClient& client, std::vector<MeterRule> const& rules);

/// Looks, and puts all runs into the queue that were not reported as ended yet: one that goes on is reported
/// again the next time, under the same id.
Result<Reported> report_metering(LocalClient& client, Instructions const& instructions);

} // namespace pointman::client::agent
