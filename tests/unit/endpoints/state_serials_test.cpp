// SPDX-License-Identifier: Apache-2.0
// Serial numbers of state messages: one by one, and random ones against a model that keeps each number.
#include "endpoints/relay/serials.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <limits>
#include <map>
#include <ostream>
#include <string>
#include <vector>

using namespace pointman;
using namespace pointman::endpoints::relay;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint noon = std::chrono::sys_days{std::chrono::November / 28 / 2026} + 12h;

/// A message: its serial number and its time in minutes after noon.
struct Sent {
    std::int64_t serial = 0;
    int minute = 0;
};

std::ostream& operator<<(std::ostream& out, Sent const& sent) {
    return out << sent.serial << "@" << sent.minute;
}

TimePoint at(int minute) {
    return noon + std::chrono::minutes(minute);
}

std::string name_of(Place place) {
    switch (place) {
    case Place::next:
        return "next";
    case Place::late:
        return "late";
    case Place::again:
        return "again";
    case Place::restart:
        return "restart";
    case Place::duplicate:
        return "duplicate";
    }
    return "?";
}

/// "3-5 8-8"
std::string shown(std::vector<db::SerialGap> const& gaps) {
    std::string text;
    for (auto const& gap : gaps) text += fmt::format("{}-{} ", gap.first, gap.last);
    if (!text.empty()) text.pop_back();
    return text;
}

} // namespace

TEST_CASE("what a serial number tells") {
    struct Row {
        std::string name;
        std::vector<Sent> sent;
        std::string last; ///< what the last of them was
        std::string gaps;
        std::int64_t newest;
        std::int64_t epoch;
    };
    constexpr auto largest = std::numeric_limits<std::int64_t>::max();
    auto const row = GENERATE(values<Row>({
        {"the first", {{1, 0}}, "next", "", 1, 1},
        {"the next", {{1, 0}, {2, 1}}, "next", "", 2, 1},
        {"the first ever is not the first", {{5, 0}}, "next", "1-4", 5, 1},
        {"some are missing", {{1, 0}, {5, 1}}, "next", "2-4", 5, 1},
        {"one is missing", {{1, 0}, {3, 1}}, "next", "2-2", 3, 1},
        {"two gaps", {{1, 0}, {3, 1}, {6, 2}}, "next", "2-2 4-5", 6, 1},
        {"the only missing one comes", {{1, 0}, {3, 2}, {2, 1}}, "late", "", 3, 1},
        {"the lower end of a gap comes", {{1, 0}, {5, 4}, {2, 1}}, "late", "3-4", 5, 1},
        {"the upper end of a gap comes", {{1, 0}, {5, 4}, {4, 3}}, "late", "2-3", 5, 1},
        {"the middle of a gap comes", {{1, 0}, {5, 4}, {3, 2}}, "late", "2-2 4-4", 5, 1},
        {"a gap of before comes while another is open",
         {{1, 0}, {3, 2}, {6, 5}, {2, 1}},
         "late",
         "4-5",
         6,
         1},
        {"a late one comes twice", {{1, 0}, {3, 2}, {2, 1}, {2, 1}}, "duplicate", "", 3, 1},
        {"the newest once more", {{1, 0}, {2, 1}, {2, 1}}, "duplicate", "", 2, 1},
        {"an old one once more", {{1, 0}, {2, 1}, {1, 0}}, "duplicate", "", 2, 1},
        {"the newest number with a later time", {{1, 0}, {2, 1}, {2, 5}}, "again", "", 2, 1},
        {"and with an earlier one", {{1, 0}, {2, 5}, {2, 1}}, "duplicate", "", 2, 1},
        {"1 with a later time", {{1, 0}, {2, 1}, {3, 2}, {1, 3}}, "restart", "", 1, 2},
        {"2 with a later time, 1 was lost", {{1, 0}, {9, 1}, {9, 1}, {5, 0}, {5, 9}}, "restart", "1-4", 5, 2},
        {"1 was missing, and comes late", {{3, 1}, {1, 0}}, "late", "2-2", 3, 1},
        {"1 was missing, and comes with a later time", {{3, 1}, {1, 2}}, "restart", "", 1, 2},
        {"another that was missing comes with a later time", {{3, 1}, {2, 2}}, "late", "1-1", 3, 1},
        {"gaps do not outlast a restart", {{1, 0}, {9, 1}, {1, 2}}, "restart", "", 1, 2},
        {"after a restart it goes on", {{1, 0}, {9, 1}, {1, 2}, {3, 3}}, "next", "2-2", 3, 2},
        {"a duplicate of before a restart", {{1, 0}, {2, 1}, {3, 2}, {1, 3}, {1, 0}}, "duplicate", "", 1, 2},
        {"a clock that was set back", {{1, 9}, {2, 1}}, "next", "", 2, 1},
        {"an enormous one", {{1, 0}, {largest, 1}}, "next", fmt::format("2-{}", largest - 1), largest, 1},
        {"below an enormous one",
         {{largest, 1}, {7, 0}},
         "late",
         fmt::format("1-6 8-{}", largest - 1),
         largest,
         1},
    }));
    CAPTURE(row.name);
    db::StateSequence sequence;
    Place place{};
    for (auto const& [serial, minute] : row.sent) place = take_serial(sequence, serial, at(minute), noon);
    CHECK(name_of(place) == row.last);
    CHECK(shown(sequence.gaps) == row.gaps);
    CHECK(sequence.newest == row.newest);
    CHECK(sequence.epoch == row.epoch);
}

