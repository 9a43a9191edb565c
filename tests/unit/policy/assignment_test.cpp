// SPDX-License-Identifier: Apache-2.0
// The words of an assignment (policy.md 3, wire.md 8.1).
#include "endpoints/policy/assignment.hpp"
#include "schemas/document.hpp"

#include <catch2/catch.hpp>

using namespace pointman;
using namespace pointman::endpoints::policy;

namespace {

constexpr std::string_view id = "{b1c94d20-63fe-4c1f-9f0a-7e2d5a8c3b46}";

db::Policy policy() {
    return {.policy_id = "{3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11}",
            .version = "3.00",
            .category = "SoftwareDistribution",
            .flags = 8,
            .sha1 = "8FB1EB5CB6F3A54B715AE2C3396BDFEE0C45A6F9",
            .md5 = "9A8FCBB5113E6AA73A770E935C6425DB"};
}

} // namespace

TEST_CASE("an assignment is written as clients search for it") {
    CHECK(
        assignment_text(policy(), id, "", config::SiteMode::mixed) ==
        R"(<PolicyAssignment PolicyAssignmentID="{b1c94d20-63fe-4c1f-9f0a-7e2d5a8c3b46}">)"
        R"(<Policy PolicyID="{3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11}" PolicyVersion="3.00" PolicyType="Machine")"
        R"( PolicyCategory="SoftwareDistribution" PolicyFlags="8">)"
        R"(<PolicyLocation PolicyHash="9A8FCBB5113E6AA73A770E935C6425DB")"
        R"( PolicyHashEx="8FB1EB5CB6F3A54B715AE2C3396BDFEE0C45A6F9">)"
        R"(<![CDATA[http://<mp>/SMS_MP/.sms_pol?{3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11}.3_00]]>)"
        R"(</PolicyLocation></Policy></PolicyAssignment>)");
}

TEST_CASE("in native mode bodies are fetched over TLS") {
    CHECK_THAT(assignment_text(policy(), id, "", config::SiteMode::native),
               Catch::Contains("<![CDATA[https://<mp>/SMS_MP/.sms_pol?"));
}

TEST_CASE("a condition comes before the policy and keeps its text") {
    auto const condition = GENERATE(values<std::string>({
        "SELECT * FROM SMS_Client WHERE ClientVersion >= \"4.00\"",
        "@root\\ccm\nSELECT * FROM SMS_Client",
        "SELECT * FROM X WHERE A < 1 AND B > 2 AND C = '&'",
        "SELECT * FROM X WHERE A = ']]>'",
        "SELECT * FROM X WHERE Name = 'Grüße'",
    }));
    CAPTURE(condition);
    auto const text = assignment_text(policy(), id, condition, config::SiteMode::mixed);
    auto const document = schemas::parse(as_bytes(text));
    REQUIRE(document);
    auto const first = document->root().first_child();
    REQUIRE(first);
    CHECK(first->name() == "Condition");
    auto const op = first->child("Operator");
    REQUIRE(op);
    CHECK(op->attribute_or("OperatorType", "") == "AND");
    auto const expression = op->child("Expression");
    REQUIRE(expression);
    CHECK(expression->attribute_or("ExpressionType", "") == "until-true");
    CHECK(expression->attribute_or("ExpressionLanguage", "") == "WQL");
    CHECK(expression->text() == condition);
    CHECK(first->next_sibling()->name() == "Policy");
}

TEST_CASE("what operators write cannot break out of its attribute") {
    auto bad = policy();
    bad.category = "a\"/><b>&";
    bad.resource = db::PolicyResource::user;
    auto const document = schemas::parse(as_bytes(assignment_text(bad, id, "", config::SiteMode::mixed)));
    REQUIRE(document);
    auto const element = document->root().child("Policy");
    REQUIRE(element);
    CHECK(element->attribute_or("PolicyCategory", "") == bad.category);
    CHECK(element->attribute_or("PolicyType", "") == "User");
}
