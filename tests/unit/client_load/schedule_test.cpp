// SPDX-License-Identifier: Apache-2.0
#include "client/load/schedule.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <map>
#include <set>

namespace pointman::client::load {

namespace {

using namespace std::chrono_literals;

std::vector<Arrival> all(Schedule schedule) {
    std::vector<Arrival> arrivals;
    while (auto arrival = schedule.next()) arrivals.push_back(*arrival);
    return arrivals;
}

ByKind<double> rates(std::map<Kind, double> const& given) {
    ByKind<double> made{};
    for (auto const& [kind, rate] : given) made[kind] = rate;
    return made;
}

} // namespace

TEST_CASE("when arrivals of a rising rate are due") {
    struct Row {
        double rate;
        Offset ramp;
        double arrivals;
        Offset due;
    };
    auto const row = GENERATE(Row{10, 0s, 0, 0s}, Row{10, 0s, 5, 500ms}, Row{10, 0s, 25, 2500ms},
                              // Ten a second after 4 s: 20 have come by then, 5 after half the time.
                              Row{10, 4s, 5, 2s}, Row{10, 4s, 20, 4s}, Row{10, 4s, 30, 5s});
    CHECK(RisingRate(row.rate, row.ramp).when(row.arrivals) == row.due);
}

TEST_CASE("a permutation has every client once before any comes again") {
    bool const holds = rc::check("permutation", [](std::uint64_t seed) {
        auto const size = *rc::gen::inRange<std::uint64_t>(1, 500);
        Permutation const order(seed, size);
        for (std::uint64_t round = 0; round < 2; ++round) {
            std::set<std::uint64_t> seen;
            for (std::uint64_t i = 0; i < size; ++i) seen.insert(order.at(round * size + i));
            RC_ASSERT(seen.size() == size);
            RC_ASSERT(*seen.rbegin() == size - 1);
        }
    });
    CHECK(holds);
}

TEST_CASE("a schedule holds its rates, in order, and gives each client its turn") {
    bool const holds = rc::check("schedule", [](std::uint64_t seed) {
        auto const clients = *rc::gen::inRange<std::uint64_t>(1, 50);
        auto const arrivals =
            all(Schedule(seed, clients, rates({{Kind::policy, 40}, {Kind::ddr, 3}}), 0s, 10s));
        std::map<Kind, std::vector<std::uint64_t>> by_kind;
        Offset last{};
        for (auto const& arrival : arrivals) {
            RC_ASSERT(arrival.due >= last);
            RC_ASSERT(arrival.due < 10s);
            last = arrival.due;
            by_kind[arrival.kind].push_back(arrival.client);
        }
        RC_ASSERT(by_kind[Kind::policy].size() == 400U);
        RC_ASSERT(by_kind[Kind::ddr].size() == 30U);
        auto const& polls = by_kind[Kind::policy];
        std::set<std::uint64_t> const round(polls.begin(),
                                            polls.begin() + static_cast<std::ptrdiff_t>(clients));
        RC_ASSERT(round.size() == clients);
    });
    CHECK(holds);
}

TEST_CASE("a seed repeats a schedule") {
    auto const made = [](std::uint64_t seed) {
        return all(Schedule(seed, 20, rates({{Kind::state, 10}, {Kind::status, 10}}), 1s, 3s));
    };
    CHECK(made(1) == made(1));
    CHECK(made(1) != made(2));
    // Half of the first second's rate, and two whole ones.
    CHECK(made(1).size() == 50);
}

} // namespace pointman::client::load
