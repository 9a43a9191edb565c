// SPDX-License-Identifier: Apache-2.0
// The program as scripts call it: exit codes, the ready file, signals.
#include "tests/integration/program.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/process.hpp"
#include "tests/support/test_client.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include <chrono>
#include <csignal>
#include <fstream>

namespace pointman::test {

namespace {

std::vector<std::string> serve(std::filesystem::path const& directory,
                               std::vector<std::string> const& more = {}) {
    std::vector<std::string> command{POINTMAN_BINARY, "serve",
                                     "--lab",         (directory / "lab").string(),
                                     "--http",        "127.0.0.1:0",
                                     "--https",       "127.0.0.1:0",
                                     "--ready-file",  (directory / "ready.json").string()};
    command.insert(command.end(), more.begin(), more.end());
    return command;
}

/// What a second start may take. Sanitizers take a multiple of it for themselves.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::chrono::seconds start_time{10};
#else
constexpr std::chrono::seconds start_time{1};
#endif

} // namespace

TEST_CASE("wrong usage exits with 2, failure with 1, and both say what to do") {
    TemporaryDirectory const directory;
    auto const database = (directory.path() / "none.db").string();
    struct Row {
        std::vector<std::string> arguments;
        int exit_code;
        std::string says;
    };
    std::vector<Row> const rows{
        {{}, 2, "subcommand"},
        {{"frobnicate"}, 2, "frobnicate"},
        {{"serve"}, 2, "--lab DIR or --config FILE"},
        {{"serve", "--lab", "x", "--config", "y"}, 2, "either"},
        {{"serve", "--config", (directory.path() / "no.toml").string()}, 2, "no.toml"},
        {{"client", "list"}, 2, "which database"},
        {{"client", "show"}, 2, "client"},
        {{"client", "list", "--db", database}, 1, "there is no database"},
        {{"client", "list", "--db", database, "--approval", "perhaps"}, 2, "pending"},
        {{"quarantine", "purge", "--db", database, "--older-than", "soon"}, 2, "--older-than"},
        {{"check-config"}, 2, "which file"},
        {{"--version"}, 0, ""},
        {{"--help"}, 0, ""},
    };
    for (auto const& row : rows) {
        auto const result = pointman(row.arguments);
        INFO(Catch::StringMaker<std::vector<std::string>>::convert(row.arguments) << ": " << result.err);
        CHECK(result.exit_code == row.exit_code);
        CHECK(result.err.find(row.says) != std::string::npos);
    }
    CHECK_FALSE(std::filesystem::exists(database));
}

TEST_CASE("the ready file says where the lab is, and a second start is quick") {
    TemporaryDirectory const directory;
    auto const ready = directory.path() / "ready.json";
    std::string fingerprint;
    for (int start = 0; start < 2; ++start) {
        std::filesystem::remove(ready);
        auto const began = std::chrono::steady_clock::now();
        Process process(serve(directory.path()), directory.path() / "console.log");
        auto const text = wait_for_file(ready, process);
        auto const took = std::chrono::steady_clock::now() - began;
        auto const line = boost::json::parse(text).as_object();
        CHECK(line.at("pid").to_number<int>() == process.id());
        CHECK(line.at("site").as_string() == "LAB");
        CHECK(std::filesystem::exists(std::string(line.at("db").as_string())));
        CHECK(std::filesystem::is_directory(std::string(line.at("logs").as_string())));
        auto const ca = std::string(line.at("ca").as_string());
        CHECK(std::string(line.at("http").as_string()).starts_with("http://127.0.0.1:"));
        auto const socket = (directory.path() / "lab/pointman.sock").string();
        CHECK(line.at("socket").as_string() == socket);

        auto const https = std::string(line.at("https").as_string()).substr(8);
        CHECK(HttpConnection::tls(https, ca, "localhost").request("GET", "/health").status == 200);
        if (start == 0) {
            fingerprint = read_text(ca);
        } else {
            CHECK(read_text(ca) == fingerprint);
            CHECK(took < start_time);
        }
        process.signal(SIGTERM);
        CHECK(process.wait() == 0);
    }
}

TEST_CASE("a lab does without its socket where it is told to") {
    TemporaryDirectory const directory;
    Process process(serve(directory.path(), {"--set", "local.socket="}), directory.path() / "console.log");
    auto const line = boost::json::parse(wait_for_file(directory.path() / "ready.json", process)).as_object();
    CHECK_FALSE(line.contains("socket"));
    CHECK_FALSE(std::filesystem::exists(directory.path() / "lab/pointman.sock"));
}

TEST_CASE("SIGTERM finishes the request under way") {
    TemporaryDirectory const directory;
    Process process(serve(directory.path()), directory.path() / "console.log");
    auto const line = boost::json::parse(wait_for_file(directory.path() / "ready.json", process)).as_object();
    auto connection = HttpConnection::plain(std::string(line.at("http").as_string()).substr(7));
    connection.send("CCM_POST /ccm_system/request HTTP/1.1\r\nHost: lab\r\nContent-Length: 4\r\nExpect: "
                    "100-continue\r\n\r\n");
    REQUIRE(connection.receive().status == 100);
    process.signal(SIGTERM);
    connection.send("none");
    auto const answer = connection.receive();
    CHECK(answer.status == 200);
    CHECK(process.wait() == 0);
}

TEST_CASE("SIGHUP reads certificates again and keeps the old ones when the new are bad") {
    TemporaryDirectory const directory;
    Process process(serve(directory.path()), directory.path() / "console.log");
    auto const line = boost::json::parse(wait_for_file(directory.path() / "ready.json", process)).as_object();
    auto const https = std::string(line.at("https").as_string()).substr(8);
    auto const ca = std::string(line.at("ca").as_string());
    auto const control = std::filesystem::path(std::string(line.at("logs").as_string())) / "mpcontrol.log";
    // What the daemon has to say is the sign that it has acted.
    auto const told = [&](std::string_view text) {
        for (int i = 0; i < 1000; ++i) {
            if (read_text(control).find(text) != std::string::npos) return true;
            run({"sleep", "0.01"});
        }
        return false;
    };
    process.signal(SIGHUP);
    CHECK(told("read again"));
    std::ofstream(directory.path() / "lab/pki/server.pem") << "nonsense";
    process.signal(SIGHUP);
    CHECK(told("not taken"));
    CHECK(HttpConnection::tls(https, ca, "localhost").request("GET", "/health").status == 200);
}

TEST_CASE("two daemons cannot have one port, and the second says why") {
    TemporaryDirectory const directory;
    Process process(serve(directory.path()), directory.path() / "console.log");
    auto const line = boost::json::parse(wait_for_file(directory.path() / "ready.json", process)).as_object();
    auto const address = std::string(line.at("http").as_string()).substr(7);
    auto const second = pointman({"serve", "--lab", (directory.path() / "other").string(), "--http", address,
                                  "--https", "127.0.0.1:0"});
    CHECK(second.exit_code == 1);
    CHECK(second.err.find(address) != std::string::npos);
}

TEST_CASE("check-config says every fault with its place") {
    TemporaryDirectory const directory;
    auto const file = directory.path() / "pointman.toml";
    std::ofstream(file) << "[site]\ncode = \"LABX\"\n[limits]\nmax_bodi = 5\n";
    auto const result = pointman({"check-config", file.string()});
    CHECK(result.exit_code == 2);
    CHECK(result.err.find(file.string() + ":2:") != std::string::npos);
    CHECK(result.err.find(file.string() + ":4:") != std::string::npos);
    CHECK(result.err.find("max_body") != std::string::npos);
    std::ofstream(file) << pointman({"check-config", "--sample"}).out;
    CHECK(pointman({"check-config", file.string()}).exit_code == 0);
}

} // namespace pointman::test
