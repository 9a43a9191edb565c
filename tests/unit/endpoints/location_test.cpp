// SPDX-License-Identifier: Apache-2.0
#include "db/locations.hpp"
#include "endpoints/location/replies.hpp"
#include "schemas/validator.hpp"
#include "tests/unit/endpoints/bench.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace pointman;
using test::noted;
using test::refusal_of;
using test::replaced;

namespace {

test::Draft to_location(std::string body) {
    return {"MP_LocationManager", "", std::move(body)};
}

std::string content_request(std::string const& version, std::string const& packages) {
    return "<ContentLocationRequest SchemaVersion=\"" + version + "\">" + packages +
           R"(<AssignedSite SiteCode="Q7T"/><ClientLocationInfo LocationType="SMSPackage" UseProtected="0">)"
           R"(<ADSite Name="Plant-North"/><IPAddresses><IPAddress SubnetAddress="10.77.4.0" Address="10.77.4.31"/>)"
           R"(</IPAddresses></ClientLocationInfo></ContentLocationRequest>)";
}

template <class F>
void write(test::Bench& bench, F const& work) {
    auto const done = bench.store().write_and_wait([&](db::Transaction& transaction) -> Result<bool> {
        if (auto written = work(transaction); !written) return std::unexpected(written.error());
        return true;
    });
    REQUIRE(refusal_of(done) == "");
}

Area area(Area::Kind kind, std::string_view text) {
    return parse_area(kind, text).value();
}

/// The site of the samples in location.md 9: a fast and a slow boundary, two points, a package in three forms
/// of id, an update server, a boundary of a secondary site.
void furnish(test::Bench& bench) {
    using enum Area::Kind;
    for (db::Boundary const& boundary :
         {db::Boundary{.area = area(subnet, "10.77.4.0/24")},
          db::Boundary{.area = area(ipv6, "2001:db8:4::/48")},
          db::Boundary{.slow = true, .area = area(subnet, "10.77.9.0/24")},
          db::Boundary{.site_code = "Q8T", .area = area(subnet, "10.77.8.0/24")}}) {
        write(bench, [&](auto& transaction) { return db::Boundaries::add(transaction, boundary); });
    }
    for (db::DistributionPoint const& point :
         {db::DistributionPoint{.name = "dp1.plant.example",
         .urls = {"http://dp1.plant.example/SMS_DP_SMSPKG$", R"(\\dp1.plant.example\SMSPKGD$)"},
         .areas = {area(ad_site, "Plant & North"), area(subnet, "10.77.4.0/24")}},
          db::DistributionPoint{.name = "dp2.plant.example",
          .urls = {"https://dp2.plant.example/packages"},
          .areas = {area(ad_site, "Plant-South")}}}) {
        write(bench, [&](auto& transaction) { return db::DistributionPoints::add(transaction, point); });
    }
    for (std::string const package :
         {"Q7T0000F", "UID:7f3b1c90-5a2e-4d0b-8e6f-20c94d51ab37", "Content_0a1b"}) {
        db::Content const content{
            .package = package, .version = 3, .dps = {"dp1.plant.example", "dp2.plant.example"}};
        write(bench, [&](auto& transaction) { return db::Contents::add(transaction, content); });
    }
    db::WsusServer const server{.url = "http://sus1.plant.example:8530", .version = 12};
    write(bench, [&](auto& transaction) { return db::WsusServers::add(transaction, server); });
}

/// A content request as 2007 clients write it, with what differs between rows.
std::string content_from(std::string_view package, std::string_view location, std::string_view site = "LAB") {
    return fmt::format(R"(<ContentLocationRequest SchemaVersion="1.0">{}<AssignedSite SiteCode="{}"/>{})"
                       R"(</ContentLocationRequest>)",
                       package, site, location);
}

std::string located(std::string_view address, std::string_view attributes = "") {
    return fmt::format(R"(<ClientLocationInfo LocationType="SMSPackage" {}><ADSite Name=""/><IPAddresses>)"
                       R"(<IPAddress SubnetAddress="" Address="{}"/></IPAddresses></ClientLocationInfo>)",
                       attributes, address);
}

constexpr std::string_view wanted = R"(<Package ID="Q7T0000F" Version="3" DeploymentFlags="131072"/>)";

/// Names and localities of the points in a content reply, e.g. "LOCAL: dp1-LOCAL dp2-REMOTE".
std::string points_in(std::string const& xml) {
    auto const document = schemas::validate("content_location_reply.xsd", as_bytes(xml));
    if (!document) return describe(document.error());
    std::string text;
    for (auto const site : document->root().child("Sites")->children()) {
        text += text.empty() ? "" : "; ";
        text += site.child("MPSite")->attribute_or("SiteLocality", "");
        text += ":";
        for (auto const record : site.child("LocationRecords")->children()) {
            auto const name = record.child_text("ServerRemoteName");
            text += fmt::format(" {}-{}", name.substr(0, name.find('.')), record.child_text("Locality"));
        }
    }
    return text;
}

} // namespace

