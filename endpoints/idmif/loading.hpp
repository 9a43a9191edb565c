// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "db/store.hpp"
#include "endpoints/endpoint.hpp"
#include "endpoints/idmif/mifs.hpp"
#include "endpoints/report/received_report.hpp"

#include <string_view>

namespace pointman::endpoints::idmif {

/// As the database has the action of IDMIF collection.
inline constexpr std::string_view action = "0011";

/// What both endpoints do that take IDMIF reports: instances of the sender's resource are added or updated,
/// nothing is removed, since each report tells of its own files alone. A file whose classes there is no room
/// for is left out. Adds to `reply` what the log tells, each file that cannot be used among it, and the first
/// of them as its unusable part; `task` is what the log calls itself. Fails with invalid_machine where the
/// client is not registered.
Result<void> take_mifs(SentMifs const& mifs, ReceivedReport const& report, std::string_view task,
                       config::Settings const& settings, db::Transaction& transaction, Reply& reply);

} // namespace pointman::endpoints::idmif
