// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/load/figures.hpp"

#include <chrono>

namespace pointman::client::load {

using Instant = std::chrono::steady_clock::time_point;
using Span = std::chrono::steady_clock::duration;

/// Work of a thread: how long it took, and how much of a processor.
struct Work {
    Span time{};
    std::chrono::nanoseconds cpu{};

    Work& operator+=(Work const& other) {
        time += other.time;
        cpu += other.cpu;
        return *this;
    }
};

/// Processor time of the thread that asks.
std::chrono::nanoseconds thread_cpu();

/// Keeps the figures of one phase. All on the thread that sends.
class Meter {
public:
    /// `run_began`: when the run did. `waiting` and `in_flight` are given with each row.
    Meter(PhaseFigures figures, Instant run_began, Instant now);

    Counts& counts(Kind kind) { return figures_.by_kind[kind].counts; }
    void latency(Kind kind, Span taken);
    void lag(Span late);
    /// The generator's own clock came so late.
    void stood_still(Span late);
    void built(Work const& work) { building_ += work; }

    /// Closes a row.
    Second const& row(Instant now, std::uint64_t in_flight, std::uint64_t waiting);
    /// Nothing comes due any more.
    void over(Instant now, unsigned builders);
    /// Everything is settled.
    PhaseFigures finish(Instant now);

    PhaseFigures& figures() { return figures_; }

private:
    double seconds_since_start(Instant now) const;

    PhaseFigures figures_;
    Instant run_began_;
    Instant began_;
    Instant over_;
    std::chrono::nanoseconds cpu_began_;

    // Since the last row:
    Instant row_began_;
    std::chrono::nanoseconds row_cpu_;
    Counts before_{};
    Histogram second_{};
    Span worst_lag_{};

    Work building_{};
};

} // namespace pointman::client::load
