// SPDX-License-Identifier: Apache-2.0
#include "client/agent/schedule.hpp"

#include "base/number.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <ctime>

namespace pointman::client::agent {

namespace {

using namespace std::chrono;

constexpr std::size_t half_digits = 8;
constexpr std::size_t token_digits = 2 * half_digits;
constexpr int first_year = 1970;

/// `width` bits behind the first `before` of 32.
constexpr unsigned field(std::uint32_t half, unsigned before, unsigned width) {
    return (half >> (32 - before - width)) & ((1U << width) - 1);
}

std::unexpected<pointman::Error> unfit(std::string_view token, std::string_view why) {
    return pointman::fail(pointman::Code::malformed,
                          fmt::format("\"{}\" is no schedule token: {}", token, why));
}

std::optional<local_seconds> start_in(std::uint32_t half) {
    year_month_day const date{year(first_year + static_cast<int>(field(half, 20, 6))),
                              month(field(half, 16, 4)), day(field(half, 11, 5))};
    auto const hour = field(half, 6, 5);
    auto const minute = field(half, 0, 6);
    if (!date.ok() || hour > 23 || minute > 59) return std::nullopt;
    return local_days(date) + hours(hour) + minutes(minute);
}

std::optional<Schedule::Recurrence> recurrence_in(std::uint32_t half) {
    auto const weekday_at = [half](unsigned before) { return weekday(field(half, before, 3) - 1); };
    bool const has_weekday = field(half, 13, 3) != 0;
    switch (field(half, 10, 3)) {
    case 1:
        return Once{};
    case 2: {
        auto const length =
            minutes(field(half, 13, 6)) + hours(field(half, 19, 5)) + days(field(half, 24, 5));
        if (length > minutes(0)) return Interval{length};
        return std::nullopt;
    }
    case 3:
        if (has_weekday && field(half, 16, 3) != 0) return Weekly{weekday_at(13), field(half, 16, 3)};
        return std::nullopt;
    case 4:
        if (has_weekday && field(half, 16, 4) != 0 && field(half, 20, 3) <= 4)
            return MonthlyByWeekday{weekday_at(13), field(half, 20, 3), field(half, 16, 4)};
        return std::nullopt;
    case 5:
        if (field(half, 18, 4) != 0) return MonthlyByDate{field(half, 13, 5), field(half, 18, 4)};
        return std::nullopt;
    default:
        return std::nullopt;
    }
}

local_seconds to_local(Time time) {
    auto const since = floor<seconds>(time).time_since_epoch().count();
    std::tm parts{};
    ::localtime_r(&since, &parts);
    return local_seconds{seconds(since + parts.tm_gmtoff)};
}

Time from_local(local_seconds time) {
    auto const midnight = floor<days>(time);
    year_month_day const date{midnight};
    hh_mm_ss const clock{time - midnight};
    std::tm parts{};
    parts.tm_year = static_cast<int>(date.year()) - 1900;
    parts.tm_mon = static_cast<int>(static_cast<unsigned>(date.month())) - 1;
    parts.tm_mday = static_cast<int>(static_cast<unsigned>(date.day()));
    parts.tm_hour = static_cast<int>(clock.hours().count());
    parts.tm_min = static_cast<int>(clock.minutes().count());
    parts.tm_sec = static_cast<int>(clock.seconds().count());
    parts.tm_isdst = -1; // the zone knows
    return sys_seconds{seconds(::mktime(&parts))};
}

/// The first moment after `time` in steps from `start`.
local_seconds next_step(local_seconds start, seconds step, local_seconds time) {
    if (time < start) return start;
    return start + ((time - start) / step + 1) * step;
}

/// The day of the month; nothing where the month is too short.
std::optional<local_days> day_in(year_month month, MonthlyByDate const& wanted) {
    if (wanted.day == 0) return local_days(month / last);
    auto const date = month / day(wanted.day);
    if (!date.ok()) return std::nullopt;
    return local_days(date);
}
std::optional<local_days> day_in(year_month month, MonthlyByWeekday const& wanted) {
    if (wanted.order == 0) return local_days(month / wanted.day[last]);
    return local_days(month / wanted.day[wanted.order]);
}

/// In months that are counted from the start's.
template <class Monthly>
std::optional<local_seconds> next_month(local_seconds start, Monthly const& wanted, local_seconds time) {
    auto const first_day = floor<days>(start);
    year_month_day const first{first_day};
    year_month const first_month{first.year(), first.month()};
    year_month_day const at{floor<days>(std::max(time, start))};
    auto const passed = (year_month{at.year(), at.month()} - first_month).count();
    int const step = static_cast<int>(wanted.months);
    // Some months are too short for the 31st; in steps of twelve, 29 February comes after eight years at
    // most.
    constexpr int enough = 12;
    for (int count = static_cast<int>(passed) / step, tried = 0; tried < enough; ++count, ++tried) {
        auto const day = day_in(first_month + months(count * step), wanted);
        if (!day) continue;
        auto const moment = local_seconds(*day) + (start - first_day);
        if (moment > time && moment >= start) return moment;
    }
    return std::nullopt;
}

struct Next {
    local_seconds start;
    local_seconds time;

