// SPDX-License-Identifier: Apache-2.0
#include "client/agent/condition.hpp"
#include "client/messages/policy_reading.hpp"
#include "schemas/document.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch.hpp>

using namespace pointman::client::agent;
using pointman::client::read_condition;
using pointman::client::inventory::Instance;
using pointman::client::inventory::Root;
using pointman::client::inventory::Snapshot;

namespace {

constexpr auto version = "5.00.8325.0000";

Snapshot const& facts() {
    static Snapshot const all({Instance("SMS_Client").set("ClientVersion", version),
                               Instance("Win32_OperatingSystem")
                                   .key("Name", "Debian GNU/Linux 12 (bookworm)")
                                   .set("Caption", "Debian GNU/Linux 12 (bookworm)")
                                   .set("Version", "12")
                                   .set("TotalVisibleMemorySize", 16254080),
                               Instance("Disk").key("Name", "a").set("Size", 10),
                               Instance("Disk").key("Name", "b").set("Size", 20).set("Kind", "SSD")});
    return all;
}

/// Of `<Condition>` with that inside.
std::optional<bool> judged(std::string const& inside) {
    auto const document =
        pointman::schemas::parse(pointman::as_bytes("<R><Condition>" + inside + "</Condition></R>")).value();
    return holds(read_condition(document.root()), facts());
}

constexpr auto yes = "<Expression>SELECT * FROM SMS_Client</Expression>";
constexpr auto no = "<Expression>SELECT * FROM SMS_Client WHERE ClientVersion &lt; '5'</Expression>";
constexpr auto who_knows = "<Expression>SELECT * FROM Win32_Battery</Expression>";

std::string op(std::string const& type, std::string const& inside) {
    return "<Operator OperatorType=\"" + type + "\">" + inside + "</Operator>";
}

} // namespace

