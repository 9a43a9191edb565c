// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"
#include "endpoints/policy/collection_query.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <rapidcheck.h>

namespace pointman::endpoints::policy {

namespace {

TimePoint at(std::string_view iso) {
    return parse_iso_time(iso).value();
}

/// A client as one of the recorded ones would be kept, with some more discovery properties.
db::Client press() {
    db::Client client{.id = ClientId::parse("GUID:5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3").value()};
    client.resource_id = 16777219;
    client.name = "PRESS042";
    client.fqdn = "press042.plant.example";
    client.approval = db::Approval::approved;
    client.approval_method = "manual";
    client.agent_type = 0;
    client.agent_version = "5.00.8325.0000";
    client.agent_identity = "shopfloor-agent.exe";
    client.hardware_id = "2:4F1D0C9A";
    client.key_sha256 = "8CC0C908C8A8F933";
    client.discovery = {{"Locale ID", "1033"},
                        {"InternetFlag", "0"},
                        {"Hall", "M\xC3\xBChle 3"},
                        {"Installed", "2026-02-01T09:30:00+01:00"},
                        {"Serial", "-12"},
                        {"Firmware", "018446744073709551617.2"},
                        {"Predecessor", "{6d2f9b10-44c7-4e0b-9b7e-51a0c3d7e812}"},
                        {"Note", ""},
                        {"IPAddress", "10.77.4.31"},
                        {"IPAddress", "10.88.0.5"},
                        {"Odd", "it's \"new\" (100%)"},
                        {"and", "keyword"}};
    client.first_seen = at("2026-03-04T05:06:07.089Z");
    client.last_seen = at("2026-11-23T10:00:00Z");
    return client;
}

CollectionQuery parsed(std::string_view text) {
    auto query = CollectionQuery::parse(text);
    if (!query) FAIL(text << ": " << query.error().message);
    return std::move(*query);
}

struct Row {
    std::string_view query;
    bool matches;
};

void check_rows(std::vector<Row> const& rows) {
    auto const client = press();
    for (auto const& row : rows) {
        INFO(row.query);
        CHECK(parsed(row.query).matches(client) == row.matches);
    }
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
}

} // namespace

TEST_CASE("every property of a client can be asked for", "[policy][query]") {
    check_rows({
        {"smsid = GUID:5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3", true},
        {"name = PRESS042", true},
        {"name = PRESS043", false},
        {"fqdn = press042.plant.example", true},
        {"resource_id = 16777219", true},
        {"resource_id > 16777219", false},
        {"approval = approved", true},
        {"approval = pending", false},
        {"approval_method = manual", true},
        {"agent_type = 0", true},
        {"agent_version = 5.00.8325.0000", true},
        {"agent_identity = shopfloor-agent.exe", true},
        {"hardware_id = 2:4F1D0C9A", true},
        {"key_sha256 = 8cc0c908c8a8f933", true},
        {"first_seen = 2026-03-04T05:06:07.089Z", true},
        {"last_seen = 2026-11-23T10:00:00Z", true},
        {"'Locale ID' = 1033", true},
        {"\"locale id\" = 1033", true},
        {"INTERNETFLAG = 0", true},
        {"NAME = press042", true},
        {"'NetBIOS Name' = press042", true},
        {"'fq name' like %.plant.example", true},
        {"'and' = keyword", true},
        {"Note = ''", true},
        {"Note != ''", false},
    });
}

TEST_CASE("values are compared as what they are", "[policy][query]") {
    check_rows({
        // whole numbers
        {"'Locale ID' > 999", true},
        {"'Locale ID' = 01033", true},
        {"'Locale ID' < 1033", false},
        {"'Locale ID' <= 1033", true},
        {"Serial < 0", true},
        {"Serial < -11", true},
        {"Serial > -13", true},
        {"Serial >= -11", false},
        {"InternetFlag = -0", true},
        {"Firmware > 18446744073709551617.1", true},
        {"Firmware < 18446744073709551618", true},
        // versions
        {"agent_version >= 5", true},
        {"agent_version > 5", true},
        {"agent_version < 5.0.8325.1", true},
        {"agent_version = 5.0.8325", true},
        {"agent_version <> 5.0.8325", false},
        {"agent_version > 5.00.999.0", true},
        {"agent_version < 10.0", true},
        {"IPAddress < 10.77.40.1", true},
        // times
        {"first_seen < 2026-03-05", true},
        {"first_seen >= '2026-03-04 05:06:07.089'", true},
        {"first_seen = 2026-03-04T06:06:07.089+01:00", true},
        {"last_seen > 2026-11-23T10:00:00.001Z", false},
        {"Installed = 2026-02-01T08:30:00Z", true},
        {"Installed < 2026-02-01T08:45:00Z", true},
        {"first_seen like 2026-03-%", true},
        {"last_seen > summer", false}, // as text
        // SMSIDs
        {"smsid = 5b0c7a52-3f61-4e0a-9d11-27a8c4e0f1b3", true},
        {"smsid = {5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3}", true},
        {"smsid = guid:{5b0c7a52-3f61-4e0a-9d11-27a8c4e0f1b3}", true},
        {"smsid != {5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3}", false},
        {"smsid = 5b0c7a52-3f61-4e0a-9d11-27a8c4e0f1b4", false},
        {"Predecessor = GUID:6D2F9B10-44C7-4E0B-9B7E-51A0C3D7E812", true},
        // text, where one side is something else
        {"name < QUIRE", true},
        {"name > press", true},
        {"name >= press042", true},
        {"name = 42", false},
        {"'Locale ID' = '1033 '", false},
        {"agent_version < 5.x", true},
        {"agent_version = 5.00.8325.0000.", false},
        {"Hall = 'm\xC3\xBChle 3'", true},
    });
}

TEST_CASE("like knows any text and any character", "[policy][query]") {
    check_rows({
        {"name like PRESS042", true},    {"name like press%", true},
        {"name like %042", true},        {"name like %", true},
        {"Note like %", true},           {"Note like _", false},
        {"name like PRESS___", true},    {"name like PRESS__", false},
        {"name like P%S%2", true},       {"name like P%S%S%S%2", false},
        {"name like %S0%", true},        {"name like %%4%%", true},
        {"name like ''", false},         {"name like PRESS042_%", false},
        {"Hall like 'M_hle _'", true}, // a character of two bytes
        {"Hall like '%_hle%'", true},    {"name not like WS-%", true},
        {"name NOT LIKE press%", false}, {"agent_version like 5.0%", true},
        {"Odd like '%100%%'", true},
    });
}

TEST_CASE("a property that a client does not have makes a term false", "[policy][query]") {
    check_rows({
        {"Wing = east", false},
        {"Wing != east", false},
        {"Wing < east", false},
        {"Wing >= east", false},
        {"Wing like %", false},
        {"Wing not like east", false},
        {"not Wing = east", true},
        {"conflicts != x", false},
    });
}

TEST_CASE("one value is enough where a property was sent several times", "[policy][query]") {
    check_rows({
        {"IPAddress = 10.77.4.31", true},
        {"IPAddress = 10.88.0.5", true},
        {"IPAddress = 10.99.0.1", false},
        {"IPAddress != 10.77.4.31", true},
        {"not IPAddress = 10.77.4.31", false},
    });
}

TEST_CASE("terms are joined as usual", "[policy][query]") {
    check_rows({
        {"name = PRESS042 and agent_type = 0", true},
        {"name = PRESS042 AND agent_type = 1", false},
        {"name = x or agent_type = 0", true},
        {"name = x Or agent_type = 1", false},
        {"name = PRESS042 or name = x and name = y", true},
        {"(name = PRESS042 or name = x) and name = y", false},
        {"name = x and name = y or name = PRESS042", true},
        {"not name = x and name = y", false},
        {"not (name = x and name = y)", true},
        {"not not name = PRESS042", true},
        {"not name = x or name = x", true},
        {"((name = PRESS042))", true},
        {"name=PRESS042 and(agent_type<>1)", true},
        {"\tname\n=\r\nPRESS042 ", true},
        {"name = x or name = y or name = z or name = press042", true},
        {"name like P% and name like %2 and not (name like %3 or fqdn = '')", true},
    });
}

TEST_CASE("quotes hold what words cannot", "[policy][query]") {
    check_rows({
        {"name = 'PRESS042'", true},
        {"name = \"PRESS042\"", true},
        {R"q(Odd = 'it''s "new" (100%)')q", true},
        {R"q(Odd = "it's ""new"" (100%)")q", true},
        {R"q(Odd = "it''s ""new"" (100%)")q", false},
        {"'and' = 'and'", false},
        {"name != 'or'", true},
    });
}

TEST_CASE("a query that cannot be read says where, and what was expected", "[policy][query]") {
    struct Bad {
        std::string query;
        std::uint32_t column;
        std::string says;
    };
    std::string const operators = "an operator (=, !=, <, <=, >, >=, like or not like) was expected";
    std::string const deepest = "32 parentheses and not are the most that may stand inside one another";
    for (auto const& bad : std::vector<Bad>{
             {"", 1, "a property, not or ( was expected, but the query ends"},
             {"   ", 4, "a property, not or ( was expected, but the query ends"},
             {"name", 5, operators + ", but the query ends"},
             {"name PRESS042", 6, operators + " in place of PRESS042"},
             {"Locale ID = 1033", 8, operators + " in place of ID"},
             {"name is PRESS042", 6, operators + " in place of is"},
             {"name 'PRESS042'", 6, operators + " in place of 'PRESS042'"},
             {"name not = x", 10, "like was expected in place of ="},
             {"name not", 9, "like was expected, but the query ends"},
             {"name ! x", 7, "= was expected after !"},
             {"name =", 7, "a value was expected, but the query ends"},
             {"name = = x", 8, "a value was expected in place of ="},
             {"name == x", 7, "a value was expected in place of ="},
             {"name >< x", 7, "a value was expected in place of <"},
             {"name = and x = 1", 8, "a value was expected in place of and"},
             {"name like (x)", 11, "a value was expected in place of ("},
             {"name = x name = y", 10, "and, or or the end was expected in place of name"},
             {"name = x)", 9, "and, or or the end was expected in place of )"},
             {"(name = x", 10, "and, or or ) was expected, but the query ends"},
             {"(name = x y)", 11, "and, or or ) was expected in place of y"},
             {"()", 2, "a property, not or ( was expected in place of )"},
             {"name = x and", 13, "a property, not or ( was expected, but the query ends"},
             {"or name = x", 1, "a property, not or ( was expected in place of or"},
             {"name = x and or name = y", 14, "a property, not or ( was expected in place of or"},
             {"not", 4, "a property, not or ( was expected, but the query ends"},
             {"like = x", 1, "a property, not or ( was expected in place of like"},
             {"= x", 1, "a property, not or ( was expected in place of ="},
             {"'' = x", 1, "a property, not or ( was expected in place of ''"},
             {"name = 'x", 10, "the ' that closes 'x was expected, but the query ends"},
             {"name = \"x''", 12, "the \" that closes \"x'' was expected, but the query ends"},
             {"name = 'x''", 12, "the ' that closes 'x'' was expected, but the query ends"},
             {"Hall = M\xC3\xBChle 3", 14, "and, or or the end was expected in place of 3"},
             {"name = \xFF", 8, "text in UTF-8 was expected"},
             {"name = 'a\x1B[2J'", 10, "text was expected in place of a control character"},
             {"name = " + repeated("x", 4090), 4097, "the end after 4096 bytes was expected"},
             {repeated("a=1 or ", 256) + "b=2", 1793, "the end after 256 terms was expected in place of b"},
             {repeated("(", 33) + "a=1", 33, "a term was expected in place of (: " + deepest},
             {repeated("not ", 33) + "a=1", 129, "a term was expected in place of not: " + deepest},
             {repeated("not(", 16) + "(a=1", 65, "a term was expected in place of (: " + deepest},
         }) {
        INFO(bad.query.substr(0, 100));
        auto const query = CollectionQuery::parse(bad.query);
        REQUIRE_FALSE(query);
        CHECK(query.error().code == Code::usage);
        CHECK(query.error().line == 1);
        CHECK(query.error().column == bad.column);
        CHECK(query.error().message == fmt::format("column {}: {}", bad.column, bad.says));
    }
}

TEST_CASE("a query may be as large as the limits say", "[policy][query]") {
    auto const client = press();
    CHECK(parsed(repeated("a=1 or ", 255) + "name=PRESS042").matches(client));
    CHECK_FALSE(parsed(repeated("name=PRESS042 and ", 220) + "a=1").matches(client));
    CHECK(parsed(repeated("(", 32) + "agent_type=0" + repeated(")", 32)).matches(client));
    CHECK(parsed(repeated("not ", 32) + "agent_type=0").matches(client));
    // Siblings are not inside one another.
    CHECK(parsed(repeated("(agent_type=0) and ", 100) + "not a=1").matches(client));
    CHECK(parsed("name != " + repeated("x", 4088)).matches(client));
}

namespace {

/// An expression and its value, which the query must agree with.
struct Expression {
    std::string text;
    bool value;
    int binds; ///< 0 or, 1 and, 2 not and terms
};

std::string inside(Expression const& part, int binds) {
    return part.binds < binds ? "(" + part.text + ")" : part.text;
}

Expression some_term() {
    return *rc::gen::element(Expression{"name = PRESS042", true, 2}, Expression{"name = other", false, 2},
                             Expression{"Wing != east", false, 2}, Expression{"'Locale ID' > 9", true, 2});
}

Expression some_expression(int depth) {
    auto const kind = depth == 0 ? 3 : *rc::gen::inRange(0, 4);
    if (kind == 3) return some_term();
    auto const left = some_expression(depth - 1);
    if (kind == 2) return {"not " + inside(left, 2), !left.value, 2};
    auto const right = some_expression(depth - 1);
    if (kind == 1) {
        return {inside(left, 1) + " and " + inside(right, 1), left.value && right.value, 1};
    }
    return {left.text + " or " + right.text, left.value || right.value, 0};
}

/// What `%` and `_` mean, said as plainly as possible.
bool fits(std::string_view text, std::string_view pattern) {
    if (pattern.empty()) return text.empty();
    if (pattern[0] == '%') {
        return fits(text, pattern.substr(1)) || (!text.empty() && fits(text.substr(1), pattern));
    }
    return !text.empty() && (pattern[0] == '_' || pattern[0] == text[0]) &&
           fits(text.substr(1), pattern.substr(1));
}

std::string some_text(std::string const& alphabet, int longest) {
    std::string text(*rc::gen::inRange<std::size_t>(0, static_cast<std::size_t>(longest) + 1), ' ');
    for (auto& c : text) c = *rc::gen::elementOf(alphabet);
    return text;
}

} // namespace

TEST_CASE("any joining of terms has the value that logic gives it", "[policy][query]") {
    auto const client = press();
    CHECK(rc::check([&client] {
        auto const expression = some_expression(5);
        auto const query = CollectionQuery::parse(expression.text);
        RC_ASSERT(query.has_value());
        RC_ASSERT(query->matches(client) == expression.value);
    }));
}

TEST_CASE("like agrees with its definition", "[policy][query]") {
    CHECK(rc::check([] {
        auto client = press();
        client.discovery = {{"p", some_text("ab", 10)}};
        auto const pattern = some_text("ab%_", 8);
        auto const query = CollectionQuery::parse(fmt::format("p like '{}'", pattern));
        RC_ASSERT(query.has_value());
        RC_ASSERT(query->matches(client) == fits(client.discovery[0].second, pattern));
    }));
}

TEST_CASE("numbers are in the order of numbers", "[policy][query]") {
    CHECK(rc::check([](std::int64_t a, std::int64_t b) {
        auto client = press();
        client.discovery = {{"p", std::to_string(a)}};
        for (auto const& [sign, holds] :
             {std::pair("=", a == b), std::pair("!=", a != b), std::pair("<", a < b), std::pair("<=", a <= b),
              std::pair(">", a > b), std::pair(">=", a >= b)}) {
            auto const query = CollectionQuery::parse(fmt::format("p {} {}", sign, b));
            RC_ASSERT(query.has_value());
            RC_ASSERT(query->matches(client) == holds);
        }
    }));
}

} // namespace pointman::endpoints::policy
