// SPDX-License-Identifier: Apache-2.0
// When policy wants something done.
#pragma once

#include "base/error.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <pointman/time.hpp>
#include <string>
#include <string_view>
#include <variant>

namespace pointman::client::agent {

/// Every so often, from a start on.
struct Interval {
    std::chrono::minutes length{};
    bool operator==(Interval const&) const = default;
};
/// On one day of the week, in every so many weeks.
struct Weekly {
    std::chrono::weekday day;
    unsigned weeks = 1;
    bool operator==(Weekly const&) const = default;
};
/// On a weekday of the month, in every so many months.
struct MonthlyByWeekday {
    std::chrono::weekday day;
    unsigned order = 0; ///< 1 to 4; 0 = the last
    unsigned months = 1;
    bool operator==(MonthlyByWeekday const&) const = default;
};
/// On a day of the month, in every so many months. A month that is too short is left out.
struct MonthlyByDate {
    unsigned day = 0; ///< 0 = the last
    unsigned months = 1;
    bool operator==(MonthlyByDate const&) const = default;
};
struct Once {
    bool operator==(Once const&) const = default;
};

/// A schedule token: the 16 hexadecimal digits in `ScheduleString`. Fields from the highest bit:
///
///     start        minute 6, hour 5, day 5, month 4, year since 1970 6, minutes of duration 6
///     recurrence   hours of duration 5, unused 5, kind 3, fields of that kind 18, time is UTC 1
///     once         (kind 1) nothing
///     interval     (kind 2) minutes 6, hours 5, days 5
///     weekly       (kind 3) weekday 3 (1 = Sunday), every so many weeks 3
///     by weekday   (kind 4) weekday 3, every so many months 4, which of the month 3 (0 = last)
///     by date      (kind 5) day 5 (0 = last), every so many months 4
///
/// Fields as public tools decode them (PSCCMClient's ConvertFrom-CCMSchedule). How long something lasts
/// matters for maintenance windows only.
class Schedule {
public:
    using Recurrence = std::variant<Once, Interval, Weekly, MonthlyByWeekday, MonthlyByDate>;

    /// Fails with malformed: another form, a start that is no date, an unknown kind, a recurrence that never
    /// comes.
    static pointman::Result<Schedule> parse(std::string_view token);

    /// The first time after that one; nothing where there is none.
    std::optional<Time> next_after(Time time) const;

    bool is_utc() const { return utc_; } ///< otherwise the start is local time
    Recurrence const& recurrence() const { return recurrence_; }
    std::chrono::local_seconds start() const { return start_; }

private:
    Schedule(std::chrono::local_seconds start, Recurrence recurrence, bool utc)
        : start_(start)
        , recurrence_(recurrence)
        , utc_(utc) {}
    std::chrono::local_seconds start_;
    Recurrence recurrence_;
    bool utc_;
};

/// What sets off a scheduled message: `SMSSchedule;ScheduleString=TOKEN`, or `SimpleInterval;Minutes=60;...`,
/// which counts from the last time.
class Trigger {
public:
    /// Fails with malformed.
    static pointman::Result<Trigger> parse(std::string_view text);
    /// So often, from the last time on.
    explicit Trigger(std::chrono::minutes interval)
        : what_(interval) {}

    /// When it is time again after it was done then.
    std::optional<Time> next_after(Time last) const;
    std::variant<std::chrono::minutes, Schedule> const& what() const { return what_; }

private:
    explicit Trigger(Schedule const& schedule)
        : what_(schedule) {}
    std::variant<std::chrono::minutes, Schedule> what_;
};

} // namespace pointman::client::agent
