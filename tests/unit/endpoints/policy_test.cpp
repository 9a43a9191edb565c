// SPDX-License-Identifier: Apache-2.0
#include "base/hex.hpp"
#include "base/text.hpp"
#include "endpoints/policy/authoring.hpp"
#include "schemas/validator.hpp"
#include "server/wire/utf16.hpp"
#include "tests/unit/endpoints/bench.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

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
    bench.enroll(press);
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
        Row{"no source", body, "", "UnknownClient"},
        Row{"nobody who is registered",
            replaced(body, "GUID:6D2F9B10-44C7-4E0B-9B7E-51A0C3D7E812", test::workstation),
            std::string(test::workstation), "UnknownClient"},
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
    bench.enroll(press);
    auto const reply = bench.deliver(to_policy(row.body, row.source));
    CHECK(refusal_of(reply) == row.refusal);
}

TEST_CASE("a wrong root is named together with the expected one") {
    test::Bench bench;
    auto const reply = bench.deliver(to_policy("<Report/>"));
    REQUIRE(refusal_of(reply) == "SchemaViolation");
    CHECK_THAT(reply.error().message, Catch::Contains("Report") && Catch::Contains("RequestAssignments"));
}

namespace {

using db::PolicyResource;
using endpoints::Note;
using Texts = std::vector<std::string>;

constexpr std::string_view unknown_machine = "22222222-2222-4222-8222-222222222222";

/// A request as later clients lay it out.
struct Request {
    std::string type = "Full";
    std::string cookie = {};
    std::string resource = "Machine";
    std::string user = {}; ///< what stands in User
    std::string machine = std::string(press);
};

std::string body_of(Request const& request) {
    return fmt::format(
        R"(<RequestAssignments SchemaVersion="1.00" ACK="false" RequestType="{}"><Identification><Machine>)"
        R"(<ClientID>{}</ClientID><FQDN/><NetBIOSName>PRESS042</NetBIOSName><SID/></Machine><User>{}</User>)"
        R"(</Identification><PolicySource>SMS:Q7T</PolicySource><Resource ResourceType="{}"/>)"
        R"(<ServerCookie>{}</ServerCookie></RequestAssignments>)",
        request.type, request.machine, request.user, request.resource, request.cookie);
}

/// The assignments in a reply, word for word.
Texts told_in(std::string_view xml) {
    constexpr std::string_view end_tag = "</PolicyAssignment>";
    Texts texts;
    for (auto begin = xml.find("<PolicyAssignment "); begin != std::string_view::npos;
         begin = xml.find("<PolicyAssignment ", begin)) {
        auto const end = xml.find(end_tag, begin) + end_tag.size();
        texts.emplace_back(xml.substr(begin, end - begin));
        begin = end;
    }
    return texts;
}

/// A reply that fits its schema.
struct Answer {
    explicit Answer(Result<endpoints::Reply> result)
        : reply(std::move(result.value()))
        , document(schemas::validate("reply_assignments.xsd", as_bytes(reply.xml)).value()) {}

    std::string type() const { return std::string(document.root().attribute_or("ReplyType", "")); }
    std::string cookie() const { return text_at(document, {"ServerCookie"}); }
    Texts told() const { return told_in(reply.xml); }
    bool noted(std::string_view text) const { return test::noted(reply, Note::Kind::info, text); }

    endpoints::Reply reply;
    schemas::Document document;
};

/// A site with one client and policy of its own.
struct PolicyBench : test::Bench {
    explicit PolicyBench(std::string const& agent_version = "5.00.8325.0000") {
        enroll(press, "PRESS042", agent_version);
    }

    template <class F>
    auto write(F work) {
        auto result = store().write_and_wait(std::move(work));
        if (!result) FAIL(describe(result.error()));
        return std::move(*result);
    }

    void add(db::Policy policy) {
        auto const content = to_bytes(policy.policy_id + policy.version);
        policy.sha256 = sha256_hex(content);
        CHECK(write([&](db::Transaction& transaction) {
            return endpoints::policy::add_policy(transaction, policy, content, config::SiteMode::mixed);
        }));
    }

    db::PolicyAssignment assign(std::string_view policy, db::PolicyTarget const& target = {},
                                std::string_view condition = {}) {
        return write([&](db::Transaction& transaction) {
            return endpoints::policy::assign(transaction, policy, target, condition, config::SiteMode::mixed);
        });
    }

