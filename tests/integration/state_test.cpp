// SPDX-License-Identifier: Apache-2.0
// State and status messages and metering over HTTP, what the operator reads of them, and the request that
// follows from a gap.
#include "base/time.hpp"
#include "tests/integration/program.hpp"
#include "tests/support/process.hpp"
#include "tests/support/test_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

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

TEST_CASE("status messages of a client, and what the operator reads of them") {
    Lab lab;
    Agent agent(lab);
    auto const event = [&agent](std::string_view type, std::string_view program) {
        auto const text = fmt::format(
            "<Status SchemaVersion=\"1.0\"><Type>{}</Type><Properties><Property "
            "Name=\"ClientID\">{}</Property>"
            "<Property Name=\"MachineName\">PC1</Property><Property Name=\"ProgramName\">{}</Property>"
            "<Property Name=\"DateTime\">20261122101112.000000+060</Property></Properties></Status>",
            type, agent.client.id().text(), program);
        REQUIRE(TestClient::send(agent.connection, agent.client.message("StatusReceiver", text)).status ==
                200);
    };
    event("SoftDistProgramStartedEvent", "Setup");
    lab.clock().advance(1h);
    event("SoftDistProgramErrorEvent", "Setup");
    event("Acme_Pump_Warning", "Pump");

    auto const all = told(lab, {"status", "list"}).as_array();
    REQUIRE(all.size() == 3);
    CHECK(text_of(all[0], "severity") == "informational");
    CHECK(all[0].at("message_id") == 0);
    CHECK(text_of(all[0], "type") == "milestone");
    CHECK(text_of(all[0], "time") == "2026-11-22T09:11:12.000Z");
    CHECK(text_of(all[0], "machine") == "PC1");
    CHECK(text_of(all[0], "component") == "Software Distribution");
    CHECK(all[0].at("strings").at(4) == "Setup");
    CHECK(text_of(all[0], "description").starts_with("Program Setup of package  began"));
    CHECK(all[1].at("record_id").as_int64() > all[0].at("record_id").as_int64());

    auto const count = [&lab](std::vector<std::string> const& options) {
        std::vector<std::string> command{"status", "list"};
        command.insert(command.end(), options.begin(), options.end());
        return told(lab, command).as_array().size();
    };
    CHECK(count({"--client", "PC1"}) == 3);
    CHECK(count({"--client", agent.client.id().text()}) == 3);
    CHECK(count({"--client", "GUID:00000000-1111-2222-3333-444444444444"}) == 0);
    CHECK(count({"--severity", "error"}) == 1);
    CHECK(count({"--severity", "W"}) == 1);
    CHECK(count({"--component", "software distribution"}) == 2);
    CHECK(count({"--since", iso_time_ms(lab.clock().now())}) == 2);
    CHECK(pointman(lab, {"status", "list", "--severity", "dreadful"}).exit_code == 2);
    CHECK(pointman(lab, {"status", "list", "--since", "noon"}).exit_code == 2);
    CHECK(pointman(lab, {"status", "list", "--client", "PC9"}).exit_code == 1);
    CHECK(pointman(lab, {"status", "list"}).out.find("error          PC1      Software Distribution") !=
          std::string::npos);

    // Followed, it tells what comes as well.
    auto const output = lab.directory() / "followed.txt";
    Process followed({POINTMAN_BINARY, "status", "list", "--db", lab.settings().storage.database.string(),
                      "--json", "--follow", "--severity", "error"},
                     output);
    auto const lines = [&output] {
        if (!std::filesystem::exists(output)) return std::ptrdiff_t{0};
        auto const text = read_text(output);
        return std::count(text.begin(), text.end(), '\n');
    };
    auto const deadline = std::chrono::steady_clock::now() + 20s;
    while (lines() < 1 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    CHECK(lines() == 1);
    event("SoftDistProgramErrorEvent", "Later");
    event("SoftDistProgramStartedEvent", "Later");
    while (lines() < 2 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    CHECK(lines() == 2);
    CHECK(read_text(output).find("\"Later\"") != std::string::npos);
    followed.signal(SIGTERM);
    followed.wait();
}

TEST_CASE("metered usages of a client, and what the operator reads of them") {
    Lab lab;
    Agent agent(lab);
    auto const report = [&agent](std::string_view usages) {
        auto request = agent.client.message(
            "MP_RelayEndpoint",
            agent.client.report(
                "Software Metering Data", "",
                fmt::format("<ProductInfo ProductName=\"Editor\"><SoftwareFileInfo FileName=\"e.exe\">"
                            "{}</SoftwareFileInfo></ProductInfo>",
                            usages)));
        request.header.properties.push_back({"FileType", "SWM"});
        REQUIRE(TestClient::send(agent.connection, request).status == 200);
    };
    auto const usage = [](std::string_view id, std::string_view end, int status) {
        return fmt::format("<HistoricalMeterData MeterDataID=\"{}\" UserName=\"LAB\\m\" "
                           "StartTime=\"20261123080000.000000+000\" EndTime=\"20261123{}0000.000000+000\" "
                           "Status=\"{}\"/>",
                           id, end, status);
    };
    report(usage("{1}", "09", 1));
    report(usage("{1}", "10", 0) + usage("{2}", "09", 9));
    CHECK(lab.log("MP_Relay").find("1 usages are new, 1 went on") != std::string::npos);

    auto const listed = told(lab, {"metering", "list", "--client", "PC1"}).as_array();
    REQUIRE(listed.size() == 2);
    CHECK(text_of(listed[0], "meter_data_id") == "{1}");
    CHECK(text_of(listed[0], "file_name") == "e.exe");
    CHECK(text_of(listed[0], "end_time") == "2026-11-23T10:00:00.000Z");
    CHECK(listed[1].at("still_running").as_bool());
    CHECK(listed[1].at("terminal_session").as_bool());
    CHECK(told(lab, {"metering", "list", "--month", "2026-12"}).as_array().empty());
    auto const months = told(lab, {"metering", "summary", "--month", "2026-11"}).as_array();
    REQUIRE(months.size() == 1);
    CHECK(months[0].at("usage_count") == 1);
    CHECK(months[0].at("usage_time") == 3 * 3600);
    CHECK(pointman(lab, {"metering", "summary"}).out ==
          "MONTH    USAGES  MINUTES  CLIENT  FILE\n2026-11  2       180      PC1     e.exe\n");
    CHECK(pointman(lab, {"metering", "list"}).out.find("running") != std::string::npos);
    CHECK(pointman(lab, {"metering", "list", "--month", "November"}).exit_code == 2);
    CHECK(pointman(lab, {"metering", "list", "--client", "PC9"}).exit_code == 1);
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
