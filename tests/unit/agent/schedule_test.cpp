// SPDX-License-Identifier: Apache-2.0
// Tokens are put together here bit by bit, from the fields that schedule.hpp documents.
#include "base/time.hpp"
#include "client/agent/schedule.hpp"
#include "endpoints/policy/schedule.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <ctime>

using namespace pointman;
using namespace pointman::client::agent;

namespace {

client::Time at(std::string_view text) {
    return parse_iso_time(text).value();
}

std::string text_of(std::optional<client::Time> time) {
    return time ? iso_time(*time) : "never";
}

struct Start {
    unsigned year = 2026, month = 1, day = 1, hour = 0, minute = 0;
    std::uint32_t bits() const {
        return minute << 26U | hour << 21U | day << 16U | month << 12U | (year - 1970) << 6U;
    }
};
constexpr std::uint32_t utc = 1;
constexpr std::uint32_t once = 1U << 19U;
constexpr std::uint32_t interval(unsigned days, unsigned hours, unsigned minutes) {
    return 2U << 19U | minutes << 13U | hours << 8U | days << 3U;
}
constexpr std::uint32_t weekly(unsigned day, unsigned weeks) {
    return 3U << 19U | day << 16U | weeks << 13U;
}
constexpr std::uint32_t by_weekday(unsigned day, unsigned months, unsigned order) {
    return 4U << 19U | day << 16U | months << 12U | order << 9U;
}
constexpr std::uint32_t by_date(unsigned day, unsigned months) {
    return 5U << 19U | day << 14U | months << 10U;
}

std::string token(Start const& start, std::uint32_t recurrence) {
    return fmt::format("{:08X}{:08X}", start.bits(), recurrence | utc);
}

/// Local times are those of that zone.
class Zone {
public:
    explicit Zone(char const* name) {
        if (char const* const before = std::getenv("TZ")) before_ = before;
        ::setenv("TZ", name, 1);
        ::tzset();
    }
    Zone(Zone const&) = delete;
    Zone& operator=(Zone const&) = delete;
    ~Zone() {
        before_ ? ::setenv("TZ", before_->c_str(), 1) : ::unsetenv("TZ");
        ::tzset();
    }

private:
    std::optional<std::string> before_;
};

} // namespace

TEST_CASE("when a schedule comes next") {
    struct Row {
        char const* name;
        std::string token;
        char const* after;
        char const* next;
    };
    Start const evening{2026, 3, 4, 20, 30}; // a Wednesday
    auto const row = GENERATE_COPY(values<Row>({
        {"once, before it", token(evening, once), "2026-03-04T20:29:59Z", "2026-03-04T20:30:00Z"},
        {"once, at that moment", token(evening, once), "2026-03-04T20:30:00Z", "never"},
        {"days, before the start", token(evening, interval(7, 0, 0)), "2025-01-01T00:00:00Z",
         "2026-03-04T20:30:00Z"},
        {"days, from the start on", token(evening, interval(7, 0, 0)), "2026-03-04T20:30:00Z",
         "2026-03-11T20:30:00Z"},
        {"days, years later", token(evening, interval(7, 0, 0)), "2028-03-01T00:00:00Z",
         "2028-03-01T20:30:00Z"},
        {"hours", token(evening, interval(0, 12, 0)), "2026-03-05T09:00:00Z", "2026-03-05T20:30:00Z"},
        {"minutes", token(evening, interval(0, 0, 45)), "2026-03-04T21:00:00Z", "2026-03-04T21:15:00Z"},
        {"days, hours and minutes together", token(evening, interval(1, 1, 1)), "2026-03-04T20:30:00Z",
         "2026-03-05T21:31:00Z"},
        {"every Wednesday", token(evening, weekly(4, 1)), "2026-03-04T20:30:00Z", "2026-03-11T20:30:00Z"},
        {"every Friday", token(evening, weekly(6, 1)), "2026-03-01T00:00:00Z", "2026-03-06T20:30:00Z"},
        {"every Sunday", token(evening, weekly(1, 1)), "2026-03-04T20:30:00Z", "2026-03-08T20:30:00Z"},
        {"every other Saturday", token(evening, weekly(7, 2)), "2026-03-07T20:30:00Z",
         "2026-03-21T20:30:00Z"},
        {"the second Tuesday", token(evening, by_weekday(3, 1, 2)), "2026-03-04T20:30:00Z",
         "2026-03-10T20:30:00Z"},
        {"the first Monday is over this month", token(evening, by_weekday(2, 1, 1)), "2026-03-04T20:30:00Z",
         "2026-04-06T20:30:00Z"},
        {"the last Friday", token(evening, by_weekday(6, 1, 0)), "2026-03-04T20:30:00Z",
         "2026-03-27T20:30:00Z"},
        {"the last Friday of every third month", token(evening, by_weekday(6, 3, 0)), "2026-03-28T00:00:00Z",
         "2026-06-26T20:30:00Z"},
        {"the 4th", token(evening, by_date(4, 1)), "2026-03-04T20:30:00Z", "2026-04-04T20:30:00Z"},
        {"the 31st where there is one", token(evening, by_date(31, 1)), "2026-03-31T20:30:00Z",
         "2026-05-31T20:30:00Z"},
        {"the last day", token(evening, by_date(0, 1)), "2026-03-31T20:30:00Z", "2026-04-30T20:30:00Z"},
        {"29 February", token({2024, 2, 1, 0, 0}, by_date(29, 12)), "2024-03-01T00:00:00Z",
         "2028-02-29T00:00:00Z"},
        {"30 February", token({2024, 2, 1, 0, 0}, by_date(30, 12)), "2024-03-01T00:00:00Z", "never"},
    }));
    INFO(row.name << " " << row.token);
    auto const schedule = Schedule::parse(row.token);
    REQUIRE(schedule);
    CHECK(schedule->is_utc());
    CHECK(text_of(schedule->next_after(at(row.after))) == row.next);
}

