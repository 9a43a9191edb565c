// SPDX-License-Identifier: Apache-2.0
// The generator against servers that do as the test says.
#include "client/load/engine.hpp"
#include "client/load/summary.hpp"
#include "server/wire/message.hpp"
#include "tests/support/scripted_server.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

namespace pointman::client::load {

namespace {

using namespace std::chrono_literals;
using test::http_answer;
using test::ScriptedAnswer;
using test::ScriptedRequest;
using test::ScriptedServer;

std::string endpoint_of(ScriptedRequest const& request) {
    auto const decoded = wire::decode(request.header("content-type"), as_bytes(request.body)).value();
    return std::string(std::get<wire::Envelope>(decoded).header.endpoint());
}

/// An answer that gives the SMSID whose last digits are the number.
ScriptedAnswer registered(ScriptedRequest const& request, unsigned number) {
    auto const decoded = wire::decode(request.header("content-type"), as_bytes(request.body)).value();
    auto const reply = wire::encode_reply(
        std::get<wire::Envelope>(decoded).header,
        fmt::format(
            R"(<ClientRegistrationResponse ResponseType="Registration" TimeStamp="2026-11-23T10:00:00Z" )"
            R"(Status="0" SMSID="GUID:5B0C7A52-3F61-4E0A-9D11-{:012}"/>)",
            number),
        {.message_id = "{1}", .sent_time = "2026-11-23T10:00:00Z", .source_host = "mp"});
    return {http_answer(200, {{"Content-Type", std::string(wire::content_type)}}, as_chars(reply))};
}

/// Registers whoever asks, and answers all else as told: `answer` is given the number of the message, from 1
/// on.
ScriptedServer::Script
after_registration(std::function<ScriptedAnswer(ScriptedRequest const&, unsigned)> answer) {
    auto const clients = std::make_shared<std::atomic<unsigned>>(0);
    auto const messages = std::make_shared<std::atomic<unsigned>>(0);
    return [=](ScriptedRequest const& request) {
        if (endpoint_of(request) == "MP_ClientRegistration") return registered(request, ++*clients);
        return answer(request, ++*messages);
    };
}

ScriptedAnswer acknowledge(ScriptedRequest const&, unsigned) {
    return {http_answer(200)};
}

RunFigures played(ScriptedServer const& server, std::string_view text) {
    SystemClock const clock;
    auto const scenario = read_scenario(text, "s.toml");
    if (!scenario) FAIL(scenario.error().front().place << ": " << scenario.error().front().message);
    auto run = load::run(*scenario, {.url = server.url(), .clock = clock});
    REQUIRE(run.has_value());
    return std::move(*run);
}

/// What was not a registration.
std::vector<ScriptedRequest> messages_in(ScriptedServer const& server) {
    auto requests = server.requests();
    std::erase_if(requests,
                  [](auto const& request) { return endpoint_of(request) == "MP_ClientRegistration"; });
    return requests;
}

constexpr auto register_first = "[[phase]]\nname = \"first\"\nmeasured = false\nsteps = [\"registration\"]\n";

} // namespace

TEST_CASE("a server that stops for a while is seen by all whose messages were due meanwhile") {
    constexpr auto stop = 600ms;
    auto const stops_once = after_registration([=](ScriptedRequest const&, unsigned number) {
        if (number == 20) std::this_thread::sleep_for(stop); // the server's doing: the test waits for nothing
        return ScriptedAnswer{http_answer(200)};
    });
    SECTION("by a schedule: most of a second's messages were late") {
        ScriptedServer const server(stops_once);
        auto const run =
            played(server, fmt::format("clients = 100\n[connections]\nmost = 1\n{}{}", register_first,
                                       "[[phase]]\nmode = \"open\"\nduration = 1\nrate = 100\n"
                                       "[phase.mix]\nstate = 1\n"));
        auto const& phase = run.phases.at(1);
        CHECK(phase.total().ok == 100);
        CHECK(phase.latency().count() == 100);
        // Some 60 messages came due while the server stood still, the first of them 600 ms before it went on.
        CHECK(milliseconds_of(phase.latency().percentile(60)) > 100);
        CHECK(milliseconds_of(phase.latency().max()) >= 600);
    }
    SECTION("one after another: a single message") {
        ScriptedServer const server(stops_once);
        auto const run =
            played(server, fmt::format("clients = 100\n[connections]\nmost = 1\n{}{}", register_first,
                                       "[[phase]]\nconcurrency = 1\nsteps = [\"state\"]\n"));
        auto const& phase = run.phases.at(1);
        CHECK(phase.total().ok == 100);
        CHECK(milliseconds_of(phase.latency().percentile(98)) < 500);
        CHECK(milliseconds_of(phase.latency().max()) >= 600);
    }
}

TEST_CASE("a client that is refused comes back when it was told to, with the same message") {
    std::mutex guard;
    std::map<std::string, std::vector<std::chrono::steady_clock::time_point>> times; // by the bytes
    ScriptedServer const server(after_registration([&](ScriptedRequest const& request, unsigned number) {
        std::lock_guard const lock(guard);
        times[request.body].push_back(std::chrono::steady_clock::now());
        return ScriptedAnswer{number <= 3 ? http_answer(503, {{"Retry-After", "1"}}) : http_answer(200)};
    }));
    auto const run = played(server, fmt::format("clients = 10\n{}[[phase]]\nsteps = [\"status\"]\n"
                                                "[phase.expect]\nmin_refused = 3\n",
                                                register_first));
    auto const total = run.phases.at(1).total();
    CHECK(total.ok == 10);
    CHECK(total.refused == 3);
    CHECK(total.sent == 13);
    CHECK(total.failed == 0);
    CHECK(total.lost == 0);
    REQUIRE(times.size() == 10);
    std::size_t repeated = 0;
    for (auto const& [body, when] : times) {
        if (when.size() == 1) continue;
        ++repeated;
        CHECK(when.size() == 2);
        CHECK(when[1] - when[0] >= 1s);
    }
    CHECK(repeated == 3);
}

TEST_CASE("what a client does about answers that are none") {
    struct Row {
        std::string name;
        ScriptedAnswer answer;
        unsigned sent; ///< for each message, with two retries
        unsigned refused;
    };
    auto const row = GENERATE(Row{"closed connections", {"", ScriptedAnswer::Then::close}, 3, 0},
                              Row{"silence", {"", ScriptedAnswer::Then::be_silent}, 3, 0},
                              Row{"no HTTP", {"SSH-2.0-server\r\n", ScriptedAnswer::Then::close}, 3, 0},
                              Row{"a failing server", {http_answer(500)}, 3, 0},
                              Row{"an unknown page", {http_answer(404)}, 1, 0},
                              Row{"no room, ever", {http_answer(503, {{"Retry-After", "0"}})}, 3, 3});
    INFO(row.name);
    ScriptedServer const server(
        after_registration([&](ScriptedRequest const&, unsigned) { return row.answer; }));
    auto const run =
        played(server, fmt::format("clients = 2\n[connections]\nretries = 2\nretry_delay = \"100ms\"\n"
                                   "timeout = \"200ms\"\n{}[[phase]]\nsteps = [\"state\"]\n",
                                   register_first));
    auto const total = run.phases.at(1).total();
    CHECK(total.ok == 0);
    CHECK(total.sent == 2 * row.sent);
    CHECK(total.refused == 2 * row.refused);
    CHECK(total.failed == 2 * (row.sent - row.refused));
    CHECK(total.lost == 2);
}

TEST_CASE("an empty answer refuses what waits for a reply, and acknowledges what does not") {
    ScriptedServer const server(after_registration(&acknowledge));
    auto const run =
        played(server, "clients = 3\n[[phase]]\nsteps = [\"registration\", \"policy\", \"ddr\"]\n");
    auto const& phase = run.phases.at(0);
    CHECK(phase.by_kind[Kind::registration].counts.ok == 3);
    CHECK(phase.by_kind[Kind::policy].counts.failed == 3);
    CHECK(phase.by_kind[Kind::policy].counts.lost == 3);
    CHECK(phase.by_kind[Kind::ddr].counts.ok == 3);
    CHECK_THAT(run.last_fault, Catch::Contains("policy: the management point has refused it"));
}

TEST_CASE("a client that nobody registered registers before it reports") {
    ScriptedServer const server(after_registration(&acknowledge));
    auto const run = played(server, "clients = 5\n[[phase]]\nsteps = [\"state\", \"state\"]\n");
    CHECK(run.registered == 5);
    CHECK(run.phases.at(0).by_kind[Kind::registration].counts.ok == 5);
    CHECK(run.phases.at(0).by_kind[Kind::state].counts.ok == 10);
}

TEST_CASE("failures on a client's side") {
    ScriptedServer const server(after_registration(&acknowledge));
    SECTION("every message twice, byte by byte") {
        auto const run = played(server, fmt::format("clients = 6\n[failures]\nduplicate = 1\n{}"
                                                    "[[phase]]\nsteps = [\"state\"]\n",
                                                    register_first));
        CHECK(run.phases.at(1).total().duplicates == 6);
        CHECK(run.phases.at(1).total().sent == 6);
        std::map<std::string, unsigned> times;
        for (auto const& request : messages_in(server)) ++times[request.body];
        CHECK(times.size() == 6);
        for (auto const& [body, number] : times) CHECK(number == 2);
    }
    SECTION("connections cut in the middle of a request") {
        auto const run = played(server, fmt::format("clients = 6\n[failures]\ndisconnect = 1\n{}"
                                                    "[[phase]]\nsteps = [\"state\"]\n",
                                                    register_first));
        CHECK(run.phases.at(1).total().cut == 6);
        CHECK(run.phases.at(1).total().ok == 6);
        CHECK(messages_in(server).size() == 6); // a half is no request
    }
    SECTION("deltas that are never sent") {
        auto const run = played(server, fmt::format("clients = 6\n[failures]\nlost_delta = 1\n{}"
                                                    "[[phase]]\nsteps = [\"hinv_full\", \"hinv_delta\"]\n",
                                                    register_first));
        CHECK(run.phases.at(1).by_kind[Kind::hinv_delta].counts.withheld == 6);
        CHECK(run.phases.at(1).by_kind[Kind::hinv_delta].counts.sent == 0);
        CHECK(messages_in(server).size() == 6);
    }
}

TEST_CASE("connections are kept open, or made anew for each message") {
    ScriptedServer const server(after_registration(&acknowledge));
    auto const connections = [&](unsigned requests) {
        played(server,
               fmt::format("clients = 4\n[connections]\nmost = 1\nrequests = {}\n[[phase]]\nconcurrency = 1\n"
                           "steps = [\"state\"]\n",
                           requests));
        return server.requests().back().connection;
    };
    CHECK(connections(0) == 1);
    // Four registrations and four messages, after the connection of the first run.
    CHECK(connections(1) == 9);
}

TEST_CASE("a generator that cannot keep up says that it measured nothing") {
    ScriptedServer const server(after_registration(&acknowledge));
    auto const run =
        played(server, fmt::format("clients = 20\n[messages]\ninstances = 3000\n[generator]\nlag = \"5ms\"\n"
                                   "{}[[phase]]\nmode = \"open\"\nduration = 1\nrate = 40\n"
                                   "[phase.mix]\nhinv_full = 1\n",
                                   register_first));
    CHECK_THAT(run.phases.at(1).invalid, Catch::StartsWith("the generator was late"));
    CHECK(ending_of(run, {}) == Ending::invalid);
}

TEST_CASE("when a phase is over what is still under way is lost, and the next one begins") {
    ScriptedServer const server(after_registration([](ScriptedRequest const& request, unsigned) {
        bool const state = endpoint_of(request) == "MP_RelayEndpoint";
        return state ? ScriptedAnswer{"", ScriptedAnswer::Then::be_silent} : ScriptedAnswer{http_answer(200)};
    }));
    auto const run =
        played(server, fmt::format("clients = 4\n{}[[phase]]\nsteps = [\"state\"]\nduration = \"200ms\"\n"
                                   "drain = \"100ms\"\n[[phase]]\nsteps = [\"ddr\"]\n",
                                   register_first));
    CHECK(run.phases.at(1).total().ok == 0);
    CHECK(run.phases.at(1).total().lost == 4);
    CHECK(run.phases.at(2).total().ok == 4);
}

TEST_CASE("no run without a management point") {
    SystemClock const clock;
    auto const scenario = read_scenario("[[phase]]\nsteps = [\"ddr\"]\n", "s.toml");
    for (auto const* const url : {"", "127.0.0.1:80", "ftp://mp", "http://"}) {
        INFO(url);
        CHECK(!load::run(*scenario, {.url = url, .clock = clock}));
    }
    CHECK(!load::run(*scenario, {.url = "https://127.0.0.1:1", .ca = "/nowhere.pem", .clock = clock}));
}

} // namespace pointman::client::load