    void unassign(db::PolicyAssignment const& assignment) {
        write([&](db::Transaction& transaction) -> Result<bool> {
            auto done = db::PolicyAssignments::remove(transaction, assignment.assignment_id);
            if (!done) return std::unexpected(done.error());
            return true;
        });
    }

    /// As it is stored now.
    std::string text_of(db::PolicyAssignment const& assignment) {
        auto const all =
            store().read([](db::Session& session) { return db::PolicyAssignments(session).list(); });
        for (auto const& each : all.value())
            if (each.assignment_id == assignment.assignment_id) return each.text;
        return "(gone)";
    }

    Answer ask(Request const& request, test::Proven const& proven = {}) {
        return Answer(deliver(to_policy(body_of(request), request.machine), proven));
    }
};

} // namespace

TEST_CASE("a reply tells each assignment word for word as it is stored, in order") {
    PolicyBench bench;
    bench.add({.policy_id = "{3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11}",
               .version = "3.00",
               .category = "SoftwareDistribution",
               .flags = 8,
               .sha1 = "8FB1EB5CB6F3A54B715AE2C3396BDFEE0C45A6F9",
               .md5 = "9A8FCBB5113E6AA73A770E935C6425DB"});
    bench.add(
        {.policy_id = "Q7T20003-Q7T00009-6F6BCC28", .version = "1.00", .category = "NAAConfig", .flags = 6});
    auto const second = bench.assign("Q7T20003-Q7T00009-6F6BCC28");
    auto const first = bench.assign("{3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11}",
                                    {db::PolicyTarget::Kind::client, std::string(press)},
                                    "@root\\ccm\nSELECT * FROM SMS_Client WHERE ClientVersion >= \"4.00\"");

    auto const answer = bench.ask({});
    CHECK(answer.type() == "Full");
    REQUIRE(answer.told() == Texts{bench.text_of(second), bench.text_of(first)});
    // Clients look for these with patterns (wire.md 8.1).
    CHECK(answer.reply.xml.find(R"(PolicyCategory="NAAConfig")") != std::string::npos);
    CHECK(answer.reply.xml.find("<![CDATA[http://<mp>/SMS_MP/.sms_pol?Q7T20003-Q7T00009-6F6BCC28.1_00]]>") !=
          std::string::npos);

    struct Row {
        std::string id;
        Texts policy;   ///< version, type, category, flags
        Texts location; ///< hash, longer hash, text
    };
    std::vector<Row> const rows{
        {"Q7T20003-Q7T00009-6F6BCC28",
         {"1.00", "Machine", "NAAConfig", "6"},
         {"", "", "http://<mp>/SMS_MP/.sms_pol?Q7T20003-Q7T00009-6F6BCC28.1_00"}},
        {"{3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11}",
         {"3.00", "Machine", "SoftwareDistribution", "8"},
         {"9A8FCBB5113E6AA73A770E935C6425DB", "8FB1EB5CB6F3A54B715AE2C3396BDFEE0C45A6F9",
          "http://<mp>/SMS_MP/.sms_pol?{3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11}.3_00"}},
    };
    std::size_t count = 0;
    for (schemas::Element const element : answer.document.root().children()) {
        if (element.name() != "PolicyAssignment") continue;
        auto const& row = rows.at(count++);
        auto const policy = element.child("Policy").value();
        auto const value = [&policy](std::string_view name) {
            return std::string(policy.attribute_or(name, "(none)"));
        };
        CHECK(value("PolicyID") == row.id);
        CHECK(Texts{value("PolicyVersion"), value("PolicyType"), value("PolicyCategory"),
                    value("PolicyFlags")} == row.policy);
        auto const location = policy.first_child().value(); // the first child: wire.md 8.1
        CHECK(location.name() == "PolicyLocation");
        CHECK(Texts{std::string(location.attribute_or("PolicyHash", "(none)")),
                    std::string(location.attribute_or("PolicyHashEx", "(none)")),
                    std::string(location.text())} == row.location);
        CHECK(element.child("Condition").has_value() == (count == 2));
        if (count == 2) {
            CHECK(element.first_child()->name() == "Condition"); // it precedes Policy
            auto const expression =
                element.child("Condition")->child("Operator")->child("Expression").value();
            CHECK(expression.attribute_or("ExpressionType", "") == "until-true");
            CHECK(expression.attribute_or("ExpressionLanguage", "") == "WQL");
            CHECK(expression.text() ==
                  "@root\\ccm\nSELECT * FROM SMS_Client WHERE ClientVersion >= \"4.00\"");
        }
    }
    CHECK(count == 2);
    CHECK(answer.noted("2 assignments returned, all that it has, cookie \"" + answer.cookie() + "\""));
}

