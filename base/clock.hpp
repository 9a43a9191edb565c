// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>

namespace pointman {

/// UTC with milliseconds: the finest time that the protocol and the logs carry.
using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;

/// The one source of time. Everything that reads a time is given a Clock, so that tests can set it.
class Clock {
public:
    Clock() = default;
    Clock(Clock const&) = delete;
    Clock& operator=(Clock const&) = delete;
    virtual ~Clock() = default;
    virtual TimePoint now() const = 0;
};

class SystemClock final : public Clock {
public:
    TimePoint now() const override {
        return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    }
};

/// Stands still until it is told otherwise.
class ManualClock final : public Clock {
public:
    explicit ManualClock(TimePoint start) : milliseconds_(start.time_since_epoch().count()) {}
    TimePoint now() const override { return TimePoint{std::chrono::milliseconds{milliseconds_.load()}}; }
    void set(TimePoint time) { milliseconds_ = time.time_since_epoch().count(); }
    void advance(std::chrono::milliseconds step) { milliseconds_ += step.count(); }

private:
    std::atomic<std::chrono::milliseconds::rep> milliseconds_;
};

} // namespace pointman