TEST_CASE("a location request gets the well-formed nothing of its kind") {
    struct Row {
        std::string name;
        std::string body;
        std::string schema; ///< of the reply
        std::string xml;
    };
    // Shapes: location.md 2.2, 3, 4, 5 and the samples of 9; own site code whatever was asked (8).
    std::string const package = R"(<Package ID="Q7T0000F" Version="3" DeploymentFlags="131072"/>)";
    std::string const content =
        R"(<Sites><Site><MPSite SiteCode="LAB" MasterSiteCode="LAB" SiteLocality="FALLBACK"/>)"
        R"(<LocationRecords/></Site></Sites>)";
    auto const row = GENERATE_COPY(
        Row{"content, 2007", content_request("1.0", package), "content_location_reply.xsd",
            R"(<ContentLocationReply SchemaVersion="1.0">)" + content + "</ContentLocationReply>"},
        Row{"content, later", content_request("1.00", package), "content_location_reply.xsd",
            R"(<ContentLocationReply SchemaVersion="1.00">)" + content + "</ContentLocationReply>"},
        Row{"client package",
            content_request("1.00", R"(<ClientPackage RequestForLatest="0" DeploymentFlags="4098"/>)"),
            "content_location_reply.xsd",
            R"(<ContentLocationReply SchemaVersion="1.00">)" + content + "</ContentLocationReply>"},
        Row{"local management point", test::sample("location/valid/local_mp_location_request.2007_style.xml"),
            "local_mp_location_reply.xsd",
            R"(<LocalMPLocationReply SchemaVersion="1.0"><Sites><Site SiteCode="LAB" MasterSiteCode="LAB" Locality="Fallback"/>)"
            R"(</Sites></LocalMPLocationReply>)"},
        Row{"update server", test::sample("location/valid/wsus_location_request.2007_style.xml"),
            "wsus_location_reply.xsd",
            R"(<WSUSLocationReply SchemaVersion="1.00"><Sites><Site><MPSite SiteCode="LAB"/><LocationRecords/></Site></Sites>)"
            R"(</WSUSLocationReply>)"},
        Row{"own site",
            R"(<SiteInformationRequest SchemaVersion="1.00"><SiteCode Name="lab"/></SiteInformationRequest>)",
            "site_info_reply.xsd",
            R"(<SiteInfoReply SchemaVersion="1.00"><Sites><Site><SiteCode>LAB</SiteCode><Version>4.00.6487.2000</Version>)"
            R"(<BuildNumber>6487</BuildNumber></Site></Sites></SiteInfoReply>)"},
        Row{"another site",
            R"(<SiteInformationRequest SchemaVersion="1.00"><SiteCode Name="Q7T"/></SiteInformationRequest>)",
            "site_info_reply.xsd", R"(<SiteInfoReply SchemaVersion="1.00"><Sites/></SiteInfoReply>)"},
        Row{"assigned site", test::sample("location/valid/assigned_site_request.later_style.xml"),
            "assigned_site_reply.xsd",
            R"(<AssignedSiteReply SchemaVersion="1.00"><Sites/></AssignedSiteReply>)"},
        Row{"list of management points",
            test::sample("location/valid/enumerate_mp_location_request.site_first.xml"),
            "enumerate_mp_location_reply.xsd",
            R"(<EnumerateMPLocationReply SchemaVersion="1.00">)" + content + "</EnumerateMPLocationReply>"});
    CAPTURE(row.name);
    test::Bench bench;
    auto const reply = bench.deliver(to_location(row.body));
    REQUIRE(refusal_of(reply) == "");
    CHECK(reply->xml == row.xml);
    CHECK(refusal_of(schemas::validate(row.schema, as_bytes(reply->xml))) == "");
}

