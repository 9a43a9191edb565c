// SPDX-License-Identifier: Apache-2.0
// The load generator against a whole management point: what it says that it sent is what was stored.
#include "client/load/engine.hpp"
#include "client/load/expect.hpp"
#include "client/load/summary.hpp"
#include "embedded/pointman_load.hpp"
#include "tests/integration/program.hpp"

#include <algorithm>
#include <set>

namespace pointman::test {

namespace {

namespace load = client::load;
using load::Kind;

load::RunFigures played(Lab& lab, std::string const& url, std::string_view text) {
    auto const scenario = load::read_scenario(text, "s.toml");
    if (!scenario) FAIL(scenario.error().front().place << ": " << scenario.error().front().message);
    auto run = load::run(*scenario, {.url = url, .ca = lab.app().addresses().ca, .clock = lab.clock()});
    REQUIRE(run.has_value());
    INFO(load::text_of(*run, {}, "s.toml"));
    for (auto const& phase : run->phases) REQUIRE(phase.total().failed == 0);
    return std::move(*run);
}

std::string http_of(Lab& lab) {
    return "http://" + lab.app().addresses().http.front();
}

std::size_t rows(Lab& lab, Texts command) {
    return told(lab, std::move(command)).as_array().size();
}

std::uint64_t ok(load::RunFigures const& run, Kind kind) {
    std::uint64_t sum = 0;
    for (auto const& phase : run.phases) sum += phase.by_kind[kind].counts.ok;
    return sum;
}

} // namespace

TEST_CASE("a small fleet in a closed loop and then by a schedule, and what the management point has of it") {
    Lab lab;
    auto const run = played(lab, http_of(lab), R"(
clients = 12
[messages]
instances = 60
[[phase]]
concurrency = 4
steps = ["registration", "policy", "location", "ddr", "hinv_full", "sinv"]
[[phase]]
mode = "open"
duration = "2s"
rate = 60
[phase.mix]
policy = 2
state = 3
status = 2
metering = 1
hinv_delta = 2
)");
    CHECK(run.registered == 12);
    CHECK(run.phases[0].total().ok == 72);
    CHECK(run.phases[1].total().ok == 120);
    CHECK(run.phases[1].total().lost == 0);
    CHECK(lab.quarantine().empty());

    CHECK(rows(lab, {"client", "list"}) == 12);
    CHECK(rows(lab, {"status", "list"}) == ok(run, Kind::status));
    CHECK(rows(lab, {"metering", "list"}) == ok(run, Kind::metering));
    CHECK(ok(run, Kind::hinv_full) == 12);
    std::uint64_t states = 0;
    auto const clients = told(lab, {"client", "list"});
    for (auto const& client : clients.as_array()) {
        auto const name = text_of(client, "smsid");
        auto const shown = told(lab, {"state", "show", name}).as_object();
        CHECK(shown.at("gaps").as_array().empty());
        states += static_cast<std::uint64_t>(shown.at("newest_serial").as_int64());
        CHECK(!told(lab, {"inventory", "show", name}).as_object().empty());
        CHECK(rows(lab, {"inventory", "software", name}) > 0);
        told(lab, {"inventory", "resource", name});
    }
    CHECK(states == ok(run, Kind::state));
}

TEST_CASE("what a ready scenario expects follows the size of the fleet") {
    Lab lab;
    auto const clients = GENERATE(1U, 30U);
    auto const files = load::ready::embedded_files();
    auto const file = std::ranges::find(files, "cold_start.toml", &load::ready::EmbeddedFile::name);
    REQUIRE(file != files.end());
    auto scenario = load::read_scenario(file->content, "cold_start.toml").value();
    scenario.clients = clients;        // as --clients does
    scenario.phases.front().ramp = {}; // there is nothing to wait for
    auto run = load::run(scenario, {.url = http_of(lab), .clock = lab.clock()}).value();
    run.server_peak_mb = 1; // as if --server-pid had measured it
    for (auto const& verdict : load::judge(scenario, run)) {
        INFO(load::describe(verdict));
        CHECK(verdict.holds);
    }
    auto& policy = run.phases.front().by_kind[Kind::policy].counts;
    REQUIRE(policy.ok == clients);
    --policy.ok; // a single message
    CHECK(std::ranges::count(load::judge(scenario, run), false, &load::Verdict::holds) == 1);
}

TEST_CASE("over TLS, with a session taken up again by each new connection") {
    Lab lab;
    auto const run = played(lab, "https://localhost:" + lab.app().addresses().https.front().substr(10), R"(
clients = 5
[connections]
most = 1
requests = 2
[[phase]]
concurrency = 1
steps = ["registration", "policy", "state", "status"]
)");
    CHECK(run.phases[0].total().ok == 20);
    CHECK(run.handshakes == 10);
    CHECK(run.resumed == 9);
    CHECK(lab.quarantine().empty());
}

TEST_CASE("a fleet that comes again is known") {
    Lab lab;
    constexpr std::string_view scenario =
        "clients = 6\n[[phase]]\nsteps = [\"registration\", \"ddr\", \"hinv_full\"]\n";
    played(lab, http_of(lab), scenario);
    played(lab, http_of(lab), scenario);
    CHECK(rows(lab, {"client", "list"}) == 6);
    CHECK(lab.quarantine().empty());
}

TEST_CASE("lost deltas make the management point ask, and the clients send everything again") {
    Lab lab;
    auto const run = played(lab, http_of(lab), R"(
seed = 3
clients = 6
[messages]
instances = 60
[failures]
lost_delta = 0.3
duplicate = 0.2
disconnect = 0.2
[[phase]]
steps = ["registration", "hinv_full", "hinv_delta", "hinv_delta", "hinv_delta", "policy", "hinv_delta", "policy", "hinv_delta"]
)");
    auto const& phase = run.phases[0];
    CHECK(phase.total().withheld > 0);
    CHECK(phase.by_kind[Kind::policy_body].counts.ok > 0);
    CHECK(ok(run, Kind::hinv_full) > 6); // the asked ones
    std::set<std::string> reasons;
    for (auto const& entry : lab.quarantine()) reasons.insert(entry.reason);
    CHECK(reasons.contains("DeltaMismatch"));
    reasons.erase("DeltaMismatch");
    reasons.erase("ResyncPending");
    CHECK(reasons.empty());
}

} // namespace pointman::test
