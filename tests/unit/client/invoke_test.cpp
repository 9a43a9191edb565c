// SPDX-License-Identifier: Apache-2.0
// Invoke over HTTP: what the server sees, and what each of its answers means.
#include "base/bytes.hpp"
#include "base/hex.hpp"
#include "client/transport/url.hpp"
#include "server/wire/client_auth.hpp"
#include "server/wire/message.hpp"
#include "server/wire/signature.hpp"
#include "server/wire/utf16.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/unit/client/support.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <atomic>
#include <pointman/identity.hpp>
#include <pointman/messaging.hpp>
#include <thread>

namespace pointman::client {

namespace {

using test::http_answer;
using test::ScriptedAnswer;
using test::ScriptedRequest;
using test::ScriptedServer;

constexpr std::string_view content_type = "multipart/mixed; boundary=\"aAbBcCdDv1234567890VxXyYzZ\"";

std::string reply_bytes(std::string_view xml) {
    wire::Header request;
    request.id = "{00000000-0000-0000-0000-000000000001}";
    request.reply_to = "direct:PC:SccmMessaging";
    auto const bytes = wire::encode_reply(request, xml,
                                          {.message_id = "{00000000-0000-0000-0000-000000000002}",
                                           .sent_time = "2026-11-23T10:00:00Z",
                                           .source_host = "MP"});
    return std::string(as_chars(bytes));
}

std::string good_answer(std::string_view xml = "<Reply/>") {
    return http_answer(200, {{"Content-Type", std::string(content_type)}}, reply_bytes(xml));
}

ScriptedServer::Script always(std::string bytes, ScriptedAnswer::Then then = ScriptedAnswer::Then::go_on) {
    return [=](ScriptedRequest const&) { return ScriptedAnswer{bytes, then}; };
}

/// Short enough for tests, and long enough for a busy machine to answer in.
MessagingOptions options() {
    return {.deadlines = {.header = std::chrono::seconds{20}}, .source_host = "PC1", .now = [] {
                return test_time;
            }};
}

Message question() {
    Message message;
    message.set_target_endpoint("MP_Test");
    message.set_body_from_string("<Question/>");
    return message;
}

} // namespace

TEST_CASE("a request is laid out as the protocol says") {
    ScriptedServer server(always(good_answer()));
    auto messaging = Messaging::open(options()).value();
    auto message = question();
    message.set_property("FileType", "SMX");
    message.set_attachment_from_buffer("1", to_bytes("abc"));
    message.set_security_flags(security::compress);
    auto const reply = messaging.invoke(server.url(), message);
    REQUIRE(reply);
    CHECK(reply->body_string() == "<Reply/>");
    CHECK(reply->target_endpoint() == "SccmMessaging");

    auto const requests = server.requests();
    REQUIRE(requests.size() == 1);
    auto const& request = requests.front();
    CHECK(request.method == "CCM_POST");
    CHECK(request.target == "/ccm_system/request");
    CHECK(request.header("content-type") == content_type);
    CHECK("http://" + request.header("host") == server.url());
    auto decoded = wire::decode(content_type, as_bytes(request.body)).value();
    auto& envelope = std::get<wire::Envelope>(decoded);
    auto const& header = envelope.header;
    CHECK(header.target_endpoint == "MP_Test");
    CHECK(header.target_address == "mp:MP_Test");
    CHECK(header.reply_mode == "Sync");
    CHECK(header.reply_compression == "zlib");
    CHECK(header.source_host == "PC1");
    CHECK(header.source_id.empty());
    CHECK(header.sent_time == "2026-11-23T10:00:00Z");
    CHECK(header.property("FileType") == "SMX");
    CHECK(header.is_compressed());
    auto const opened = wire::open(header, envelope.payload).value();
    CHECK(as_chars(opened.body()).size() == 2 * std::string_view("<Question/>").size());
    REQUIRE(opened.attachments().size() == 1);
    CHECK(as_chars(opened.attachments().front().bytes) == "abc");
}

TEST_CASE("a signed request verifies with the certificate's key") {
    test::TemporaryDirectory const directory;
    auto const identity = Identity::open(directory.path() / "id", {.now = test_time}).value();
    ScriptedServer server(always(good_answer()));
    auto messaging = Messaging::open(options()).value();
    auto message = question();
    message.set_client_id("GUID:5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3");
    message.set_client_certificate(identity.credentials());
    auto const algorithm = GENERATE(HashAlgorithm::sha1, HashAlgorithm::sha256, HashAlgorithm::sha512);
    message.set_hash_algorithm(algorithm);
    message.set_security_flags(GENERATE(0U, security::compress) | security::sign_message);
    REQUIRE(messaging.invoke(server.url(), message));
    auto const request = server.requests().front();
    auto decoded = wire::decode(content_type, as_bytes(request.body)).value();
    auto const& envelope = std::get<wire::Envelope>(decoded);
    auto const key = wire::PublicKey::from_certificate(identity.credentials().certificate()).value();
    auto const* const hook = envelope.header.hook("clientauth");
    REQUIRE(hook != nullptr);
    CHECK(wire::verify_payload_signature(*hook, key, envelope.payload));
    CHECK(wire::verify_id_signature(*hook, key, envelope.header.source_id));
    CHECK(hook->property("ClientCapabilities") == "NonSSL");
}

TEST_CASE("every answer has its meaning") {
    struct Row {
        std::string name;
        std::string answer;
        Code code;
        int status;
        int retry_after;
    };
    auto const row = GENERATE(values<Row>({
        {"empty 200", http_answer(200), Code::no_reply, 0, 0},
        {"header alone",
         http_answer(200, {{"Content-Type", std::string(content_type)}},
                     std::string(as_chars(wire::encode_header_only({}, {})))),
         Code::no_reply, 0, 0},
        {"no multipart", http_answer(200, {{"Content-Type", "text/html"}}, "<html/>"), Code::bad_reply, 0, 0},
        {"cut multipart",
         http_answer(200, {{"Content-Type", std::string(content_type)}},
                     reply_bytes("<Reply/>").substr(0, 200)),
         Code::bad_reply, 0, 0},
        {"401", http_answer(401), Code::access_denied, 401, 0},
        {"403", http_answer(403), Code::access_denied, 403, 0},
        {"404", http_answer(404), Code::refused, 404, 0},
        {"408", http_answer(408), Code::busy, 408, 0},
        {"429 in seconds", http_answer(429, {{"Retry-After", "7"}}), Code::busy, 429, 7},
        {"503 at a date", http_answer(503, {{"Retry-After", "Mon, 23 Nov 2026 10:01:30 GMT"}}), Code::busy,
         503, 90},
        {"503 in the past", http_answer(503, {{"Retry-After", "Mon, 23 Nov 2026 09:00:00 GMT"}}), Code::busy,
         503, 0},
        {"503 for ever", http_answer(503, {{"Retry-After", "4000000000"}}), Code::busy, 503, 86400},
        {"503 with nonsense", http_answer(503, {{"Retry-After", "soon"}}), Code::busy, 503, 0},
        {"500", http_answer(500), Code::refused, 500, 0},
        {"redirect", http_answer(302, {{"Location", "http://elsewhere/"}}), Code::refused, 302, 0},
        {"no HTTP", "SSH-2.0-OpenSSH\r\n\r\n", Code::bad_reply, 0, 0},
    }));
    INFO(row.name);
    ScriptedServer server(always(row.answer));
    auto messaging = Messaging::open(options()).value();
    auto const reply = messaging.invoke(server.url(), question());
    REQUIRE_FALSE(reply);
    INFO(reply.error().message);
    CHECK(name_of(reply.error().code) == name_of(row.code));
    CHECK(reply.error().http_status == row.status);
    CHECK(reply.error().retry_after == std::chrono::seconds{row.retry_after});
    CHECK_FALSE(reply.error().message.empty());
}

TEST_CASE("a lost connection is told from a bad answer") {
    struct Row {
        std::string name;
        std::string bytes;
    };
    auto const row =
        GENERATE(values<Row>({{"no answer", ""},
                              {"half a header", "HTTP/1.1 200 OK\r\nContent-"},
                              {"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"}}));
    INFO(row.name);
    ScriptedServer server(always(row.bytes, ScriptedAnswer::Then::close));
    auto messaging = Messaging::open(options()).value();
    CHECK(name_of(messaging.invoke(server.url(), question()).error().code) == "connection_lost");
}

TEST_CASE("a server that is silent costs the deadline and no more") {
    struct Row {
        std::string name;
        std::string bytes;
    };
    auto const row = GENERATE(values<Row>({{"no header", ""},
                                           {"half a header", "HTTP/1.1 200 OK\r\nContent-"},
                                           {"no body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"}}));
    INFO(row.name);
    ScriptedServer server(always(row.bytes, ScriptedAnswer::Then::be_silent));
    auto with = options();
    with.deadlines.header = with.deadlines.body = std::chrono::milliseconds{100};
    auto messaging = Messaging::open(std::move(with)).value();
    auto const start = std::chrono::steady_clock::now();
    auto const reply = messaging.invoke(server.url(), question());
    CHECK(name_of(reply.error().code) == "timeout");
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{30});
}

