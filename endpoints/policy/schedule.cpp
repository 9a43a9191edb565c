// SPDX-License-Identifier: Apache-2.0
#include "endpoints/policy/schedule.hpp"

#include "base/number.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>

namespace pointman::endpoints::policy {

namespace {

constexpr std::size_t half_digits = 8;
constexpr std::size_t token_digits = 2 * half_digits;
constexpr std::string_view any_time = "00012000"; ///< 1970-02-01 00:00

constexpr std::uint32_t minutes_an_hour = 60;
constexpr std::uint32_t minutes_a_day = 24 * minutes_an_hour;
constexpr std::uint32_t most_days = 31;

/// `width` bits, the lowest of them at `at`.
constexpr std::uint32_t field(std::uint32_t half, unsigned at, unsigned width) {
    return (half >> at) & ((1U << width) - 1);
}

bool all_hexadecimal(std::string_view text) {
    return text.find_first_not_of("0123456789ABCDEFabcdef") == std::string_view::npos;
}

std::uint32_t half_of(std::string_view digits) {
    std::uint32_t half = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), half, 16);
    return half;
}

std::unexpected<Error> unfit(std::string_view text, std::string_view why) {
    return fail(Code::usage, fmt::format("\"{}\" is no schedule: {}", text, why));
}

bool is_start(std::uint32_t half) {
    using namespace std::chrono;
    constexpr int first_year = 1970;
    year_month_day const date{year(first_year + static_cast<int>(field(half, 6, 6))),
                              month(field(half, 12, 4)), day(field(half, 16, 5))};
    return date.ok() && field(half, 26, 6) < 60 && field(half, 21, 5) < 24;
}

bool is_recurrence(std::uint32_t half) {
    constexpr std::uint32_t interval = 2;
    auto const kind = field(half, 19, 3);
    if (kind == interval) return field(half, 13, 6) < 60 && field(half, 8, 5) < 24 && field(half, 3, 16) != 0;
    return kind >= 1 && kind <= 5;
}

Result<std::string> checked_token(std::string_view text) {
    auto digits = text.size() == half_digits ? std::string(any_time) + to_upper(text) : to_upper(text);
    for (std::size_t at = 0; at < digits.size(); at += token_digits) {
        auto const token = std::string_view(digits).substr(at, token_digits);
        if (!is_start(half_of(token.substr(0, half_digits)))) return unfit(text, "it starts at no date");
        if (!is_recurrence(half_of(token.substr(half_digits))))
            return unfit(text, "its recurrence is unknown");
    }
    return digits;
}

std::optional<std::uint32_t> minutes_in(char unit) {
    switch (unit) {
    case 'm':
        return 1;
    case 'h':
        return minutes_an_hour;
    case 'd':
        return minutes_a_day;
    case 'w':
        return 7 * minutes_a_day;
    default:
        return std::nullopt;
    }
}

} // namespace

Result<std::uint32_t> interval_minutes(std::string_view text) {
    constexpr std::string_view form = "give a time like 30m, 12h, 7d or 2w";
    if (text.size() < 2) return unfit(text, form);
    auto const unit = minutes_in(to_lower(text).back());
    auto const count = number_in<std::uint32_t>(text.substr(0, text.size() - 1));
    if (!unit || !count) return unfit(text, form);
    if (*count == 0 || *count > most_days * minutes_a_day / *unit)
        return unfit(text, "it must be more than nothing and at most 31 days");
    return *count * *unit;
}

Result<std::string> schedule_token(std::string_view text) {
    bool const is_token = text.size() == half_digits || (!text.empty() && text.size() % token_digits == 0);
    if (is_token && all_hexadecimal(text)) return checked_token(text);
    auto const minutes = interval_minutes(text);
    if (!minutes)
        return unfit(text, "give a time like 30m, 12h or 7d of at most 31 days, or a token of 16 digits");

    constexpr std::uint32_t kind = 2U << 19U;
    std::uint32_t span = 0;
    if (*minutes % minutes_a_day == 0) {
        span = (*minutes / minutes_a_day) << 3U;
    } else if (*minutes % minutes_an_hour == 0 && *minutes < minutes_a_day) {
        span = (*minutes / minutes_an_hour) << 8U;
    } else if (*minutes < minutes_an_hour) {
        span = *minutes << 13U;
    } else {
        return unfit(text, "up to 59 minutes, up to 23 hours or up to 31 whole days can be told to a client");
    }
    return fmt::format("{}{:08X}", any_time, kind | span);
}

} // namespace pointman::endpoints::policy
