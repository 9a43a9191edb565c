// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

namespace pointman::http {

/// What is refused often enough in an attack to fill a disk with warnings.
enum class Event : std::uint8_t {
    connections,
    address,
    handshake,
    timeout,
    malformed,
    too_large,
    overload,
    admission,
    accept,
    count_, ///< how many there are
};

/// Lets a few records of each kind through in each second of the clock and counts the others.
class LogThrottle {
public:
    static constexpr std::uint64_t per_second = 5;

    explicit LogThrottle(Clock const& clock)
        : clock_(clock) {}

    /// Nothing where the record is to be left out; else how many were left out since the last one.
    /// Two threads at the turn of a second may let a record more through: no harm.
    std::optional<std::uint64_t> pass(Event event);

private:
    struct Window {
        std::atomic<std::int64_t> second{-1};
        std::atomic<std::uint64_t> passed{0};
        std::atomic<std::uint64_t> held{0};
    };
    Clock const& clock_;
    std::array<Window, static_cast<std::size_t>(Event::count_)> windows_;
};

} // namespace pointman::http
