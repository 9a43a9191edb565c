// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/ids.hpp"
#include "config/settings.hpp"
#include "db/inventory.hpp"

#include <string_view>

namespace pointman::endpoints::inventory {

/// An action that a client can be asked to do whole again.
struct ResyncAction {
    std::string_view digits;    ///< "0001", as the database has it
    std::string_view in_policy; ///< "hardware", as the template of the resync names it
};
inline constexpr ResyncAction hardware_resync{"0001", "hardware"};

/// Where the request of a resync goes: there is no reply to a report, so it travels as policy, an assignment
/// to that client alone of an `InventoryAction` whose `ReportType` is `Resync`.
class Resyncs {
public:
    Resyncs(db::Transaction& transaction, config::Settings const& settings, TimePoint now)
        : transaction_(transaction)
        , settings_(settings)
        , now_(now) {}

    /// Whether it was not asked for already.
    Result<bool> request(db::InventoryWriter& writer, ClientId const& client, ResyncAction const& action,
                         Code reason) const;
    /// Whether there was a request. For when the full report has come.
    Result<bool> clear(db::InventoryWriter& writer, ClientId const& client, ResyncAction const& action) const;

private:
    db::Transaction& transaction_;
    config::Settings const& settings_;
    TimePoint now_;
};

/// The id of the policy that asks for it.
std::string resync_policy_id(ResyncAction const& action);

} // namespace pointman::endpoints::inventory
