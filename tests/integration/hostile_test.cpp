// SPDX-License-Identifier: Apache-2.0
// Hostile input through real sockets: for each the answer, the quarantine's row, the log line, and a daemon
// that lives on.
#include "server/log_throttle.hpp"
#include "server/wire/message.hpp"
#include "server/wire/utf16.hpp"
#include "tests/support/deflated.hpp"
#include "tests/support/lab.hpp"
#include "tests/support/test_client.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <future>
#include <optional>

namespace pointman::test {

namespace {

std::string const status_xml = "<Status SchemaVersion=\"1.0\" CodePage=\"1252\" LocaleID=\"1031\">"
                               "<Type>SoftDistProgramStartedEvent</Type><Properties>"
                               "<Property Name=\"MachineName\">PC1</Property></Properties></Status>";

wire::OutgoingRequest to_endpoint(std::string_view endpoint, std::string xml) {
    wire::OutgoingRequest request;
    request.header.id = "{11111111-2222-4333-8444-555555555555}";
    request.header.payload_type = "inline";
    request.header.reply_mode = "Async";
    request.header.reply_to = "direct:PC1:SccmMessaging";
    request.header.source_host = "PC1";
    request.header.target_endpoint = endpoint;
    request.header.target_address = "mp:" + std::string(endpoint);
    request.xml = std::move(xml);
    return request;
}

Bytes to_status(std::string xml) {
    return wire::encode_request(to_endpoint("StatusReceiver", std::move(xml)));
}

/// A message whose payload is given as bytes, with or without the compression hook.
Bytes with_payload(BytesView payload, bool compressed, std::size_t body_length) {
    wire::Header header = to_endpoint("StatusReceiver", {}).header;
    header.body = wire::Range{0, body_length};
    if (compressed) header.hooks.push_back({"Hook3", "zlib-compress", {}});
    std::string const boundary(wire::boundary);
    auto text = "--" + boundary + "\r\ncontent-type: text/plain; charset=UTF-16\r\n\r\n" +
                std::string(as_chars(wire::write_header(header))) + "\r\n--" + boundary +
                "\r\ncontent-type: application/octet-stream\r\n\r\n" + std::string(as_chars(payload)) +
                "\r\n--" + boundary + "--";
    return to_bytes(text);
}

std::string nested(std::size_t depth) {
    std::string xml = "<Status SchemaVersion=\"1.0\"><Type>T</Type><Properties><Property Name=\"P\">";
    for (std::size_t i = 0; i < depth; ++i) xml += "<a>";
    for (std::size_t i = 0; i < depth; ++i) xml += "</a>";
    return xml + "</Property></Properties></Status>";
}

Bytes utf16_without_conversion(std::u16string const& text) {
    auto const bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

struct Case {
    std::string name;
    std::function<Bytes()> body;
    std::string reason; ///< "" = cannot be attributed: no quarantine row
    bool has_place;     ///< line and column are known
    std::string log;    ///< where the refusal is told
    std::string log_text;
};

std::vector<Case> const& cases() {
    static std::vector<Case> const table{
        {"an empty body", [] { return Bytes{}; }, "", false, "MP_Framework", "Malformed"},
        {"no multipart at all", [] { return to_bytes("<Status/>"); }, "", false, "MP_Framework", "Malformed"},
        {"a boundary that never comes", [] { return to_bytes("--other\r\n\r\nx\r\n--other--"); }, "", false,
         "MP_Framework", "Malformed"},
        {"a header that is no XML",
         [] {
             return to_bytes("--aAbBcCdDv1234567890VxXyYzZ\r\ncontent-type: text/plain\r\n\r\nnot xml\r\n"
                             "--aAbBcCdDv1234567890VxXyYzZ--");
         },
         "", false, "MP_Framework", "Malformed"},
        {"bytes that are no zlib stream",
         [] { return with_payload(to_bytes(std::string(100, 'x')), true, 100); }, "Malformed", false,
         "MP_Status", "Malformed"},
        {"a zlib stream cut short",
         [] {
             auto bytes = deflated(as_bytes(std::string(10'000, 'a') + status_xml));
             bytes.resize(bytes.size() / 2);
             return with_payload(bytes, true, 10'000);
         },
         "Malformed", false, "MP_Status", "Malformed"},
        {"an inflate bomb", [] { return with_payload(deflated(Bytes(80U << 20U)), true, 1000); },
         "LimitExceeded", false, "MP_Status", "LimitExceeded"},
        {"a lone surrogate",
         [] { return with_payload(utf16_without_conversion(u"<Status>\xD800</Status>"), false, 36); },
         "Malformed", true, "MP_Status", "Malformed"},
        {"half a UTF-16 unit inside",
         [] {
             auto bytes = wire::to_utf16le("<Status SchemaVersion=\"1.0\">");
             bytes.push_back(std::byte{'<'});
             return with_payload(bytes, false, bytes.size());
         },
         "Malformed", true, "MP_Status", "Malformed"},
        {"an endpoint that nobody has",
         [] { return wire::encode_request(to_endpoint("MP_NoSuchEndpoint", status_xml)); }, "UnknownEndpoint",
         false, "MP_Framework", "MP_NoSuchEndpoint"},
        {"another root", [] { return to_status("<Other/>"); }, "SchemaViolation", false, "MP_Status",
         "SchemaViolation"},
        {"a document that breaks its schema",
         [] { return to_status("<Status SchemaVersion=\"1.0\">\n<Properties/></Status>"); },
         "SchemaViolation", true, "MP_Status", "SchemaViolation"},
        {"a document type declaration", [] { return to_status("<!DOCTYPE Status>" + status_xml); },
         "Malformed", true, "MP_Status", "Malformed"},
        {"an entity bomb",
         [] {
             return to_status("<!DOCTYPE Status [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;\">]>"
                              "<Status SchemaVersion=\"1.0\"><Type>&b;</Type></Status>");
         },
         "Malformed", true, "MP_Status", "Malformed"},
        {"an external entity",
         [] {
             return to_status("<!DOCTYPE Status [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>"
                              "<Status SchemaVersion=\"1.0\"><Type>&e;</Type></Status>");
         },
         "Malformed", true, "MP_Status", "Malformed"},
        {"elements nested a thousand deep", [] { return to_status(nested(1000)); }, "LimitExceeded", true,
         "MP_Status", "LimitExceeded"},
        {"a document cut in the middle",
         [] { return to_status(status_xml.substr(0, status_xml.size() / 2)); }, "Malformed", true,
         "MP_Status", "Malformed"},
        {"a report by a client that nobody knows",
         [] {
             auto request = to_endpoint("MP_HinvEndpoint", "<Report/>");
             request.header.source_id = "GUID:00000000-0000-4000-8000-000000000001";
             return wire::encode_request(request);
         },
         "UnknownClient", false, "MP_Hinv", "UnknownClient"},
    };
    return table;
}

} // namespace

TEST_CASE("hostile messages are refused, kept and told, and the daemon lives on") {
    Lab lab;
    for (auto const& row : cases()) {
        DYNAMIC_SECTION(row.name) {
            auto const body = row.body();
            auto connection = lab.http();
            auto const answer = connection.request("CCM_POST", "/ccm_system/request",
                                                   {{"Content-Type", std::string(wire::content_type)}}, body);
            CHECK(answer.status == 200);
            CHECK(answer.body.empty());
            CHECK(answer.header("content-length") == "0");

            auto const entries = lab.quarantine();
            if (row.reason.empty()) {
                CHECK(entries.empty());
            } else {
                REQUIRE(entries.size() == 1);
                CHECK(entries[0].reason == row.reason);
                CHECK((entries[0].line != 0) == row.has_place);
                CHECK(entries[0].size == body.size());
                CHECK(entries[0].peer == "127.0.0.1");
                auto const raw = lab.store().read(
                    [&](db::Session& session) { return db::Quarantine(session).get(entries[0].id); });
                CHECK(raw.value().raw == body);
            }
            CHECK(lab.log(row.log).find(row.log_text) != std::string::npos);

            // The same connection and the daemon go on.
            auto const after = connection.request("CCM_POST", "/ccm_system/request",
                                                  {{"Content-Type", std::string(wire::content_type)}},
                                                  to_status(status_xml));
            CHECK(after.status == 200);
            CHECK(lab.quarantine().size() == entries.size());
            CHECK(lab.http().request("GET", "/health").status == 200);
        }
    }
}

TEST_CASE("while no more writes are taken, a post is refused before it is looked at") {
    Lab lab;
    std::promise<void> go_on;
    auto const held = go_on.get_future().share();
    auto const nothing = [](db::Transaction&) { return true; };
    lab.store().enqueue(
        [held](db::Transaction&) {
            held.wait();
            return true;
        },
        [](auto const&) {});
    bool is_full = false;
    for (int i = 0; i < 100'000 && !is_full; ++i)
        lab.store().enqueue(nothing, [&is_full](std::optional<Error> const& error) {
            if (error) is_full = true; // said at once, on this thread
        });
    REQUIRE(is_full);

    auto connection = lab.http();
    auto const send = [&connection] {
        return connection.request("CCM_POST", "/ccm_system/request",
                                  {{"Content-Type", std::string(wire::content_type)}},
                                  to_status("no XML at all"));
    };
    constexpr std::uint64_t beyond = 3;
    for (std::uint64_t i = 0; i < log::Throttle::per_second + beyond; ++i) {
        auto const refused = send();
        CHECK(refused.status == 503);
        CHECK(refused.header("retry-after") == "5");
    }
    auto const records = [&lab] {
        auto const text = lab.log("MP_Status");
        std::uint64_t count = 0;
        for (auto at = text.find("too many writes are waiting"); at != std::string::npos;
             at = text.find("too many writes are waiting", at + 1))
            ++count;
        return count;
    };
    CHECK(records() == log::Throttle::per_second);
    lab.clock().advance(std::chrono::seconds{1});
    CHECK(send().status == 503);
    CHECK(records() == log::Throttle::per_second + 1);
    CHECK(lab.log("MP_Status").find("(and 3 more of this kind)") != std::string::npos);

    go_on.set_value();
    bool is_empty = false;
    for (int i = 0; i < 1'000'000 && !is_empty; ++i) is_empty = lab.store().counters().queued == 0;
    REQUIRE(is_empty);
    CHECK(send().status == 200);
    REQUIRE(lab.quarantine().size() == 1);
    CHECK(lab.quarantine()[0].reason == "Malformed");
}

TEST_CASE("a report over the size that its endpoint takes is kept unread") {
    Lab lab({"hardware_inventory.max_report_size=2000", "security.require_signature=never"});
    auto const answer = lab.http().request(
        "CCM_POST", "/ccm_system/request", {{"Content-Type", std::string(wire::content_type)}},
        wire::encode_request(
            to_endpoint("MP_HinvEndpoint", "<Report>" + std::string(1000, ' ') + "</Report>")));
    CHECK(answer.status == 200);
    CHECK(answer.body.empty());
    REQUIRE(lab.quarantine().size() == 1);
    CHECK(lab.quarantine()[0].reason == "ExceedSizeLimit");
}

TEST_CASE("senders that stall or leave are cut off and leave nothing behind") {
    Lab lab({"limits.header_timeout=1", "limits.body_timeout=1"});
    struct Row {
        std::string name;
        std::string bytes;
    };
    std::string const start = "CCM_POST /ccm_system/request HTTP/1.1\r\nHost: lab\r\n";
    for (Row const& row :
         {Row{"in the head", start}, Row{"in the body", start + "Content-Length: 5000\r\n\r\n--aAbB"},
          Row{"in a chunk", start + "Transfer-Encoding: chunked\r\n\r\nff\r\n--aAbB"}}) {
        DYNAMIC_SECTION("stalling " << row.name) {
            auto connection = lab.http();
            connection.send(row.bytes);
            CHECK(connection.closed_by_peer());
            CHECK(lab.quarantine().empty());
            CHECK(lab.http().request("GET", "/health").status == 200);
        }
        DYNAMIC_SECTION("leaving " << row.name) {
            lab.http().send(row.bytes); // gone at the end of the statement
            CHECK(lab.http().request("GET", "/health").status == 200);
            CHECK(lab.quarantine().empty());
        }
    }
}

TEST_CASE("past the budget for bodies the answer is 503 with Retry-After, and it passes") {
    Lab lab({"limits.max_in_flight=100000"});
    auto first = lab.http();
    first.send("CCM_POST /ccm_system/request HTTP/1.1\r\nHost: lab\r\nContent-Length: 90000\r\nExpect: "
               "100-continue\r\n\r\n");
    REQUIRE(first.receive().status == 100); // admitted: the budget is taken

    auto second = lab.http();
    second.send("CCM_POST /ccm_system/request HTTP/1.1\r\nHost: lab\r\nContent-Length: 20000\r\n\r\n");
    auto const refused = second.receive();
    CHECK(refused.status == 503);
    CHECK_FALSE(refused.header("retry-after").empty());

    first.send(std::string(90'000, 'x'));
    CHECK(first.receive().status == 200);
    auto const after =
        lab.http().request("CCM_POST", "/ccm_system/request",
                           {{"Content-Type", std::string(wire::content_type)}}, to_status(status_xml));
    CHECK(after.status == 200);
    CHECK(lab.log("MP_Status").find("Accepted message") != std::string::npos);
}

TEST_CASE("an address that fails too often is not listened to for a while, and loses nothing") {
    Lab lab({"limits.max_failed_authentications=3"});
    auto connection = lab.http();
    TestClient honest("HONEST", test_key(0));
    honest.register_with(connection);
    TestClient forger("FORGER", test_key(1));
    forger.register_with(connection);
    auto const state_message = [](TestClient const& client) {
        auto request = client.message("MP_RelayEndpoint", client.report("State Message Data", "", ""));
        request.header.properties.push_back({"FileType", "SMX"});
        return request;
    };
    auto forged = state_message(honest);
    forged.sign = state_message(forger).sign;

    for (int i = 0; i < 3; ++i) CHECK(TestClient::send(connection, forged).body.empty());
    CHECK(lab.quarantine().size() == 3);

    // Refused before it is read, so nothing is kept: the client sends again later.
    auto const turned_away = TestClient::send(connection, forged);
    CHECK(turned_away.status == 503);
    CHECK(turned_away.header("retry-after") == "20");
    CHECK(lab.http().request("GET", "/health").status == 200);
    CHECK(lab.http().request("GET", "/ccm_system_windowsauth").status == 503);
    CHECK(lab.quarantine().size() == 3);
    auto const figures = std::string(lab.http().request("GET", "/metrics").text());
    CHECK(figures.find("pointman_authentication_failures_total 3") != std::string::npos);
    CHECK(figures.find("pointman_authentications_turned_away_total 2") != std::string::npos);

    lab.clock().advance(std::chrono::seconds{20});
    auto fresh = lab.http();
    honest.confirm(fresh);
    CHECK(TestClient::send(fresh, forged).body.empty());
    CHECK(lab.http().request("CCM_POST", "/ccm_system/request").status == 503);
}

} // namespace pointman::test
