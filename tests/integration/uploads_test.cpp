// SPDX-License-Identifier: Apache-2.0
// Payloads that are uploaded with BITS before their message (wire.md 10): over real sockets, through a kill
// of the daemon, and by whoever should not.
#include "base/text.hpp"
#include "server/service/decryption.hpp"
#include "server/tls/certificate.hpp"
#include "server/wire/envelope.hpp"
#include "tests/integration/daemon.hpp"
#include "tests/integration/program.hpp"
#include "tests/support/bits_client.hpp"
#include "tests/support/test_client.hpp"
#include "tests/support/test_pki.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <random>
#include <stdexcept>
#include <thread>

namespace pointman::test {

namespace {

using namespace std::chrono_literals;

constexpr auto no_session = "{00000000-0000-4000-8000-000000000000}";

std::string error_of(HttpResponse const& response) {
    CHECK(response.header("bits-packet-type") == "Ack");
    CHECK(response.header("bits-error-code") == response.header("bits-error"));
    return fmt::format("{} {} {}", response.status, response.header("bits-error-code"),
                       response.header("bits-error-context"));
}

constexpr auto hardware_action =
    "<InventoryAction ActionType=\"Predefined\"><InventoryActionID>{00000000-0000-0000-0000-000000000001}"
    "</InventoryActionID><Description>Hardware</Description></InventoryAction>";

std::string service(int number) {
    return fmt::format(
        "<Instance ParentClass=\"Win32_Service\" Class=\"Win32_Service\" "
        "Namespace=\"\\\\WS\\root\\cimv2\" Content=\"New\"><Win32_Service><Name>Service{0}</Name>"
        "<DisplayName>Display name of service {0}</DisplayName></Win32_Service></Instance>",
        number);
}

/// A full report of so many services, not compressed.
wire::OutgoingRequest report_of(TestClient const& client, int services, std::string_view version = "1.0") {
    std::string instances;
    for (int i = 0; i < services; ++i) instances += service(i);
    auto request = client.message(
        "MP_HinvEndpoint", client.report("Inventory Data", hardware_action, instances, version, "Full"));
    request.header.reply_mode = "Async";
    request.compress = false;
    return request;
}

std::size_t services_of(Lab const& lab, std::string const& client) {
    auto const shown = told(lab, {"inventory", "show", client}).as_object();
    return shown.contains("Win32_Service") ? shown.at("Win32_Service").as_array().size() : 0;
}

std::size_t files_in(std::filesystem::path const& directory) {
    std::filesystem::directory_iterator const entries(directory / "files" / "uploads");
    return static_cast<std::size_t>(std::distance(entries, std::filesystem::directory_iterator()));
}

/// A lab with a registered client.
struct Scene {
    explicit Scene(std::vector<std::string> sets = {})
        : lab(std::move(sets))
        , connection(lab.http()) {
        client.register_with(connection);
    }

    BitsClient bits(std::string const& id) const { return {lab.http(), id}; }

