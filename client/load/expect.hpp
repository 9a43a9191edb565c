// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/load/figures.hpp"
#include "client/load/scenario.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::client::load {

/// Names of what a phase can be expected to do, in the order of the table in README.md.
std::span<std::string_view const> expectation_keys();

struct Verdict {
    std::string phase;
    Expectation expectation;
    double value = 0;
    bool holds = false;
    bool at_least = false; ///< the bound is the smallest that is good, not the greatest
};
/// "p99_ms is 132.4, expected at most 100"
std::string describe(Verdict const& verdict);

/// One for each expectation of each phase that was run.
std::vector<Verdict> judge(Scenario const& scenario, RunFigures const& run);

/// Why the figures of a phase say nothing of the server; "" where they do.
std::string why_invalid(PhaseFigures const& figures, Bounds const& bounds);

} // namespace pointman::client::load