TEST_CASE("a TLS handshake that nobody answers ends with its deadline") {
    ScriptedServer server(always("", ScriptedAnswer::Then::be_silent));
    auto with = options();
    with.deadlines.handshake = std::chrono::milliseconds{100};
    auto messaging = Messaging::open(std::move(with)).value();
    auto message = question();
    message.set_security_flags(security::native_mode);
    CHECK(name_of(messaging.invoke(server.url(), message).error().code) == "timeout");
}

TEST_CASE("what goes wrong before an answer has a name") {
    auto messaging = Messaging::open(options()).value();
    struct Row {
        std::string host;
        Code code;
    };
    auto const row = GENERATE(values<Row>({{"", Code::server_unavailable},
                                           {"MP1", Code::invalid_argument},
                                           {"ftp://mp1", Code::invalid_argument},
                                           {"http://", Code::invalid_argument},
                                           {"http://user@mp1", Code::invalid_argument},
                                           {"http://mp1/#x", Code::invalid_argument},
                                           {"http://mp1:0", Code::invalid_argument},
                                           {"http://mp1:70000", Code::invalid_argument},
                                           {"http://m p1", Code::invalid_argument},
                                           {"http://127.0.0.1:1", Code::cannot_connect}}));
    INFO(row.host);
    CHECK(name_of(messaging.invoke(row.host, question()).error().code) == name_of(row.code));
}

