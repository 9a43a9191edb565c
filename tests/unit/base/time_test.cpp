// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

using namespace pointman;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint at(int year, unsigned month, unsigned day, std::chrono::milliseconds rest = 0ms) {
    return TimePoint{std::chrono::sys_days{std::chrono::year{year} / static_cast<int>(month) /
                                           static_cast<int>(day)}} +
           rest;
}
constexpr TimePoint evening = at(2026, 11, 22, 23h + 17min + 35s + 123ms);

struct Good {
    std::string text;
    TimePoint expected;
};

} // namespace

TEST_CASE("times as they are written", "[base]") {
    CHECK(iso_time(evening) == "2026-11-22T23:17:35Z");
    CHECK(iso_time_ms(evening) == "2026-11-22T23:17:35.123Z");
    CHECK(cim_time(evening) == "20261122231735.123000+000");
    auto const early = at(2026, 1, 2, 3h + 4min + 5s + 6ms);
    CHECK(iso_time_ms(early) == "2026-01-02T03:04:05.006Z");
    CHECK(cim_time(early) == "20260102030405.006000+000");
    CHECK(iso_time_ms(at(1969, 12, 31, 23h + 59min + 59s + 999ms)) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("ISO 8601 times as they are read", "[base]") {
    auto const row = GENERATE(values<Good>({
        {"2026-11-22", at(2026, 11, 22)},
        {"2026-11-22T23:17", at(2026, 11, 22, 23h + 17min)},
        {"2026-11-22T23:17Z", at(2026, 11, 22, 23h + 17min)},
        {"2026-11-22T23:17:35", at(2026, 11, 22, 23h + 17min + 35s)},
        {"2026-11-22T23:17:35Z", at(2026, 11, 22, 23h + 17min + 35s)},
        {"2026-11-22 23:17:35", at(2026, 11, 22, 23h + 17min + 35s)},
        {"2026-11-22T23:17:35.1Z", at(2026, 11, 22, 23h + 17min + 35s + 100ms)},
        {"2026-11-22T23:17:35.123Z", evening},
        {"2026-11-22T23:17:35.123999999Z", evening},
        {"2026-11-23T00:17:35.123+01:00", evening},
        {"2026-11-22T18:17:35.123-05:00", evening},
        {"2026-11-23T00:17:35.123+0100", evening},
        {"2026-11-23T04:47:35.123+05:30", evening},
        {"2024-02-29", at(2024, 2, 29)},
        {"2016-12-31T23:59:60Z", at(2017, 1, 1)},
    }));
    INFO(row.text);
    auto const time = parse_iso_time(row.text);
    REQUIRE(time.has_value());
    CHECK(*time == row.expected);
}

TEST_CASE("what is no ISO 8601 time", "[base]") {
    auto const* const text = GENERATE(
        "", "2026", "2026-11", "2026-11-2", "26-11-22", "2026/11/22", "2026-13-01", "2026-00-01",
        "2026-02-29", "2026-11-31", "2026-11-00", "2026-11-22T", "2026-11-22T23",
        "2026-11-22T23:", "2026-11-22T24:00:00", "2026-11-22T23:60:00", "2026-11-22T23:17:61",
        "2026-11-22T23:17:35.", "2026-11-22T23:17:35.1234567890", "2026-11-22T23:17:35ZZ",
        "2026-11-22T23:17:35 Z", "2026-11-22T23:17:35+", "2026-11-22T23:17:35+1", "2026-11-22T23:17:35+01:0",
        "2026-11-22T23:17:35+99:00", "2026-11-22T23:17:35+01:60", "2026-11-22T23:17:35+01:00Z", " 2026-11-22",
        "2026-11-22 ", "2026-11-22Tab:cd", "-026-11-22", "2026-11-22T23:17:-5");
    INFO(text);
    auto const time = parse_iso_time(text);
    REQUIRE_FALSE(time.has_value());
    CHECK(time.error().code == Code::malformed);
}

TEST_CASE("CIM times as they are read", "[base]") {
    auto const row = GENERATE(values<Good>({
        {"20261122231735.123000+000", evening},
        {"20261122231735.123456+000", evening},
        {"20261122231735.123000-000", evening},
        {"20261123001735.123000+060", evening},
        {"20261122181735.123000-300", evening},
        {"20261122231735.1+000", at(2026, 11, 22, 23h + 17min + 35s + 100ms)},
        {"20261122231735.000000+0", at(2026, 11, 22, 23h + 17min + 35s)},
        {"20260228235959.000000-001", at(2026, 3, 1, 59s)},
        {"20261123131735.123000+840", evening},
    }));
    INFO(row.text);
    auto const time = parse_cim_time(row.text);
    REQUIRE(time.has_value());
    CHECK(*time == row.expected);
}

TEST_CASE("what is no CIM time", "[base]") {
    auto const* const text =
        GENERATE("", "20261122231735", "20261122231735.123000", "20261122231735.123000+",
                 "20261122231735+000", "20261122231735.+000", "20261122231735.1234567+000",
                 "20261122231735.123000 000", "2026112223173.123000+000", "20261322231735.123000+000",
                 "20260229231735.123000+000", "20261122241735.123000+000", "20261122236035.123000+000",
                 "20261122231762.123000+000", "20261122231735.123000+1441", "20261122231735.123000+00000",
                 "20261122231735.123000+0a0", "20261122231735.123000+000 ", "********231735.123000+000",
                 "00000000000010.000000:000", "2026-11-22T23:17:35Z");
    INFO(text);
    auto const time = parse_cim_time(text);
    REQUIRE_FALSE(time.has_value());
    CHECK(time.error().code == Code::malformed);
}

TEST_CASE("a time comes back from its text", "[base]") {
    constexpr auto first = at(1, 1, 1).time_since_epoch().count();
    constexpr auto end = at(9999, 12, 31).time_since_epoch().count();
    CHECK(rc::check([] {
        TimePoint const time{std::chrono::milliseconds{*rc::gen::inRange(first, end)}};
        RC_ASSERT(parse_iso_time(iso_time_ms(time)).value() == time);
        RC_ASSERT(parse_cim_time(cim_time(time)).value() == time);
        RC_ASSERT(parse_iso_time(iso_time(time)).value() == std::chrono::floor<std::chrono::seconds>(time));
    }));
}

TEST_CASE("clocks", "[base]") {
    ManualClock clock{evening};
    CHECK(clock.now() == evening);
    clock.advance(2s);
    CHECK(clock.now() == evening + 2s);
    clock.set(evening);
    CHECK(clock.now() == evening);
    auto const before = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    CHECK(SystemClock{}.now() >= before);
}
