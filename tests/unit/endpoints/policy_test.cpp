// SPDX-License-Identifier: Apache-2.0
#include "schemas/validator.hpp"
#include "tests/unit/endpoints/bench.hpp"

#include <catch2/catch.hpp>

using namespace pointman;
using test::noted;
using test::refusal_of;
using test::replaced;

namespace {

constexpr std::string_view press = "GUID:6D2F9B10-44C7-4E0B-9B7E-51A0C3D7E812";

test::Draft to_policy(std::string body, std::string_view source = press) {
    return {"MP_PolicyManager", std::string(source), std::move(body)};
}

std::string text_at(schemas::Document const& document, std::vector<std::string> const& path) {
    auto element = document.root();
    for (auto const& name : path) {
        auto const child = element.child(name);
        if (!child) return "(no " + name + ")";
        element = *child;
    }
    return std::string(element.text());
}

} // namespace

TEST_CASE("a policy request gets a full reply without assignments that echoes who asked") {
    struct Row {
        std::string name;
        std::string body;
        std::string resource;
        std::string fqdn;
        std::string user_sid; ///< "(no User)" where none is echoed
    };
    std::string const later =
        R"(<RequestAssignments SchemaVersion="1.00" ACK="false" RequestType="Always"><Identification><Machine>)"
        R"(<ClientID>{6d2f9b10-44c7-4e0b-9b7e-51a0c3d7e812}</ClientID><FQDN>press042.plant.example</FQDN>)"
        R"(<NetBIOSName>PRESS042</NetBIOSName><SID/></Machine><User/></Identification><PolicySource>SMS:Q7T)"
        R"(</PolicySource><Resource ResourceType="Machine"/><ServerCookie/></RequestAssignments>)";
    std::string const user =
        R"(<RequestAssignments SchemaVersion="1.00" RequestType="Full" Ack="True"><PolicySource>SMS:Q7T)"
        R"(</PolicySource><Identification><Machine><ClientID>GUID:6D2F9B10-44C7-4E0B-9B7E-51A0C3D7E812)"
        R"(</ClientID><NetBIOSName>PRESS042</NetBIOSName><FQDN>a &lt;b&gt; &amp; c</FQDN><SID/></Machine><User>)"
        R"(<NT4UserName>PLANT\operator3</NT4UserName><SID>S-1-5-21-1-2-3-1143</SID><UserGroups><SID>)"
        R"(S-1-5-21-1-2-3-513</SID></UserGroups></User></Identification><Resource ResourceType="user"/>)"
        R"(</RequestAssignments>)";
    auto const row =
        GENERATE_COPY(Row{"later style, empty User", later, "Machine", "press042.plant.example", "(no User)"},
                      Row{"user policy", user, "User", "a <b> & c", "S-1-5-21-1-2-3-1143"},
                      Row{"unknown type means full", replaced(later, "Always", "Sometimes"), "Machine",
                          "press042.plant.example", "(no User)"},
                      Row{"delta", replaced(later, "Always", "OnUpdate"), "Machine", "press042.plant.example",
                          "(no User)"});
    CAPTURE(row.name);
    test::Bench bench;
    auto const reply = bench.deliver(to_policy(row.body));
    REQUIRE(refusal_of(reply) == "");

    auto const document = schemas::validate("reply_assignments.xsd", as_bytes(reply->xml));
    REQUIRE(refusal_of(document) == "");
    CHECK(document->root().attribute_or("ReplyType", "") == "Full");
    CHECK(document->root().attribute_or("SchemaVersion", "") == "1.00");
    CHECK_FALSE(document->root().child("PolicyAssignment"));
    CHECK_FALSE(document->root().child("Signature"));
    CHECK(text_at(*document, {"PolicySource"}) == "SMS:LAB");
    CHECK(text_at(*document, {"ServerCookie"}) != "");
    CHECK(document->root().child("Resource")->attribute_or("ResourceType", "") == row.resource);
    CHECK(text_at(*document, {"Identification", "Machine", "NetBIOSName"}) == "PRESS042");
    CHECK(text_at(*document, {"Identification", "Machine", "FQDN"}) == row.fqdn);
    auto const user_sid = text_at(*document, {"Identification", "User", "SID"});
    CHECK(user_sid == row.user_sid);
    CHECK(noted(*reply, endpoints::Note::Kind::info, "0 assignments"));
}

TEST_CASE("policy requests that are not in order are refused") {
    std::string const body =
        R"(<RequestAssignments SchemaVersion="1.00" RequestType="Full" Ack="True"><Identification><Machine>)"
        R"(<ClientID>GUID:6D2F9B10-44C7-4E0B-9B7E-51A0C3D7E812</ClientID><NetBIOSName>PRESS042</NetBIOSName>)"
        R"(</Machine><User><NT4UserName>PLANT\operator3</NT4UserName><SID>S-1-5-21-1-2-3-1143</SID></User>)"
        R"(</Identification><PolicySource>SMS:Q7T</PolicySource><Resource ResourceType="User"/>)"
        R"(</RequestAssignments>)";
    struct Row {
        std::string name;
        std::string body;
        std::string source;
        std::string refusal;
    };
    std::string const own(press);
    auto const row = GENERATE_COPY(
        Row{"in order", body, own, ""},
        Row{"source spelt otherwise", body, "{6d2f9b10-44c7-4e0b-9b7e-51a0c3d7e812}", ""},
        Row{"another machine", body, std::string(test::workstation), "WrongClient"},
        Row{"a source that is no id", body, "PRESS042", "WrongClient"},
        Row{"no machine id", replaced(body, "GUID:6D2F9B10-44C7-4E0B-9B7E-51A0C3D7E812", ""), own,
            "SchemaViolation"},
        Row{"user without SID", replaced(body, "<SID>S-1-5-21-1-2-3-1143</SID>", "<SID/>"), own,
            "SchemaViolation"},
        Row{"unknown resource", replaced(body, "\"User\"", "\"Printer\""), own, "SchemaViolation"},
        Row{"no resource", replaced(body, R"(<Resource ResourceType="User"/>)", ""), own, "SchemaViolation"},
        Row{"another root", "<RegistrationRequest/>", own, "SchemaViolation"},
        Row{"not well-formed", body.substr(0, body.size() - 5), own, "Malformed"});
    CAPTURE(row.name);
    test::Bench bench;
    auto const reply = bench.deliver(to_policy(row.body, row.source));
    CHECK(refusal_of(reply) == row.refusal);
}

TEST_CASE("a wrong root is named together with the expected one") {
    test::Bench bench;
    auto const reply = bench.deliver(to_policy("<Report/>"));
    REQUIRE(refusal_of(reply) == "SchemaViolation");
    CHECK_THAT(reply.error().message, Catch::Contains("Report") && Catch::Contains("RequestAssignments"));
}
