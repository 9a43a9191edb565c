// SPDX-License-Identifier: Apache-2.0
#include "client/load/meter.hpp"

#include <algorithm>
#include <ctime>

namespace pointman::client::load {

namespace {

double seconds(std::chrono::nanoseconds span) {
    return std::chrono::duration<double>(span).count();
}

double share(std::chrono::nanoseconds part, std::chrono::nanoseconds whole) {
    return whole.count() > 0 ? seconds(part) / seconds(whole) : 0;
}

Counts difference(Counts now, Counts const& before) {
    now.sent -= before.sent;
    now.ok -= before.ok;
    now.refused -= before.refused;
    now.failed -= before.failed;
    now.lost -= before.lost;
    now.duplicates -= before.duplicates;
    now.cut -= before.cut;
    now.withheld -= before.withheld;
    now.bytes_out -= before.bytes_out;
    now.bytes_in -= before.bytes_in;
    return now;
}

} // namespace

std::chrono::nanoseconds thread_cpu() {
    timespec time{};
    static_cast<void>(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)); // cannot fail for this clock
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

Meter::Meter(PhaseFigures figures, Instant run_began, Instant now)
    : figures_(std::move(figures))
    , run_began_(run_began)
    , began_(now)
    , over_(now)
    , cpu_began_(thread_cpu())
    , row_began_(now)
    , row_cpu_(cpu_began_) {
    figures_.began = seconds_since_start(now);
}

double Meter::seconds_since_start(Instant now) const {
    return seconds(now - run_began_);
}

void Meter::latency(Kind kind, Span taken) {
    auto const rounded = std::chrono::ceil<Histogram::Duration>(taken);
    figures_.by_kind[kind].latency.record(rounded);
    second_.record(rounded);
}

void Meter::lag(Span late) {
    auto const taken = std::max(late, Span{0});
    figures_.lag.record(std::chrono::ceil<Histogram::Duration>(taken));
    worst_lag_ = std::max(worst_lag_, taken);
}

void Meter::stood_still(Span late) {
    figures_.stopped = std::max(figures_.stopped, seconds(late));
}

Second const& Meter::row(Instant now, std::uint64_t in_flight, std::uint64_t waiting) {
    auto const total = figures_.total();
    auto const cpu = thread_cpu() + building_.cpu;
    figures_.rows.push_back({.at = seconds_since_start(now),
                             .counts = difference(total, before_),
                             .p50_ms = milliseconds_of(second_.percentile(50)),
                             .p99_ms = milliseconds_of(second_.percentile(99)),
                             .max_ms = milliseconds_of(second_.max()),
                             .in_flight = in_flight,
                             .waiting = waiting,
                             .lag_ms = std::chrono::duration<double, std::milli>(worst_lag_).count(),
                             .cpu = share(cpu - row_cpu_, now - row_began_)});
    before_ = total;
    row_began_ = now;
    row_cpu_ = cpu;
    second_.clear();
    worst_lag_ = {};
    return figures_.rows.back();
}

void Meter::over(Instant now, unsigned builders) {
    over_ = now;
    auto const whole = now - began_;
    auto const sending = thread_cpu() - cpu_began_;
    figures_.seconds = seconds(whole);
    figures_.ok_in_time = figures_.total().ok;
    figures_.io_busy = share(sending, whole);
    figures_.build_busy = share(building_.time, whole) / builders;
    figures_.cpu = share(sending + building_.cpu, whole);
}

PhaseFigures Meter::finish(Instant now) {
    figures_.drained = seconds(now - over_);
    return std::move(figures_);
}

} // namespace pointman::client::load
