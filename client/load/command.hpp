// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"

#include <CLI/CLI.hpp>

#include <functional>

namespace pointman::client::load {

/// Adds `load` to the program. Where it is called, `action` becomes what main() is to run: it returns the
/// exit code, 0 passed, 1 failed, 2 wrong usage or scenario, 3 measurement invalid. `clock` outlives it.
void add_load(CLI::App& program, std::function<int()>& action, Clock const& clock);

} // namespace pointman::client::load