TEST_CASE("a SchemaVersion with characters of XML comes back as data") {
    test::Bench bench;
    auto const reply =
        bench.deliver(to_location(content_request("1&quot;0&lt;", R"(<Package ID="P" Version="1"/>)")));
    REQUIRE(refusal_of(reply) == "");
    auto const document = schemas::validate("content_location_reply.xsd", as_bytes(reply->xml));
    REQUIRE(refusal_of(document) == "");
    CHECK(document->root().attribute_or("SchemaVersion", "") == "1\"0<");
}

TEST_CASE("several packages are answered for the first, and the log says so") {
    test::Bench bench;
    auto const two = R"(<Package ID="Q7T0000F" Version="3"/><Package ID="Q7T00010" Version="1"/>)";
    auto const reply = bench.deliver(to_location(content_request("1.0", two)));
    REQUIRE(refusal_of(reply) == "");
    CHECK(noted(*reply, endpoints::Note::Kind::warning, "package Q7T00010 version 1 is not answered"));
    CHECK(noted(*reply, endpoints::Note::Kind::warning, "first of 2 packages"));
    CHECK(noted(*reply, endpoints::Note::Kind::info, "package Q7T0000F version 3"));
}

TEST_CASE("location requests that are not in order are refused") {
    struct Row {
        std::string name;
        std::string body;
        std::string refusal;
    };
    auto const row = GENERATE(
        Row{"content without package", content_request("1.0", ""), "SchemaViolation"},
        Row{"unknown root", R"(<UpdateLocationRequest SchemaVersion="1.0"/>)", "SchemaViolation"},
        Row{"a reply", R"(<SiteInfoReply SchemaVersion="1.00"><Sites/></SiteInfoReply>)", "SchemaViolation"},
        Row{"document type", "<!DOCTYPE x><WSUSLocationRequest/>", "Malformed"},
        Row{"empty", "", "Malformed"});
    CAPTURE(row.name);
    test::Bench bench;
    CHECK(refusal_of(bench.deliver(to_location(row.body))) == row.refusal);
}

TEST_CASE("content is told with everything a client needs to fetch it") {
    test::Bench bench;
    furnish(bench);
    auto const reply = bench.deliver(to_location(content_from(wanted, located("10.77.4.31"))));
    REQUIRE(refusal_of(reply) == "");
    // Order of the children: the sample in location.md 9.
    CHECK(
        reply->xml ==
        R"(<ContentLocationReply SchemaVersion="1.0"><Sites><Site>)"
        R"(<MPSite SiteCode="LAB" MasterSiteCode="LAB" SiteLocality="LOCAL"/><LocationRecords>)"
        R"(<LocationRecord><URL Name="http://dp1.plant.example/SMS_DP_SMSPKG$/Q7T0000F" )"
        R"(Signature="http://dp1.plant.example/SMS_DP_SMSSIG$/Q7T0000F.3.tar"/>)"
        R"(<SMBPath Name="\\dp1.plant.example\SMSPKGD$\Q7T0000F\"/><ADSite Name="Plant &amp; North"/>)"
        R"(<IPSubnets><IPSubnet Address="10.77.4.0"/></IPSubnets><Metric Value=""/><Version>6487</Version>)"
        R"(<Capabilities SchemaVersion="1.0"/><ServerRemoteName>dp1.plant.example</ServerRemoteName>)"
        R"(<DPType>SERVER</DPType><Locality>LOCAL</Locality></LocationRecord>)"
        R"(<LocationRecord><URL Name="https://dp2.plant.example/packages/Q7T0000F"/><ADSite Name="Plant-South"/>)"
        R"(<IPSubnets/><Metric Value=""/><Version>6487</Version><Capabilities SchemaVersion="1.0"/>)"
        R"(<ServerRemoteName>dp2.plant.example</ServerRemoteName><DPType>SERVER</DPType>)"
        R"(<Locality>REMOTE</Locality></LocationRecord></LocationRecords></Site></Sites></ContentLocationReply>)");
    CHECK(
        noted(*reply, endpoints::Note::Kind::info,
              "1. dp1.plant.example of site LAB, LOCAL: address 10.77.4.31 is in its boundary 10.77.4.0/24"));
    CHECK(noted(*reply, endpoints::Note::Kind::info,
                "2. dp2.plant.example of site LAB, REMOTE: none of its boundaries contains the client"));
}

