// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

namespace pointman::http {

/// The deadline of whatever a connection is waiting for. One timer serves all phases: a later deadline does
/// not touch it, since it looks at the deadline again when it fires. Used on the connection's strand only.
class Watchdog : public std::enable_shared_from_this<Watchdog> {
public:
    Watchdog(boost::asio::any_io_executor const& executor, std::function<void()> expired)
        : timer_(executor)
        , expired_(std::move(expired)) {}

    /// Calls `expired` if that much time passes before the next call of within() or rest().
    void within(std::chrono::milliseconds time) {
        deadline_ = Clock::now() + time;
        if (!waiting_ || timer_.expiry() > deadline_) wait();
    }
    void rest() { deadline_ = Clock::time_point::max(); }
    /// For good: the owner goes.
    void stop() {
        rest();
        expired_ = nullptr;
        timer_.cancel();
    }

private:
    using Clock = std::chrono::steady_clock;

    void wait() {
        waiting_ = true;
        timer_.expires_at(deadline_);
        timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
            auto const self = weak.lock();
            if (!error && self) self->fired();
        });
    }

    void fired() {
        waiting_ = false;
        if (deadline_ == Clock::time_point::max() || !expired_) return;
        if (Clock::now() < deadline_) return wait();
        rest();
        expired_();
    }

    boost::asio::steady_timer timer_;
    std::function<void()> expired_;
    Clock::time_point deadline_ = Clock::time_point::max();
    bool waiting_ = false;
};

} // namespace pointman::http
