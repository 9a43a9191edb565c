// SPDX-License-Identifier: Apache-2.0
// What policy asks for, from bodies as the daemon's templates write them.
#include "base/time.hpp"
#include "client/agent/condition.hpp"
#include "client/agent/instructions.hpp"
#include "endpoints/policy/templates.hpp"

#include <catch2/catch.hpp>

#include <utility>

using namespace pointman;
using namespace pointman::client::agent;
using client::inventory::Instance;
using client::inventory::Snapshot;
using namespace std::chrono_literals;

namespace {

constexpr auto version = "5.00.8325.0000";
using Parameters = std::vector<std::pair<std::string, std::string>>;

KeptAssignment kept(std::string const& policy_id, std::string body, std::string const& id = "{1}") {
    KeptAssignment assigned{.assignment = {}, .body = std::move(body)};
    assigned.assignment.id = id;
    assigned.assignment.policy_id = policy_id;
    assigned.assignment.policy_version = "1.00";
    return assigned;
}

KeptAssignment from_template(std::string const& name, Parameters const& parameters = {},
                             std::string const& id = "{1}") {
    auto const xml = endpoints::policy::fill(*endpoints::policy::find_template(name), parameters, "LAB");
    REQUIRE(xml);
    return kept("P" + id, *xml, id);
}

Instructions read(std::vector<KeptAssignment> assignments) {
    return read_instructions({.assignments = std::move(assignments)}, facts_of(version));
}

KeptAssignment body_of(std::string_view instances) {
    return kept("P", "<Policy><PolicyRule><PolicyAction>" + std::string(instances) +
                         "</PolicyAction></PolicyRule></Policy>");
}

std::set<Task> tasks_of(Instructions const& instructions) {
    std::set<Task> tasks;
    for (auto const& [task, triggers] : instructions.triggers) tasks.insert(task);
    return tasks;
}

} // namespace

TEST_CASE("without policy the usual reports are made every week") {
    auto const instructions = read({});
    CHECK(tasks_of(instructions) == std::set{Task::discovery, Task::hardware, Task::software, Task::files});
    CHECK(instructions.polling == 60min);
    auto const start = parse_iso_time("2026-11-23T10:00:00Z").value();
    CHECK(instructions.triggers.at(Task::hardware).front().next_after(start) == start + 24h * 7);
    CHECK(instructions.remarks.empty());
}

TEST_CASE("client settings say when") {
    auto const instructions = read({from_template("client-settings", {{"hardware-inventory", "1d"},
                                                                      {"software-inventory", "off"},
                                                                      {"file-collection", "off"},
                                                                      {"discovery", "12h"},
                                                                      {"policy-polling", "30m"}})});
    CHECK(tasks_of(instructions) == std::set{Task::discovery, Task::hardware});
    CHECK(instructions.polling == 30min);
    auto const start = parse_iso_time("2026-11-23T10:00:00Z").value();
    CHECK(instructions.triggers.at(Task::hardware).front().next_after(start) ==
          parse_iso_time("2026-11-24T00:00:00Z").value());
    CHECK(instructions.remarks.empty());
}

TEST_CASE("an agent of 2007 is switched off by the class that it has") {
    auto const policy = from_template("client-settings", {{"hardware-inventory", "off"}});
    CHECK(read_instructions({.assignments = {policy}}, facts_of("4.00.6487"))
              .triggers.contains(Task::software));
    CHECK_FALSE(read_instructions({.assignments = {policy}}, facts_of("4.00.6487"))
                    .triggers.contains(Task::hardware));
}

TEST_CASE("hardware inventory says what, and how") {
    auto const instructions =
        read({from_template("hardware-inventory", {{"class", "root/cimv2:Win32_BIOS:Name,Version"},
                                                   {"class", ":Win32_Service:State"},
                                                   {"report-type", "Full"},
                                                   {"updated", "2026-11-22T23:17:35Z"}})});
    REQUIRE(instructions.classes.size() == 2);
    CHECK(instructions.classes.front().name == "Win32_BIOS");
    CHECK(instructions.classes.front().properties == std::set<std::string>{"name", "version"});
    CHECK(instructions.only_full == std::set{Task::hardware});
    CHECK(instructions.changed.at(Task::hardware) == parse_iso_time("2026-11-22T23:17:35Z").value());
    CHECK(tasks_of(instructions).contains(Task::hardware)); // it has no schedules, so the usual ones hold
}

TEST_CASE("only the classes and properties that are wanted are reported") {
    Snapshot const machine({Instance("Win32_BIOS").key("Name", "b").set("Version", "1").set("Build", "2"),
                            Instance("Win32_Service").key("Name", "s").set("State", "on"),
                            Instance("Win32_Printer").key("DeviceID", "p")});
    CHECK(reported_part(machine, {}) == machine);
    CHECK(reported_part(machine, {{"WIN32_BIOS", {"version"}}, {"win32_service", {}}}) ==
          Snapshot({Instance("Win32_BIOS").key("Name", "b").set("Version", "1"),
                    Instance("Win32_Service").key("Name", "s")}));
}

