// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"

#include <atomic>
#include <cstdint>
#include <optional>

namespace pointman::log {

/// Lets a few records of a kind through in each second and counts the others.
class Throttle {
public:
    static constexpr std::uint64_t per_second = 5;

    /// Nothing where the record is to be left out; else how many were left out since the last one.
    /// Two threads at the turn of a second may let a record more through: no harm.
    std::optional<std::uint64_t> pass(TimePoint now);

private:
    std::atomic<std::int64_t> second_{-1};
    std::atomic<std::uint64_t> passed_{0};
    std::atomic<std::uint64_t> held_{0};
};

} // namespace pointman::log
