// SPDX-License-Identifier: Apache-2.0
// What a client reports of the machine that it runs on, and of machines that do not exist, against a whole
// management point.
#include "client/inventory/discovery.hpp"
#include "client/inventory/machine.hpp"
#include "client/inventory/reports.hpp"
#include "client/inventory/software.hpp"
#include "client/inventory/synthetic.hpp"
#include "server/wire/utf16.hpp"
#include "tests/integration/program.hpp"
#include "tests/support/test_client.hpp"

#include <chrono>
#include <map>
#include <set>

namespace pointman::test {

namespace {

using namespace std::chrono_literals;
namespace inventory = client::inventory;
using inventory::Snapshot;

/// A registered client that reports what it is given.
class Agent {
public:
    explicit Agent(Lab& lab)
        : lab_(lab)
        , connection_(lab.http()) {
        client_.register_with(connection_);
    }

    client::Sender sender() const { return {client_.id().text(), "5.00.8325.0000", client_.name()}; }
    inventory::Occasion occasion(inventory::Version version) const {
        return {.version = version, .date = lab_.clock().now()};
    }

    /// The header is the body of the message, the report an attachment that is called like its action.
    void send(std::string_view endpoint, std::string_view action, std::string header,
              std::string_view report) {
        auto message = client_.message(endpoint, std::move(header));
        Bytes document{std::byte{0xFF}, std::byte{0xFE}}; // UTF-16 with its mark (ddr.md)
        auto const text = wire::to_utf16le(report);
        document.insert(document.end(), text.begin(), text.end());
        message.attachments.push_back({std::string(action), std::move(document)});
        post(std::move(message));
    }
    void post(wire::OutgoingRequest message) {
        auto const response = TestClient::send(connection_, std::move(message));
        REQUIRE(response.status == 200);
        REQUIRE(refusals() == "");
    }
    wire::OutgoingRequest message(std::string_view endpoint, std::string xml) const {
        return client_.message(endpoint, std::move(xml));
    }

    void hardware(inventory::Version version, Snapshot const& machine,
                  inventory::Asked asked = inventory::Asked::no) {
        auto when = occasion(version);
        when.asked = asked;
        send("MP_HinvEndpoint", inventory::hardware_action, hardware_report(sender(), when, Snapshot()),
             hardware_report(sender(), when, machine));
    }
    void hardware(inventory::Version version, inventory::Difference const& changes) {
        auto const when = occasion(version);
        send("MP_HinvEndpoint", inventory::hardware_action,
             hardware_report(sender(), when, inventory::Difference()),
             hardware_report(sender(), when, changes));
    }