TEST_CASE("software rules become folders of this machine") {
    auto const instructions =
        read({from_template("software-inventory", {{"rule", "*"},
                                                   {"rule", "*.so|/usr/lib|no"},
                                                   {"rule", "it's*|/opt|yes"},
                                                   {"rule", "*.exe|C:\\Program Files\\"}})});
    CHECK(instructions.software ==
          std::vector<FileRule>{{.pattern = "*", .directory = "/", .below = true},
                                {.pattern = "*.so", .directory = "/usr/lib/"},
                                {.pattern = "it's*", .directory = "/opt/", .below = true}});
    CHECK(instructions.remarks ==
          std::vector<std::string>{
              "policy P{1}: *.exe in C:\\Program Files\\ is passed over: no folder of this machine"});
}

TEST_CASE("files to collect") {
    auto const instructions = read({from_template("file-collection", {{"rule", "*.conf|/etc|131072|no"},
                                                                      {"rule", "a.ini"},
                                                                      {"max-total", "5000"},
                                                                      {"report-type", "Full"}})});
    CHECK(instructions.files ==
          std::vector<FileRule>{
              {.pattern = "*.conf", .directory = "/etc", .below = false, .most_bytes = 131072}});
    CHECK(instructions.most_file_bytes == 5000);
    CHECK(instructions.only_full == std::set{Task::files});
    CHECK(instructions.remarks.size() == 1);
}

TEST_CASE("each resync names its assignment") {
    auto const row = GENERATE(values<std::pair<char const*, Task>>({{"hardware", Task::hardware},
                                                                    {"software", Task::software},
                                                                    {"discovery", Task::discovery},
                                                                    {"files", Task::files},
                                                                    {"state", Task::states}}));
    auto const instructions = read({from_template("resync", {{"action", row.first}}, "{9}")});
    CHECK(instructions.resyncs == std::map<Task, std::set<std::string>>{{row.second, {"{9} 1.00"}}});
    CHECK(instructions.only_full.empty());
}

TEST_CASE("what is not understood is remarked, the rest holds") {
    auto const instructions = read(
        {body_of(
             R"(<instance class="CCM_Scheduler_ScheduledMessage">)"
             R"(<property name="ScheduledMessageID"><value>{00000000-0000-0000-0000-000000000001}</value></property>)"
             R"(<property name="Triggers"><value>Nonsense</value><value>SimpleInterval;Minutes=5</value></property>)"
             R"(</instance><instance class="Unknown"/>)"),
         kept("Q", "<"), kept("R", "")});
    CHECK(instructions.triggers.at(Task::hardware).size() == 1);
    REQUIRE(instructions.remarks.size() == 2);
    CHECK(instructions.remarks.at(0) == "policy P: \"Nonsense\" is no trigger that is known here");
    CHECK(instructions.remarks.at(1).starts_with("policy Q: "));
}

TEST_CASE("an assignment whose condition does not hold asks for nothing") {
    auto resync = from_template("resync", {{"action", "hardware"}});
    resync.assignment.condition = {.kind = client::PolicyCondition::Kind::query,
                                   .text = "SELECT * FROM SMS_Client WHERE ClientVersion < '5'"};
    auto const no = read({resync});
    CHECK(no.resyncs.empty());
    CHECK(no.remarks.empty());
    resync.assignment.condition.text = "SELECT * FROM Win32_Battery";
    auto const unknown = read({resync});
    CHECK(unknown.resyncs.empty());
    CHECK(unknown.remarks ==
          std::vector<std::string>{"policy P{1}: it is not applied, since its condition is "
                                   "not understood here: SELECT * FROM Win32_Battery"});
}

TEST_CASE("metering is by rules that a program of this machine can fit") {
    auto const settings = [](char const* when) {
        return from_template("client-settings", {{"metering", when}});
    };
    auto const rules = from_template("metering", {{"rule", "Editor|ed"},
                                                  {"rule", "Shell|sh|bash"},
                                                  {"rule", "Old|old||1.0"},
                                                  {"rule", "German|de|||1031"}});
    auto const instructions = read({settings("1d"), rules});
    CHECK(instructions.metering == std::vector<MeterRule>{{"Editor", "ed"}, {"Shell", "sh"}});
    CHECK(instructions.triggers.contains(Task::metering));
    CHECK(instructions.remarks.size() == 2);
    CHECK(tasks_of(read({rules})).contains(Task::metering)); // the usual schedule
    CHECK_FALSE(tasks_of(read({settings("off"), rules})).contains(Task::metering));
    CHECK_FALSE(tasks_of(read({settings("1d")})).contains(Task::metering));
}

TEST_CASE("filters that are cut short or strange end somewhere") {
    auto const filter = GENERATE("Name", "Name =", "Name = '", "Name = 'a", "Name = 'a\\", "'", "= 'x'",
                                 "AND AND", "Path = 'x' Name", "'''''");
    auto const instructions = read({body_of(
        R"(<instance class="InventoryDataItem"><property name="InventoryActionID">)"
        R"(<value>{00000000-0000-0000-0000-000000000002}</value></property><property name="Filter"><value>)" +
        std::string(filter) + "</value></property></instance>")});
    CHECK(instructions.software.size() + instructions.remarks.size() == 1);
}