TEST_CASE("gaps know when they were noticed, and pieces of one know it too") {
    db::StateSequence sequence;
    take_serial(sequence, 5, at(0), noon);
    take_serial(sequence, 9, at(1), noon + 1h);
    take_serial(sequence, 3, at(0), noon + 2h);
    CHECK(sequence.gaps == std::vector<db::SerialGap>{{1, 2, noon}, {4, 4, noon}, {6, 8, noon + 1h}});
}

TEST_CASE("what is missing of before is forgotten") {
    struct Row {
        std::int64_t up_to;
        std::string left;
        bool changed;
    };
    auto const row = GENERATE(values<Row>({{0, "2-3 6-9", false},
                                           {1, "2-3 6-9", false},
                                           {2, "3-3 6-9", true},
                                           {3, "6-9", true},
                                           {5, "6-9", true},
                                           {7, "8-9", true},
                                           {9, "", true},
                                           {50, "", true}}));
    CAPTURE(row.up_to);
    db::StateSequence sequence;
    for (std::int64_t const serial : {1, 4, 5, 10}) take_serial(sequence, serial, at(0), noon);
    CHECK(forget_gaps_up_to(sequence, row.up_to) == row.changed);
    CHECK(shown(sequence.gaps) == row.left);
}

TEST_CASE("a client that leaves out every other number costs no more than the bound") {
    db::StateSequence sequence;
    for (std::int64_t serial = 2; serial <= 10'000; serial += 2) take_serial(sequence, serial, at(0), noon);
    CHECK(sequence.gaps.size() == most_gaps);
    CHECK(sequence.gaps.front().first == 1);
    CHECK(sequence.gaps.back().last == 9'999);
    // What was put together counts as missing: nothing that comes late is lost.
    CHECK(take_serial(sequence, 2, at(0), noon) == Place::late);
    CHECK(sequence.gaps.size() <= most_gaps);
}

TEST_CASE("any serial numbers, against a model that keeps each number") {
    CHECK(rc::check("any serial numbers", [] {
        auto const any =
            rc::gen::build<Sent>(rc::gen::set(&Sent::serial, rc::gen::inRange<std::int64_t>(1, 16)),
                                 rc::gen::set(&Sent::minute, rc::gen::inRange(0, 8)));
        auto const all = *rc::gen::resize(40, rc::gen::container<std::vector<Sent>>(any));
        db::StateSequence sequence;
        std::map<std::int64_t, TimePoint> missing;
        std::int64_t newest = 0;
        std::int64_t epoch = 1;
        auto newest_time = TimePoint{};
        int step = 0;
        for (auto const& [serial, minute] : all) {
            auto const now = noon + std::chrono::hours(++step);
            auto const time = at(minute);
            auto expected = Place::duplicate;
            if (serial > newest) {
                for (auto i = newest + 1; i < serial; ++i) missing.emplace(i, now);
                newest = serial;
                newest_time = time;
                expected = Place::next;
            } else if (serial == newest) {
                if (time > newest_time) {
                    newest_time = time;
                    expected = Place::again;
                }
            } else if (!(serial == 1 && time > newest_time) && missing.erase(serial) == 1) {
                expected = Place::late;
            } else if (time > newest_time) {
                missing.clear();
                for (std::int64_t i = 1; i < serial; ++i) missing.emplace(i, now);
                newest = serial;
                newest_time = time;
                ++epoch;
                expected = Place::restart;
            }
            RC_ASSERT(take_serial(sequence, serial, time, now) == expected);
            RC_ASSERT(sequence.newest == newest);
            RC_ASSERT(sequence.epoch == epoch);
            std::map<std::int64_t, TimePoint> gaps;
            for (auto const& gap : sequence.gaps) {
                RC_ASSERT(gap.first <= gap.last);
                for (auto i = gap.first; i <= gap.last; ++i) RC_ASSERT(gaps.emplace(i, gap.noticed).second);
            }
            RC_ASSERT(gaps == missing);
        }
    }));
}