    std::string refusals() {
        std::string text;
        for (auto const& entry : lab_.quarantine()) text += entry.reason + ": " + entry.detail + "\n";
        return text;
    }

private:
    Lab& lab_;
    TestClient client_{"PC1", test_key(0)};
    HttpConnection connection_;
};

/// Instances as the operator is shown them: class, then `Name=value` or `Name=first|second` in order of
/// names.
using Shown = std::multiset<std::string>;

std::string shown_value(boost::json::value const& value) {
    if (value.is_null()) return {};
    if (!value.is_array()) return std::string(value.as_string());
    std::string text;
    for (auto const& each : value.as_array())
        text += (text.empty() ? "" : "|") + std::string(each.as_string());
    return text;
}

Shown shown_by(Lab& lab) {
    Shown shown;
    auto const all = told(lab, {"inventory", "show", "PC1"});
    for (auto const& [name, instances] : all.as_object()) {
        for (auto const& instance : instances.as_array()) {
            std::map<std::string, std::string> properties;
            for (auto const& [property, value] : instance.as_object())
                properties[property] = shown_value(value);
            std::string line(name);
            for (auto const& [property, value] : properties) line += " " + property + "=" + value;
            shown.insert(std::move(line));
        }
    }
    return shown;
}

Shown expected_of(Snapshot const& snapshot) {
    Shown expected;
    for (auto const& [identity, instance] : snapshot.entries()) {
        std::map<std::string, std::string> properties;
        for (auto const& property : instance.properties) {
            auto& text = properties[property.name];
            for (auto const& value : property.values) text += (text.empty() ? "" : "|") + value;
        }
        auto line = instance.class_name;
        for (auto const& [property, value] : properties) line += " " + property + "=" + value;
        expected.insert(std::move(line));
    }
    return expected;
}

} // namespace

TEST_CASE("this machine in the management point, from its first report") {
    Lab lab;
    Agent agent(lab);
    auto const machine = inventory::collect();
    auto const when = agent.occasion({1, 0});
    agent.send("MP_DdrEndpoint", inventory::discovery_action, discovery_report(agent.sender(), when, {}),
               discovery_report(agent.sender(), when,
                                discovery_record(machine, {.version = "5.00.8325.0000", .site = "LAB"})));
    auto const resource = told(lab, {"inventory", "resource", "PC1"});
    CHECK(text_of(resource, "Operating_System_Name_and0") ==
          machine.first("Win32_OperatingSystem")->value("Caption"));
    CHECK(text_of(resource, "Client_Version0") == "5.00.8325.0000");

    agent.hardware({1, 0}, machine);
    CHECK(shown_by(lab) == expected_of(machine));

    auto const files = inventory::collect_software({.directories = {"/usr/bin"}, .most_files = 200}).files;
    agent.send("MP_SinvEndpoint", inventory::software_action,
               software_report(agent.sender(), when, Snapshot()),
               software_report(agent.sender(), when, files));
    CHECK(told(lab, {"inventory", "software", "PC1"}).as_array().size() == files.size());
    CHECK(agent.refusals().empty());
}

TEST_CASE("deltas of a machine that ages, a lost one, and the resync that mends it") {
    Lab lab;
    Agent agent(lab);
    inventory::SyntheticMachine machine{.index = 77};
    auto reported = machine.hardware();
    inventory::Version version;
    agent.hardware(version, reported);
    auto const next_day = [&] {
        lab.clock().advance(24h);
        ++machine.generation;
        version = version.next_delta();
    };
    for (int day = 0; day < 14; ++day) {
        next_day();
        auto const now = machine.hardware();
        agent.hardware(version, difference(reported, now));
        reported = now;
        REQUIRE(shown_by(lab) == expected_of(reported));
    }
    CHECK(agent.refusals().empty());

    // One is lost on its way.
    auto const before = reported;
    next_day();
    reported = machine.hardware();
    next_day();
    auto const changes = difference(reported, machine.hardware());
    auto const report = hardware_report(agent.sender(), agent.occasion(version), changes);
    auto connection = lab.http();
    REQUIRE(TestClient::send(connection, agent.message("MP_HinvEndpoint", report)).status == 200);
    CHECK(agent.refusals().starts_with("DeltaMismatch"));
    CHECK(shown_by(lab) == expected_of(before));
    REQUIRE(told(lab, {"inventory", "resyncs"}).as_array().size() == 1);

    auto when = agent.occasion(version.next_full());
    when.asked = inventory::Asked::by_resync;
    auto const full = hardware_report(agent.sender(), when, machine.hardware());
    REQUIRE(TestClient::send(connection, agent.message("MP_HinvEndpoint", full)).status == 200);
    CHECK(shown_by(lab) == expected_of(machine.hardware()));
    CHECK(told(lab, {"inventory", "resyncs"}).as_array().empty());
}

TEST_CASE("software, files and discovery of a synthetic machine") {
    Lab lab;
    Agent agent(lab);
    inventory::SyntheticMachine machine{.index = 3, .generation = 10};
    auto when = agent.occasion({1, 0});
    agent.send("MP_DdrEndpoint", inventory::discovery_action, discovery_report(agent.sender(), when, {}),
               discovery_report(agent.sender(), when, machine.discovery()));
    CHECK(text_of(told(lab, {"inventory", "resource", "PC1"}), "Operating_System_Name_and0")
              .starts_with("Microsoft Windows NT "));

    auto const before = machine.software();
    agent.send("MP_SinvEndpoint", inventory::software_action,
               software_report(agent.sender(), when, Snapshot()),
               software_report(agent.sender(), when, before));
    machine.generation += 30;
    lab.clock().advance(24h * 30);
    when = agent.occasion({1, 1});
    auto const changes = difference(before, machine.software());
    REQUIRE_FALSE(changes.added.empty());
    REQUIRE_FALSE(changes.deleted.empty());
    agent.send("MP_SinvEndpoint", inventory::software_action,
               software_report(agent.sender(), when, inventory::Difference()),
               software_report(agent.sender(), when, changes));
    std::set<std::string> shown;
    auto const software_told = told(lab, {"inventory", "software", "PC1"});
    for (auto const& file : software_told.as_array())
        shown.insert(text_of(file, "file_path") + text_of(file, "file_name") + text_of(file, "file_version"));
    std::set<std::string> expected;
    auto const software_now = machine.software();
    for (auto const& [identity, file] : software_now.entries()) {
        expected.insert(std::string(file.value("Path")) + std::string(file.value("Name")) +
                        std::string(file.value("FileVersion")));
    }
    CHECK(shown == expected);

    auto const collected = machine.files();
    auto message = agent.message("MP_SinvCollFileEndpoint",
                                 file_collection_report(agent.sender(), when.date, {}, collected));
    for (std::size_t i = 0; i < collected.size(); ++i)
        message.attachments.push_back({std::to_string(i + 1), collected[i].content});
    agent.post(std::move(message));
    auto const files = told(lab, {"inventory", "files", "PC1"}).as_array();
    CHECK(files.size() == 2);
}

} // namespace pointman::test