TEST_CASE("flags and settings have to fit together") {
    auto messaging = Messaging::open(options()).value();
    struct Row {
        std::string name;
        std::uint32_t flags;
        std::string endpoint;
    };
    auto const row = GENERATE(values<Row>(
        {{"no endpoint", 0, ""},
         {"no key to sign with", security::sign_message, "MP_Test"},
         {"encryption in native mode", security::native_mode | security::encrypt_message, "MP_Test"},
         {"revocation in mixed mode", security::enable_crl_checking, "MP_Test"}}));
    INFO(row.name);
    auto message = question();
    message.set_target_endpoint(row.endpoint);
    message.set_security_flags(row.flags);
    CHECK(name_of(messaging.invoke("http://127.0.0.1:1", message).error().code) == "invalid_argument");
}

TEST_CASE("a body that violates its schema is not sent") {
    auto messaging = Messaging::open(options()).value();
    auto message = question();
    struct Row {
        std::string endpoint;
        std::string file_type;
        std::string body;
        std::uint32_t line;
    };
    auto const row = GENERATE(values<Row>({
        {"MP_PolicyManager", "", "<RequestAssignments>\n<Unknown/></RequestAssignments>", 1},
        {"mp_policymanager", "", "<Question/>", 1},
        {"MP_LocationManager", "", "<SiteInformationRequest/>", 1},
        {"MP_RelayEndpoint", "smx", "<Report/>", 1},
        {"StatusReceiver", "", "<Status>", 1},
    }));
    INFO(row.endpoint);
    message.set_target_endpoint(row.endpoint);
    if (!row.file_type.empty()) message.set_property("FileType", row.file_type);
    message.set_body_from_string(row.body);
    auto const error = messaging.invoke("http://127.0.0.1:1", message).error();
    CHECK(name_of(error.code) == "invalid_schema");
    CHECK(error.line == row.line);
    CHECK(error.column > 0);
}

TEST_CASE("an answer that is too long is not kept") {
    ScriptedServer server(always(good_answer("<Reply>" + std::string(5000, 'x') + "</Reply>")));
    auto with = options();
    with.max_reply = 2000; // compressed it is shorter
    auto messaging = Messaging::open(std::move(with)).value();
    CHECK(name_of(messaging.invoke(server.url(), question()).error().code) == "bad_reply");
}

TEST_CASE("connections are used again, and a closed one is replaced") {
    auto const then = GENERATE(ScriptedAnswer::Then::go_on, ScriptedAnswer::Then::close);
    ScriptedServer server(always(good_answer(), then));
    auto messaging = Messaging::open(options()).value();
    for (int i = 0; i < 3; ++i) REQUIRE(messaging.invoke(server.url(), question()));
    auto const requests = server.requests();
    REQUIRE(requests.size() == 3);
    CHECK(requests.back().connection == (then == ScriptedAnswer::Then::go_on ? 1 : 3));
}

