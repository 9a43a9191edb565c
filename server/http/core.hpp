// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/http/gate.hpp"
#include "server/http/server.hpp"
#include "server/http/throttle.hpp"

#include <atomic>
#include <string>

namespace pointman::http {

/// What all connections of a server share. Outlives the Server while connections are still closing.
struct Core {
    Core(Limits limits_, Clock const& clock_, log::Log log_)
        : limits(limits_)
        , clock(clock_)
        , log(std::move(log_))
        , gate(limits, counters)
        , throttle(clock) {}

    Limits const limits;
    Clock const& clock;
    log::Log const log;
    Admit admit;
    Handler handler;
    Counters counters;
    Gate gate;
    LogThrottle throttle;
    std::atomic<bool> draining{false}; ///< answers say Connection: close, idle connections end
    std::atomic<bool> stopped{false};  ///< no handler is called any more
};

/// The next Request::id.
std::string next_request_id();

} // namespace pointman::http