TEST_CASE("a schedule in local time follows the zone's clock") {
    Zone const zone("CET-1CEST,M3.5.0,M10.5.0/3");
    Start const start{2026, 1, 1, 12, 0};
    auto const daily = Schedule::parse(fmt::format("{:08X}{:08X}", start.bits(), interval(1, 0, 0))).value();
    CHECK_FALSE(daily.is_utc());
    CHECK(text_of(daily.next_after(at("2026-01-10T00:00:00Z"))) == "2026-01-10T11:00:00Z");
    CHECK(text_of(daily.next_after(at("2026-07-10T00:00:00Z"))) == "2026-07-10T10:00:00Z");
}

TEST_CASE("what operators write as a schedule is read back") {
    auto const row = GENERATE(values<std::pair<char const*, std::chrono::minutes>>(
        {{"30m", std::chrono::minutes{30}}, {"12h", std::chrono::hours{12}}, {"2w", std::chrono::days{14}}}));
    auto const written = endpoints::policy::schedule_token(row.first).value();
    CHECK(Schedule::parse(written)->recurrence() == Schedule::Recurrence(Interval{row.second}));
}

TEST_CASE("texts that are no schedule tokens") {
    auto const row = GENERATE(values<std::pair<std::string, char const*>>({
        {"", "it has 16 hexadecimal digits"},
        {"000120000010003", "it has 16 hexadecimal digits"},
        {"00012000001000380", "it has 16 hexadecimal digits"},
        {"0001200000100G38", "it has 16 hexadecimal digits"},
        {"0x01200000100038", "it has 16 hexadecimal digits"},
        {"0000000000100038", "it starts at no date"},
        {token({2026, 2, 30, 0, 0}, interval(1, 0, 0)), "it starts at no date"},
        {token({2026, 13, 1, 0, 0}, interval(1, 0, 0)), "it starts at no date"},
        {token({2026, 1, 1, 24, 0}, interval(1, 0, 0)), "it starts at no date"},
        {token({2026, 1, 1, 0, 60}, interval(1, 0, 0)), "it starts at no date"},
        {token({}, 0), "its recurrence is unknown, or never comes"},
        {token({}, 6U << 19U), "its recurrence is unknown, or never comes"},
        {token({}, interval(0, 0, 0)), "its recurrence is unknown, or never comes"},
        {token({}, weekly(0, 1)), "its recurrence is unknown, or never comes"},
        {token({}, weekly(1, 0)), "its recurrence is unknown, or never comes"},
        {token({}, by_weekday(1, 0, 1)), "its recurrence is unknown, or never comes"},
        {token({}, by_weekday(1, 1, 5)), "its recurrence is unknown, or never comes"},
        {token({}, by_date(1, 0)), "its recurrence is unknown, or never comes"},
    }));
    auto const schedule = Schedule::parse(row.first);
    REQUIRE_FALSE(schedule);
    CHECK(schedule.error().code == Code::malformed);
    CHECK(schedule.error().message == fmt::format("\"{}\" is no schedule token: {}", row.first, row.second));
}

TEST_CASE("triggers") {
    auto const from = at("2026-03-04T20:30:00Z");
    auto const next = [&](std::string_view text) {
        auto const trigger = Trigger::parse(text);
        return trigger ? text_of(trigger->next_after(from)) : trigger.error().message;
    };
    CHECK(next("SimpleInterval;Minutes=60;MaxRandomDelayMinutes=0") == "2026-03-04T21:30:00Z");
    CHECK(next("simpleinterval; minutes = 5") == "2026-03-04T20:35:00Z");
    CHECK(next("SMSSchedule;ScheduleString=" + token({2026, 3, 4, 20, 30}, interval(1, 0, 0))) ==
          "2026-03-05T20:30:00Z");
    CHECK(next("SMSSchedule;ScheduleString=12") ==
          "\"12\" is no schedule token: it has 16 hexadecimal digits");
    for (auto const* const text :
         {"", ";", "SimpleInterval", "SimpleInterval;Minutes=0", "SimpleInterval;Minutes=-1",
          "SimpleInterval;Minutes=4294967295", "Other;Minutes=1"})
        CHECK(next(text) == fmt::format("\"{}\" is no trigger that is known here", text));
}
