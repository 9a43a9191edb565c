// SPDX-License-Identifier: Apache-2.0
// pointman-agent as people run it: every command once, on the machine that the test runs on.
#include "base/clock.hpp"
#include "client/inventory/machine.hpp"
#include "server/tls/certificate.hpp"
#include "server/tls/pem.hpp"
#include "server/wire/signature.hpp"
#include "tests/integration/program.hpp"
#include "tests/support/test_pki.hpp"

#include <boost/json/array.hpp>

#include <csignal>
#include <fstream>

namespace pointman::test {

namespace {

/// A lab by the wall's clock, which programs go by, and an agent of it.
struct AgentLab {
    explicit AgentLab(Texts const& sets = {})
        : lab(sets) {
        lab.clock().set(SystemClock().now());
    }

    Texts command(Texts arguments) const {
        arguments.insert(arguments.begin(), POINTMAN_AGENT_BINARY);
        arguments.insert(arguments.end(), {"--directory", (directory.path() / "agent").string()});
        return arguments;
    }
    Finished agent(Texts arguments) const { return run(command(std::move(arguments))); }
    /// Output of a command that has to succeed.
    std::string out(Texts arguments) const {
        auto const finished = agent(std::move(arguments));
        INFO(finished.err);
        REQUIRE(finished.exit_code == 0);
        return finished.out;
    }
    boost::json::object json(Texts arguments) const {
        arguments.emplace_back("--json");
        return boost::json::parse(out(std::move(arguments))).as_object();
    }
    std::string server() { return "http://" + lab.app().addresses().http.front(); }
    void register_agent() { out({"register", "--server", server(), "--name", "AGENTPC"}); }
    std::string refusals() {
        std::string text;
        for (auto const& entry : lab.quarantine()) text += entry.reason + ": " + entry.detail + "\n";
        return text;
    }