TEST_CASE("the host's path and the message's port count") {
    ScriptedServer server(always(good_answer()));
    auto messaging = Messaging::open(options()).value();
    auto message = question();
    auto const url = parse_url(server.url()).value();
    message.set_port(url.port);
    REQUIRE(messaging.invoke("http://127.0.0.1:1/ccm_system_altauth/request", message));
    CHECK(server.requests().front().target == "/ccm_system_altauth/request");
}

TEST_CASE("through a proxy the whole URL is asked for") {
    ScriptedServer proxy(always(good_answer()));
    auto messaging = Messaging::open(options()).value();
    auto message = question();
    REQUIRE(message.set_proxy(proxy.url(), "user", "pass"));
    REQUIRE(messaging.invoke("http://mp1.lab.example:8080", message));
    auto const request = proxy.requests().front();
    CHECK(request.target == "http://mp1.lab.example:8080/ccm_system/request");
    CHECK(request.header("host") == "mp1.lab.example:8080");
    CHECK(request.header("proxy-authorization") == "Basic dXNlcjpwYXNz");
}

TEST_CASE("TLS goes through a tunnel of the proxy") {
    ScriptedServer proxy(always(http_answer(407), ScriptedAnswer::Then::close));
    auto messaging = Messaging::open(options()).value();
    auto message = question();
    message.set_security_flags(security::native_mode);
    REQUIRE(message.set_proxy(proxy.url()));
    auto const error = messaging.invoke("http://mp1.lab.example", message).error();
    CHECK(name_of(error.code) == "refused");
    CHECK(error.http_status == 407);
    auto const request = proxy.requests().front();
    CHECK(request.method == "CONNECT");
    CHECK(request.target == "mp1.lab.example:443");
}

TEST_CASE("behind the tunnel the handshake begins") {
    ScriptedServer proxy(always(http_answer(200), ScriptedAnswer::Then::be_silent));
    auto with = options();
    with.deadlines.handshake = std::chrono::milliseconds{100};
    auto messaging = Messaging::open(std::move(with)).value();
    auto message = question();
    message.set_security_flags(security::native_mode);
    REQUIRE(message.set_proxy(proxy.url()));
    auto const error = messaging.invoke("http://mp1.lab.example", message).error();
    CHECK(name_of(error.code) == "timeout");
    CHECK(error.message.find("handshake") != std::string::npos);
}

TEST_CASE("several threads may invoke at the same time") {
    ScriptedServer server([](ScriptedRequest const& request) {
        auto decoded = wire::decode(content_type, as_bytes(request.body)).value();
        return ScriptedAnswer{
            good_answer("<Reply ID=\"" + std::get<wire::Envelope>(decoded).header.target_endpoint + "\"/>")};
    });
    auto messaging = Messaging::open(options()).value();
    std::atomic<int> right = 0;
    {
        std::vector<std::jthread> threads;
        for (int number = 0; number < 4; ++number) {
            threads.emplace_back([&messaging, &server, &right, number] {
                auto message = question();
                message.set_target_endpoint(fmt::format("MP_{}", number));
                for (int i = 0; i < 10; ++i) {
                    auto const reply = messaging.invoke(server.url(), message);
                    right +=
                        reply && reply->body_string() == fmt::format("<Reply ID=\"MP_{}\"/>", number) ? 1 : 0;
                }
            });
        }
    }
    CHECK(right == 40);
}

