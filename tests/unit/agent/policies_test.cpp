// SPDX-License-Identifier: Apache-2.0
// Policies from a management point that does as the test says.
#include "base/digest.hpp"
#include "client/agent/policies.hpp"
#include "server/wire/message.hpp"
#include "server/wire/utf16.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/scripted_server.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <atomic>

using namespace pointman;
using namespace pointman::client::agent;
using test::http_answer;
using test::ScriptedAnswer;
using test::ScriptedRequest;
using test::ScriptedServer;

namespace {

constexpr auto good_body = "<Policy PolicyID=\"p\" PolicyVersion=\"1.00\"><PolicyRule/></Policy>";
constexpr auto bad_body = "<Policy PolicyID=\"p\" PolicyVersion=\"1.00\"><PolicyRule /></Policy>";

std::string served(std::string_view text) {
    auto const units = wire::to_utf16le(text);
    return "\xFF\xFE" + std::string(as_chars(units));
}

/// One assignment of the good body.
ScriptedAnswer assignments(ScriptedRequest const& request) {
    auto const decoded = wire::decode(request.header("content-type"), as_bytes(request.body)).value();
    auto const reply = wire::encode_reply(
        std::get<wire::Envelope>(decoded).header,
        fmt::format(R"(<ReplyAssignments ReplyType="Full"><ServerCookie>1</ServerCookie>)"
                    R"(<PolicyAssignment PolicyAssignmentID="a"><Policy PolicyID="p" PolicyVersion="1.00">)"
                    R"(<PolicyLocation PolicyHashEx="{}"><![CDATA[http://<mp>/SMS_MP/.sms_pol?p.1_00]]>)"
                    R"(</PolicyLocation></Policy></PolicyAssignment></ReplyAssignments>)",
                    digest_hex(as_bytes(served(good_body)), EVP_sha1())),
        {.message_id = "{1}", .sent_time = "2026-11-23T10:00:00Z", .source_host = "mp"});
    return {http_answer(200, {{"Content-Type", std::string(wire::content_type)}}, as_chars(reply))};
}

} // namespace

TEST_CASE("a body that is not the promised one is not kept, and is asked for again") {
    std::atomic<bool> tampers = true;
    ScriptedServer const server([&tampers](ScriptedRequest const& request) {
        return request.method == "GET"
                   ? ScriptedAnswer{http_answer(200, {}, served(tampers ? bad_body : good_body))}
                   : assignments(request);
    });
    test::TemporaryDirectory const directory;
    auto const client = LocalClient::open({.directory = directory.path(),
                                           .settings = {.server = server.url(), .site = "LAB"}})
                            .value();
    client->identity().remember("GUID:5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3").value();
    KeptPolicy policy;
    for (int poll = 0; poll < 2; ++poll) {
        auto const update = update_policy(*client, policy, PolicyAsk::changes);
        REQUIRE(update);
        REQUIRE(update->failures.size() == 1);
        CHECK_THAT(update->failures.front(),
                   Catch::StartsWith("policy p version 1.00: the body's SHA-1 is "));
        CHECK(policy.assignments.at(0).body.empty());
        CHECK(load_policy(*client).value() == policy);
    }
    tampers = false;
    auto const update = update_policy(*client, policy, PolicyAsk::changes);
    REQUIRE(update);
    CHECK(update->failures.empty());
    CHECK(update->changed.empty());
    CHECK(policy.assignments.at(0).body == good_body);
    CHECK(load_policy(*client).value() == policy);
}