TEST_CASE("policy of users and of machines is told apart") {
    PolicyBench bench;
    bench.add({.policy_id = "M", .version = "1.00"});
    bench.add({.policy_id = "U", .version = "1.00", .resource = PolicyResource::user});
    auto const machine = bench.assign("M");
    auto const user = bench.assign("U");
    struct Row {
        std::string resource;
        std::string user;
        std::string told;
    };
    std::string const operator3 =
        R"(<NT4UserName>PLANT\operator3</NT4UserName><SID>S-1-5-21-1-2-3-1143</SID>)";
    auto const machine_text = bench.text_of(machine);
    auto const user_text = bench.text_of(user);
    for (auto const& row :
         {Row{"Machine", "", machine_text}, Row{"machine", operator3, machine_text},
          Row{"User", operator3, user_text}, Row{"USER", "<SID>S-1-5-21-1-2-3-1143</SID>", user_text}}) {
        CAPTURE(row.resource, row.user);
        Request request;
        request.resource = row.resource;
        request.user = row.user;
        auto const answer = bench.ask(request);
        CHECK(answer.told() == Texts{row.told});
        bool const of_user = row.told == user_text;
        CHECK((row.told.find("PolicyType=\"User\"") != std::string::npos) == of_user);
        CHECK(answer.document.root().child("Resource")->attribute_or("ResourceType", "") ==
              (of_user ? "User" : "Machine"));
        CHECK(answer.noted(fmt::format("Full request for {} policy from {} (PRESS042), cookie \"\"",
                                       of_user ? "user" : "machine", press)));
    }
}

TEST_CASE("what a request calls itself, and what its reply is called") {
    // policy.md 2 and 4.4; the cookie says that there is nothing new.
    struct Row {
        std::string asked;
        std::string replied;
    };
    auto const row = GENERATE(values<Row>({
        {"Full", "Full"},
        {"Always", "Full"},
        {"always", "Full"},
        {"OnUpdate", "OnUpdate"},
        {"onupdate", "OnUpdate"},
        {" OnUpdate ", "OnUpdate"},
        {"Update", "Delta"},
        {"UPDATE", "Delta"},
        {"Delta", "Delta"},
        {"delta", "Delta"},
        {"Sometimes", "Full"},
        {"On Update", "Full"},
        {"", "Full"},
    }));
    CAPTURE(row.asked);
    PolicyBench bench;
    bench.add({.policy_id = "P", .version = "1.00"});
    bench.assign("P");
    auto const cookie = bench.ask({}).cookie();
    auto const answer = bench.ask({.type = row.asked, .cookie = cookie});
    CHECK(answer.type() == row.replied);
    CHECK(answer.told().size() == (row.replied == "Full" ? 1 : 0));
    CHECK(answer.cookie() == cookie);
    CHECK_FALSE(answer.noted("the cookie is not what this client has here"));
    // Without a cookie there is nothing that a delta could be taken from.
    auto const first = bench.ask({.type = row.asked});
    CHECK(first.type() == "Full");
    CHECK(first.told().size() == 1);
}

TEST_CASE("a client that keeps its cookie is told what changed") {
    PolicyBench bench;
    for (auto const* const id : {"A", "B", "C"}) bench.add({.policy_id = id, .version = "1.00"});
    auto const a = bench.assign("A");
    auto const b = bench.assign("B");
    auto cookie = bench.ask({.type = "Always"}).cookie();
    auto const next = [&] {
        auto answer = bench.ask({.type = "OnUpdate", .cookie = cookie});
        cookie = answer.cookie();
        return answer;
    };

    CHECK(next().told().empty());
    auto const c = bench.assign("C", {db::PolicyTarget::Kind::client, std::string(press)});
    auto const before = cookie;
    auto const added = next();
    CHECK(added.type() == "OnUpdate");
    CHECK(added.told() == Texts{bench.text_of(c)});
    CHECK(added.noted("1 assignments returned"));
    CHECK(cookie != before);

    bench.add({.policy_id = "A", .version = "2.00"});
    auto const changed = next();
    CHECK(changed.type() == "OnUpdate");
    REQUIRE(changed.told() == Texts{bench.text_of(a)});
    CHECK(changed.told().front().find("PolicyVersion=\"2.00\"") != std::string::npos);
    CHECK(next().told().empty());

    bench.unassign(b); // no wire form of a removal is known: policy.md 4.3
    auto const removed = next();
    CHECK(removed.type() == "Full");
    CHECK(removed.told() == Texts{bench.text_of(a), bench.text_of(c)});
    CHECK(removed.noted("the cookie is not what this client has here: answered in full"));
    CHECK(next().type() == "OnUpdate");

    // An old cookie still tells what the client has: nothing that it lacks is lost.
    auto const late = bench.ask({.type = "OnUpdate", .cookie = before});
    CHECK(late.type() == "Full");
    CHECK(late.told() == removed.told());
}