    Lab lab;
    TemporaryDirectory directory;
};

void add_policy(Lab const& lab, Texts command, std::string const& id) {
    command.insert(command.end(), {"--id", id});
    REQUIRE(pointman(lab, std::move(command)).exit_code == 0);
    REQUIRE(pointman(lab, {"policy", "assign", id, "--all"}).exit_code == 0);
}

std::size_t widest_line(std::string const& text) {
    std::size_t widest = 0;
    std::size_t begin = 0;
    while (begin < text.size()) {
        auto const end = std::min(text.find('\n', begin), text.size());
        widest = std::max(widest, end - begin);
        begin = end + 1;
    }
    return widest;
}

} // namespace

TEST_CASE("every command of the agent does what it says") {
    AgentLab at;
    auto const registered = at.json({"register", "--server", at.server(), "--name", "AGENTPC"});
    CHECK(registered.at("approved").as_bool());
    CHECK(registered.at("site").as_string() == "LAB");
    CHECK(at.json({"register"}).at("smsid") == registered.at("smsid"));
    auto const clients = told(at.lab, {"client", "list"}).as_array();
    REQUIRE(clients.size() == 1);
    CHECK(text_of(clients.front(), "name") == "AGENTPC");

    CHECK(at.json({"ddr"}).at("type").as_string() == "Full");
    auto const machine = client::inventory::collect();
    CHECK(text_of(told(at.lab, {"inventory", "resource", "AGENTPC"}), "Operating_System_Name_and0") ==
          machine.first("Win32_OperatingSystem")->value("Caption"));

    CHECK(at.json({"hinv"}).at("version").as_string() == "1.0");
    CHECK(at.json({"hinv"}).at("version").as_string() == "1.1");
    CHECK(at.json({"hinv", "--full"}).at("version").as_string() == "2.0");
    CHECK(at.json({"hinv", "--resync"}).at("type").as_string() == "Resync");
    CHECK(at.json({"hinv", "--delta"}).at("version").as_string() == "3.1");
    CHECK(told(at.lab, {"inventory", "show", "AGENTPC"}).as_object().contains("Win32_OperatingSystem"));

    CHECK(at.json({"sinv"}).at("delivered").as_int64() == 1);
    CHECK_FALSE(told(at.lab, {"inventory", "software", "AGENTPC"}).as_array().empty());

    auto const note = at.directory.path() / "note.ini";
    std::ofstream(note) << "one";
    CHECK(at.json({"file", note.string()}).at("type").as_string() == "Full");
    std::ofstream(note) << "other";
    CHECK(at.json({"file", note.string()}).at("items").as_int64() == 1);
    CHECK(told(at.lab, {"inventory", "files", "AGENTPC"}).as_array().size() == 2);
    std::filesystem::remove(note);
    CHECK(at.json({"file", note.string()}).at("items").as_int64() == 1);

    at.out({"status", "SoftDistProgramStartedEvent", "--property", "ProgramId=p", "--property",
            "PackageName=q"});
    CHECK(told(at.lab, {"status", "list"}).as_array().size() == 1);
    at.out({"state", "500", "{7f0c9a52-1f7d-4e1c-8b16-5a3de0c2b911}", "2", "--id-type", "3"});
    auto const states = told(at.lab, {"state", "show", "AGENTPC"}).as_object().at("states").as_array();
    REQUIRE(states.size() == 1);
    CHECK(states.front().as_object().at("state_id").as_int64() == 2);
    at.out({"metering", POINTMAN_AGENT_BINARY, "--user", "me", "--from", "2026-11-30T10:00:00Z", "--to",
            "2026-11-30T11:00:00Z"});
    auto const usages = told(at.lab, {"metering", "list"}).as_array();
    REQUIRE(usages.size() == 1);
    CHECK(text_of(usages.front(), "file_name") == "pointman-agent");

    at.out({"idmif", test_data("mif/valid/component_id.mif").string()});
    CHECK(at.refusals() == "");

    CHECK(at.out({"location", "mps"}).find("LAB") != std::string::npos);
    CHECK(at.out({"location", "site"}).find("LAB") != std::string::npos);
    REQUIRE(pointman(at.lab, {"wsus", "add", "http://wsus.lab.example:8530"}).exit_code == 0);
    CHECK(at.out({"location", "wsus"}).find("http://wsus.lab.example:8530") != std::string::npos);
    REQUIRE(pointman(at.lab, {"dp", "add", "dp1.lab.example"}).exit_code == 0);
    REQUIRE(pointman(at.lab, {"content", "add", "LAB00001", "--version", "1", "--dp", "dp1.lab.example"})
                .exit_code == 0);
    CHECK(at.out({"location", "content", "LAB00001"}).find("dp1.lab.example") != std::string::npos);
}

TEST_CASE("the management point of this machine is reached without a URL, and remembered") {
    AgentLab at;
    auto const socket = at.lab.app().addresses().local.string();
    auto const registered = run(at.command({"register", "--local", "--name", "AGENTPC", "--json"}),
                                {{"POINTMAN_SOCKET", socket}});
    INFO(registered.err);
    REQUIRE(registered.exit_code == 0);
    CHECK(text_of(boost::json::parse(registered.out), "server") == "unix:" + socket);
    CHECK(at.json({"ddr"}).at("delivered").as_int64() == 1);
    CHECK(at.json({"policy"}).at("assignments").as_array().empty());
    CHECK(at.out({"location", "site"}).find("LAB") != std::string::npos);
    CHECK(at.refusals() == "");
}

TEST_CASE("policy is fetched, opened and shown") {
    AgentLab at;
    at.register_agent();
    CHECK(at.json({"policy"}).at("assignments").as_array().empty());
    add_policy(at.lab, {"policy", "template", "client-settings"}, "Settings");
    add_policy(at.lab,
               {"policy", "template", "naa", "--param", "user=LAB\\reader", "--param", "password=Hidden7"},
               "Naa");
    auto const fetched = at.json({"policy"});
    CHECK(fetched.at("added").as_int64() == 2);
    for (auto const& assignment : fetched.at("assignments").as_array())
        CHECK(assignment.as_object().at("fetched").as_bool());
    CHECK(at.json({"policy"}).at("added").as_int64() == 0);
    CHECK(at.json({"policy", "--full"}).at("full").as_bool());
    auto const table = at.out({"policy"});
    CHECK(table.find("NAAConfig") != std::string::npos);
    CHECK(widest_line(table) <= 80);
    CHECK(at.out({"policy", "--show", "settings"}).find("CCM_Scheduler_ScheduledMessage") !=
          std::string::npos);
    auto const secret = at.out({"policy", "--show", "Naa"});
    CHECK(secret.find("NetworkAccessPassword") != std::string::npos);
    CHECK(secret.find("(secret, ") != std::string::npos);
    auto const missing = at.agent({"policy", "--show", "None"});
    CHECK(missing.exit_code == 1);
    CHECK(missing.err == "pointman-agent: no policy None is assigned to this client\n");
}

TEST_CASE("a trace shows every step, and no secret") {
    AgentLab at;
    add_policy(at.lab,
               {"policy", "template", "naa", "--param", "user=LAB\\reader", "--param", "password=Hidden7"},
               "Naa");
    auto text = at.agent({"register", "--server", at.server(), "--name", "AGENTPC", "--trace"}).err;
    CHECK(text.find("<ClientRegistrationRequest>") != std::string::npos);
    CHECK(text.find("<ClientRegistrationResponse ") != std::string::npos);
    text += at.agent({"policy", "--trace"}).err;
    CHECK(text.find("<RequestAssignments ") != std::string::npos);
    CHECK(text.find("<ReplyAssignments ") != std::string::npos);
    CHECK(text.find("CCM_NetworkAccessAccount") != std::string::npos); // which came sealed
    CHECK(text.find("(secret, ") != std::string::npos);
    text += at.agent({"hinv", "--trace"}).err;
    CHECK(text.find("> attachment {00000000-0000-0000-0000-000000000001} of ") != std::string::npos);
    CHECK(text.find("<Win32_OperatingSystem>") != std::string::npos);
    CHECK(text.find("\n< 200 after ") != std::string::npos);
    CHECK(text.find("PRIVATE KEY") == std::string::npos);
    CHECK(text.find("Hidden7") == std::string::npos);
    // An obfuscated value can be read by everybody, and a token is as good as a password for a while.
    CHECK(text.find("89130000") == std::string::npos);
    CHECK(text.find("> ClientTokenSignature: ") != std::string::npos);
    auto const signature =
        text.find("> ClientTokenSignature: ") + std::string("> ClientTokenSignature: ").size();
    CHECK(text.substr(signature, text.find('\n', signature) - signature).size() < 40);
}

TEST_CASE("in native mode the agent is who its certificate says") {
    AgentLab at({"site.mode=native"});
    auto const pki = at.lab.settings().pki;
    auto const authority = TestAuthority::from_files(pki / "ca.pem", pki / "ca.key");
    auto const key = wire::PrivateKey::generate(2048);
    auto const certificate = at.directory.path() / "client.pem";
    auto const key_file = at.directory.path() / "client.key";
    std::ofstream(certificate) << tls::to_pem(authority.issue_for(key.handle()).get());
    std::ofstream(key_file) << key.to_pem();
    auto const address = at.lab.app().addresses().https.front();
    at.out({"register", "--server", "https://localhost" + address.substr(address.rfind(':')), "--name",
            "AGENTPC", "--ca", (pki / "ca.pem").string(), "--client-certificate", certificate.string(),
            "--client-key", key_file.string()});
    add_policy(at.lab, {"policy", "template", "client-settings"}, "Settings");
    // All of it is remembered, and the site's signature of the assignment is verified.
    CHECK(at.json({"policy"}).at("added").as_int64() == 1);
    CHECK(at.json({"hinv"}).at("delivered").as_int64() == 1);
    CHECK(at.refusals() == "");
}

TEST_CASE("one run brings a machine into the lab, and a signal ends it") {
    AgentLab at;
    auto const once = at.agent({"run", "--once", "--server", at.server(), "--name", "AGENTPC"});
    INFO(once.err);
    CHECK(once.exit_code == 0);
    CHECK(once.err.find("hardware: full report 1.0") != std::string::npos);
    CHECK(told(at.lab, {"inventory", "show", "AGENTPC"}).as_object().contains("Win32_OperatingSystem"));
    CHECK(at.agent({"run", "--until", "2026-01-01"}).exit_code == 0);

    auto const log = at.directory.path() / "log";
    Process living(at.command({"run", "--trace"}), log);
    wait_for_file(log, living); // its first exchange
    CHECK(at.agent({"policy"}).err.find("another pointman-agent works in ") != std::string::npos);
    living.signal(SIGTERM);
    CHECK(living.wait() == 0);
    CHECK(at.out({"policy"}).find("POLICY") != std::string::npos);
}

TEST_CASE("what the agent cannot do, it says with an exit code") {
    AgentLab at;
    struct Row {
        Texts arguments;
        int exit_code;
        std::string message;
    };
    for (auto const& row : std::vector<Row>{
             {{"register"}, 2, "no management point is known here: register with --server"},
             {{"register", "--server", "http://127.0.0.1:1"}, 1, "127.0.0.1: connecting failed"},
             {{"register", "--server", "unix:/none"}, 1, "unix:/none: no management point of this machine"},
             {{"register", "--server", "unix:none"}, 2, "has to be an absolute path"},
             {{"register", "--local", "--server", "http://127.0.0.1:1"}, 2, "excludes"},
             {{"hinv", "--server", at.server()},
              1,
              "this client is not registered: run pointman-agent register"},
             {{"nonsense"}, 2, "nonsense"},
             {{"state", "500", "x"}, 2, "state is required"},
             {{"register", "--client-key", "/dev/null"}, 2, "--client-certificate"},
         }) {
        INFO(row.arguments.front());
        auto const finished = at.agent(row.arguments);
        CHECK(finished.exit_code == row.exit_code);
        CHECK(finished.err.find(row.message) != std::string::npos);
    }
    at.register_agent();
    for (auto const& row : std::vector<Row>{
             {{"hinv", "--full", "--delta"}, 2, "--full"},
             {{"hinv", "--delta"}, 1, "nothing was reported before that a delta could follow"},
             {{"status", "A", "--property", "x"}, 2, "\"x\" is not of the form NAME=VALUE"},
             {{"metering", "/nowhere"}, 1, "there is no file /nowhere"},
             {{"metering", "/bin/sh", "--from", "noon"}, 2, "\"noon\" is no time of the form"},
             {{"metering", "/bin/sh", "--from", "2026-01-02", "--to", "2026-01-01"},
              2,
              "--from is later than --to"},
             {{"idmif", "/nowhere"}, 1, "/nowhere"},
             {{"file", "/nowhere"}, 1, "there is no file /nowhere"},
             {{"run", "--until", "noon"}, 2, "\"noon\" is no time of the form"},
         }) {
        INFO(row.arguments.front());
        auto const finished = at.agent(row.arguments);
        CHECK(finished.exit_code == row.exit_code);
        CHECK(finished.err.find(row.message) != std::string::npos);
    }
    auto const none = run({POINTMAN_AGENT_BINARY});
    CHECK(none.exit_code == 2);
    CHECK(none.err.find("which command?") != std::string::npos);
}

TEST_CASE("what cannot be delivered waits in the queue") {
    AgentLab at;
    at.register_agent();
    at.lab.stop();
    auto const waiting = at.agent({"status", "SoftDistProgramStartedEvent"});
    CHECK(waiting.exit_code == 1);
    CHECK(waiting.err.find("1 message waiting in the queue: ") != std::string::npos);
    at.lab.start();
    CHECK(at.json({"status", "SoftDistProgramCompletedSuccessfullyEvent"}).at("delivered").as_int64() == 2);
    CHECK(told(at.lab, {"status", "list"}).as_array().size() == 2);
}

} // namespace pointman::test
