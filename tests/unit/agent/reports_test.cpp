// SPDX-License-Identifier: Apache-2.0
#include "client/agent/kept_files.hpp"
#include "client/agent/reports.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using namespace pointman::client::agent;
using pointman::client::Code;
using pointman::client::inventory::Asked;
using pointman::client::inventory::Instance;
using pointman::client::inventory::Snapshot;
using pointman::test::TemporaryDirectory;

namespace {

/// A client that nobody answers: reports only get as far as the queue.
struct Offline {
    TemporaryDirectory directory;
    std::vector<std::string> told;
    std::unique_ptr<LocalClient> client =
        LocalClient::open({.directory = directory.path(),
                           .settings = {.server = "http://127.0.0.1:1"},
                           .tell = [this](std::string const& line) { told.push_back(line); },
                           .root = pointman::test::test_data("machine")})
            .value();
};

std::string next(Offline& agent, ReportType type) {
    auto const sequel = next_in_sequence(*agent.client, kept::hardware, type);
    if (!sequel) return sequel.error().message;
    return sequel->type() + " " + sequel->version.text();
}

void keep(Offline& agent, unsigned major, unsigned minor) {
    REQUIRE(keep_reported(*agent.client, kept::hardware, {.version = {major, minor}},
                          Snapshot({Instance("A").key("Name", "1")})));
}

} // namespace

TEST_CASE("how a report follows the one before it") {
    Offline agent;
    CHECK(next(agent, ReportType::next) == "Full 1.0");
    CHECK(next(agent, ReportType::full) == "Full 1.0");
    CHECK(next(agent, ReportType::resync) == "Resync 1.0");
    CHECK(next(agent, ReportType::delta) ==
          "nothing was reported before that a delta could follow: send a full report first");
    keep(agent, 2, 7);
    CHECK(next(agent, ReportType::next) == "Delta 2.8");
    CHECK(next(agent, ReportType::delta) == "Delta 2.8");
    CHECK(next(agent, ReportType::full) == "Full 3.0");
    CHECK(next(agent, ReportType::resync) == "Resync 3.0");
    CHECK(agent.told.empty());
}

TEST_CASE("where what was reported is damaged a full report follows") {
    Offline agent;
    std::ofstream(agent.client->home().file(kept::hardware)) << "{";
    CHECK(next(agent, ReportType::next) == "Full 1.0");
    CHECK(agent.told.size() == 1);
    CHECK(next(agent, ReportType::delta) ==
          "nothing was reported before that a delta could follow: send a full report first");
}

TEST_CASE("damaged policy and states are told of, and as if there were none") {
    Offline agent;
    std::ofstream(agent.client->home().file(kept::policy)) << "no JSON";
    CHECK(load_policy(*agent.client).value() == KeptPolicy());
    REQUIRE(agent.told.size() == 1);
    CHECK(agent.told.front().find("policy.json is damaged") != std::string::npos);
}

TEST_CASE("settings are remembered, and what is given goes before them") {
    TemporaryDirectory const directory;
    {
        auto client = LocalClient::open(
                          {.directory = directory.path(), .settings = {.server = "http://a", .name = "PC1"}})
                          .value();
        REQUIRE(client->remember("LAB"));
    }
    {
        auto const again = LocalClient::open({.directory = directory.path()}).value();
        CHECK(again->settings() == Settings{.server = "http://a", .site = "LAB", .name = "PC1"});
        CHECK(again->session().agent.netbios_name == "PC1");
    }
    auto const given =
        LocalClient::open({.directory = directory.path(), .settings = {.server = "http://b", .site = {}}})
            .value();
    CHECK(given->session().host == "http://b");
    CHECK(given->session().agent.site_code == "LAB");
    CHECK(given->require_registration().error().code == Code::not_found);
}

TEST_CASE("a client without a server says what to do") {
    TemporaryDirectory const directory;
    auto const client = LocalClient::open({.directory = directory.path()});
    REQUIRE_FALSE(client);
    CHECK(client.error().code == Code::invalid_argument);
    CHECK(client.error().message ==
          "no management point is known here: register with --server http://HOST:PORT or --local first");
}
