// SPDX-License-Identifier: Apache-2.0
// Each example of the client library, run as its reader would run it, against the program itself.
#include "tests/integration/daemon.hpp"
#include "tests/integration/program.hpp"

#include <catch2/catch.hpp>

namespace pointman::test {

TEST_CASE("examples do what they say") {
    TemporaryDirectory const directory;
    Daemon const daemon(directory.path());
    auto const url = "http://" + daemon.address();
    Texts const lab{"--lab", (directory.path() / "lab").string()};
    REQUIRE(
        pointman({"policy", "template", "naa", "--param", "user=u", "--param", "password=p", "--id", "Naa"},
                 lab)
            .exit_code == 0);
    REQUIRE(pointman({"policy", "assign", "Naa", "--all"}, lab).exit_code == 0);
    REQUIRE(pointman({"boundary", "add", "--subnet", "10.77.0.0/16"}, lab).exit_code == 0);
    REQUIRE(pointman({"dp", "add", "dp1.lab.example"}, lab).exit_code == 0);
    REQUIRE(pointman({"content", "add", "LAB00001", "--version", "1", "--dp", "dp1.lab.example"}, lab)
                .exit_code == 0);

    auto const client = (directory.path() / "client").string();
    struct Row {
        std::string name;
        Texts arguments;
        std::string says;
    };
    auto const rows = std::to_array<Row>({
        {"invoke", {url}, "<SiteCode>LAB</SiteCode>"},
        {"invoke_c", {url}, "<SiteCode>LAB</SiteCode>"},
        {"register", {url, client}, "confirmed, status 0"},
        {"policy", {url, client}, "Naa version"},
        {"location", {url, client}, "LOCAL http://dp1.lab.example/SMS_DP_SMSPKG$/LAB00001"},
        {"status", {url, client}, "delivered 1, waiting 0, refused 0"},
        {"state", {url, client}, "delivered 1, waiting 0, refused 0"},
        {"metering", {url, client}, "delivered 1, waiting 0, refused 0"},
        {"idmif", {url, client}, "delivered 1, waiting 0, refused 0"},
        {"collected_files", {url, client}, "delivered 1, waiting 0, refused 0"},
    });
    for (auto const& row : rows) {
        INFO(row.name);
        Texts command{std::string(POINTMAN_EXAMPLES) + "/example_" + row.name};
        command.insert(command.end(), row.arguments.begin(), row.arguments.end());
        auto const finished = run(command);
        INFO(finished.out << finished.err);
        CHECK(finished.exit_code == 0);
        CHECK(finished.out.find(row.says) != std::string::npos);
    }
    CHECK(told({"quarantine", "list"}, lab).as_array().empty());
}

TEST_CASE("an example says what went wrong") {
    TemporaryDirectory const directory;
    auto const finished = run({std::string(POINTMAN_EXAMPLES) + "/example_invoke_c", "http://127.0.0.1:1"});
    CHECK(finished.exit_code == 1);
    CHECK(finished.err.find("0x80072EFD") != std::string::npos);
}

} // namespace pointman::test
