// SPDX-License-Identifier: Apache-2.0
#include "client/load/figures.hpp"

#include <algorithm>

namespace pointman::client::load {

Counts& Counts::operator+=(Counts const& other) {
    sent += other.sent;
    ok += other.ok;
    refused += other.refused;
    failed += other.failed;
    lost += other.lost;
    duplicates += other.duplicates;
    cut += other.cut;
    withheld += other.withheld;
    bytes_out += other.bytes_out;
    bytes_in += other.bytes_in;
    return *this;
}

Counts PhaseFigures::total() const {
    Counts sum;
    for (auto const& each : by_kind) sum += each.counts;
    return sum;
}

Histogram PhaseFigures::latency() const {
    Histogram all;
    for (auto const& each : by_kind) all.add(each.latency);
    return all;
}

double PhaseFigures::recovery(std::optional<double> p99_ms) const {
    auto const bad = [p99_ms](Second const& row) {
        return row.counts.refused + row.counts.failed > 0 || (p99_ms && row.p99_ms > *p99_ms);
    };
    auto const last = std::find_if(rows.rbegin(), rows.rend(), bad);
    return last == rows.rend() ? 0 : last->at - began;
}

PhaseFigures const* RunFigures::phase(std::string_view name) const {
    auto const found = std::ranges::find(phases, name, &PhaseFigures::name);
    return found == phases.end() ? nullptr : &*found;
}

double milliseconds_of(Histogram::Duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

} // namespace pointman::client::load