TEST_CASE("what is no cookie of this client gets everything") {
    PolicyBench bench;
    bench.add({.policy_id = "P", .version = "1.00"});
    auto const empty = bench.ask({}).cookie();
    bench.assign("P", {db::PolicyTarget::Kind::client, std::string(press)});
    bench.enroll(test::workstation);
    auto const own = bench.ask({}).cookie();
    auto const others = bench.ask({.machine = std::string(test::workstation)}).cookie();
    CHECK(own != others);
    for (auto const& cookie : {std::string("2008-03-13 22:10:04.120"), std::string("0"), std::string("-"),
                               "x" + own, own + "0", "9" + own, others}) {
        CAPTURE(cookie);
        auto const answer = bench.ask({.type = "OnUpdate", .cookie = cookie});
        CHECK(answer.type() == "Full");
        CHECK(answer.told().size() == 1);
        CHECK(answer.noted("answered in full"));
        CHECK(answer.cookie() == own);
    }
    // With white space around it, it is one.
    CHECK(bench.ask({.type = "OnUpdate", .cookie = "\n " + own + "\n"}).type() == "OnUpdate");
    // From before the assignment: one change is new.
    auto const since = bench.ask({.type = "OnUpdate", .cookie = empty});
    CHECK(since.type() == "OnUpdate");
    CHECK(since.told().size() == 1);
}

TEST_CASE("a cookie may stand in User, and that of the request goes first") {
    PolicyBench bench;
    bench.add({.policy_id = "U", .version = "1.00", .resource = PolicyResource::user});
    bench.assign("U");
    auto const request = [](std::string const& cookie, std::string const& user_cookie) {
        return Request{.type = "OnUpdate",
                       .cookie = cookie,
                       .resource = "User",
                       .user =
                           fmt::format(R"(<NT4UserName>PLANT\operator3</NT4UserName><SID>S-1-5-21-1</SID>)"
                                       "<ServerCookie>{}</ServerCookie>",
                                       user_cookie)};
    };
    auto const cookie = bench.ask(request("", "")).cookie();
    CHECK(bench.ask(request(cookie, "")).type() == "OnUpdate");
    CHECK(bench.ask(request("", cookie)).type() == "OnUpdate");
    CHECK(bench.ask(request(cookie, "x")).type() == "OnUpdate");
    CHECK(bench.ask(request("x", cookie)).type() == "Full");
    CHECK(bench.ask(request("", "x")).type() == "Full");
    CHECK(bench.ask(request("", cookie)).noted("cookie \"" + cookie + "\""));
}

TEST_CASE("whose policy an account may ask for") {
    struct Row {
        std::string account; ///< "" = the path without integrated authentication
        std::string resource;
        std::string user;
        std::string refusal;
    };
    std::string const operator3 = R"(<NT4UserName>PLANT\operator3</NT4UserName><SID>S-1-5-21-1</SID>)";
    auto const row = GENERATE_COPY(
        Row{"", "User", operator3, ""}, Row{R"(PLANT\operator3)", "User", operator3, ""},
        Row{R"(plant\OPERATOR3)", "User", operator3, ""},
        Row{R"(PLANT\operator4)", "User", operator3, "WrongClient"},
        Row{R"(OFFICE\operator3)", "User", operator3, "WrongClient"},
        Row{"operator3", "User", operator3, "WrongClient"},
        Row{R"(PLANT\PRESS042$)", "User", operator3, "WrongClient"},
        Row{R"(PLANT\operator3)", "User", "<SID>S-1-5-21-1</SID>", "WrongClient"},
        Row{R"(PLANT\operator4)", "Machine", operator3, ""}, Row{R"(PLANT\PRESS042$)", "Machine", "", ""});
    CAPTURE(row.account, row.resource, row.user);
    PolicyBench bench;
    Request request;
    request.resource = row.resource;
    request.user = row.user;
    auto const reply = bench.deliver(to_policy(body_of(request)), {.account = row.account});
    CHECK(refusal_of(reply) == row.refusal);
}