TEST_CASE("queries of conditions") {
    struct Row {
        std::string wql;
        std::optional<bool> holds;
    };
    auto const row = GENERATE(values<Row>({
        {"", true},
        {"  \n ", true},
        {"@root\\ccm", true},
        {"@root\\ccm\nSELECT * FROM SMS_Client", true},
        {"select * from sms_client", true},
        {"@root\\ccm\nSELECT * FROM SMS_Client WHERE ClientVersion >= \"5\"", true},
        {"@root\\ccm\r\nSELECT * FROM SMS_Client WHERE ClientVersion < \"5\"", false},
        {"SELECT * FROM SMS_Client WHERE ClientVersion = '5.0.8325'", true},
        {"SELECT * FROM SMS_Client WHERE ClientVersion > '5.00.8325'", false},
        {"SELECT * FROM SMS_Client WHERE ClientVersion <> '4.00'", true},
        {"SELECT * FROM SMS_Client WHERE ClientVersion != '5.00.8325.0'", false},
        {"SELECT * FROM SMS_Client WHERE ClientVersion <= '10'", true},
        {"SELECT * FROM SMS_Client WHERE ClientVersion>='5'", true},
        {"SELECT * FROM SMS_Client WHERE ClientVersion LIKE '5%'", true},
        {"SELECT * FROM SMS_Client WHERE ClientVersion LIKE '4%'", false},
        // The operating system.
        {"SELECT * FROM Win32_OperatingSystem", true},
        {"SELECT * FROM Win32_OperatingSystem WHERE Caption LIKE '%windows%'", false},
        {"SELECT * FROM Win32_OperatingSystem WHERE Caption LIKE '%debian%12%'", true},
        {"SELECT * FROM Win32_OperatingSystem WHERE Caption LIKE 'debian gnu_linux%)'", true},
        {"SELECT * FROM Win32_OperatingSystem WHERE Caption LIKE '%'", true},
        {"SELECT * FROM Win32_OperatingSystem WHERE Caption LIKE ''", false},
        {"SELECT * FROM Win32_OperatingSystem WHERE Caption LIKE '[A-D]%'", std::nullopt},
        {"SELECT * FROM Win32_OperatingSystem WHERE caption = 'DEBIAN gnu/linux 12 (bookworm)'", true},
        {"SELECT * FROM Win32_OperatingSystem WHERE Version >= '9' AND Version < '13'", true},
        {"SELECT * FROM Win32_OperatingSystem WHERE TotalVisibleMemorySize > 8000000", true},
        {"SELECT * FROM Win32_OperatingSystem WHERE Version = 11 OR Version = 12", true},
        {"SELECT * FROM Win32_OperatingSystem WHERE Version = 11 OR Version = 10 AND Version = 12", false},
        {"SELECT * FROM Win32_OperatingSystem WHERE (Version = 12 OR Version = 10) AND NOT Version = 11",
         true},
        {"SELECT * FROM Win32_OperatingSystem WHERE NOT (Version = 12)", false},
        // Any instance is enough, and what one does not tell is unknown.
        {"SELECT * FROM Disk WHERE Size = 20", true},
        {"SELECT * FROM Disk WHERE Size = 30", false},
        {"SELECT * FROM Disk WHERE Kind = 'SSD'", true},
        {"SELECT * FROM Disk WHERE Kind = 'HDD'", std::nullopt},
        {"SELECT * FROM Disk WHERE Colour = 'red' OR Size = 10", true},
        {"SELECT * FROM Disk WHERE Colour = 'red' AND Size = 30", false},
        {"SELECT * FROM Win32_Battery", std::nullopt},
        // What is no such query.
        {"SELECT * FROM SMS_Client WHERE ClientVersion", std::nullopt},
        {"SELECT * FROM SMS_Client WHERE", std::nullopt},
        {"SELECT * FROM SMS_Client WHERE ClientVersion > '4' OR 1 = 1 =", std::nullopt},
        {"SELECT * FROM SMS_Client WHERE ClientVersion > '4' OR", std::nullopt},
        {"SELECT * FROM SMS_Client WHERE ClientVersion IS NULL", std::nullopt},
        {"SELECT * FROM SMS_Client WHERE ClientVersion ISA '4' OR ClientVersion > '4'", std::nullopt},
        {"SELECT * FROM SMS_Client WHERE (ClientVersion > '4'", std::nullopt},
        {"SELECT * FROM SMS_Client WHERE ClientVersion > '4')", std::nullopt},
        {"SELECT * FROM SMS_Client WHERE ClientVersion = '5", std::nullopt},
        {"SELECT * FROM SMS_Client, Win32_OperatingSystem", std::nullopt},
        {"SELECT ClientVersion FROM SMS_Client", std::nullopt},
        {"SELECT * FROM 'SMS_Client'", std::nullopt},
        {"ASSOCIATORS OF {SMS_Client}", std::nullopt},
        {"'", std::nullopt},
        {"SELECT * FROM SMS_Client WHERE " + std::string(10'000, '(') + "ClientVersion = 5", std::nullopt},
        {"SELECT * FROM SMS_Client WHERE ClientVersion <> '" + std::string(20'000, 'x') + "'", std::nullopt},
    }));
    INFO(row.wql.substr(0, 200));
    CHECK(query_holds(row.wql, facts()) == row.holds);
}

TEST_CASE("operators of conditions") {
    struct Row {
        std::string inside;
        std::optional<bool> holds;
    };
    std::string deep = yes;
    for (int i = 0; i < 9; ++i) deep = op("AND", deep);
    auto const row = GENERATE_COPY(values<Row>({
        {"", true},
        {yes, true},
        {no, false},
        {who_knows, std::nullopt},
        {std::string(yes) + no, false}, // beside each other: all of them
        {op("AND", std::string(yes) + yes), true},
        {op("AND", std::string(yes) + no), false},
        {op("AND", std::string(yes) + who_knows), std::nullopt},
        {op("AND", std::string(who_knows) + no), false},
        {op("OR", std::string(no) + yes), true},
        {op("OR", std::string(no) + no), false},
        {op("OR", std::string(no) + who_knows), std::nullopt},
        {op("OR", std::string(who_knows) + yes), true},
        {op("NOT", no), true},
        {op("NOT", yes), false},
        {op("NOT", who_knows), std::nullopt},
        {op("and", yes), true},
        {op("OR", op("NOT", yes) + op("AND", std::string(yes) + yes)), true},
        {op("NOT", std::string(no) + no), std::nullopt},
        {op("AND", ""), std::nullopt},
        {op("OR", ""), std::nullopt},
        {op("XOR", yes), std::nullopt},
        {op("", yes), std::nullopt},
        {"<Operator>" + std::string(yes) + "</Operator>", std::nullopt},
        {"<Script/>", std::nullopt},
        {std::string(no) + "<Script/>", false},
        {"<Expression ExpressionLanguage=\"wql\">SELECT * FROM SMS_Client</Expression>", true},
        {"<Expression ExpressionLanguage=\"LUA\">true</Expression>", std::nullopt},
        {deep, std::nullopt},
    }));
    INFO(row.inside);
    CHECK(judged(row.inside) == row.holds);
}

TEST_CASE("a condition in words") {
    auto const document =
        pointman::schemas::parse(
            pointman::as_bytes(
                "<R><Condition><Operator OperatorType=\"OR\"><Expression>A</Expression>"
                "<Operator OperatorType=\"NOT\"><Expression>B</Expression></Operator>"
                "<Operator OperatorType=\"AND\"><Expression>C</Expression><Expression>D</Expression>"
                "</Operator></Operator></Condition></R>"))
            .value();
    CHECK(text_of(read_condition(document.root())) == "(A OR (NOT (B)) OR (C AND D))");
}

TEST_CASE("what this machine tells conditions") {
    auto const known = facts_of(version, Root(pointman::test::test_data("machine")));
    CHECK(query_holds("SELECT * FROM SMS_Client WHERE ClientVersion >= '5'", known) == true);
    CHECK(query_holds("SELECT * FROM Win32_OperatingSystem WHERE Caption LIKE 'Debian%'", known) == true);
    CHECK(query_holds("SELECT * FROM Win32_ComputerSystem WHERE Name = 'LAB-PC07'", known) == true);
    CHECK(query_holds("SELECT * FROM Win32_Processor", known) == true);
}