TEST_CASE("bad and unusual content requests have exact outcomes") {
    struct Row {
        std::string name;
        std::string body;
        std::string points;
    };
    std::string const inside = located("10.77.4.31");
    std::string const both = "LOCAL: dp1-LOCAL dp2-REMOTE";
    auto const row = GENERATE_COPY(
        Row{"inside", content_from(wanted, inside), both},
        Row{"IPv6", content_from(wanted, located("2001:db8:4::9")), "LOCAL: dp1-REMOTE dp2-REMOTE"},
        Row{"slow", content_from(wanted, located("10.77.9.31")), "REMOTE: dp1-REMOTE dp2-REMOTE"},
        Row{"outside", content_from(wanted, located("10.99.0.1")), "FALLBACK: dp1-REMOTE dp2-REMOTE"},
        Row{"secondary site", content_from(wanted, located("10.77.8.14")),
            "LOCAL:; FALLBACK: dp1-REMOTE dp2-REMOTE"},
        // location.md 8, row by row.
        Row{"foreign site, outside", content_from(wanted, located("10.99.0.1"), "ZZZ"), "FALLBACK:"},
        Row{"foreign site, inside", content_from(wanted, inside, "ZZZ"), both},
        Row{"unknown package", content_from(R"(<Package ID="Q7T0FFFF" Version="3"/>)", inside), "LOCAL:"},
        Row{"empty package id", content_from(R"(<Package ID="" Version="3"/>)", inside), "LOCAL:"},
        Row{"no point has the version", content_from(R"(<Package ID="Q7T0000F" Version="4"/>)", inside),
            "LOCAL:"},
        Row{"version that is no number", content_from(R"(<Package ID="Q7T0000F" Version="3a"/>)", inside),
            "LOCAL:"},
        Row{"no ClientLocationInfo", content_from(wanted, ""), "FALLBACK: dp1-REMOTE dp2-REMOTE"},
        Row{"no usable address", content_from(wanted, located("")), "FALLBACK: dp1-REMOTE dp2-REMOTE"},
        Row{"unparsable address", content_from(wanted, located("10.77.4.999")),
            "FALLBACK: dp1-REMOTE dp2-REMOTE"},
        Row{"unparsable address beside a good one",
            content_from(wanted,
                         replaced(inside, "<IPAddresses>", R"(<IPAddresses><IPAddress Address="?"/>)")),
            both},
        // Beyond.
        Row{"AD site", content_from(wanted, replaced(located(""), R"(Name="")", R"(Name="plant-SOUTH")")),
            "FALLBACK: dp2-LOCAL dp1-REMOTE"},
        Row{"id in another case", content_from(R"(<Package ID="q7t0000f" Version="3"/>)", inside), both},
        Row{"update with braces",
            content_from(R"(<Package ID="UID:{7F3B1C90-5A2E-4D0B-8E6F-20C94D51AB37}" Version="3"/>)", inside),
            both},
        Row{"update without prefix",
            content_from(R"(<Package ID="7f3b1c90-5a2e-4d0b-8e6f-20c94d51ab37" Version="3"/>)", inside),
            both},
        Row{"application", content_from(R"(<Package ID="Content_0A1B" Version="3"/>)", inside), both},
        Row{"application with prefix",
            content_from(R"(<Package ID="UID:Content_0a1b" Version="3"/>)", inside), both},
        Row{"package before client package",
            content_from(std::string(R"(<ClientPackage RequestForLatest="1"/>)").append(wanted), inside),
            both},
        Row{"client package alone", content_from(R"(<ClientPackage RequestForLatest="1"/>)", inside),
            "LOCAL:"},
        Row{"from the Internet", content_from(wanted, located("10.77.4.31", R"(UseInternetDP="1")")),
            "LOCAL:"},
        Row{"on the Internet", content_from(wanted, located("10.77.4.31", R"(OnInternet="1")")), "LOCAL:"},
        Row{"protected points not asked for",
            content_from(wanted, located("10.77.4.31", R"(UseProtected="0")")), both});
    CAPTURE(row.name);
    test::Bench bench;
    furnish(bench);
    auto const reply = bench.deliver(to_location(row.body));
    REQUIRE(refusal_of(reply) == "");
    CHECK(points_in(reply->xml) == row.points);
}

