// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/http/gate.hpp"
#include "server/http/server.hpp"
#include "server/http/throttle.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <string>
#include <utility>
#include <vector>

namespace pointman::http {

/// What all connections of a server share. Outlives the Server while connections are still closing.
struct Core {
    Core(std::vector<boost::asio::any_io_executor> executors_, Limits limits_, Clock const& clock_,
         log::Log log_)
        : executors(std::move(executors_))
        , limits(limits_)
        , clock(clock_)
        , log(std::move(log_))
        , gate(limits, counters)
        , throttle(clock) {}

    /// Where the next connection runs.
    boost::asio::any_io_executor const& next_executor() { return executors[turn++ % executors.size()]; }

    std::vector<boost::asio::any_io_executor> const executors; ///< at least one
    std::atomic<std::size_t> turn{0};
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
