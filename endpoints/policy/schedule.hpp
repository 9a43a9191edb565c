// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace pointman::endpoints::policy {

/// The schedule that clients know from an operator's text: `7d`, `12h`, `30m` or `2w` (every so often), or a
/// token that is taken as it is, in capitals.
///
/// A token is 16 hexadecimal digits, or several of them one behind another, each the two halves of what the
/// provider calls SMS_ST_RecurInterval and its siblings. Fields from the highest bit:
///
///     start        minute 6, hour 5, day 5, month 4, year since 1970 6, unused 6
///     recurrence   duration in hours 5, in minutes 5, kind 3, fields of that kind 18, time is UTC 1
///     interval     (kind 2) minutes 6, hours 5, days 5, unused 2; one of the three is not 0
///
/// Kinds: 1 once, 2 interval, 3 weekly, 4 monthly by weekday, 5 monthly by date. So 0001200000100038 is every
/// seven days from 1 February 1970, the start that the product takes for "any time", and the one that
/// intervals get here. Eight digits are a recurrence with that start. Fields as public tools decode them
/// (PSCCMClient's ConvertFrom-CCMSchedule); the pages do not describe them.
///
/// Fails with usage: another form, a start that is no date, an unknown kind, or an interval that no token
/// holds (59 minutes, 23 hours, 31 days at most; what divides evenly moves up, so `90m` fails and `120m` is
/// `2h`).
Result<std::string> schedule_token(std::string_view text);

/// The minutes of `1d`, `12h`, `30m`, `2w`. Fails with usage for another form, for 0 and beyond 31 days.
Result<std::uint32_t> interval_minutes(std::string_view text);

} // namespace pointman::endpoints::policy
