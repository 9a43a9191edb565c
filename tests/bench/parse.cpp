// SPDX-License-Identifier: Apache-2.0
// What it costs to read a report of 250 KB: the tree of schemas::validate, and instances out of it, against a
// bare SAX loop of Xerces over the same bytes with the same grammar, which keeps nothing. Exits with 1 where
// validate() is not faster than that, as it is as long as its own reader and acceptor do the work.
#include "endpoints/inventory/reported.hpp"
#include "endpoints/report/report_header.hpp"
#include "schemas/reader.hpp"
#include "schemas/validator.hpp"
#include "server/wire/utf16.hpp"
#include "tests/bench/bare_sax.hpp"
#include "tests/bench/figure.hpp"
#include "tests/bench/load.hpp"
#include "tests/bench/medians.hpp"
#include "tests/bench/report.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace pointman;
using namespace pointman::bench;

constexpr std::string_view schema = "hardware_inventory_report.xsd";
constexpr double least = 1.5;

Bytes const& report() {
    static Bytes const bytes = [] {
        std::string const text = "<Report><ReportHeader><Identification><Machine><ClientID>GUID:7C1D9A52-"
                                 "3E0B-4F61-9B8E-52D4A0E7C913"
                                 "</ClientID></Machine></"
                                 "Identification><ReportDetails><ReportContent>Inventory Data</ReportContent>"
                                 "</ReportDetails>" +
                                 std::string(hardware_action) + "</ReportHeader><ReportBody>" +
                                 hardware_instances(0) + "</ReportBody></Report>";
        return wire::to_utf16le(text);
    }();
    return bytes;
}

void bare_sax(benchmark::State& state) {
    BareSax reader(schema);
    for ([[maybe_unused]] auto const round : state) reader.parse(report());
}

void validate(benchmark::State& state) {
    for ([[maybe_unused]] auto const round : state)
        benchmark::DoNotOptimize(must(schemas::validate(schema, report())));
}

void validate_and_read(benchmark::State& state) {
    for ([[maybe_unused]] auto const round : state) {
        auto const document = must(schemas::validate(schema, report()));
        auto instances = must(endpoints::inventory::read_instances(*endpoints::report_body(document)));
        auto const classes = endpoints::inventory::read_classes(std::move(instances), true);
        if (classes.instances != instances_of_report) state.SkipWithError("instances are missing");
    }
}

BENCHMARK(bare_sax);
BENCHMARK(validate);
BENCHMARK(validate_and_read);

} // namespace

int main(int argc, char** argv) {
    // Repetitions in turn, so that all see the same machine.
    std::vector<char*> arguments(argv, argv + argc);
    std::string repetitions = "--benchmark_repetitions=9";
    std::string interleaving = "--benchmark_enable_random_interleaving=true";
    std::string aggregates = "--benchmark_report_aggregates_only=true";
    std::string shortly = "--benchmark_min_time=0.2";
    arguments.insert(arguments.begin() + 1,
                     {repetitions.data(), interleaving.data(), aggregates.data(), shortly.data()});
    int count = static_cast<int>(arguments.size());
    benchmark::Initialize(&count, arguments.data());
    if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 1;
    schemas::start_xerces();
    schemas::load_embedded_schemas();
    Medians medians;
    benchmark::RunSpecifiedBenchmarks(&medians);
    auto const ratio = medians.of("bare_sax") / medians.of("validate");
    fmt::print("a report of {} bytes, validated: {:.0f} % of the speed of a bare SAX loop, and {:.0f} % are "
               "wanted; with its instances read: {:.0f} %\n",
               report().size(), 100 * ratio, 100 * least,
               100 * medians.of("bare_sax") / medians.of("validate_and_read"));
    constexpr double nanoseconds = 1e9;
    auto const rate = [&medians](char const* name) { return nanoseconds / medians.of(name); };
    bool const good =
        put_down({"report of 250 KB validated", rate("validate"), "bare SAX loop", rate("bare_sax"), least});
    put_down({"the same, instances read", rate("validate_and_read"), "bare SAX loop", rate("bare_sax"), 0});
    return good ? 0 : 1;
}
