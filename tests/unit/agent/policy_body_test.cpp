// SPDX-License-Identifier: Apache-2.0
#include "client/agent/condition.hpp"
#include "client/agent/policy_body.hpp"

#include <catch2/catch.hpp>

using namespace pointman::client::agent;
using pointman::client::Code;

TEST_CASE("instances of the rules that apply") {
    auto const body = read_policy_instances(
        R"(<Policy PolicyID="{1}" PolicyVersion="2.00"><PolicyRule><PolicyAction PolicyActionType="WMI-XML">)"
        R"(<instance class="A"><property name="One" type="8"><value><![CDATA[ 1 ]]></value></property>)"
        R"(<property name="Many" type="8200"><value>x</value><value>y</value></property>)"
        R"(<property name="Secret" type="8" secret="1"><value>8913</value></property></instance></PolicyAction></PolicyRule>)"
        R"(<PolicyRule><Condition><Operator OperatorType="AND"><Expression>SELECT * FROM SMS_Client WHERE )"
        R"(ClientVersion &lt; "5"</Expression></Operator></Condition><PolicyAction><instance class="B"/></PolicyAction></PolicyRule>)"
        R"(<PolicyRule><Condition><Expression>SELECT * FROM Win32_Battery</Expression></Condition>)"
        R"(<PolicyAction><instance class="C"/></PolicyAction></PolicyRule></Policy>)",
        facts_of("5.00.8325.0000"));
    REQUIRE(body);
    CHECK(body->policy_id == "{1}");
    CHECK(body->version == "2.00");
    REQUIRE(body->instances.size() == 1);
    auto const& instance = body->instances.front();
    CHECK(instance.class_name == "A");
    CHECK(instance.value("one") == "1");
    CHECK(instance.values("MANY") == std::vector<std::string>{"x", "y"});
    CHECK(instance.value("none") == "");
    CHECK(instance.properties.at(2).is_secret);
    CHECK(body->unknown_conditions == std::vector<std::string>{"SELECT * FROM Win32_Battery"});
}

TEST_CASE("bodies that are no policies") {
    auto const row = GENERATE(values<std::pair<char const*, char const*>>({
        {"<PolicyXML/>", "the reply is a 'PolicyXML' instead of a 'Policy'"},
        {"<Policy>", ""},
        {"", ""},
        {"<!DOCTYPE Policy><Policy/>", ""},
    }));
    auto const body = read_policy_instances(row.first, facts_of("5"));
    REQUIRE_FALSE(body);
    CHECK(body.error().code == Code::bad_reply);
    if (*row.second != '\0') CHECK(body.error().message == row.second);
}
