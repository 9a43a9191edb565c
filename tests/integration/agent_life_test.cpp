// SPDX-License-Identifier: Apache-2.0
// An agent's life against a whole management point, both by one clock that is moved on.
#include "base/time.hpp"
#include "client/agent/life.hpp"
#include "client/agent/reports.hpp"
#include "client/agent/states.hpp"
#include "server/wire/message.hpp"
#include "tests/integration/program.hpp"
#include "tests/support/scripted_server.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <set>

namespace pointman::test {

namespace {

using namespace std::chrono_literals;
namespace agent = client::agent;

/// A small machine, whose memory a test may change.
class Machine {
public:
    Machine() {
        std::filesystem::copy(test_data("machine"), path(),
                              std::filesystem::copy_options::recursive |
                                  std::filesystem::copy_options::copy_symlinks);
    }
    std::filesystem::path path() const { return directory_.path() / "root"; }
    void set_memory(unsigned kilobytes) const {
        write("proc/meminfo", fmt::format("MemTotal: {} kB\nSwapTotal: 2000000 kB\n", kilobytes));
    }
    void write(std::string_view file, std::string_view text) const {
        std::ofstream(path() / file, std::ios::binary) << text;
    }

    /// After the kernel's start, which proc/stat tells.
    void start_program(unsigned pid, std::string_view name) const {
        auto const process = path() / "proc" / std::to_string(pid);
        std::filesystem::create_directory(process);
        auto const in_process = [pid](char const* file) { return fmt::format("proc/{}/{}", pid, file); };
        write(in_process("stat"),
              fmt::format("{} ({}) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 500 1 1\n", pid, name));
        write(in_process("cmdline"), name);
        write(in_process("status"), "Uid:\t0\t0\t0\t0\n");
    }
    void end_program(unsigned pid) const {
        std::filesystem::remove_all(path() / "proc" / std::to_string(pid));
    }

private:
    TemporaryDirectory directory_;
};

/// The agent in a directory, from its start to its end.
class Living {
public:
    Living(ManualClock& clock, Machine const& machine, std::filesystem::path const& directory,
           std::string const& server)
        : clock_(clock)
        , client_(
              agent::LocalClient::open({.directory = directory,
                                        .settings = {.server = server},
                                        .now = [&clock] { return clock.now(); },
                                        .tell = [this](std::string const& line) { told_.push_back(line); },
                                        .root = machine.path()})
                  .value())
        , life_(agent::Life::begin(*client_).value()) {}

