// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <ranges>

namespace pointman {

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

/// The time in that form: digits in the places of the letters YMDhmsf. By hand, since every row and every log
/// line has a time. The year must have four digits.
std::string written(std::string form, TimePoint time) {
    auto const days = std::chrono::floor<std::chrono::days>(time);
    std::chrono::year_month_day const date{days};
    std::chrono::hh_mm_ss const clock{time - days};
    constexpr std::string_view letters = "YMDhmsf";
    std::array<long, letters.size()> left{int{date.year()},       static_cast<long>(unsigned{date.month()}),
                                          static_cast<long>(unsigned{date.day()}), clock.hours().count(),
                                          clock.minutes().count(), clock.seconds().count(),
                                          clock.subseconds().count()};
    for (char& place : form | std::views::reverse) {
        auto const which = letters.find(place);
        if (which == std::string_view::npos) continue;
        place = static_cast<char>('0' + left[which] % 10);
        left[which] /= 10;
    }
    return form;
}

/// Reads digits from the front of a text; the only thing that these fixed formats need.
class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    std::optional<int> digits(std::size_t count) {
        if (rest_.size() < count) return std::nullopt;
        int value = 0;
        for (char const c : rest_.substr(0, count)) {
            if (c < '0' || c > '9') return std::nullopt;
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(count);
        return value;
    }

    /// A fraction of a second of one to `most` digits, cut to milliseconds.
    std::optional<int> fraction(std::size_t most) {
        int value = 0;
        std::size_t count = 0;
        while (count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9') {
            if (count < 3) value = value * 10 + (rest_[count] - '0');
            ++count;
        }
        if (count == 0 || count > most) return std::nullopt;
        for (auto i = count; i < 3; ++i) value *= 10;
        rest_.remove_prefix(count);
        return value;
    }

    bool literal(char c) {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }

    bool at_end() const { return rest_.empty(); }
    std::size_t left() const { return rest_.size(); }

private:
    std::string_view rest_;
};

Result<TimePoint> bad(std::string_view form) { return fail(Code::malformed, fmt::format("not a time of the form {}", form)); }

std::optional<TimePoint> assemble(int y, int mo, int d, int h, int mi, int s, int ms) {
    std::chrono::year_month_day const date{std::chrono::year{y}, std::chrono::month{static_cast<unsigned>(mo)},
                                           std::chrono::day{static_cast<unsigned>(d)}};
    if (!date.ok() || h > 23 || mi > 59 || s > 60) return std::nullopt;
    return TimePoint{std::chrono::sys_days{date}} + std::chrono::hours{h} + minutes{mi} +
           std::chrono::seconds{s} + milliseconds{ms};
}

} // namespace

std::string iso_time(TimePoint time) {
    return written("YYYY-MM-DDThh:mm:ssZ", time);
}

std::string iso_time_ms(TimePoint time) {
    return written("YYYY-MM-DDThh:mm:ss.fffZ", time);
}

std::string cim_time(TimePoint time) {
    return written("YYYYMMDDhhmmss.fff000+000", time);
}

Result<TimePoint> parse_iso_time(std::string_view text) {
    constexpr std::string_view form = "YYYY-MM-DDThh:mm:ssZ";
    Scanner in{text};
    auto const year = in.digits(4);
    bool const dash1 = in.literal('-');
    auto const month = in.digits(2);
    bool const dash2 = in.literal('-');
    auto const day = in.digits(2);
    if (!year || !dash1 || !month || !dash2 || !day) return bad(form);
    int hour = 0;
    int minute = 0;
    int second = 0;
    int ms = 0;
    int offset = 0;
    if (in.literal('T') || in.literal(' ')) {
        auto const h = in.digits(2);
        bool const colon = in.literal(':');
        auto const m = in.digits(2);
        if (!h || !colon || !m) return bad(form);
        hour = *h;
        minute = *m;
        if (in.literal(':')) {
            auto const s = in.digits(2);
            if (!s) return bad(form);
            second = *s;
            if (in.literal('.')) {
                auto const f = in.fraction(9);
                if (!f) return bad(form);
                ms = *f;
            }
        }
        bool const plus = in.literal('+');
        if (plus || in.literal('-')) {
            auto const oh = in.digits(2);
            in.literal(':');
            auto const om = in.digits(2);
            if (!oh || !om || *oh > 23 || *om > 59) return bad(form);
            offset = (*oh * 60 + *om) * (plus ? 1 : -1);
        } else {
            in.literal('Z');
        }
    }
    auto const time = assemble(*year, *month, *day, hour, minute, second, ms);
    if (!time || !in.at_end()) return bad(form);
    return *time - minutes{offset};
}

Result<TimePoint> parse_cim_time(std::string_view text) {
    constexpr std::string_view form = "yyyymmddHHMMSS.ffffff+UUU";
    Scanner in{text};
    auto const y = in.digits(4);
    auto const mo = in.digits(2);
    auto const d = in.digits(2);
    auto const h = in.digits(2);
    auto const mi = in.digits(2);
    auto const s = in.digits(2);
    if (!y || !mo || !d || !h || !mi || !s || !in.literal('.')) return bad(form);
    auto const ms = in.fraction(6);
    bool const plus = in.literal('+');
    if (!ms || (!plus && !in.literal('-'))) return bad(form);
    if (in.left() == 0 || in.left() > 4) return bad(form);
    auto const offset = in.digits(in.left());
    if (!offset || *offset > 24 * 60) return bad(form);
    auto const time = assemble(*y, *mo, *d, *h, *mi, *s, *ms);
    if (!time) return bad(form);
    return *time - minutes{plus ? *offset : -*offset};
}

} // namespace pointman
