// SPDX-License-Identifier: Apache-2.0
// Uploads by BITS (wire.md 10), against a server that knows the packets and can be told to fail.
#include "base/bytes.hpp"
#include "base/number.hpp"
#include "server/wire/message.hpp"
#include "server/wire/multipart.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/unit/client/support.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <deque>
#include <mutex>
#include <pointman/messaging.hpp>

namespace pointman::client {

namespace {

using test::http_answer;
using test::ScriptedAnswer;
using test::ScriptedRequest;
using test::ScriptedServer;

using Headers = std::map<std::string, std::string>;

/// Stores one upload, and the message that follows it.
class BitsServer {
public:
    ScriptedAnswer operator()(ScriptedRequest const& request) {
        std::scoped_lock const lock(guard_);
        if (request.method == "CCM_POST") return message(request);
        auto const type = request.header("bits-packet-type");
        packets.push_back(type);
        CHECK(request.target == "/CCM_Incoming/%7B8D0F1DF5-F375-4F8B-840E-9F532C559CA4%7D");
        if (!faults[type].empty()) {
            auto const answer = faults[type].front();
            faults[type].pop_front();
            return answer;
        }
        if (type == "Create-Session") return create(request);
        if (type == "Fragment") return fragment(request);
        return {http_answer(200, {{"BITS-Packet-Type", "Ack"}})};
    }

    std::map<std::string, std::deque<ScriptedAnswer>> faults; ///< answers to the first packets of a type
    std::vector<std::string> packets;
    std::vector<std::size_t> fragments; ///< sizes
    std::string stored;
    std::string upload_id;
    std::optional<wire::Header> header;
    std::string inline_payload; ///< what came with the message
    bool has_place = true;      ///< whether it tells one for uploads
    std::size_t largest = 1U << 20U;

private:
    ScriptedAnswer message(ScriptedRequest const& request) {
        auto decoded = wire::decode(wire::content_type, as_bytes(request.body)).value();
        if (auto const* const upload = std::get_if<wire::UploadRequest>(&decoded)) {
            CHECK(upload->network_type == "Intranet");
            if (!has_place) return {http_answer(200)};
            upload_id = upload->message_id;
            auto const reply = wire::encode_upload_reply(
                "elsewhere", "https://elsewhere:9/CCM_Incoming/{8D0F1DF5-F375-4F8B-840E-9F532C559CA4}?x=1");
            return {http_answer(200, {{"Content-Type", std::string(wire::content_type)}}, as_chars(reply))};
        }
        auto const& envelope = std::get<wire::Envelope>(decoded);
        header = envelope.header;
        inline_payload = std::string(as_chars(envelope.payload));
        return {http_answer(200)};
    }

    ScriptedAnswer create(ScriptedRequest const& request) {
        CHECK(request.header("bits-supported-protocols") == "{7df0354d-249b-430f-820d-3d2a9bef4931}");
        CHECK(request.header("bits-session-id").empty());
        stored.clear();
        return {http_answer(201, {{"BITS-Packet-Type", "Ack"}, {"BITS-Session-Id", "{S}"}})};
    }

    ScriptedAnswer fragment(ScriptedRequest const& request) {
        CHECK(request.header("bits-session-id") == "{S}");
        if (request.body.size() > largest) return {http_answer(413)};
        auto const range = request.header("content-range"); // bytes s-e/total
        auto const begin = number_in<std::size_t>(range.substr(6, range.find('-') - 6)).value();
        auto const next = [this] {
            return Headers{{"BITS-Received-Content-Range", std::to_string(stored.size())}};
        };
        if (begin > stored.size()) return {http_answer(416, next())};
        stored = stored.substr(0, begin) + request.body;
        fragments.push_back(request.body.size());
        return {http_answer(200, next())};
    }

    std::mutex guard_; ///< each connection has its thread
};

struct Fixture {
    Result<Message> send(std::size_t threshold = 1000) {
        auto messaging =
            Messaging::open({.upload_threshold = threshold, .now = [] { return test_time; }}).value();
        Message message;
        message.set_target_endpoint("MP_Test");
        message.set_body_from_buffer(body);
        return messaging.invoke(server.url(), message);
    }
    bool is_sent() const { return bits.header.has_value(); }
    std::string payload() const { return std::string(as_chars(body)) + "\r\n"; }

