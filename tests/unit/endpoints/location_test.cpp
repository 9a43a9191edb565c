// SPDX-License-Identifier: Apache-2.0
#include "schemas/validator.hpp"
#include "tests/unit/endpoints/bench.hpp"

#include <catch2/catch.hpp>

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