TEST_CASE("a boot medium asks for a computer that nobody registered") {
    PolicyBench bench;
    for (auto const* const id : {"ALL", "OWN", "UNKNOWN"}) bench.add({.policy_id = id, .version = "1.00"});
    auto const to_all = bench.assign("ALL");
    bench.assign("OWN", {db::PolicyTarget::Kind::client, std::string(press)});
    auto const to_unknown = bench.assign(
        "UNKNOWN", {db::PolicyTarget::Kind::client, ClientId::parse(unknown_machine).value().text()});
    test::Proven proven;
    proven.medium = db::Medium{.name = "OSD Media Cert"};

    // policy.md 4.9: the bare GUID is both ClientID and SourceID.
    auto const answer = bench.ask({.type = "Always", .machine = std::string(unknown_machine)}, proven);
    CHECK(answer.type() == "Full");
    CHECK(answer.told() == Texts{bench.text_of(to_all), bench.text_of(to_unknown)});
    CHECK(text_at(answer.document, {"Identification", "Machine", "ClientID"}) == unknown_machine);
    CHECK(answer.noted("asked by boot medium 'OSD Media Cert'"));

    struct Row {
        std::string name;
        std::string source;
        std::string machine;
        bool medium;
        std::string refusal;
    };
    for (auto const& row : {
             Row{"the same in braces", "{22222222-2222-4222-8222-222222222222}", std::string(unknown_machine),
                 true, ""},
             Row{"without the medium", std::string(unknown_machine), std::string(unknown_machine), false,
                 "UnknownClient"},
             Row{"for a client", std::string(unknown_machine), std::string(press), true, "WrongClient"},
             Row{"for a client, without a source", "", std::string(press), true, "WrongClient"},
             Row{"for what is no id", "PRESS042", "PRESS042", true, "SchemaViolation"},
         }) {
        INFO(row.name);
        auto const reply = bench.deliver(to_policy(body_of({.machine = row.machine}), row.source),
                                         row.medium ? proven : test::Proven{});
        CHECK(refusal_of(reply) == row.refusal);
    }
}

namespace {

wire::PrivateKey const& site_key() {
    static auto const key = wire::PrivateKey::generate(2048);
    return key;
}

/// A Reference in a reply.
struct Signed {
    std::string assignment;
    std::string algorithm;
    std::string value;
    bool operator==(Signed const&) const = default;
};

std::vector<Signed> signatures_in(schemas::Document const& document) {
    std::vector<Signed> all;
    auto const signature = document.root().child("Signature");
    if (!signature) return all;
    for (schemas::Element const reference : signature->children()) {
        all.push_back({std::string(reference.attribute_or("PolicyAssignmentID", "")),
                       std::string(reference.child("SignatureAlgorithm")->attribute_or("AlgID", "")),
                       std::string(reference.child_text("SignatureValue"))});
    }
    return all;
}

std::vector<db::PolicySignature> stored_signatures(test::Bench& bench, wire::PrivateKey const& key) {
    // Behind whatever is queued.
    bench.store().write_and_wait([](db::Transaction&) -> Result<bool> { return true; }).value();
    return bench.store()
        .read([&](db::Session& session) {
            return db::PolicySignature::by_key(session, key.public_key().sha256());
        })
        .value();
}

} // namespace

