// SPDX-License-Identifier: Apache-2.0
#include "client/load/histogram.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>

namespace pointman::client::load {

namespace {

using Microseconds = Histogram::Duration;

/// The value within which `percent` of all lie, the plain way.
std::int64_t of_sorted(std::vector<std::int64_t> values, double percent) {
    std::ranges::sort(values);
    auto const rank = std::ceil(percent / 100 * static_cast<double>(values.size()));
    return values[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

} // namespace

TEST_CASE("a histogram tells the percentiles of sorted samples to three digits") {
    bool const holds = rc::check("as sorted samples", [] {
        // Of every size from a microsecond to an hour.
        auto const values = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::int64_t>>(
            rc::gen::mapcat(rc::gen::inRange(0, 32), [](int bits) {
                return rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << bits);
            })));
        auto const percent = *rc::gen::inRange(0, 1001) / 10.0;
        Histogram histogram;
        for (auto const value : values) histogram.record(Microseconds(value));
        auto const exact = of_sorted(values, percent);
        auto const told = histogram.percentile(percent).count();
        RC_ASSERT(told >= exact);
        RC_ASSERT(static_cast<double>(told - exact) <= static_cast<double>(exact) / 1'000);
        RC_ASSERT(histogram.max().count() == std::ranges::max(values));
        RC_ASSERT(histogram.count() == values.size());
    });
    CHECK(holds);
}

TEST_CASE("two histograms added are the histogram of both") {
    bool const holds =
        rc::check("sum", [](std::vector<std::uint16_t> const& a, std::vector<std::uint16_t> const& b) {
            Histogram first;
            Histogram second;
            Histogram both;
            for (auto const value : a) first.record(Microseconds(value)), both.record(Microseconds(value));
            for (auto const value : b) second.record(Microseconds(value)), both.record(Microseconds(value));
            first.add(second);
            RC_ASSERT(first.count() == both.count());
            for (auto const percent : {0.0, 50.0, 99.0, 100.0})
                RC_ASSERT(first.percentile(percent) == both.percentile(percent));
        });
    CHECK(holds);
}

TEST_CASE("the ends of a histogram") {
    Histogram histogram;
    CHECK(histogram.percentile(99) == Microseconds(0));
    histogram.record(Microseconds(-5)); // a clock that went back
    CHECK(histogram.max() == Microseconds(0));
    histogram.record(std::chrono::hours(7));
    CHECK(histogram.percentile(100) == Histogram::longest);
    CHECK(histogram.percentile(50) == Microseconds(0));
    histogram.clear();
    CHECK(histogram.count() == 0);
    CHECK(histogram.percentile(100) == Microseconds(0));
}

} // namespace pointman::client::load
