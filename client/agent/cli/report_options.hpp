// SPDX-License-Identifier: Apache-2.0
// What the commands share that send reports.
#pragma once

#include "client/agent/cli/commands.hpp"
#include "client/agent/reports.hpp"

#include <functional>
#include <memory>

namespace pointman::client::agent::cli {

/// What the kept policies want; what is not understood of them is told.
Result<Instructions> instructions_of(LocalClient& client);

using Send = std::function<Result<Reported>(LocalClient&, Instructions const&)>;
/// Sends by what the policies want, delivers, and says what was sent.
int send_report(Common const& common, LocalClient& client, Send const& send);

/// --full, --delta, --resync.
std::shared_ptr<ReportType> add_type_options(CLI::App& command);

} // namespace pointman::client::agent::cli
