// SPDX-License-Identifier: Apache-2.0
// What a machine that does not exist costs the load generator: one full report, one delta, beside what
// compressing the report costs whoever sends it.
#include "client/inventory/synthetic.hpp"

#include "client/inventory/difference.hpp"
#include "client/inventory/reports.hpp"
#include "server/wire/utf16.hpp"
#include "server/wire/zlib.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace pointman;
using namespace pointman::client::inventory;

client::Sender const sender{"GUID:5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3", "5.00.9128.1007", "WS-0000001"};

void make_snapshot(benchmark::State& state) {
    SyntheticMachine machine;
    for (auto _ : state) {
        ++machine.index;
        benchmark::DoNotOptimize(machine.hardware());
    }
}
BENCHMARK(make_snapshot)->Unit(benchmark::kMicrosecond);

void make_full_report(benchmark::State& state) {
    SyntheticMachine machine;
    std::size_t bytes = 0;
    for (auto _ : state) {
        ++machine.index;
        bytes = hardware_report(sender, {}, machine.hardware()).size();
    }
    state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(make_full_report)->Unit(benchmark::kMicrosecond);

void make_delta_report(benchmark::State& state) {
    SyntheticMachine machine;
    std::size_t changes = 0;
    for (auto _ : state) {
        ++machine.index;
        auto later = machine;
        ++later.generation;
        auto const difference_of_day = difference(machine.hardware(), later.hardware());
        benchmark::DoNotOptimize(hardware_report(sender, {}, difference_of_day));
        changes = difference_of_day.size();
    }
    state.counters["changes"] = static_cast<double>(changes);
}
BENCHMARK(make_delta_report)->Unit(benchmark::kMicrosecond);

void compress_full_report(benchmark::State& state) {
    auto const report = hardware_report(sender, {}, SyntheticMachine{}.hardware());
    for (auto _ : state) benchmark::DoNotOptimize(wire::zlib_compress(wire::to_utf16le(report)));
}
BENCHMARK(compress_full_report)->Unit(benchmark::kMicrosecond);

} // namespace

BENCHMARK_MAIN();