TEST_CASE("an encrypted message can be opened by the management point alone") {
    test::TemporaryDirectory const directory;
    auto const mp = Identity::open(directory.path() / "mp", {.now = test_time}).value();
    auto const given = GENERATE(true, false);
    INFO("the certificate is " << (given ? "given" : "asked for"));
    ScriptedServer server([&](ScriptedRequest const& request) {
        if (request.method != "GET") return ScriptedAnswer{good_answer()};
        CHECK(request.target == "/SMS_MP/.sms_aut?MPCERT2");
        return ScriptedAnswer{http_answer(
            200, {},
            fmt::format("<MPCertificates><Certificate1/><Certificate2>{}</Certificate2></MPCertificates>",
                        to_hex(mp.credentials().certificate())))};
    });
    auto messaging = Messaging::open(options()).value();
    auto message = question();
    message.set_security_flags(security::encrypt_message | security::compress);
    if (given) message.set_encryption_certificate(mp.credentials().certificate());
    REQUIRE(messaging.invoke(server.url(), message));
    REQUIRE(messaging.invoke(server.url(), message));
    auto const requests = server.requests();
    REQUIRE(requests.size() == (given ? 2 : 3)); // asked once
    auto decoded = wire::decode(content_type, as_bytes(requests.back().body)).value();
    auto const& envelope = std::get<wire::Envelope>(decoded);
    REQUIRE(envelope.header.is_encrypted());
    auto const payload = mp.credentials().open(envelope.payload);
    REQUIRE(payload);
    auto const opened = wire::open(envelope.header, *payload).value();
    CHECK(wire::to_utf8(opened.body()) == "<Question/>");
}

TEST_CASE("without the management point's certificate nothing is sent") {
    struct Row {
        std::string name;
        std::string page;
        Code code;
    };
    auto const row = GENERATE(values<Row>({
        {"no page", http_answer(404), Code::refused},
        {"no XML", http_answer(200, {}, "nonsense"), Code::bad_reply},
        {"no certificate", http_answer(200, {}, "<MPCertificates/>"), Code::bad_reply},
        {"no hex", http_answer(200, {}, "<MPCertificates><Certificate2>xy</Certificate2></MPCertificates>"),
         Code::bad_reply},
        {"no certificate in it",
         http_answer(200, {}, "<MPCertificates><Certificate2>3000</Certificate2></MPCertificates>"),
         Code::bad_reply},
    }));
    INFO(row.name);
    ScriptedServer server(always(row.page));
    auto messaging = Messaging::open(options()).value();
    auto message = question();
    message.set_security_flags(security::encrypt_message);
    CHECK(name_of(messaging.invoke(server.url(), message).error().code) == name_of(row.code));
    for (auto const& request : server.requests()) CHECK(request.method == "GET");
}

TEST_CASE("an unsigned reply is refused where a signature is asked for") {
    test::TemporaryDirectory const directory;
    auto const identity = Identity::open(directory.path() / "mp", {.now = test_time}).value();
    ScriptedServer server(always(good_answer()));
    auto messaging = Messaging::open(options()).value();
    auto message = question();
    REQUIRE(message.verify_server_signature(identity.credentials().certificate_file()));
    CHECK(name_of(messaging.invoke(server.url(), message).error().code) == "bad_signature");
}

TEST_CASE("a signed reply is taken from a known management point only") {
    test::TemporaryDirectory const directory;
    auto const known = Identity::open(directory.path() / "known", {.now = test_time}).value();
    auto const other = Identity::open(directory.path() / "other", {.now = test_time}).value();
    auto const key = wire::PrivateKey::from_pem(test::read_text(known.credentials().key_file())).value();
    wire::OutgoingRequest reply;
    reply.header.target_endpoint = "SccmMessaging";
    reply.xml = "<Reply/>";
    reply.sign = [&key](BytesView payload) { return wire::make_client_auth(key, "", "MP", payload); };
    auto const body = wire::encode_request(std::move(reply));
    ScriptedServer server(
        always(http_answer(200, {{"Content-Type", std::string(content_type)}}, std::string(as_chars(body)))));
    auto messaging = Messaging::open(options()).value();
    auto message = question();
    REQUIRE(message.verify_server_signature(known.credentials().certificate_file()));
    CHECK(messaging.invoke(server.url(), message)->body_string() == "<Reply/>");
    REQUIRE(message.verify_server_signature(other.credentials().certificate_file()));
    CHECK(name_of(messaging.invoke(server.url(), message).error().code) == "bad_signature");
}

TEST_CASE("pages are fetched, and no path ends the request line") {
    ScriptedServer server(always(http_answer(200, {}, "<MPList/>")));
    auto messaging = Messaging::open(options()).value();
    auto const page = messaging.get(server.url(), "/SMS_MP/.sms_aut?MPLIST", {}, {{"X-Test", "1"}});
    REQUIRE(page);
    CHECK(as_chars(*page) == "<MPList/>");
    CHECK(server.requests().front().header("x-test") == "1");
    for (auto const* const target : {"", "page", "/a b", "/a\r\nX: y"})
        CHECK(name_of(messaging.get(server.url(), target, {}).error().code) == "invalid_argument");
}

} // namespace pointman::client