    /// What one step told, a line each.
    std::string step() {
        told_.clear();
        next_ = life_.step();
        return fmt::format("{}", fmt::join(told_, "\n"));
    }
    /// Sleeps as the program does until that much time has passed: what all the steps told.
    std::string live(std::chrono::minutes time) {
        auto const until = clock_.now() + time;
        std::string told;
        while (clock_.now() < until) {
            clock_.set(std::clamp(next_, clock_.now() + 1s, until));
            if (auto const lines = step(); !lines.empty()) told += (told.empty() ? "" : "\n") + lines;
        }
        return told;
    }
    client::Time next() const { return next_; }
    agent::LocalClient& client() { return *client_; }
    agent::Life& life() { return life_; }

private:
    ManualClock& clock_;
    std::vector<std::string> told_;
    std::unique_ptr<agent::LocalClient> client_;
    agent::Life life_;
    client::Time next_{};
};

std::string url_of(Lab& lab) {
    return "http://" + lab.app().addresses().http.front();
}

void assign_template(Lab& lab, std::string const& name, Texts parameters) {
    Texts command{"policy", "template", name, "--id", name};
    for (auto& parameter : parameters) {
        command.emplace_back("--param");
        command.push_back(std::move(parameter));
    }
    auto const made = pointman(lab, command);
    INFO(made.err);
    REQUIRE(made.exit_code == 0);
    REQUIRE(pointman(lab, {"policy", "assign", name, "--all"}).exit_code == 0);
}

/// Of the instance that there is one of.
std::string shown(Lab& lab, std::string const& class_name, std::string_view property) {
    auto const all = told(lab, {"inventory", "show", "LAB-PC07", "--class", class_name});
    auto const& instances = all.as_object().at(class_name).as_array();
    REQUIRE(instances.size() == 1);
    return text_of(instances.front(), property);
}

std::size_t resyncs(Lab& lab) {
    return told(lab, {"inventory", "resyncs"}).as_array().size();
}

std::string refusals(Lab& lab) {
    std::string text;
    for (auto const& entry : lab.quarantine()) text += entry.reason + "\n";
    return text;
}

ScriptedAnswer confirmation(ScriptedRequest const& request) {
    auto const decoded = wire::decode(request.header("content-type"), as_bytes(request.body)).value();
    auto const reply = wire::encode_reply(
        std::get<wire::Envelope>(decoded).header,
        R"(<ClientRegistrationResponse ResponseType="Confirmation" TimeStamp="2026-11-23T10:00:00Z" Status="0" )"
        R"(SMSID="GUID:5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3"/>)",
        {.message_id = "{1}", .sent_time = "2026-11-23T10:00:00Z", .source_host = "mp"});
    return {http_answer(200, {{"Content-Type", std::string(wire::content_type)}}, as_chars(reply))};
}

bool has_line(std::string const& lines, std::string_view line) {
    return ("\n" + lines + "\n").find("\n" + std::string(line) + "\n") != std::string::npos;
}

} // namespace

TEST_CASE("the whole life of a client") {
    Lab lab;
    Machine const machine;
    TemporaryDirectory const directory;
    assign_template(lab, "client-settings",
                    {"hardware-inventory=1d", "software-inventory=7d", "discovery=1d", "policy-polling=30m"});
    assign_template(lab, "hardware-inventory",
                    {"class=root/cimv2:Win32_OperatingSystem:Caption,TotalVisibleMemorySize",
                     "class=root/cimv2:Win32_Service:State"});
    auto living = std::make_unique<Living>(lab.clock(), machine, directory.path(), url_of(lab));

    // From the first minute on the site has true data.
    auto const first = living->step();
    INFO(first);
    CHECK(living->life().failure() == std::nullopt);
    CHECK(has_line(first, "policy: 2 added, 0 changed, 0 removed"));
    CHECK(first.find("hardware: full report 1.0 with ") != std::string::npos);
    auto const clients = told(lab, {"client", "list"}).as_array();
    REQUIRE(clients.size() == 1);
    CHECK(text_of(clients.front(), "name") == "LAB-PC07");
    CHECK(text_of(clients.front(), "approval") == "approved");
    CHECK(shown(lab, "Win32_OperatingSystem", "Caption") == "Debian GNU/Linux 12 (bookworm)");
    CHECK(shown(lab, "Win32_OperatingSystem", "TotalVisibleMemorySize") == "16254080");
    CHECK(text_of(told(lab, {"inventory", "resource", "LAB-PC07"}), "Netbios_Name0") == "LAB-PC07");
    CHECK_FALSE(told(lab, {"inventory", "software", "LAB-PC07"}).as_array().empty());
    CHECK(told(lab, {"state", "show", "LAB-PC07"}).as_object().at("states").as_array().size() == 2);
    CHECK(living->next() == lab.clock().now() + 30min);
    CHECK(living->step() == "");

    // A day later there is a delta, and one only.
    machine.set_memory(8000000);
    auto const day = living->live(24h);
    INFO(day);
    CHECK(has_line(day, "hardware: delta report 1.1 with 1 items"));
    CHECK(day.find("discovery: full report 1.0 with ") != std::string::npos);
    CHECK(day.find("software: ") == std::string::npos);
    CHECK(shown(lab, "Win32_OperatingSystem", "TotalVisibleMemorySize") == "8000000");
    CHECK(refusals(lab).empty());

    // The daemon is restarted: nothing is lost, and what was due meanwhile follows.
    lab.stop();
    machine.set_memory(7000000);
    auto const alone = living->live(90min);
    INFO(alone);
    CHECK(alone.find("; the next try is in 60 seconds") != std::string::npos);
    CHECK(alone.find("; the next try is in 1920 seconds") != std::string::npos);
    CHECK(living->life().failure() != std::nullopt);
    lab.start();
    CHECK(has_line(living->live(24h), "hardware: delta report 1.2 with 1 items"));
    CHECK(living->life().failure() == std::nullopt);
    CHECK(shown(lab, "Win32_OperatingSystem", "TotalVisibleMemorySize") == "7000000");

    // A second start goes on where the first one ended.
    living.reset();
    living = std::make_unique<Living>(lab.clock(), machine, directory.path(), "");
    CHECK(living->step() == "");
    CHECK(told(lab, {"client", "list"}).as_array().size() == 1);

    // A delta is lost. The next one does not fit, and the site asks for everything by policy: once.
    machine.set_memory(6000000);
    auto const policy = load_policy(living->client()).value();
    auto const instructions = agent::read_instructions(living->client(), policy);
    REQUIRE(report_hardware(living->client(), instructions, agent::ReportType::next));
    for (auto const& file : std::filesystem::directory_iterator(living->client().home().queue()))
        if (file.is_regular_file() && file.path().filename() != "lock") std::filesystem::remove(file);
    machine.set_memory(5000000);
    auto const broken = living->live(24h + 31min);
    INFO(broken);
    CHECK(has_line(broken, "hardware: delta report 1.4 with 1 items"));
    CHECK(refusals(lab).starts_with("DeltaMismatch"));
    CHECK(has_line(broken, "policy: 1 added, 0 changed, 0 removed"));
    CHECK(broken.find("hardware: resync report 2.0 with ") != std::string::npos);
    CHECK(shown(lab, "Win32_OperatingSystem", "TotalVisibleMemorySize") == "5000000");
    CHECK(resyncs(lab) == 0);
    auto const after = living->live(23h);
    CHECK(after.find("resync") == std::string::npos);
    CHECK(has_line(broken + "\n" + after, "policy: 0 added, 0 changed, 1 removed"));
}

TEST_CASE("requests that stay are met once each, and again when they are made again") {
    Lab lab;
    Machine const machine;
    TemporaryDirectory const directory;
    auto living = std::make_unique<Living>(lab.clock(), machine, directory.path(), url_of(lab));
    living->step();
    auto const action = GENERATE(values<std::pair<std::string, std::string>>({
        {"hardware", "hardware: resync report 2.0"},
        {"software", "software: resync report 2.0"},
        {"state", "states: resync report 1.0 with 2 items"},
        {"discovery", "discovery: full report 1.0"},
    }));
    assign_template(lab, "resync", {"action=" + action.first});
    auto const met = living->live(61min);
    CHECK(met.find(action.second) != std::string::npos);
    CHECK(met.find(action.second) == met.rfind(action.second));
    living.reset();
    living = std::make_unique<Living>(lab.clock(), machine, directory.path(), "");
    CHECK(living->live(3h) == "");

    REQUIRE(pointman(lab, {"policy", "bump", "resync"}).exit_code == 0);
    CHECK(living->live(61min).find(action.second.substr(0, action.second.find(" report"))) !=
          std::string::npos);
    CHECK(refusals(lab).empty());
}

TEST_CASE("files that policy names are collected, and their changes") {
    Lab lab;
    Machine const machine;
    TemporaryDirectory const directory;
    machine.write("etc/one.conf", "1");
    machine.write("etc/two.conf", "2");
    assign_template(lab, "client-settings", {"file-collection=1d"});
    assign_template(lab, "file-collection", {"rule=*.conf|/etc|1000|no"});
    Living living(lab.clock(), machine, directory.path(), url_of(lab));
    CHECK(living.step().find("files: full report 1.0 with 3 items") != std::string::npos); // resolv.conf too
    machine.write("etc/one.conf", "one");
    std::filesystem::remove(machine.path() / "etc/two.conf");
    CHECK(living.live(25h).find("files: delta report 1.1 with 2 items") != std::string::npos);
    auto const files = told(lab, {"inventory", "files", "LAB-PC07"}).as_array();
    std::multiset<std::string> names;
    for (auto const& file : files) names.insert(text_of(file, "file_name"));
    CHECK(names.count("one.conf") == 2); // revisions
    CHECK(refusals(lab).empty());
}

TEST_CASE("a client that was deleted registers again and reports in full") {
    Lab lab;
    Machine const machine;
    TemporaryDirectory const directory;
    Living living(lab.clock(), machine, directory.path(), url_of(lab));
    living.step();
    REQUIRE(pointman(lab, {"client", "delete", "LAB-PC07"}).exit_code == 0);
    auto const told_then = living.live(2h);
    INFO(told_then);
    CHECK(told_then.find("registered as GUID:") != std::string::npos);
    CHECK(told_then.find("hardware: full report 1.0") != std::string::npos);
    CHECK(shown(lab, "Win32_OperatingSystem", "Caption") == "Debian GNU/Linux 12 (bookworm)");
}

TEST_CASE("a client that waits for approval reports nothing until it has it") {
    Lab lab({"security.auto_approve=\"none\""});
    Machine const machine;
    TemporaryDirectory const directory;
    Living living(lab.clock(), machine, directory.path(), url_of(lab));
    CHECK(living.step().find("waiting for approval") != std::string::npos);
    CHECK(living.live(10min).find("report") == std::string::npos);
    REQUIRE(pointman(lab, {"client", "approve", "LAB-PC07"}).exit_code == 0);
    CHECK(living.live(5min).find("hardware: full report 1.0") != std::string::npos);
    CHECK(refusals(lab).empty());
}

TEST_CASE("the usage of programs that policy names is reported on schedule") {
    Lab lab;
    Machine const machine;
    TemporaryDirectory const directory;
    machine.write("proc/stat", "btime 1795424400\n"); // an hour before the lab's time
    machine.start_program(77, "wedit");
    machine.start_program(78, "other");
    assign_template(lab, "client-settings", {"metering=1d"});
    assign_template(lab, "metering", {"rule=Widget Editor|wedit"});
    Living living(lab.clock(), machine, directory.path(), url_of(lab));
    CHECK(has_line(living.step(), "metering: full report 1.0 with 1 items"));
    auto const begun = told(lab, {"metering", "list"}).as_array();
    REQUIRE(begun.size() == 1);
    living.live(3h);
    machine.end_program(77);
    auto const day = living.live(24h);
    INFO(day);
    auto const line = std::string_view("metering: full report 1.0 with 1 items");
    CHECK(has_line(day, line));
    CHECK(day.find(line) == day.rfind(line)); // once a day
    auto const usages = told(lab, {"metering", "list", "--client", "LAB-PC07"}).as_array();
    REQUIRE(usages.size() == 1); // the same run, which is over now
    INFO(boost::json::serialize(usages));
    CHECK(living.live(24h).find("metering: full report 1.0 with 0 items") != std::string::npos);
    CHECK(refusals(lab).empty());
}

TEST_CASE("while the assigned management point does not answer another of the site is asked") {
    // The assigned one lists the other, breaks all other connections, and at last confirms registrations.
    std::atomic<bool> confirms = false;
    ScriptedServer const assigned([&confirms](ScriptedRequest const& request) {
        constexpr auto list = R"(<MPList><MP Name="127.0.0.1" SiteCode="LAB"/>)"
                              R"(<MP Name="127.0.0.2" SiteCode="LAB"/></MPList>)";
        if (request.method == "GET") return ScriptedAnswer{http_answer(200, {}, list)};
        return confirms ? confirmation(request) : ScriptedAnswer{"", ScriptedAnswer::Then::close};
    });
    auto const port = assigned.url().substr(assigned.url().rfind(':') + 1);
    Lab lab({"http.listen=[\"127.0.0.2:" + port + "\"]"});
    Machine const machine;
    TemporaryDirectory const directory;
    Living living(lab.clock(), machine, directory.path(), assigned.url());
    auto const told_then = living.live(15min);
    INFO(told_then);
    auto const other = "http://127.0.0.2:" + port;
    CHECK(has_line(told_then, "turning to " + other));
    CHECK(told_then.find("hardware: full report 1.0") != std::string::npos);
    CHECK(living.life().failure() == std::nullopt);
    CHECK(told(lab, {"client", "list"}).as_array().size() == 1);

    CHECK(living.live(1h).find("turning to") == std::string::npos);
    confirms = true;
    auto const back = living.live(11min);
    INFO(back);
    CHECK(has_line(back, "turning to " + assigned.url()));
}

TEST_CASE("an overloaded server is left alone for as long as it asks") {
    Machine const machine;
    TemporaryDirectory const directory;
    ManualClock clock(parse_iso_time("2026-11-23T10:00:00Z").value());
    ScriptedServer const server(
        [](ScriptedRequest const&) { return ScriptedAnswer{http_answer(503, {{"Retry-After", "7200"}})}; });
    Living living(clock, machine, directory.path(), server.url());
    living.step();
    REQUIRE(living.life().failure());
    CHECK(living.life().failure()->code == client::Code::busy);
    CHECK(living.next() == clock.now() + 2h);
    auto const requests = server.requests().size();
    clock.advance(119min);
    living.step();
    CHECK(server.requests().size() == requests);
    clock.advance(1min);
    living.step();
    CHECK(server.requests().size() == requests + 1);
}

} // namespace pointman::test
