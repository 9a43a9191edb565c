// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"

#include <string>
#include <string_view>

namespace pointman {

/// `2026-11-22T23:17:35Z`: registration, SentTime, tokens.
std::string iso_time(TimePoint time);
/// `2026-11-22T23:17:35.123Z`: the database and `--json`.
std::string iso_time_ms(TimePoint time);
/// `20261122231918.000000+000`: times in reports.
std::string cim_time(TimePoint time);

/// `YYYY-MM-DD[Thh:mm[:ss[.fff]]][Z|+hh:mm|-hh:mm]`; without an offset UTC.
Result<TimePoint> parse_iso_time(std::string_view text);
/// `yyyymmddHHMMSS.ffffff±UUU`, one to six fraction digits; UUU minutes that local time is ahead of UTC.
Result<TimePoint> parse_cim_time(std::string_view text);

} // namespace pointman
