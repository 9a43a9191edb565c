// SPDX-License-Identifier: Apache-2.0
#include "client/agent/points.hpp"

#include <catch2/catch.hpp>

using namespace pointman::client;
using namespace pointman::client::agent;

using Urls = std::vector<std::string>;

TEST_CASE("three failures lead on to the next point, and one of each other to the one behind it") {
    Points points("http://a");
    points.set_others({"http://b", "http://c", "http://b", "http://a"});
    CHECK_FALSE(points.failed());
    CHECK_FALSE(points.failed());
    points.answered(); // so they do not follow one another
    CHECK_FALSE(points.failed());
    CHECK_FALSE(points.failed());
    CHECK_FALSE(points.is_away());
    CHECK(points.failed());
    CHECK(points.current() == "http://b");
    CHECK(points.is_away());
    CHECK(points.failed());
    CHECK(points.current() == "http://c");
    CHECK(points.failed());
    CHECK(points.current() == "http://a");
    CHECK_FALSE(points.is_away());
}

TEST_CASE("where there is no other point the assigned one is tried for ever") {
    Points points("http://a");
    for (int i = 0; i < 10; ++i) CHECK_FALSE(points.failed());
    CHECK(points.current() == "http://a");
}

TEST_CASE("a list that changes leaves the client where it is, unless that is gone") {
    Points points("http://a");
    points.set_others({"http://b", "http://c"});
    for (int i = 0; i < 4; ++i) points.failed();
    REQUIRE(points.current() == "http://c");
    points.set_others({"http://c"});
    CHECK(points.current() == "http://c");
    points.set_others({"http://b"});
    CHECK(points.current() == "http://a");
    CHECK_FALSE(points.failed());
}

TEST_CASE("the way back") {
    Points points("http://a");
    points.set_others({"http://b"});
    for (int i = 0; i < 3; ++i) points.failed();
    REQUIRE(points.is_away());
    points.go_back();
    CHECK(points.current() == points.assigned());
    CHECK_FALSE(points.failed());
}

TEST_CASE("others in a site's list") {
    struct Row {
        std::string assigned;
        std::string name;
        std::string site;
        Urls others;
    };
    auto const row = GENERATE(values<Row>({
        {"http://mp1", "mp2", "LAB", {"http://mp2"}},
        {"http://mp1:8080", "mp2.lab.example", "LAB", {"http://mp2.lab.example:8080"}},
        {"https://mp1:8443/ccm_system_altauth/request",
         "mp2",
         "",
         {"https://mp2:8443/ccm_system_altauth/request"}},
        {"http://mp1", "fd00::2", "LAB", {"http://[fd00::2]"}},
        {"http://mp1", "MP1", "LAB", {}},
        {"http://mp1", "mp2", "Q7T", {}},
        {"http://mp1", "", "LAB", {}},
        {"http://mp1", "mp2/x", "LAB", {}},
        {"http://mp1", "mp2:99", "LAB", {}},
        {"http://mp1", "user@mp2", "LAB", {}},
        {"http://mp1", "mp2 x", "LAB", {}},
        {"http://mp1", "mp2?x", "LAB", {}},
        {"http://mp1", "mp2#x", "LAB", {}},
        {"nonsense", "mp2", "LAB", {}},
    }));
    INFO(row.assigned << " " << row.name);
    ManagementPoint const point{.site_code = row.site, .name = row.name, .internet_name = {}, .version = {}};
    CHECK(others_in({&point, 1}, row.assigned, "LAB") == row.others);
    if (row.site == "Q7T")
        CHECK(others_in({&point, 1}, row.assigned, "").size() == 1); // no site is known yet
    std::vector<ManagementPoint> const many(1'000, point);
    CHECK(others_in(many, row.assigned, "LAB").size() <= 100);
}

TEST_CASE("failures that are the management point's") {
    auto const yes = GENERATE(Code::cannot_connect, Code::name_not_resolved, Code::connection_lost,
                              Code::timeout, Code::secure_failure, Code::busy, Code::server_unavailable);
    CHECK(is_of_the_point({.code = yes}));
    auto const no = GENERATE(Code::access_denied, Code::no_reply, Code::bad_reply, Code::storage,
                             Code::bad_signature, Code::invalid_schema);
    CHECK_FALSE(is_of_the_point({.code = no}));
    CHECK(is_of_the_point({.code = Code::refused, .message = {}, .http_status = 500}));
    CHECK_FALSE(is_of_the_point({.code = Code::refused, .message = {}, .http_status = 404}));
}