    std::optional<local_seconds> operator()(Once const&) const {
        return time < start ? std::optional(start) : std::nullopt;
    }
    std::optional<local_seconds> operator()(Interval const& interval) const {
        return next_step(start, interval.length, time);
    }
    std::optional<local_seconds> operator()(Weekly const& weekly) const {
        auto const day = floor<days>(start);
        auto const first = start + (weekly.day - weekday(day));
        return next_step(first, weeks(weekly.weeks), time);
    }
    std::optional<local_seconds> operator()(auto const& monthly) const {
        return next_month(start, monthly, time);
    }
};

/// `Name=VALUE` among those that semicolons part; "" where it is not there.
std::string_view value_in(std::string_view text, std::string_view name) {
    while (!text.empty()) {
        auto const part = text.substr(0, text.find(';'));
        text.remove_prefix(std::min(part.size() + 1, text.size()));
        auto const equals = std::min(part.find('='), part.size());
        if (equal_ignoring_case(trim(part.substr(0, equals)), name))
            return trim(part.substr(std::min(equals + 1, part.size())));
    }
    return {};
}

} // namespace

pointman::Result<Schedule> Schedule::parse(std::string_view token) {
    if (token.size() != token_digits) return unfit(token, "it has 16 hexadecimal digits");
    auto const first = number_in<std::uint32_t>(token.substr(0, half_digits), 16);
    auto const second = number_in<std::uint32_t>(token.substr(half_digits), 16);
    if (!first || !second) return unfit(token, "it has 16 hexadecimal digits");
    auto const start = start_in(*first);
    if (!start) return unfit(token, "it starts at no date");
    auto const recurrence = recurrence_in(*second);
    if (!recurrence) return unfit(token, "its recurrence is unknown, or never comes");
    return Schedule(*start, *recurrence, (*second & 1U) != 0);
}

std::optional<Time> Schedule::next_after(Time time) const {
    auto const local = utc_ ? local_seconds{floor<seconds>(time).time_since_epoch()} : to_local(time);
    auto const next = std::visit(Next{start_, local}, recurrence_);
    if (!next) return std::nullopt;
    return utc_ ? Time{next->time_since_epoch()} : from_local(*next);
}

pointman::Result<Trigger> Trigger::parse(std::string_view text) {
    constexpr std::uint32_t most_minutes = 366 * 24 * 60;
    auto const kind = trim(text.substr(0, text.find(';')));
    if (equal_ignoring_case(kind, "SMSSchedule")) {
        auto const schedule = Schedule::parse(value_in(text, "ScheduleString"));
        if (!schedule) return std::unexpected(schedule.error());
        return Trigger(*schedule);
    }
    auto const count = number_in<std::uint32_t>(value_in(text, "Minutes"));
    if (!equal_ignoring_case(kind, "SimpleInterval") || !count || *count == 0 || *count > most_minutes) {
        return pointman::fail(pointman::Code::malformed,
                              fmt::format("\"{}\" is no trigger that is known here", text));
    }
    return Trigger(minutes(*count));
}

std::optional<Time> Trigger::next_after(Time last) const {
    if (auto const* const interval = std::get_if<minutes>(&what_)) return last + *interval;
    return std::get<Schedule>(what_).next_after(last);
}

} // namespace pointman::client::agent
