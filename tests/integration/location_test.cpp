// SPDX-License-Identifier: Apache-2.0
// Boundaries, distribution points, content and update servers: told by commands while the server runs, asked
// for over HTTP, and every reply checked by another validator.
#include "tests/integration/program.hpp"
#include "tests/support/lab.hpp"
#include "tests/support/process.hpp"
#include "tests/support/test_client.hpp"
#include "tests/support/xmllint.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <fstream>

namespace pointman::test {

namespace {

std::string content_request(std::string_view address, std::string_view ad_site = "") {
    return fmt::format(
        R"(<ContentLocationRequest SchemaVersion="1.00"><Package ID="LAB00001" Version="3"/>)"
        R"(<AssignedSite SiteCode="LAB"/><ClientLocationInfo LocationType="SMSPackage">)"
        R"(<ADSite Name="{}"/><IPAddresses><IPAddress SubnetAddress="" Address="{}"/></IPAddresses>)"
        R"(</ClientLocationInfo></ContentLocationRequest>)",
        ad_site, address);
}

/// Sends requests; xmllint has said that each reply is valid.
class Asking {
public:
    explicit Asking(Lab& lab)
        : connection_(lab.http()) {}

    std::string ask(std::string request, std::string const& reply_schema) {
        auto const reply =
            TestClient::invoke(connection_, client_.message("MP_LocationManager", std::move(request), false));
        CHECK(schema_of(reply) == reply_schema);
        return reply;
    }
    /// Localities in the order of the points, e.g. "dp1:LOCAL dp2:REMOTE".
    std::string points(std::string_view address, std::string_view ad_site = "") {
        auto const reply = ask(content_request(address, ad_site), "content_location_reply.xsd");
        std::string text;
        std::string_view rest = reply;
        auto const next = [&rest](std::string_view element) {
            auto const open = fmt::format("<{}>", element);
            auto const from = rest.find(open);
            if (from == std::string_view::npos) return std::string_view();
            rest.remove_prefix(from + open.size());
            return rest.substr(0, rest.find('<'));
        };
        for (auto name = next("ServerRemoteName"); !name.empty(); name = next("ServerRemoteName")) {
            text += fmt::format("{}{}:{}", text.empty() ? "" : " ", name, next("Locality"));
        }
        return text;
    }

private:
    HttpConnection connection_;
    TestClient client_{"WS-0417", test_key(0)};
};

void furnish(Lab& lab) {
    told(lab, {"boundary", "add", "--subnet", "10.77.0.0/16", "--name", "Plant"});
    told(lab, {"boundary", "add", "--ipv6", "2001:db8::/32"});
    told(lab, {"boundary", "add", "--range", "10.88.0.1-10.88.0.9", "--slow"});
    told(lab, {"dp", "add", "dp1", "--subnet", "10.77.4.0/24", "--ipv6", "2001:db8:4::/48"});
    told(lab, {"dp", "add", "--ad-site", "Plant-South", "--url", "https://dp2.lab/packages", "dp2"});
    told(lab,
         {"content", "add", "LAB00001", "--version", "3", "--dp", "dp1", "--dp", "dp2", "--size", "900"});
}

} // namespace

TEST_CASE("what the commands tell is what clients get, at once") {
    Lab lab;
    Asking asking(lab);
    CHECK(asking.points("10.77.4.31").empty());

    furnish(lab);
    CHECK(asking.points("10.77.4.31") == "dp1:LOCAL dp2:REMOTE");
    CHECK(asking.points("10.99.0.1") == "dp1:REMOTE dp2:REMOTE");
    CHECK(asking.points("10.88.0.5") == "dp1:REMOTE dp2:REMOTE");
    CHECK(asking.points("10.77.9.31", "plant-south") == "dp2:LOCAL dp1:REMOTE");
    CHECK(asking.points("2001:db8:4::31") == "dp1:LOCAL dp2:REMOTE");
    CHECK(asking.points("2001:db9::1") == "dp1:REMOTE dp2:REMOTE");
    CHECK(lab.log("MP_Location").find("1. dp1 of site LAB, LOCAL: address 10.77.4.31 is in its boundary") !=
          std::string::npos);

    told(lab, {"dp", "add", "dp3", "--protected", "--range", "10.77.4.30-10.77.4.40"});
    told(lab, {"content", "add", "lab00001", "--version", "3", "--dp", "DP3"});
    CHECK(asking.points("10.77.4.31") == "dp3:LOCAL");
    CHECK(asking.points("10.77.4.41") == "dp1:LOCAL dp2:REMOTE");
    CHECK(pointman(lab, {"dp", "remove", "dp3"}).exit_code == 0);
    CHECK(asking.points("10.77.4.31") == "dp1:LOCAL dp2:REMOTE");
    CHECK(pointman(lab, {"content", "remove", "LAB00001", "--version", "3"}).exit_code == 0);
    CHECK(asking.points("10.77.4.31").empty());
    CHECK(lab.quarantine().empty());
}

TEST_CASE("sites and servers are told by the boundaries") {
    Lab lab({"site.host=mp1.lab.example"});
    Asking asking(lab);
    furnish(lab);
    told(lab, {"boundary", "add", "--ad-site", "Branch", "--site", "Q8T"});
    auto const request = [](std::string_view root, std::string_view inside) {
        return fmt::format(
            R"(<{0} SchemaVersion="1.00" RequestType="Assigned">)"
            R"(<ClientLocationInfo OnInternet="0"><ADSite Name="Branch"/><IPAddresses/></ClientLocationInfo>)"
            R"({1}</{0}>)",
            root, inside);
    };
    auto const own = R"(<AssignedSite SiteCode="LAB"/>)";

    auto const wsus = [&] {
        return asking.ask(request("WSUSLocationRequest", own), "wsus_location_reply.xsd");
    };
    CHECK(wsus().find("<LocationRecord ") == std::string::npos);
    told(lab, {"wsus", "add", "HTTP://SUS1.lab.example:8530/", "--version", "12"});
    CHECK(
        wsus().find(R"(WSUSURL="http://sus1.lab.example:8530" ServerName="sus1.lab.example" Version="12")") !=
        std::string::npos);
    CHECK(pointman(lab, {"wsus", "remove", "http://sus1.lab.example:8530"}).exit_code == 0);
    CHECK(wsus().find("<LocationRecord ") == std::string::npos);

    CHECK(asking.ask(request("LocalMPLocationRequest", own), "local_mp_location_reply.xsd")
              .find(R"(<Site SiteCode="Q8T" MasterSiteCode="LAB" Locality="Local"/>)") != std::string::npos);
    CHECK(asking.ask(request("AssignedSiteRequest", ""), "assigned_site_reply.xsd")
              .find("<SiteCode>LAB</SiteCode>") != std::string::npos);
    CHECK(asking
              .ask(request("EnumerateMPLocationRequest", R"(<SiteCode Name="LAB"/>)"),
                   "enumerate_mp_location_reply.xsd")
              .find("<IntranetName>mp1.lab.example</IntranetName>") != std::string::npos);
    CHECK(
        asking
            .ask(
                R"(<SiteInformationRequest SchemaVersion="1.00"><SiteCode Name="LAB"/></SiteInformationRequest>)",
                "site_info_reply.xsd")
            .find("<BuildNumber>") != std::string::npos);
    CHECK(lab.quarantine().empty());
}

TEST_CASE("the commands show what is kept") {
    Lab lab;
    furnish(lab);
    auto const boundary =
        told(lab, {"boundary", "add", "--subnet", "10.99.4.31/24", "--slow", "--name", "Yard"});
    CHECK(text_of(boundary, "value") == "10.99.4.0/24");
    auto const id = std::to_string(boundary.as_object().at("boundary_id").as_int64());
    auto const shown = told(lab, {"boundary", "show", id});
    CHECK(text_of(shown, "kind") == "subnet");
    CHECK(text_of(shown, "site") == "LAB");
    CHECK(text_of(shown, "name") == "Yard");
    CHECK(shown.as_object().at("slow").as_bool());
    CHECK(told(lab, {"boundary", "list"}).as_array().size() == 4);
    CHECK(pointman(lab, {"boundary", "remove", id}).exit_code == 0);
    CHECK(told(lab, {"boundary", "list"}).as_array().size() == 3);

    auto const points = told(lab, {"dp", "list"}).as_array();
    REQUIRE(points.size() == 2);
    CHECK(points[0].as_object().at("dp_id").as_int64() > 0);
    CHECK(points[0].as_object().at("urls").as_array().at(0).as_string() == "http://dp1/SMS_DP_SMSPKG$");
    auto const point = told(lab, {"dp", "show", "DP2"});
    CHECK(text_of(point.as_object().at("boundaries").as_array().at(0), "value") == "Plant-South");
    CHECK(text_of(point.as_object().at("content").as_array().at(0), "package") == "LAB00001");
    auto const content = told(lab, {"content", "list"}).as_array().at(0).as_object();
    CHECK(content.at("version").as_int64() == 3);
    CHECK(content.at("size").as_int64() == 900);
    CHECK(content.at("dps").as_array().size() == 2);
    CHECK(told(lab, {"wsus", "list"}).as_array().empty());

    for (auto const& [command, says] : std::vector<std::pair<std::vector<std::string>, std::string>>{
             {{"boundary", "list"}, "subnet 10.77.0.0/16"},
             {{"boundary", "show", "1"}, "Plant"},
             {{"dp", "list"}, "AD site Plant-South"},
             {{"dp", "show", "dp2"}, "https://dp2.lab/packages"},
             {{"content", "list"}, "dp1, dp2"},
             {{"location", "explain", "--package", "LAB00001", "--ip", "10.77.4.31"},
              "in its boundary 10.77.4.0/24"}}) {
        auto const result = pointman(lab, command);
        CHECK(result.exit_code == 0);
        CHECK_THAT(result.out, Catch::Contains(says));
    }
}

TEST_CASE("location explain says what a client would get, and why") {
    Lab lab;
    furnish(lab);
    told(lab, {"dp", "add", "dp3"});
    told(lab, {"content", "add", "LAB00001", "--version", "2", "--dp", "dp3"});
    auto const explained = told(lab, {"location", "explain", "--ip", "10.77.4.31", "--ad-site", "Plant-South",
                                      "--package", "lab00001"})
                               .as_object();
    CHECK(explained.at("version").as_string() == "3");
    auto const points = explained.at("points").as_array();
    REQUIRE(points.size() == 2);
    CHECK(text_of(points[0], "name") == "dp1");
    CHECK(text_of(points[0], "locality") == "LOCAL");
    CHECK(text_of(points[0], "why") == "address 10.77.4.31 is in its boundary 10.77.4.0/24");
    CHECK(points[0].as_object().at("urls").as_array().at(0).as_string() ==
          "http://dp1/SMS_DP_SMSPKG$/LAB00001");
    CHECK(text_of(points[1], "name") == "dp2");
    CHECK(text_of(points[1], "why") == "AD site Plant-South is in its boundary Plant-South");
    CHECK(text_of(explained.at("withheld").as_array().at(0), "why") == "it has version 2, not 3");

    auto const older =
        told(lab, {"location", "explain", "--package", "LAB00001", "--version", "2"}).as_object();
    CHECK(text_of(older.at("points").as_array().at(0), "name") == "dp3");
    auto const none =
        told(lab, {"location", "explain", "--package", "LAB00001", "--version", "9"}).as_object();
    CHECK(none.at("points").as_array().empty());
    CHECK(none.at("withheld").as_array().size() == 3);
}

TEST_CASE("location commands exit with 1 for what is not there, and with 2 for wrong usage") {
    Lab lab;
    struct Row {
        std::vector<std::string> arguments;
        int exit_code;
        std::string says;
    };
    for (auto const& row : std::vector<Row>{
             {{"boundary", "show", "7"}, 1, "no boundary 7"},
             {{"boundary", "remove", "7"}, 1, "no boundary 7"},
             {{"dp", "show", "dp9"}, 1, "no distribution point \"dp9\""},
             {{"dp", "remove", "dp9"}, 1, "no distribution point \"dp9\""},
             {{"content", "add", "LAB00001", "--dp", "dp9"}, 1, "no distribution point \"dp9\""},
             {{"content", "remove", "LAB00009"}, 1, "no content LAB00009"},
             {{"wsus", "remove", "http://sus9"}, 1, "no update server"},
             {{"location", "explain", "--package", "LAB00009"}, 1, "no content LAB00009"},
             {{"boundary"}, 2, "subcommand"},
             {{"boundary", "add"}, 2, "one of --subnet, --range, --ad-site and --ipv6"},
             {{"boundary", "add", "--subnet", "10.0.0.0/8", "--ad-site", "X"}, 2, "one of"},
             {{"boundary", "add", "--subnet", "10.0.0.0/33"}, 2, "a number from 0 to 32"},
             {{"boundary", "add", "--range", "10.0.0.9-10.0.0.1"}, 2, "is reversed"},
             {{"boundary", "add", "--ipv6", "::ffff:10.0.0.0/104"}, 2, "stands for IPv4"},
             {{"boundary", "add", "--subnet", "10.0.0.0/8", "--site", "LABX"}, 2, "--site"},
             {{"boundary", "show", "seven"}, 2, "seven"},
             {{"dp", "add"}, 2, "name"},
             {{"dp", "add", "a b"}, 2, "no name of a server"},
             {{"dp", "add", "dp1", "--protected"}, 2, "give at least one"},
             {{"dp", "add", "dp1", "--url", "ftp://dp1"}, 2, "http://HOST"},
             {{"dp", "add", "dp1", "--url", R"(\\dp1)"}, 2, "no share"},
             {{"dp", "add", "dp1", "--subnet", "10.0.0.0"}, 2, "write A/N"},
             {{"content", "add", "LAB/00001"}, 2, "no package id"},
             {{"content", "add", ".."}, 2, "no package id"},
             {{"content", "add", "LAB00001", "--version", "x"}, 2, "--version"},
             {{"content", "add", "LAB00001", "--size", "-1"}, 2, "--size"},
             {{"wsus", "add", "sus1:8530"}, 2, "no URL"},
             {{"wsus", "add", "http://sus1", "--version", "1.5"}, 2, "--version"},
             {{"location", "explain"}, 2, "--package"},
             {{"location", "explain", "--package", "LAB00001", "--ip", "10.0.0"}, 2, "--ip"},
         }) {
        auto const result = pointman(lab, row.arguments);
        INFO(Catch::StringMaker<std::vector<std::string>>::convert(row.arguments) << ": " << result.err);
        CHECK(result.exit_code == row.exit_code);
        CHECK_THAT(result.err, Catch::Contains(row.says));
    }
    CHECK(told(lab, {"boundary", "list"}).as_array().empty());
    CHECK(told(lab, {"dp", "list"}).as_array().empty());
    CHECK(told(lab, {"content", "list"}).as_array().empty());
}

} // namespace pointman::test
