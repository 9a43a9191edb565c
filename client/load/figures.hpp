// SPDX-License-Identifier: Apache-2.0
// What a run counted.
#pragma once

#include "client/load/histogram.hpp"
#include "client/load/kind.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pointman::client::load {

struct Counts {
    std::uint64_t sent = 0;    ///< requests, each try
    std::uint64_t ok = 0;      ///< messages that were acknowledged, each once
    std::uint64_t refused = 0; ///< answers 503
    std::uint64_t failed =
        0;                  ///< other tries that came to nothing: no connection, no answer in time, 4xx, 5xx
    std::uint64_t lost = 0; ///< messages that were given up, or still on their way when the phase was over
    std::uint64_t duplicates = 0; ///< sent on purpose after the acknowledgement; not in `sent`
    std::uint64_t cut = 0;        ///< requests cut on purpose; not in `sent`
    std::uint64_t withheld = 0;   ///< deltas lost on purpose; not in `sent`
    std::uint64_t bytes_out = 0;
    std::uint64_t bytes_in = 0;

    Counts& operator+=(Counts const& other);
    bool operator==(Counts const&) const = default;
};

/// A second of the run: a row of the CSV.
struct Second {
    double at = 0; ///< seconds since the run began, at the end of the row
    Counts counts{};
    double p50_ms = 0;
    double p99_ms = 0;
    double max_ms = 0;
    std::uint64_t in_flight = 0; ///< at the end
    std::uint64_t waiting = 0;   ///< messages that wait for a connection, their client or another try
    double lag_ms = 0;           ///< the latest message was so late
    double cpu = 0;              ///< cores that the generator used
};

struct KindFigures {
    Counts counts{};
    /// From the time that a message was due (open) or sent (closed) to its acknowledgement. A try that failed
    /// counts with the time that it took; a refusal does not, and what is sent later is due later.
    Histogram latency{};
};

struct PhaseFigures {
    std::string name;
    bool open = false;
    bool measured = true;
    double began = 0;             ///< seconds since the run began
    double seconds = 0;           ///< in which messages came due; for steps, until the last was done
    double drained = 0;           ///< seconds after that
    std::uint64_t ok_in_time = 0; ///< messages that were acknowledged before it
    std::uint64_t unmade =
        0; ///< messages that were dropped because the generator could not make them in time
    ByKind<KindFigures> by_kind{};
    std::vector<Second> rows{};
    Histogram lag{};       ///< how late messages were that nothing but the generator held up
    double stopped = 0;    ///< seconds: the longest time in which the generator did nothing at all
    double io_busy = 0;    ///< share of the time in which the thread that sends worked
    double build_busy = 0; ///< the same of those that make messages
    double cpu = 0;        ///< cores, all in all
    std::string invalid{}; ///< why the figures say nothing of the server; "" = they do

    Counts total() const;
    Histogram latency() const;
    /// Messages acknowledged in a second.
    double rate() const { return seconds > 0 ? static_cast<double>(ok_in_time) / seconds : 0; }
    /// When the last row ended that had a refusal, a failure, or a 99th percentile over the bound; 0 = none
    /// had.
    double recovery(std::optional<double> p99_ms) const;
};

struct RunFigures {
    std::vector<PhaseFigures> phases;
    std::uint64_t clients = 0;
    std::uint64_t registered = 0;
    std::uint64_t bytes_per_client = 0;
    double peak_rss_mb = 0;    ///< of the generator
    double server_peak_mb = 0; ///< 0 = not known: nobody said which process it is, or it has gone
    bool interrupted = false;
    std::uint64_t handshakes = 0; ///< of TLS
    std::uint64_t resumed = 0;    ///< of these
    std::string last_fault{};     ///< of the last try that failed

    PhaseFigures const* phase(std::string_view name) const;
};

double milliseconds_of(Histogram::Duration duration);

} // namespace pointman::client::load
