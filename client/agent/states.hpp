// SPDX-License-Identifier: Apache-2.0
// State messages of an agent, and those that it can send again.
#pragma once

#include "client/agent/local_client.hpp"

#include <pointman/state.hpp>

namespace pointman::client::agent {

/// Into the queue, and kept as the current state of its topic.
Result<void> report_state(LocalClient& client, StateMessage state);
/// As above where the topic is in another state, or in none. Whether it was sent.
Result<bool> report_state_change(LocalClient& client, StateMessage state);
/// All current states again, and at last that these were all (topic type 700). How many there are.
Result<std::size_t> report_all_states(LocalClient& client);

/// Topic types (relay.md 3.3), and their states.
namespace topic {
inline constexpr unsigned resync = 700;
inline constexpr unsigned communication = 1000; ///< with the management point
inline constexpr unsigned certificate = 1001;   ///< of the client
} // namespace topic
inline constexpr unsigned state_ok = 1;
inline constexpr unsigned state_failed = 2;

} // namespace pointman::client::agent