TEST_CASE("what else the endpoint is asked is answered from the boundaries") {
    struct Row {
        std::string name;
        std::string body;
        std::string schema;
        std::string xml;
    };
    auto const at = [](std::string_view root, std::string_view rest, std::string_view address) {
        return fmt::format(
            R"(<{0} SchemaVersion="1.00" RequestType="Local"><ClientLocationInfo OnInternet="0"><ADSite/>)"
            R"(<IPAddresses><IPAddress Address="{2}"/></IPAddresses></ClientLocationInfo>{1}</{0}>)",
            root, rest, address);
    };
    std::string const own = R"(<AssignedSite SiteCode="LAB"/>)";
    auto const row = GENERATE_COPY(
        Row{"local management point in a secondary site", at("LocalMPLocationRequest", own, "10.77.8.14"),
            "local_mp_location_reply.xsd",
            R"(<LocalMPLocationReply SchemaVersion="1.00"><Sites><Site SiteCode="Q8T" MasterSiteCode="LAB" Locality="Local"/>)"
            R"(</Sites></LocalMPLocationReply>)"},
        Row{"local management point over a slow boundary", at("LocalMPLocationRequest", own, "10.77.9.14"),
            "local_mp_location_reply.xsd",
            R"(<LocalMPLocationReply SchemaVersion="1.00"><Sites><Site SiteCode="LAB" MasterSiteCode="LAB" Locality="Remote"/>)"
            R"(</Sites></LocalMPLocationReply>)"},
        Row{"update server", at("WSUSLocationRequest", own, "10.77.4.31"), "wsus_location_reply.xsd",
            R"(<WSUSLocationReply SchemaVersion="1.00"><Sites><Site><MPSite SiteCode="LAB"/><LocationRecords>)"
            R"(<LocationRecord WSUSURL="http://sus1.plant.example:8530" ServerName="sus1.plant.example" Version="12"/>)"
            R"(</LocationRecords></Site></Sites></WSUSLocationReply>)"},
        Row{"update server with a newer catalogue",
            at("WSUSLocationRequest", R"(<Content ID="{0}" Version="13"/>)" + own, "10.77.4.31"),
            "wsus_location_reply.xsd",
            R"(<WSUSLocationReply SchemaVersion="1.00"><Sites><Site><MPSite SiteCode="LAB"/><LocationRecords/>)"
            R"(</Site></Sites></WSUSLocationReply>)"},
        Row{"site to assign", at("AssignedSiteRequest", "", "10.77.4.31"), "assigned_site_reply.xsd",
            R"(<AssignedSiteReply SchemaVersion="1.00"><Sites><Site><SiteCode>LAB</SiteCode>)"
            R"(<Version>4.00.6487.2000</Version><BuildNumber>6487</BuildNumber><DefaultMP>mp.lab</DefaultMP>)"
            R"(<Capabilities SchemaVersion="1.0"/></Site></Sites></AssignedSiteReply>)"},
        Row{"no site to assign", at("AssignedSiteRequest", "", "10.99.0.1"), "assigned_site_reply.xsd",
            R"(<AssignedSiteReply SchemaVersion="1.00"><Sites/></AssignedSiteReply>)"},
        Row{"management points", at("EnumerateMPLocationRequest", R"(<SiteCode Name="LAB"/>)", "10.77.4.31"),
            "enumerate_mp_location_reply.xsd",
            R"(<EnumerateMPLocationReply SchemaVersion="1.00"><Sites><Site>)"
            R"(<MPSite SiteCode="LAB" MasterSiteCode="LAB" SiteLocality="LOCAL"/><LocationRecords><MPLocationRecord>)"
            R"(<IntranetName>mp.lab</IntranetName><InternetName/><Version>6487</Version><Capabilities SchemaVersion="1.0"/>)"
            R"(</MPLocationRecord></LocationRecords></Site></Sites></EnumerateMPLocationReply>)"},
        Row{"proxy management point",
            replaced(at("EnumerateMPLocationRequest", R"(<SiteCode Name="LAB"/>)", "10.77.8.14"), "\"Local\"",
                     "\"Proxy\""),
            "enumerate_mp_location_reply.xsd",
            R"(<EnumerateMPLocationReply SchemaVersion="1.00"><Sites><Site>)"
            R"(<MPSite SiteCode="Q8T" MasterSiteCode="LAB" SiteLocality="LOCAL"/><LocationRecords/>)"
            R"(</Site></Sites></EnumerateMPLocationReply>)"});
    CAPTURE(row.name);
    test::Bench bench;
    furnish(bench);
    auto const reply = bench.deliver(to_location(row.body));
    REQUIRE(refusal_of(reply) == "");
    CHECK(reply->xml == row.xml);
    CHECK(refusal_of(schemas::validate(row.schema, as_bytes(reply->xml))) == "");
}