TEST_CASE("the site signs each assignment as it stands in the reply") {
    // policy.md 4.10: UTF-16LE without mark, least significant byte first, upper-case hex.
    struct Row {
        std::string agent_version;
        std::string algorithm;
        wire::Digest digest;
    };
    auto const row = GENERATE(values<Row>({
        {"5.00.8325.0000", "32780", wire::Digest::sha256},
        {"", "32780", wire::Digest::sha256},
        {"40.1", "32780", wire::Digest::sha256},
        {"4.00.6487.2000", "32772", wire::Digest::sha1},
        {"4.0", "32772", wire::Digest::sha1},
    }));
    CAPTURE(row.agent_version);
    PolicyBench bench(row.agent_version);
    bench.sign_with(site_key());
    bench.add({.policy_id = "A", .version = "1.00", .category = "ä€ & <b>"});
    bench.add({.policy_id = "B", .version = "1.00"});
    auto const a = bench.assign("A");
    auto const b = bench.assign("B", {}, "SELECT * FROM SMS_Client");

    auto const answer = bench.ask({});
    auto const texts = answer.told();
    auto const made = signatures_in(answer.document);
    REQUIRE(texts.size() == 2);
    REQUIRE(made.size() == 2);
    CHECK(made[0].assignment == a.assignment_id);
    CHECK(made[1].assignment == b.assignment_id);
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(made[i].algorithm == row.algorithm);
        CHECK(made[i].value == to_upper(made[i].value));
        auto const value = from_hex(made[i].value).value();
        auto const key = site_key().public_key();
        CHECK(key.verify(wire::to_utf16le(texts[i]), value, row.digest));
        CHECK_FALSE(key.verify(wire::to_utf16le(texts[1 - i]), value, row.digest));
    }

    auto const delta = bench.ask({.type = "OnUpdate", .cookie = answer.cookie()});
    CHECK(delta.type() == "OnUpdate");
    CHECK_FALSE(delta.document.root().child("Signature")); // it tells nothing
}

TEST_CASE("only what is told is signed, and nothing in mixed mode") {
    PolicyBench bench;
    bench.add({.policy_id = "A", .version = "1.00"});
    bench.add({.policy_id = "B", .version = "1.00"});
    bench.assign("A");
    auto const mixed = bench.ask({});
    CHECK(mixed.told().size() == 1);
    CHECK_FALSE(mixed.document.root().child("Signature"));
    CHECK(stored_signatures(bench, site_key()).empty());

    bench.sign_with(site_key());
    auto const b = bench.assign("B");
    auto const delta = bench.ask({.type = "OnUpdate", .cookie = mixed.cookie()});
    REQUIRE(signatures_in(delta.document).size() == 1);
    CHECK(signatures_in(delta.document).front().assignment == b.assignment_id);
    CHECK(stored_signatures(bench, site_key()).size() == 1);
}

TEST_CASE("a signature is made once, kept, and read again") {
    PolicyBench bench;
    bench.sign_with(site_key());
    bench.add({.policy_id = "A", .version = "1.00"});
    auto const assignment = bench.assign("A");
    auto const first = signatures_in(bench.ask({}).document);
    auto const kept = stored_signatures(bench, site_key());
    REQUIRE(kept.size() == 1);
    CHECK(kept.front().assignment_id == assignment.assignment_id);
    CHECK(kept.front().algorithm == 32780);
    CHECK(to_hex(kept.front().signature) == first.front().value);
    CHECK(signatures_in(bench.ask({}).document) == first);
    CHECK(stored_signatures(bench, site_key()).size() == 1);

    bench.sign_with(site_key()); // as after a restart
    CHECK(signatures_in(bench.ask({}).document) == first);
    CHECK(stored_signatures(bench, site_key()).size() == 1);

    // Another text, and another key, are signed anew.
    bench.add({.policy_id = "A", .version = "2.00"});
    auto const second = bench.ask({});
    CHECK(signatures_in(second.document) != first);
    CHECK(stored_signatures(bench, site_key()).size() == 2);
    auto const other = wire::PrivateKey::generate(2048);
    bench.sign_with(other);
    auto const third = signatures_in(bench.ask({}).document);
    CHECK(other.public_key().verify(wire::to_utf16le(second.told().front()),
                                    from_hex(third.front().value).value(), wire::Digest::sha256));
    CHECK(stored_signatures(bench, other).size() == 1);
    CHECK(stored_signatures(bench, site_key()).size() == 2);
}

TEST_CASE("a signature that is kept is told, not made again") {
    PolicyBench bench;
    bench.add({.policy_id = "A", .version = "1.00"});
    auto const assignment = bench.assign("A");
    auto const change = bench.store()
                            .read([](db::Session& session) { return db::PolicyState::read(session); })
                            .value()
                            .change;
    bench.write([&](db::Transaction& transaction) -> Result<bool> {
        auto done = db::PolicySignature::keep(transaction,
                                              {assignment.assignment_id, change, 32780, to_bytes("\x0A\x1B")},
                                              site_key().public_key().sha256());
        if (!done) return std::unexpected(done.error());
        return true;
    });
    bench.sign_with(site_key());
    CHECK(signatures_in(bench.ask({}).document) ==
          std::vector{Signed{assignment.assignment_id, "32780", "0A1B"}});
}
