// SPDX-License-Identifier: Apache-2.0
// State messages over HTTP, what the operator reads of them, and the request that follows from a gap.
#include "base/time.hpp"
#include "tests/integration/program.hpp"
#include "tests/support/test_client.hpp"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <string_view>
#include <thread>

namespace pointman::test {

namespace {

using namespace std::chrono_literals;

struct Agent {
    explicit Agent(Lab const& lab)
        : connection(lab.http()) {
        client.register_with(connection);
    }

    void report(std::string const& states) {
        auto request = client.message("MP_RelayEndpoint", client.report("State Message Data", "", states));
        request.header.properties.push_back({"FileType", "SMX"});
        REQUIRE(TestClient::send(connection, request).status == 200);
    }
    std::string ask_for_policy() {
        return TestClient::invoke(
            connection,
            client.message(
                "MP_PolicyManager",
                fmt::format(
                    "<RequestAssignments SchemaVersion=\"1.00\" ACK=\"false\" RequestType=\"Full\">"
                    "<Identification><Machine><ClientID>{}</ClientID><FQDN>pc1.lab</FQDN><NetBIOSName>PC1"
                    "</NetBIOSName><SID /></Machine><User /></Identification><PolicySource>SMS:LAB"
                    "</PolicySource><Resource ResourceType=\"Machine\" /><ServerCookie></ServerCookie>"
                    "</RequestAssignments>",
                    client.id().text())));
    }

    TestClient client{"PC1", test_key(0)};
    HttpConnection connection;
};

std::string state(int serial, int state_id, std::string_view topic = "{T}") {
    return fmt::format(
        "<StateMessage MessageTime=\"20261123{:06}.000000+000\" SerialNumber=\"{}\"><Topic ID=\"{}\" "
        "Type=\"500\" IDType=\"3\"/><State ID=\"{}\" Criticality=\"0\"/><UserParameters Flags=\"0\" "
        "Count=\"0\"/></StateMessage>",
        serial, serial, topic, state_id);
}

} // namespace

TEST_CASE("states of a client, and what the operator reads of them") {
    Lab lab;
    Agent agent(lab);
    agent.report(state(1, 2));
    agent.report(state(4, 3) + "<StateMessage/>");
    CHECK(lab.quarantine().front().reason == "UnusableInstance");
    CHECK(lab.log("MP_Relay").find("1 of 1 state messages are current") != std::string::npos);

    auto const listed = told(lab, {"state", "list"}).as_array();
    REQUIRE(listed.size() == 1);
    auto const& one = listed[0];
    CHECK(text_of(one, "smsid") == agent.client.id().text());
    CHECK(text_of(one, "name") == "PC1");
    CHECK(one.at("topic_type") == 500);
    CHECK(text_of(one, "topic_id") == "{T}");
    CHECK(one.at("state_id") == 3);
    CHECK(text_of(one, "state_name") == "Installed");
    CHECK(text_of(one, "time") == "2026-11-23T00:00:04.000Z");
    CHECK(one.at("serial") == 4);
    CHECK(told(lab, {"state", "list", "--topic", "501"}).as_array().empty());
    CHECK(told(lab, {"state", "list", "--history"}).as_array().size() == 2);

    auto const shown = told(lab, {"state", "show", "PC1"});
    CHECK(shown.at("states").as_array().size() == 1);
    auto const& gap = shown.at("gaps").at(0);
    CHECK(gap.at("first") == 2);
    CHECK(gap.at("last") == 3);
    CHECK(text_of(gap, "noticed") == iso_time_ms(lab.clock().now()));
    CHECK(told(lab, {"state", "show", "PC1", "--history"}).at("states").as_array().size() == 2);

    auto const people = pointman(lab, {"state", "show", "PC1"}).out;
    CHECK(people.find("500 (Update detection)  3 (Installed)  {T}") != std::string::npos);
    CHECK(people.find("serial numbers 2 to 3") != std::string::npos);
    CHECK(pointman(lab, {"state", "list"}).out.find("PC1") != std::string::npos);
    CHECK(pointman(lab, {"state", "show", "PC9"}).exit_code == 1);
}

TEST_CASE("a gap leads to one request by policy, and closes when the missing message comes") {
    Lab lab({"relay.check_interval=1"});
    Agent agent(lab);
    agent.report(state(1, 2));
    agent.report(state(3, 3));
    CHECK(agent.ask_for_policy().find("InventoryAction") == std::string::npos);
    lab.clock().advance(48h);
    // The daemon looks once a second.
    auto const deadline = std::chrono::steady_clock::now() + 20s;
    while (told(lab, {"inventory", "resyncs"}).as_array().empty() &&
           std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
    CHECK(told(lab, {"inventory", "resyncs"}).as_array().size() == 1);
    CHECK(told(lab, {"state", "show", "PC1"}).at("resync_requested").as_bool());
    CHECK(lab.log("MP_Relay").find("is asked for all its states") != std::string::npos);
    auto const policy = agent.ask_for_policy();
    auto const first = policy.find("InventoryAction");
    REQUIRE(first != std::string::npos);
    CHECK(policy.find("InventoryAction", first + 1) == std::string::npos);

    agent.report(state(2, 1));
    CHECK(told(lab, {"inventory", "resyncs"}).as_array().empty());
    CHECK(told(lab, {"state", "show", "PC1"}).at("gaps").as_array().empty());
    CHECK(agent.ask_for_policy().find("InventoryAction") == std::string::npos);
    CHECK(told(lab, {"state", "list"}).at(0).at("state_id") == 3); // the late one is history
}

} // namespace pointman::test