    Bytes body = to_bytes(std::string(20'000, 'x') + "end");
    BitsServer bits;
    ScriptedServer server{[this](ScriptedRequest const& request) { return bits(request); }};
};

} // namespace

TEST_CASE("a large payload is uploaded before its message") {
    Fixture fixture;
    // The scripted server answers a message as a post: no reply.
    CHECK(name_of(fixture.send().error().code) == "no_reply");
    REQUIRE(fixture.is_sent());
    auto const& header = *fixture.bits.header;
    CHECK(header.payload_type == "localcache");
    CHECK(header.id == fixture.bits.upload_id);
    CHECK(header.body->length == fixture.body.size());
    CHECK(fixture.bits.stored == fixture.payload());
    CHECK(fixture.bits.inline_payload.empty());
    CHECK(fixture.bits.packets ==
          std::vector<std::string>{"Ping", "Create-Session", "Fragment", "Close-Session"});
}

TEST_CASE("a payload that is not larger than the threshold goes with its message") {
    Fixture fixture;
    static_cast<void>(fixture.send(fixture.payload().size()));
    CHECK(fixture.bits.packets.empty());
}

TEST_CASE("an upload goes on after what can go wrong") {
    auto const lost = ScriptedAnswer{"", ScriptedAnswer::Then::close};
    struct Row {
        std::string name;
        std::string type;
        std::deque<ScriptedAnswer> faults;
    };
    auto const rows = std::to_array<Row>({
        {"a lost connection", "Fragment", {lost}},
        {"several", "Fragment", {lost, lost, lost}},
        {"a session that is gone", "Fragment", {{http_answer(500, {{"BITS-Error-Code", "0x8020001F"}})}}},
        {"the other spelling", "Fragment", {{http_answer(500, {{"BITS-Error", "0x8020001f"}})}}},
        {"another place to go on", "Fragment", {{http_answer(416, {{"BITS-Received-Content-Range", "0"}})}}},
        {"a close that is not answered", "Close-Session", {lost}},
        {"a close that fails", "Close-Session", {{http_answer(500)}}},
    });
    for (auto const& row : rows) {
        INFO(row.name);
        Fixture fixture;
        fixture.bits.faults[row.type] = row.faults;
        auto const reply = fixture.send();
        INFO(reply.error().message);
        CHECK(fixture.is_sent());
        CHECK(fixture.bits.stored == fixture.payload());
    }
}

TEST_CASE("fragments become smaller where the server wants that") {
    Fixture fixture;
    fixture.bits.largest = 6000;
    static_cast<void>(fixture.send());
    CHECK(fixture.is_sent());
    CHECK(fixture.bits.stored == fixture.payload());
    REQUIRE_FALSE(fixture.bits.fragments.empty());
    CHECK(std::ranges::max(fixture.bits.fragments) <= 6000);
}

TEST_CASE("to a server that takes no uploads a large payload goes with its message") {
    struct Row {
        std::string name;
        std::string type; ///< "" = it tells no place for them
        int status;
    };
    auto const rows = std::to_array<Row>({
        {"no place for them", "", 200},
        {"no such path", "Ping", 404},
        {"no such method there", "Ping", 405},
        {"no such method at all", "Ping", 501},
        {"no such path for sessions", "Create-Session", 404},
        {"sessions are not allowed", "Create-Session", 405},
        {"sessions are switched off", "Create-Session", 501},
    });
    for (auto const& row : rows) {
        INFO(row.name);
        Fixture fixture;
        fixture.bits.has_place = !row.type.empty();
        if (!row.type.empty()) fixture.bits.faults[row.type] = {{http_answer(row.status)}};
        CHECK(name_of(fixture.send().error().code) == "no_reply"); // as any message gets it there
        REQUIRE(fixture.is_sent());
        CHECK(fixture.bits.header->payload_type == "inline");
        CHECK(fixture.bits.inline_payload == fixture.payload());
        CHECK(fixture.bits.stored.empty());
    }
}

TEST_CASE("an upload that cannot succeed ends, and the message is not sent") {
    auto const lost = ScriptedAnswer{"", ScriptedAnswer::Then::close};
    struct Row {
        std::string name;
        std::string type;
        std::deque<ScriptedAnswer> faults;
        Code code;
    };
    auto const always = [](ScriptedAnswer const& answer) { return std::deque<ScriptedAnswer>(100, answer); };
    auto const rows = std::to_array<Row>({
        {"no access to uploads", "Ping", always({http_answer(403)}), Code::access_denied},
        {"a fault of the server", "Ping", always({http_answer(500)}), Code::refused},
        {"a path that is gone on the way", "Fragment", always({http_answer(404)}), Code::refused},
        {"no common protocol", "Create-Session",
         always({http_answer(400, {{"BITS-Error-Code", "0x80070057"}})}), Code::refused},
        {"no session", "Create-Session", always({http_answer(200)}), Code::bad_reply},
        {"a session name without end", "Create-Session",
         always({http_answer(200, {{"BITS-Session-Id", std::string(101, 'x')}})}), Code::bad_reply},
        {"no access", "Fragment", always({http_answer(403)}), Code::access_denied},
        {"lost for ever", "Fragment", always(lost), Code::connection_lost},
        {"no way on", "Fragment", always({http_answer(416, {{"BITS-Received-Content-Range", "0"}})}),
         Code::bad_reply},
        {"sessions that are gone", "Fragment",
         always({http_answer(500, {{"BITS-Error-Code", "0x8020001F"}})}), Code::bad_reply},
        {"more than was sent", "Fragment",
         always({http_answer(200, {{"BITS-Received-Content-Range", "99999999"}})}), Code::bad_reply},
        {"no number", "Fragment", always({http_answer(200, {{"BITS-Received-Content-Range", "-1"}})}),
         Code::bad_reply},
        {"no word of what came", "Fragment", always({http_answer(200)}), Code::bad_reply},
        {"never small enough", "Fragment", always({http_answer(413)}), Code::refused},
        {"never closed", "Close-Session", always({http_answer(500)}), Code::refused},
    });
    for (auto const& row : rows) {
        INFO(row.name);
        Fixture fixture;
        fixture.bits.faults[row.type] = row.faults;
        auto const reply = fixture.send();
        INFO(reply.error().message);
        CHECK(name_of(reply.error().code) == name_of(row.code));
        CHECK_FALSE(fixture.is_sent());
    }
}

} // namespace pointman::client
