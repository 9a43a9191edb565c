// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "config/settings.hpp"
#include "db/store.hpp"
#include "endpoints/inventory/kind.hpp"

#include <string>

namespace pointman::endpoints::inventory {

/// Where the request of a resync goes: there is no reply to a report, so it travels as policy, an assignment
/// to that client alone of an `InventoryAction` whose `ReportType` is `Resync`.
class Resyncs {
public:
    Resyncs(db::Transaction& transaction, config::Settings const& settings, Kind const& kind, TimePoint now)
        : transaction_(transaction)
        , settings_(settings)
        , kind_(kind)
        , now_(now) {}

    /// Whether it was not asked for already.
    Result<bool> request(ClientId const& client, Code reason) const;
    /// Whether there was a request. For when the full report has come.
    Result<bool> clear(ClientId const& client) const;

private:
    db::Transaction& transaction_;
    config::Settings const& settings_;
    Kind const& kind_;
    TimePoint now_;
};

/// The id of the policy that asks for it.
std::string resync_policy_id(Kind const& kind);

} // namespace pointman::endpoints::inventory
