// SPDX-License-Identifier: Apache-2.0
#include "client/load/scenario.hpp"
#include "embedded/pointman_load.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

namespace pointman::client::load {

namespace {

std::string faults_of(std::string_view text) {
    auto const scenario = read_scenario(text, "s.toml");
    if (scenario) return "";
    std::string all;
    for (auto const& fault : scenario.error()) all += fmt::format("{}: {}\n", fault.place, fault.message);
    return all;
}

constexpr std::string_view closed = "[[phase]]\nsteps = [\"ddr\"]\n";

} // namespace

TEST_CASE("what is wrong with a scenario, and where") {
    struct Row {
        std::string text;
        std::string fault; ///< one of the lines
    };
    auto const row = GENERATE(
        Row{"seed = ", "s.toml:1:8: not TOML: "},
        Row{"seed = 1\n", "s.toml:1:1: a scenario needs at least one [[phase]]"},
        Row{"phase = 3\n", "a scenario needs at least one [[phase]]"},
        Row{"phase = [1, {}]\n", "a scenario needs at least one [[phase]]"},
        Row{fmt::format("cleints = 4\n{}", closed),
            "s.toml:1:1: unknown key 'cleints' in a scenario: did you mean 'clients'?"},
        Row{fmt::format("clients = 0\n{}", closed),
            "s.toml:1:11: clients is a whole number from 1 to 10000000"},
        Row{fmt::format("clients = 1.5\n{}", closed), "clients is a whole number"},
        Row{fmt::format("clients = 10000001\n{}", closed), "clients is a whole number"},
        Row{fmt::format("key_bits = 1040\n{}", closed), "key_bits is a multiple of 64"},
        Row{fmt::format("failures = 1\n{}", closed), "s.toml:1:12: failures is a table: write [failures]"},
        Row{fmt::format("{}[failures]\nduplicate = 2\n", closed),
            "s.toml:4:13: duplicate is a number from 0 to 1"},
        Row{fmt::format("{}[failures]\nduplicate = nan\n", closed), "duplicate is a number from 0 to 1"},
        Row{fmt::format("{}[connections]\ntimeout = \"3 parsecs\"\n", closed),
            "s.toml:4:11: timeout is a duration"},
        Row{fmt::format("{}[generator]\nlagg = 1\n", closed),
            "unknown key 'lagg' in [generator]: did you mean 'lag'?"},
        Row{"[[phase]]\nmode = \"ajar\"\nsteps = [\"ddr\"]\n", R"(s.toml:2:8: mode is "open" or "closed")"},
        Row{"[[phase]]\nsteps = [\"drr\"]\n", "s.toml:2:10: a step is one of registration, policy,"},
        Row{"[[phase]]\nsteps = \"ddr\"\n", "steps is a list"},
        Row{"[[phase]]\nsteps = [\"policy_body\"]\n", "a step is one of"},
        Row{"[[phase]]\n", "a closed phase needs steps or [phase.mix], one of the two"},
        Row{"[[phase]]\nsteps = [\"ddr\"]\nduration = 1\n[phase.mix]\nddr = 1\n", "one of the two"},
        Row{"[[phase]]\n[phase.mix]\nddr = 1\n", "a closed phase with [phase.mix] needs a duration"},
        Row{"[[phase]]\nsteps = [\"ddr\"]\nrate = 5\n", "rate and schedule are for open phases"},
        Row{"[[phase]]\nmode = \"open\"\nrate = 5\n[phase.mix]\nddr = 1\n", "an open phase needs a duration"},
        Row{"[[phase]]\nmode = \"open\"\nduration = 1\nrate = 5\n", "an open phase needs rate (or rate_of)"},
        Row{"[[phase]]\nmode = \"open\"\nduration = 1\n[phase.mix]\nddr = 1\n", "an open phase needs rate"},
        Row{"[[phase]]\nmode = \"open\"\nduration = 1\nrate = 5\n[phase.mix]\nddr = 1\n[phase.schedule]\nddr "
            "= \"1h\"\n",
            "an open phase needs rate"},
        Row{"[[phase]]\nmode = \"open\"\nduration = 1\nrate_of = \"x\"\n[phase.mix]\nddr = 1\n",
            "rate_of names 'x', which is no phase before this one"},
        Row{"[[phase]]\nmode = \"open\"\nduration = 1\n[phase.schedule]\nddr = \"soon\"\n",
            "ddr is a period"},
        Row{"[[phase]]\nsteps = [\"ddr\"]\n[phase.mix]\nddr = -1\n", "ddr is a weight: 0 or more"},
        Row{"[[phase]]\nsteps = [\"ddr\"]\n[phase.expect]\np99_m = 1\n",
            "s.toml:4:1: unknown key 'p99_m' in [phase.expect]: did you mean 'p99_ms'?"},
        Row{"[[phase]]\nsteps = [\"ddr\"]\n[phase.expect]\nlost = \"none\"\n", "lost is a number from 0 on"},
        Row{"[[phase]]\nsteps = [\"ddr\"]\n[phase.expect]\nshare_of = \"x\"\n", "share_of names 'x'"},
        Row{"[[phase]]\nname = \"a\"\nsteps = [\"ddr\"]\n[[phase]]\nname = \"a\"\nsteps = [\"ddr\"]\n",
            "there is a phase 'a' already"});
    INFO(row.text);
    CHECK_THAT(faults_of(row.text), Catch::Contains(row.fault));
}

TEST_CASE("all faults of a scenario are told, in one go") {
    auto const told = faults_of("clients = 0\nsead = 4\n[[phase]]\nsteps = [\"drr\"]\n");
    CHECK_THAT(told, Catch::Contains("clients is") && Catch::Contains("did you mean 'seed'") &&
                         Catch::Contains("a step is one of"));
}

TEST_CASE("what a scenario says") {
    auto const scenario = read_scenario(R"(
seed = 9
clients = 12
site = "ABC"
[messages]
instances = 60
padding = 100
[connections]
most = 3
requests = 1
timeout = "2s"
[failures]
lost_delta = 0.25
[generator]
lag = "10ms"
[[phase]]
name = "all"
steps = ["registration", "hinv_full"]
think = "250ms"
[[phase]]
name = "by day"
mode = "open"
duration = "2m"
compression = 60
ahead = "2s"
[phase.schedule]
policy = "60m"
hinv_delta = "7d"
[phase.expect]
p99_ms = 12.5
min_share = 0.5
share_of = "all"
)",
                                        "s.toml");
    REQUIRE(scenario.has_value());
    CHECK(scenario->seed == 9);
    CHECK(scenario->clients == 12);
    CHECK(scenario->site == "ABC");
    CHECK(scenario->instances == 60);
    CHECK(scenario->padding == 100);
    CHECK(scenario->connections == 3);
    CHECK(scenario->requests_per_connection == 1);
    CHECK(scenario->timeout == milliseconds(2'000));
    CHECK(scenario->failures.lost_delta == 0.25);
    CHECK(scenario->bounds.lag == milliseconds(10));
    REQUIRE(scenario->phases.size() == 2);
    auto const& first = scenario->phases[0];
    CHECK(first.mode == Mode::closed);
    CHECK(first.steps == std::vector{Kind::registration, Kind::hinv_full});
    CHECK(first.think == milliseconds(250));
    auto const& second = scenario->phases[1];
    CHECK(second.mode == Mode::open);
    CHECK(second.duration == milliseconds(120'000));
    CHECK(second.periods[Kind::policy] == 3'600);
    CHECK(second.periods[Kind::hinv_delta] == 7 * 86'400);
    CHECK(first.ahead == milliseconds(250));
    CHECK(second.ahead == milliseconds(2'000));
    CHECK(second.share_of == "all");
    REQUIRE(second.expect.size() == 2);
    CHECK(second.expect[0].key == "p99_ms");
    CHECK(second.expect[0].bound == 12.5);
    CHECK(second.expect[0].line == 30);
}

TEST_CASE("durations") {
    struct Row {
        std::string text;
        std::optional<milliseconds> duration;
    };
    auto const row = GENERATE(
        Row{"90s", milliseconds(90'000)}, Row{"250ms", milliseconds(250)}, Row{"1.5m", milliseconds(90'000)},
        Row{"25h", milliseconds(90'000'000)}, Row{"7d", milliseconds(604'800'000)},
        Row{"3", milliseconds(3'000)}, Row{"0", milliseconds(0)}, Row{"", std::nullopt},
        Row{"s", std::nullopt}, Row{"-1s", std::nullopt}, Row{"1 s", std::nullopt}, Row{"1y", std::nullopt},
        Row{"1.2.3s", std::nullopt}, Row{"400d", std::nullopt}, Row{"1e9s", std::nullopt});
    INFO(row.text);
    CHECK(duration_in(row.text) == row.duration);
}

TEST_CASE("the ready scenarios can be read") {
    for (auto const& file : ready::embedded_files()) {
        INFO(file.name);
        auto const scenario = read_scenario(file.content, std::string(file.name));
        if (!scenario) FAIL(scenario.error().front().place << ": " << scenario.error().front().message);
        CHECK(!scenario->phases.empty());
    }
}

} // namespace pointman::client::load
