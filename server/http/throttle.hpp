// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "server/log_throttle.hpp"

#include <array>
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

/// A throttle for each kind of event.
class LogThrottle {
public:
    explicit LogThrottle(Clock const& clock)
        : clock_(clock) {}

    /// As log::Throttle says.
    std::optional<std::uint64_t> pass(Event event) {
        return kinds_.at(static_cast<std::size_t>(event)).pass(clock_.now());
    }

private:
    Clock const& clock_;
    std::array<log::Throttle, static_cast<std::size_t>(Event::count_)> kinds_;
};

} // namespace pointman::http