TEST_CASE("the recorded content request of the SDK finds its package") {
    test::Bench bench;
    furnish(bench);
    db::Boundary const loopback{.area = area(Area::Kind::subnet, "127.0.0.0/8")};
    write(bench, [&](auto& transaction) { return db::Boundaries::add(transaction, loopback); });
    db::Content const content{.package = "PS100005", .version = 1, .dps = {"dp2.plant.example"}};
    write(bench, [&](auto& transaction) { return db::Contents::add(transaction, content); });
    auto const reply =
        bench.deliver(test::recorded("sdk/32-CCM_POST_ccm_system_request-MP_LocationManager.bin"));
    REQUIRE(refusal_of(reply) == "");
    CHECK(points_in(reply->xml) == "LOCAL: dp2-REMOTE");
    CHECK(reply->xml.find("https://dp2.plant.example/packages/PS100005") != std::string::npos);
}

TEST_CASE("a package lies where its id and the root of the point say") {
    struct Row {
        std::string root;
        std::string package;
        std::string url;
        std::string signature;
    };
    auto const row =
        GENERATE(Row{"http://dp1/SMS_DP_SMSPKG$", "Q7T0000F", "http://dp1/SMS_DP_SMSPKG$/Q7T0000F",
                     "http://dp1/SMS_DP_SMSSIG$/Q7T0000F.3.tar"},
                 Row{"http://dp1/sms_dp_smspkg$/", "Q7T0000F", "http://dp1/sms_dp_smspkg$/Q7T0000F",
                     "http://dp1/SMS_DP_SMSSIG$/Q7T0000F.3.tar"},
                 Row{"https://dp1:8443/SMS_DP_SMSPKG$", "UID:{7f3b}", "https://dp1:8443/SMS_DP_SMSPKG$/7f3b",
                     "https://dp1:8443/SMS_DP_SMSSIG$/7f3b.3.tar"},
                 Row{"http://dp1/SMS_DP_SMSPKG$", "Content_0a1b", "http://dp1/SMS_DP_SMSPKG$/Content_0a1b.3",
                     "http://dp1/SMS_DP_SMSSIG$/Content_0a1b.3.tar"},
                 Row{"http://dp1/SMSPKGD$", "Q7T0000F", "http://dp1/SMSPKGD$/Q7T0000F", ""},
                 Row{R"(\\dp1\SMSPKGD$\)", "Q7T0000F", R"(\\dp1\SMSPKGD$\Q7T0000F\)", ""});
    CAPTURE(row.root, row.package);
    auto const lies = endpoints::location::content_url(row.root, row.package, 3);
    CHECK(lies.url == row.url);
    CHECK(lies.signature == row.signature);
    CHECK(lies.is_unc == row.root.starts_with('\\'));
}

TEST_CASE("many points make a reply of all, and a log of some") {
    test::Bench bench;
    db::Content content{.package = "Q7T0000F", .version = 3};
    write(bench, [&](auto& transaction) -> Result<std::int64_t> {
        for (int i = 0; i < 40; ++i) {
            auto const name = fmt::format("dp{:02}", i);
            auto added = db::DistributionPoints::add(transaction, {.name = name, .urls = {"http://" + name}});
            if (!added) return added;
            content.dps.push_back(name);
        }
        return db::Contents::add(transaction, content);
    });
    auto const reply = bench.deliver(to_location(content_from(wanted, located("10.77.4.31"))));
    REQUIRE(refusal_of(reply) == "");
    CHECK(points_in(reply->xml).ends_with(" dp38-REMOTE dp39-REMOTE"));
    CHECK(noted(*reply, endpoints::Note::Kind::info, "20. dp19 of site LAB"));
    CHECK_FALSE(noted(*reply, endpoints::Note::Kind::info, "dp20"));
    CHECK(noted(*reply, endpoints::Note::Kind::info, "and 20 more"));
}
