// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "db/states.hpp"

#include <string>
#include <vector>

namespace pointman::endpoints::relay {

/// What a report changed.
struct StateChanges {
    std::size_t applied = 0; ///< they are current
    std::size_t late = 0;    ///< taken, but something newer is current
    std::size_t duplicates = 0;
    bool restarted = false;       ///< the client counts anew
    bool gaps_closed = false;     ///< nothing is missing any more
    bool resync_answered = false; ///< all states that were asked for have come
};

/// Takes the states of a report in their order (relay.md 3.6). When nothing is missing any more, or
/// everything has come again after it was asked for, the request ends. Fails with not_found where the client
/// has no resource.
Result<StateChanges> load_states(db::Transaction& transaction, config::Settings const& settings,
                                 ClientId const& client, std::vector<db::StateMessage> const& states,
                                 TimePoint received);

/// Asks every client for all its states whose gaps are older than relay.missing_age; returns whom. Each is
/// asked once until it has answered.
Result<std::vector<ClientId>> request_overdue_states(db::Transaction& transaction,
                                                     config::Settings const& settings, TimePoint now);

/// Whether there is anybody to ask.
Result<bool> are_states_overdue(db::Session& session, config::Settings const& settings, TimePoint now);

} // namespace pointman::endpoints::relay
