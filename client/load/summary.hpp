// SPDX-License-Identifier: Apache-2.0
// What a run is told as.
#pragma once

#include "client/load/expect.hpp"
#include "client/load/figures.hpp"

#include <boost/json/object.hpp>

#include <span>
#include <string>
#include <string_view>

namespace pointman::client::load {

/// What became of a run: its exit code too.
enum class Ending : std::uint8_t {
    passed = 0,
    failed = 1,  ///< an expectation did not hold, or the run was interrupted
    invalid = 3, ///< the generator was the limit
};
Ending ending_of(RunFigures const& run, std::span<Verdict const> verdicts);

/// Text of at most 80 columns, but for what expectations and reasons say. `file` is the scenario's name.
std::string text_of(RunFigures const& run, std::span<Verdict const> verdicts, std::string_view file);
boost::json::object json_of(RunFigures const& run, std::span<Verdict const> verdicts);

inline constexpr std::string_view csv_heading =
    "seconds,phase,sent,ok,refused,failed,p50_ms,p99_ms,max_ms,in_flight,waiting,lag_ms,cpu\n";
/// With its line end.
std::string csv_row(PhaseFigures const& phase, Second const& second);

/// One line without an end, at most 79 columns: how the run goes.
std::string progress_line(PhaseFigures const& phase, Second const& second);

} // namespace pointman::client::load
