// SPDX-License-Identifier: Apache-2.0
// MP_RelayEndpoint, FileType SMX: state messages.
#pragma once

#include <pointman/session.hpp>

namespace pointman::client {

struct StateMessage {
    std::string topic_id;
    unsigned topic_type = 0;    ///< e.g. 500, update detection (relay.md 3.3)
    unsigned topic_id_type = 0; ///< e.g. 3, unique id of an update
    unsigned state_id = 0;
    unsigned criticality = 0;
    std::string details{};                 ///< text or XML, e.g. of an error
    std::vector<std::string> parameters{}; ///< at most five
    Time time{};                           ///< when the state was reached
};

inline constexpr std::size_t most_state_parameters = 5;

/// A report of states with consecutive serial numbers.
POINTMAN_API std::string state_report(Sender const& sender, Time date, std::span<StateMessage const> states,
                                      std::uint64_t first_serial);
/// Posts the states, numbered on from those that the identity has sent before. Returns the tracking id. Fails
/// with invalid_argument for no state, or one with too many parameters.
POINTMAN_API Result<std::string> post_states(Session const& session, std::span<StateMessage const> states);

} // namespace pointman::client