    Lab lab;
    HttpConnection connection;
    TestClient client{"WS-0417", test_key(0)};
};

Bytes upload_request(std::string const& id) {
    auto const xml =
        fmt::format("<UploadRequest NetworkType=\"Intranet\"><MessageID>{}</MessageID></UploadRequest>", id);
    return to_bytes(fmt::format("--{0}\r\ncontent-type: text/plain; charset=UTF-8\r\n\r\n{1}\r\n--{0}--",
                                wire::boundary, xml));
}

HttpResponse ask_for_place(HttpConnection& connection, std::string const& id, std::string const& host) {
    auto const body = upload_request(id);
    connection.send(fmt::format("CCM_POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: {}\r\nContent-Length: {}"
                                "\r\n\r\n{}",
                                message_path, host, wire::content_type, body.size(), as_chars(body)));
    return connection.receive();
}

std::string xml_of(HttpResponse const& response) {
    return wire::decode_reply(response.header("content-type"), response.body).value().xml;
}

BitsClient bits_of(Daemon const& daemon, Halves const& halves) {
    return {HttpConnection::plain(daemon.address()), halves.id};
}

/// How much the daemon has: a fragment too far on is how a client asks.
std::size_t known_of(BitsClient& bits, std::string const& session, BytesView bytes) {
    auto const asked = bits.fragment(session, bytes.size() - 1, bytes.last(1), bytes.size());
    REQUIRE(asked.status == 416);
    return std::stoul(asked.header("bits-received-content-range"));
}

void send_until_killed(BitsClient& bits, std::string const& session, BytesView bytes, std::size_t piece,
                       std::atomic<std::size_t>& acknowledged) {
    try {
        for (std::size_t at = acknowledged; at < bytes.size(); at += piece) {
            auto const part = bytes.subspan(at, std::min(piece, bytes.size() - at));
            if (bits.fragment(session, at, part, bytes.size()).status != 200) return;
            acknowledged = at + part.size();
        }
    } catch (std::runtime_error const&) {
        return; // killed
    }
}

} // namespace

TEST_CASE("a place for an upload is told by the address that the client used") {
    Lab lab({"site.host=mp1.lab.example"});
    std::string const id = "{8D0F1DF5-F375-4F8B-840E-9F532C559CA4}";
    auto const reply = [](std::string const& host, std::string const& url) {
        return fmt::format("<UploadReply><Host>{}</Host><URL>{}</URL></UploadReply>", host, url);
    };
    auto plain = lab.http();
    auto secure = lab.https();
    CHECK(xml_of(ask_for_place(plain, id, "10.0.0.9:8080")) ==
          reply("10.0.0.9", "http://10.0.0.9:8080/CCM_Incoming/" + id));
    CHECK(xml_of(ask_for_place(secure, to_lower(id), "mp")) == reply("mp", "https://mp/CCM_Incoming/" + id));
    CHECK(xml_of(ask_for_place(plain, id, "a/b")) ==
          reply("mp1.lab.example", "http://mp1.lab.example/CCM_Incoming/" + id));

    auto const refused = ask_for_place(plain, "{../../etc/passwd}", "mp");
    CHECK(refused.status == 200);
    CHECK(refused.body.empty());
    CHECK_THAT(lab.log("MP_Framework"), Catch::Contains("the MessageID of an upload request is no GUID"));
    CHECK(lab.quarantine().empty());
}

TEST_CASE("a large report is uploaded in fragments and loaded once its message comes") {
    Scene scene;
    auto const report = halves_of(report_of(scene.client, 9'000));
    REQUIRE(report.payload.size() > 4'000'000);
    scene.bits(report.id).upload(report.payload, 1'000'000);
    CHECK(services_of(scene.lab, "WS-0417") == 0);
    CHECK(files_in(scene.lab.directory()) == 1);

    auto const answer = send_post(scene.connection, report);
    CHECK(answer.status == 200);
    CHECK(answer.header("content-length") == "0");
    CHECK(services_of(scene.lab, "WS-0417") == 9'000);
    CHECK(scene.lab.quarantine().empty());
    CHECK(files_in(scene.lab.directory()) == 0);

    // The answer was lost, so the client says it again.
    CHECK(send_post(scene.connection, report).status == 200);
    CHECK_THAT(scene.lab.log("MP_Hinv"), Catch::Contains("Acknowledged again message " + report.id));
    CHECK(scene.lab.quarantine().empty());
    // And once more with all of it.
    scene.bits(report.id).upload(report.payload);
    CHECK(send_post(scene.connection, report).status == 200);
    CHECK(scene.lab.quarantine().empty());
    CHECK(files_in(scene.lab.directory()) == 0);

    auto const metrics = scene.lab.http().request("GET", "/metrics");
    CHECK(metrics.text().find("pointman_uploads_used_total 2") != std::string_view::npos);
}

TEST_CASE("a message whose upload is missing or not finished is refused, and taken when it is there") {
    Scene scene;
    auto const report = halves_of(report_of(scene.client, 3));
    auto bits = scene.bits(report.id);
    for (int i = 0; i < 2; ++i) {
        auto const answer = send_post(scene.connection, report);
        CHECK(answer.status == 200);
        CHECK(answer.body.empty());
        CHECK_THAT(scene.lab.log("MP_Hinv"), Catch::Contains("missing or not finished"));
        CHECK(scene.lab.quarantine().size() == static_cast<std::size_t>(i) + 1);
        if (i == 0)
            bits.fragment(bits.create().header("bits-session-id"), 0, report.payload, report.payload.size());
    }
    CHECK(services_of(scene.lab, "WS-0417") == 0);
    bits.upload(report.payload);
    CHECK(send_post(scene.connection, report).status == 200);
    CHECK(services_of(scene.lab, "WS-0417") == 3);
}

TEST_CASE("an upload is resumed where it was acknowledged before the daemon was killed") {
    constexpr std::size_t piece = 5'000;
    constexpr int rounds = 8;
    TemporaryDirectory const directory;
    TestClient client("WS-0417", test_key(0));
    std::minstd_rand random(20261123);
    Halves report;
    std::string session;
    std::atomic<std::size_t> acknowledged{0};
    for (int round = 0; round < rounds; ++round) {
        Daemon daemon(directory.path());
        if (round == 0) {
            auto connection = HttpConnection::plain(daemon.address());
            client.register_with(connection);
            report = halves_of(report_of(client, 4'000));
            REQUIRE(report.payload.size() > (rounds + 1) * 26 * piece);
            session = bits_of(daemon, report).create().header("bits-session-id");
        }
        auto bits = bits_of(daemon, report);
        auto const known = known_of(bits, session, report.payload);
        // What was kept, and not acknowledged any more, is one fragment at most.
        CHECK(known >= acknowledged);
        CHECK(known <= acknowledged + piece);
        acknowledged = known;
        std::jthread const sender(
            [&] { send_until_killed(bits, session, report.payload, piece, acknowledged); });
        auto const kill_at = acknowledged + random() % 25 * piece + 1;
        while (acknowledged < kill_at && daemon.process().running()) std::this_thread::yield();
        daemon.process().signal(SIGKILL);
        CHECK(daemon.process().wait() == -SIGKILL);
    }
    {
        Daemon daemon(directory.path());
        auto bits = bits_of(daemon, report);
        bits.send(session, report.payload, known_of(bits, session, report.payload), 100 * piece);
        CHECK(bits.in_session("Close-Session", session).status == 200);
        daemon.process().signal(SIGKILL);
        CHECK(daemon.process().wait() == -SIGKILL);
    }
    Daemon const daemon(directory.path());
    auto connection = HttpConnection::plain(daemon.address());
    CHECK(send_post(connection, report).status == 200);
    auto const loaded = run({"sqlite3", Daemon::database_in(directory.path()).string(),
                             "SELECT count(*) FROM v_GS_SERVICE; SELECT count(*) FROM quarantine"});
    CHECK(loaded.out == "4000\n0\n");
}

TEST_CASE("packets that are refused, in the words of BITS") {
    Lab lab({"uploads.max_size=1000", "uploads.max_bytes=1500", "uploads.max_sessions=3"});
    BitsClient bits(lab.http(), "{8D0F1DF5-F375-4F8B-840E-9F532C559CA4}");
    auto const text = to_bytes("hello");
    CHECK(bits.packet("Ping").status == 200);
    CHECK(bits.packet("pInG").header("bits-packet-type") == "Ack");

    auto const created = bits.create();
    CHECK(created.status == 200);
    CHECK(created.header("bits-packet-type") == "Ack");
    CHECK(equal_ignoring_case(created.header("bits-protocol"), BitsClient::protocol));
    CHECK(created.header("accept-encoding") == "identity");
    auto const session = created.header("bits-session-id");
    CHECK(session.size() == 38);

    SECTION("arguments") {
        CHECK(error_of(bits.packet("Bogus-Packet")) == "400 0x80070057 0x5");
        CHECK(error_of(bits.packet("")) == "400 0x80070057 0x5");
        CHECK(error_of(bits.packet("Create-Session")) == "400 0x80070057 0x5");
        CHECK(error_of(bits.packet("Create-Session", {{"BITS-Supported-Protocols", no_session}})) ==
              "400 0x80070057 0x5");
        CHECK(error_of(bits.packet("Fragment", {{"BITS-Session-Id", session}}, text)) ==
              "400 0x80070057 0x5");
        for (auto const* const range :
             {"bytes 0-5/9", "bytes 0-3/9", "bytes 4-0/9", "bytes 0-4/4", "bytes 0-4/*"}) {
            CAPTURE(range);
            CHECK(error_of(bits.packet("Fragment", {{"BITS-Session-Id", session}, {"Content-Range", range}},
                                       text)) == "400 0x80070057 0x5");
        }
        CHECK(error_of(bits.packet("Fragment",
                                   {{"BITS-Session-Id", session},
                                    {"Content-Range", "bytes 0-4/9"},
                                    {"Content-Encoding", "gzip"}},
                                   text)) == "400 0x80070057 0x5");
        CHECK(bits.fragment(session, 0, text, 9).status == 200);
        CHECK(error_of(bits.fragment(session, 5, text, 10)) == "400 0x80070057 0x5");
        CHECK(error_of(bits.in_session("Close-Session", session)) == "400 0x80070057 0x5");
    }
    SECTION("gaps and overlaps") {
        CHECK(bits.fragment(session, 0, text, 10).header("bits-received-content-range") == "5");
        auto const gap = bits.fragment(session, 6, to_bytes("x"), 10);
        CHECK(gap.status == 416);
        CHECK(gap.header("bits-packet-type") == "Ack");
        CHECK(gap.header("bits-received-content-range") == "5");
        auto const again = bits.fragment(session, 0, to_bytes("xxxxx wor"), 10);
        CHECK(again.status == 200);
        CHECK(again.header("bits-session-id") == session);
        CHECK(again.header("bits-received-content-range") == "9");
        CHECK(bits.fragment(session, 0, text, 10).header("bits-received-content-range") == "9");
    }
    SECTION("sessions") {
        std::string const gone = "500 0x8020001F 0x5";
        for (std::string const& unknown :
             {std::string(no_session), std::string(), std::string("../../x"), std::string(100, 'x')}) {
            CAPTURE(unknown);
            CHECK(error_of(bits.fragment(unknown, 0, text, 5)) == gone);
            CHECK(error_of(bits.in_session("Close-Session", unknown)) == gone);
            CHECK(error_of(bits.in_session("Cancel-Session", unknown)) == gone);
        }
        BitsClient other(lab.http(), "{693C1E7F-FFDA-4500-B39A-A6D1D157FB51}");
        CHECK(error_of(other.fragment(session, 0, text, 5)) == gone);
        CHECK(bits.in_session("Cancel-Session", session).header("bits-session-id") == session);
        CHECK(error_of(bits.fragment(session, 0, text, 5)) == gone);
        CHECK(error_of(bits.in_session("Cancel-Session", session)) == gone);
        CHECK(files_in(lab.directory()) == 0);
    }
    SECTION("limits") {
        CHECK(error_of(bits.fragment(session, 0, text, 1001)) == "413 0x80200020 0x5");
        CHECK(bits.fragment(session, 0, text, 1000).status == 200);
        auto const second = bits.create().header("bits-session-id");
        auto const crowded = bits.fragment(second, 0, text, 501);
        CHECK(error_of(crowded) == "503 0x800700AA 0x5");
        CHECK_FALSE(crowded.header("retry-after").empty());
        CHECK(bits.fragment(second, 0, text, 500).status == 200);
        CHECK(bits.create().status == 200);
        CHECK(error_of(bits.create()) == "503 0x800700AA 0x5");
    }
    SECTION("time") {
        REQUIRE(bits.fragment(session, 0, text, 10).status == 200);
        lab.clock().advance(std::chrono::days{7} - 1s);
        REQUIRE(bits.fragment(session, 5, to_bytes("x"), 10).status == 200);
        lab.clock().advance(std::chrono::days{7});
        CHECK(error_of(bits.fragment(session, 6, to_bytes("x"), 10)) == "500 0x8020001F 0x5");
    }
    SECTION("a full disk") {
        auto const file = lab.directory() / "files" / "uploads" / session.substr(1, 36);
        REQUIRE(bits.fragment(session, 0, text, 10).status == 200);
        REQUIRE(std::filesystem::remove(file));
        std::filesystem::create_symlink("/dev/full", file);
        CHECK(error_of(bits.fragment(session, 5, text, 10)) == "503 0x80070070 0x7");
        CHECK(bits.fragment(session, 6, to_bytes("x"), 10).header("bits-received-content-range") == "5");
    }
    if (lab.log("MP_Framework").find("Refused ") != std::string::npos)
        CHECK(lab.http().request("GET", "/metrics").text().find("pointman_upload_refusals_total 0") ==
              std::string_view::npos);
}

TEST_CASE("paths below the folder of uploads that name no GUID") {
    Lab lab;
    for (std::string const target :
         {"/CCM_Incoming", "/CCM_Incoming/", "/CCM_Incoming/..%2f..%2fpointman.db", "/CCM_Incoming/%2e%2e",
          "/ccm_incoming/{0}", "/CCM_Incoming/%257B8D0F1DF5-F375-4F8B-840E-9F532C559CA4%257D"}) {
        CAPTURE(target);
        auto const answer =
            lab.http().request("BITS_POST", target,
                               {{"BITS-Packet-Type", "Create-Session"},
                                {"BITS-Supported-Protocols", std::string(BitsClient::protocol)}});
        CHECK(error_of(answer) == "400 0x80070057 0x5");
    }
    for (std::string const target : {"/CCM_Incoming/%7B8D0F1DF5-F375-4F8B-840E-9F532C559CA4%7d",
                                     "/cCm_iNcOmInG/8d0f1df5-f375-4f8b-840e-9f532c559ca4",
                                     "http://mp/CCM_Incoming/{8D0F1DF5-F375-4F8B-840E-9F532C559CA4}"}) {
        CAPTURE(target);
        CHECK(lab.http().request("BITS_POST", target, {{"BITS-Packet-Type", "Ping"}}).status == 200);
    }
    CHECK(lab.http().request("GET", "/CCM_Incoming/x").status == 405);
}

TEST_CASE("two clients with the same message id each get what they uploaded") {
    Scene scene;
    TestClient other("WS-0418", test_key(1));
    other.register_with(scene.connection);
    auto first = report_of(scene.client, 3);
    auto second = report_of(other, 5);
    second.header.id = first.header.id;
    auto const mine = halves_of(std::move(first));
    auto const others = halves_of(std::move(second));
    scene.bits(mine.id).upload(mine.payload);
    scene.bits(mine.id).upload(others.payload);
    scene.bits(mine.id).upload(to_bytes("whatever a stranger likes"));

    CHECK(send_post(scene.connection, mine).status == 200);
    CHECK(send_post(scene.connection, others).status == 200);
    CHECK(services_of(scene.lab, "WS-0417") == 3);
    CHECK(services_of(scene.lab, "WS-0418") == 5);
    CHECK(scene.lab.quarantine().empty());
    CHECK(files_in(scene.lab.directory()) == 1); // the stranger's, until it expires
}

TEST_CASE("what is refused lies whole in the quarantine, and is taken from there") {
    Scene scene;
    auto const report = halves_of(report_of(scene.client, 3));
    REQUIRE(pointman(scene.lab, {"client", "block", "WS-0417"}).exit_code == 0);
    scene.bits(report.id).upload(report.payload);
    CHECK(send_post(scene.connection, report).body.empty());
    auto const refused = scene.lab.quarantine();
    REQUIRE(refused.size() == 1);
    CHECK(refused[0].reason == "Blocked");
    CHECK(refused[0].size > report.payload.size());
    CHECK(files_in(scene.lab.directory()) == 0);

    auto const id = std::to_string(refused[0].id);
    CHECK(pointman(scene.lab, {"quarantine", "replay", id}).exit_code == 1);
    REQUIRE(pointman(scene.lab, {"client", "unblock", "WS-0417"}).exit_code == 0);
    REQUIRE(pointman(scene.lab, {"client", "approve", "WS-0417"}).exit_code == 0);
    auto const replayed = pointman(scene.lab, {"quarantine", "replay", id});
    INFO(replayed.err);
    CHECK(replayed.exit_code == 0);
    CHECK(services_of(scene.lab, "WS-0417") == 3);
    CHECK(scene.lab.quarantine().at(0).closed);
}

TEST_CASE("bytes that the client did not sign are refused") {
    Scene scene;
    auto report = halves_of(report_of(scene.client, 3));
    auto const sent = report.payload;
    report.payload.at(100) ^= std::byte{1};
    scene.bits(report.id).upload(report.payload);
    CHECK(send_post(scene.connection, report).status == 200);
    REQUIRE(scene.lab.quarantine().size() == 1);
    CHECK(scene.lab.quarantine()[0].reason == "BadSignature");
    CHECK(services_of(scene.lab, "WS-0417") == 0);
}

TEST_CASE("an upload is held to the limits of its endpoint") {
    struct Row {
        std::string set;
        std::string reason;
        bool compress;
    };
    auto const row = GENERATE(values<Row>({
        {"hardware_inventory.max_report_size=5000", "ExceedSizeLimit", true},
        {"limits.max_inflated=50000", "LimitExceeded", true},
        {"hardware_inventory.max_report_size=5000", "ExceedSizeLimit", false},
    }));
    CAPTURE(row.set, row.compress);
    Scene scene({row.set});
    auto request = report_of(scene.client, 300);
    request.compress = row.compress;
    auto const report = halves_of(std::move(request));
    scene.bits(report.id).upload(report.payload);
    CHECK(send_post(scene.connection, report).status == 200);
    REQUIRE(scene.lab.quarantine().size() == 1);
    CHECK(scene.lab.quarantine()[0].reason == row.reason);
}

TEST_CASE("an encrypted message is uploaded as it was sealed") {
    Scene scene;
    auto const keys = scene.lab.settings().pki;
    auto const site =
        service::load_opener(keys / "mp-encryption.pem", keys / "mp-encryption.key").value().certificate();
    auto request = report_of(scene.client, 7);
    request.compress = true;
    request.seal = [&site](BytesView payload) {
        return wire::seal_envelope(payload, site, wire::Cipher::triple_des).value();
    };
    auto const report = halves_of(std::move(request));
    scene.bits(report.id).upload(report.payload, 100);
    CHECK(send_post(scene.connection, report).status == 200);
    CHECK(services_of(scene.lab, "WS-0417") == 7);
    CHECK(scene.lab.quarantine().empty());
}

TEST_CASE("who asks by an uploaded message is answered, and again when the answer was lost") {
    Scene scene;
    auto request = scene.client.message(
        "MP_LocationManager",
        "<SiteInformationRequest SchemaVersion=\"1.00\"><SiteCode Name=\"LAB\"/></SiteInformationRequest>",
        false);
    auto const inline_answer = TestClient::invoke(scene.connection, request);
    auto const asked = halves_of(std::move(request));
    scene.bits(asked.id).upload(asked.payload);
    for (int i = 0; i < 2; ++i) CHECK(xml_of(send_post(scene.connection, asked)) == inline_answer);
    CHECK_FALSE(inline_answer.empty());
    scene.lab.clock().advance(std::chrono::days{2});
    CHECK(send_post(scene.connection, asked).body.empty()); // nobody keeps it for ever
}

TEST_CASE("what an upload takes in memory counts towards the budget") {
    Scene scene({"limits.max_in_flight=400000"});
    auto const report = halves_of(report_of(scene.client, 300));
    REQUIRE(report.payload.size() > 120'000);
    REQUIRE(report.payload.size() < 200'000);
    scene.bits(report.id).upload(report.payload, 50'000);
    auto const in_flight = [&scene](std::string const& bytes) {
        auto const deadline = std::chrono::steady_clock::now() + 10s;
        auto const line = "\npointman_in_flight_bytes " + bytes + "\n";
        while (std::chrono::steady_clock::now() < deadline) {
            if (scene.lab.http().request("GET", "/metrics").text().find(line) != std::string_view::npos)
                return true;
            std::this_thread::yield();
        }
        return false;
    };
    {
        auto slow = scene.lab.http();
        slow.send("CCM_POST /ccm_system/request HTTP/1.1\r\nHost: lab\r\nContent-Length: 300000\r\n\r\n");
        REQUIRE(in_flight("300000"));
        auto const answer = send_post(scene.connection, report);
        CHECK(answer.status == 503);
        CHECK_FALSE(answer.header("retry-after").empty());
        CHECK(scene.lab.quarantine().empty());
    }
    REQUIRE(in_flight("0"));
    CHECK(send_post(scene.connection, report).status == 200);
    CHECK(services_of(scene.lab, "WS-0417") == 300);
    CHECK(in_flight("0"));
}

TEST_CASE("in native mode uploads need a trusted certificate too") {
    TemporaryDirectory const directory;
    auto const office = TestAuthority::root("Office");
    auto const path = [&directory](std::string_view name) { return (directory.path() / name).string(); };
    std::ofstream(path("ca.pem")) << office.pem();
    Lab lab({"site.mode=native", "tls.client_ca=" + path("ca.pem")});
    auto const certificate = office.issue_for(test_key(0).handle());
    std::ofstream(path("client.pem")) << tls::to_pem(certificate.get()) << tls::to_pem(test_key(0).handle());
    TestClient client("WS-0417", test_key(0));
    client.use_certificate(der_of(certificate.get()));
    auto connection = lab.https(path("client.pem"));
    REQUIRE(attribute_in(client.register_with(connection), "Status") == "0");

    auto const report = halves_of(report_of(client, 3));
    CHECK(BitsClient(lab.http(), report.id).create().status == 403);
    CHECK(BitsClient(lab.https(), report.id).create().status == 403);
    CHECK(xml_of(ask_for_place(connection, report.id, "localhost:8443")) ==
          fmt::format("<UploadReply><Host>localhost</Host><URL>https://localhost:8443/CCM_Incoming/{}</URL>"
                      "</UploadReply>",
                      report.id));
    BitsClient(lab.https(path("client.pem")), report.id).upload(report.payload, 300);
    CHECK(send_post(connection, report).status == 200);
    CHECK(services_of(lab, "WS-0417") == 3);
}

TEST_CASE("where uploads are off, clients hear it in the words of BITS") {
    Scene scene({"uploads.mode=off"});
    auto const report = halves_of(report_of(scene.client, 3));
    CHECK(error_of(scene.bits(report.id).create()) == "501 0x80070005 0x5");
    CHECK(ask_for_place(scene.connection, report.id, "mp").body.empty());
    CHECK(send_post(scene.connection, report).body.empty());
    CHECK(scene.lab.quarantine().size() == 1);
    CHECK_FALSE(std::filesystem::exists(scene.lab.directory() / "files" / "uploads"));
}

TEST_CASE("the daemon removes what has expired") {
    TemporaryDirectory const directory;
    auto const uploads = directory.path() / "lab" / "files" / "uploads";
    auto const database = Daemon::database_in(directory.path()).string();
    std::string const id = "{8D0F1DF5-F375-4F8B-840E-9F532C559CA4}";
    {
        Daemon daemon(directory.path());
        BitsClient(HttpConnection::plain(daemon.address()), id).upload(to_bytes("hello"));
        daemon.process().signal(SIGTERM);
        CHECK(daemon.process().wait() == 0);
    }
    CHECK_FALSE(std::filesystem::is_empty(uploads));
    REQUIRE(run({"sqlite3", database, "UPDATE upload SET expires = '2001-01-01T00:00:00.000Z'"}).exit_code ==
            0);
    Daemon const daemon(directory.path()); // it looks when it starts
    auto const deadline = std::chrono::steady_clock::now() + 30s;
    while (!std::filesystem::is_empty(uploads) && std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
    CHECK(std::filesystem::is_empty(uploads));
    CHECK(run({"sqlite3", database, "SELECT count(*) FROM upload"}).out == "0\n");
}

} // namespace pointman::test
