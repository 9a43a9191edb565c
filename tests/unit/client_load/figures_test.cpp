// SPDX-License-Identifier: Apache-2.0
#include "client/load/expect.hpp"
#include "client/load/summary.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <sstream>

namespace pointman::client::load {

namespace {

using namespace std::chrono_literals;

/// 1,000 messages in ten seconds, from 1 ms to 1 s; 50 refused, 10 failed, 2 lost.
PhaseFigures busy_phase(std::string name) {
    PhaseFigures phase;
    phase.name = std::move(name);
    phase.open = true;
    phase.began = 3;
    phase.seconds = 10;
    phase.drained = 2;
    phase.ok_in_time = 900;
    auto& policy = phase.by_kind[Kind::policy];
    for (int i = 1; i <= 1'000; ++i) policy.latency.record(std::chrono::milliseconds(i));
    policy.counts = {.sent = 1'060, .ok = 1'000, .refused = 50, .failed = 10, .lost = 2};
    phase.rows = {{.at = 4, .counts = {.refused = 9}, .p99_ms = 10},
                  {.at = 5, .counts = {}, .p99_ms = 300},
                  {.at = 6, .counts = {}, .p99_ms = 20}};
    return phase;
}

RunFigures run_of(std::vector<PhaseFigures> phases) {
    RunFigures run;
    run.phases = std::move(phases);
    run.clients = 250;
    run.peak_rss_mb = 40;
    return run;
}

Scenario scenario_of(Expectation const& expectation, double recovery_p99_ms = 0) {
    Scenario scenario;
    Phase phase;
    phase.name = "a";
    phase.expect = {expectation};
    phase.recovery_p99_ms = recovery_p99_ms;
    phase.share_of = "b";
    scenario.phases = {phase};
    return scenario;
}

} // namespace

TEST_CASE("what is expected of a phase") {
    struct Row {
        std::string key;
        double value; ///< of the phase
        bool at_least;
    };
    auto const row = GENERATE(
        Row{"p50_ms", 500, false}, Row{"p90_ms", 900, false}, Row{"p99_ms", 990, false},
        Row{"max_ms", 1'000, false}, Row{"error_rate", 10.0 / 1'060, false},
        Row{"refused_rate", 50.0 / 1'060, false}, Row{"failed", 10, false}, Row{"refused", 50, false},
        Row{"lost", 2, false}, Row{"duration_s", 12, false}, Row{"recovery_s", 1, false},
        Row{"generator_mb", 40, false}, Row{"min_ok", 1'000, true}, Row{"min_ok_per_client", 4, true},
        Row{"min_refused", 50, true}, Row{"min_rate", 90, true}, Row{"min_share", 0.5, true});
    INFO(row.key);
    auto faster = busy_phase("b");
    faster.ok_in_time *= 2;
    auto const run = run_of({busy_phase("a"), faster});
    auto const holds = [&](double bound) {
        auto const verdicts = judge(scenario_of({row.key, bound, 7}), run);
        REQUIRE(verdicts.size() == 1);
        CHECK(verdicts[0].value == Approx(row.value).epsilon(0.001));
        CHECK(verdicts[0].expectation.line == 7);
        return verdicts[0].holds;
    };
    CHECK(holds(row.value * 1.01) != row.at_least);
    CHECK(holds(row.value * 0.99) == row.at_least);
}

TEST_CASE("the memory of a server that nobody measured is under no bound") {
    auto run = run_of({busy_phase("a")});
    auto const scenario = scenario_of({"server_mb", 300, 7});
    CHECK_FALSE(judge(scenario, run).at(0).holds);
    run.server_peak_mb = 299;
    CHECK(judge(scenario, run).at(0).holds);
    run.server_peak_mb = 301;
    CHECK_FALSE(judge(scenario, run).at(0).holds);
}

TEST_CASE("a server has recovered after its last bad second") {
    auto const phase = busy_phase("a");
    CHECK(phase.recovery(std::nullopt) == 1); // refusals until second 4, which is the first of the phase
    CHECK(phase.recovery(250) == 2);          // and a slow one
    CHECK(PhaseFigures().recovery(1) == 0);
}

TEST_CASE("when the figures say nothing of the server") {
    struct Row {
        std::string name;
        bool open;
        std::chrono::milliseconds lag;
        double io_busy;
        double build_busy;
        std::uint64_t unmade;
        double stopped;
        std::string why; ///< "" = they do
    };
    auto const row = GENERATE(
        Row{"all is well", true, 1ms, 0.3, 0.4, 0, 0, ""},
        Row{"late", true, 60ms, 0.3, 0.4, 0, 0, "the generator was late"},
        Row{"late, but of no schedule", false, 60ms, 0.3, 0.4, 0, 0, ""},
        Row{"busy and in time", true, 1ms, 0.95, 0.4, 0, 0, ""},
        Row{"busy and nearly late", true, 30ms, 0.3, 0.95, 0, 0, "the generator was the limit"},
        Row{"closed and busy making", false, 0ms, 0.3, 0.95, 0, 0, "the generator was the limit"},
        Row{"closed and busy sending", false, 0ms, 0.95, 0.3, 0, 0, "the generator was the limit"},
        Row{"messages that were never made", true, 1ms, 0.3, 0.4, 5, 0, "5 messages were not sent"},
        Row{"a short stop", false, 0ms, 0.3, 0.4, 0, 0.9, ""},
        Row{"a suspended machine", false, 0ms, 0.3, 0.4, 0, 1.1, "the generator itself stood still"});
    INFO(row.name);
    PhaseFigures figures;
    figures.open = row.open;
    figures.lag.record(row.lag);
    figures.io_busy = row.io_busy;
    figures.build_busy = row.build_busy;
    figures.unmade = row.unmade;
    figures.stopped = row.stopped;
    auto const why = why_invalid(figures, {.lag = 50ms, .busy = 0.9});
    if (row.why.empty())
        CHECK(why == "");
    else
        CHECK_THAT(why, Catch::StartsWith(row.why));
}

TEST_CASE("the ending of a run") {
    auto run = run_of({busy_phase("a")});
    auto const good = judge(scenario_of({"lost", 2, 1}), run);
    auto const bad = judge(scenario_of({"lost", 1, 1}), run);
    CHECK(ending_of(run, good) == Ending::passed);
    CHECK(ending_of(run, bad) == Ending::failed);
    run.interrupted = true;
    CHECK(ending_of(run, good) == Ending::failed);
    run.phases[0].invalid = "late";
    CHECK(ending_of(run, good) == Ending::invalid);
    CHECK(ending_of(run, bad) == Ending::invalid);
}

TEST_CASE("a summary is readable at 80 columns, and names what failed") {
    auto run = run_of({busy_phase("a")});
    auto const verdicts = judge(scenario_of({"p99_ms", 100, 12}), run);
    auto const text = text_of(run, verdicts, "s.toml");
    CHECK_THAT(text, Catch::Contains("FAILED s.toml:12: phase a: p99_ms is 990"));
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        INFO(line);
        CHECK(line.size() <= 80);
    }
    run.phases[0].invalid = "the generator was late";
    CHECK_THAT(text_of(run, verdicts, "s.toml"),
               Catch::Contains("MEASUREMENT INVALID: phase a: the generator was late\n"));
}

TEST_CASE("rows and progress") {
    auto phase = busy_phase("he said \"go\", and went on with it for a very long time indeed");
    auto const columns = [](std::string_view row) { return std::ranges::count(row, ','); };
    auto const row = csv_row(phase, phase.rows[0]);
    CHECK_THAT(row, Catch::StartsWith("4.000,\"he said \"\"go\"\", and"));
    CHECK(columns(row) == columns(csv_heading) + 1); // one in the name
    CHECK(progress_line(phase, phase.rows[0]).size() <= 79);
}

} // namespace pointman::client::load
