// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "client/load/figures.hpp"
#include "client/load/scenario.hpp"

#include <filesystem>
#include <functional>
#include <pointman/error.hpp>
#include <string>

namespace pointman::client::load {

struct RunOptions {
    std::string url;            ///< of the management point, e.g. "http://127.0.0.1:8080"
    std::filesystem::path ca{}; ///< PEM of whom TLS trusts; "" = those of the system
    Clock const& clock; ///< for the times in messages; what is measured, is measured with the machine's own
    bool handle_signals = false; ///< SIGINT and SIGTERM end the run; what was counted is kept
    /// Called for each second that is over, in the thread of `run`.
    std::function<void(PhaseFigures const&, Second const&)> on_second{};
};

/// Plays the scenario to its end. Fails where the management point's URL or certificate is of no use, never
/// for what the management point does.
Result<RunFigures> run(Scenario const& scenario, RunOptions const& options);

} // namespace pointman::client::load
