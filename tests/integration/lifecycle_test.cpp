// SPDX-License-Identifier: Apache-2.0
// A client's life against a whole lab, over HTTP and over TLS, and what the operator sees of it.
#include "base/hex.hpp"
#include "server/wire/envelope.hpp"
#include "tests/integration/program.hpp"
#include "tests/support/lab.hpp"
#include "tests/support/posts.hpp"
#include "tests/support/process.hpp"
#include "tests/support/test_client.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <openssl/evp.h>

namespace pointman::test {

namespace {

/// DER of the first certificate in a PEM text.
Bytes certificate_in(std::string const& pem) {
    std::string_view const begin = "-----BEGIN CERTIFICATE-----";
    auto const from = pem.find(begin) + begin.size();
    std::string text = pem.substr(from, pem.find("-----END") - from);
    std::erase(text, '\n');
    Bytes der(text.size() / 4 * 3);
    auto const size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(der.data()),
                        reinterpret_cast<unsigned char const*>(text.data()), static_cast<int>(text.size()));
    REQUIRE(size > 0);
    auto const padding = static_cast<std::size_t>(std::ranges::count(text, '='));
    der.resize(static_cast<std::size_t>(size) - padding);
    return der;
}

std::string sqlite(Lab& lab, std::string const& query) {
    auto const result = run({"sqlite3", "-readonly", lab.settings().storage.database.string(), query});
    REQUIRE(result.exit_code == 0);
    return result.out;
}

} // namespace

TEST_CASE("a client registers, confirms and posts to every endpoint") {
    bool const over_tls = GENERATE(false, true);
    Lab lab;
    auto connection = over_tls ? lab.https() : lab.http();
    TestClient client("WS-0417", test_key(0));

    auto const reply = client.register_with(connection);
    CHECK(attribute_in(reply, "ResponseType") == "Registration");
    CHECK(attribute_in(reply, "Status") == "0");
    CHECK(attribute_in(reply, "TimeStamp") == "2026-11-23T10:00:00Z");
    auto const smsid = attribute_in(reply, "SMSID");
    REQUIRE(ClientId::parse(smsid));

    lab.clock().advance(std::chrono::minutes{1});
    CHECK(attribute_in(client.register_with(connection), "SMSID") == smsid);
    auto const confirmed = client.confirm(connection);
    CHECK(attribute_in(confirmed, "ResponseType") == "Confirmation");
    CHECK(attribute_in(confirmed, "Status") == "0");

    for (auto const& post : posts_of(client)) {
        INFO(post.endpoint);
        lab.clock().advance(std::chrono::minutes{1});
        auto const answer = TestClient::send(connection, request_of(client, post));
        CHECK(answer.status == 200);
        CHECK(answer.body.empty());
        CHECK(answer.header("content-length") == "0");
        CHECK(lab.log(post.log).find("Accepted message") != std::string::npos);
        CHECK(lab.log(post.log).find(client.id().text()) != std::string::npos);
    }
    for (auto const& entry : lab.quarantine())
        FAIL_CHECK(entry.endpoint << ": " << entry.reason << " " << entry.detail);
    CHECK(sqlite(lab, "SELECT count(*) FROM report") == "4\n");
    CHECK(sqlite(lab, "SELECT count(*) FROM v_StateMessage") == "1\n");
    CHECK(sqlite(lab, "SELECT count(*) FROM status_message") == "1\n");
    CHECK(sqlite(lab, "SELECT Name0, SMS_Unique_Identifier0 FROM v_R_System") == "WS-0417|" + smsid + "\n");

    auto const shown = pointman(lab, {"client", "show", "WS-0417", "--json"});
    REQUIRE(shown.exit_code == 0);
    auto const json = boost::json::parse(shown.out).as_object();
    CHECK(json.at("smsid").as_string() == smsid);
    CHECK(json.at("name").as_string() == "WS-0417");
    CHECK(json.at("approval").as_string() == "approved");
    CHECK(json.at("key_sha256").as_string() == test_key(0).public_key().sha256());
    CHECK(json.at("first_seen").as_string() == "2026-11-23T10:00:00.000Z");
    CHECK(json.at("last_seen").as_string() == "2026-11-23T10:07:00.000Z");
    CHECK(json.at("conflicts").as_array().empty());
}

TEST_CASE("policy and location requests are answered in their own words") {
    Lab lab;
    auto connection = lab.http();
    TestClient client("WS-0417", test_key(0));
    client.register_with(connection);

    auto const policy = TestClient::invoke(
        connection,
        client.message(
            "MP_PolicyManager",
            fmt::format("<RequestAssignments SchemaVersion=\"1.00\" ACK=\"false\" RequestType=\"Always\">"
                        "<Identification><Machine><ClientID>{}</ClientID><FQDN>ws</FQDN>"
                        "<NetBIOSName>WS-0417</NetBIOSName><SID /></Machine><User /></Identification>"
                        "<PolicySource>SMS:PRI</PolicySource><Resource ResourceType=\"Machine\" />"
                        "<ServerCookie /></RequestAssignments>",
                        client.id().text())));
    CHECK(policy.starts_with("<ReplyAssignments "));
    CHECK(policy.find("<PolicyAssignment ") == std::string::npos);
    CHECK(policy.find("<PolicySource>SMS:LAB</PolicySource>") != std::string::npos);

    auto const location = TestClient::invoke(
        connection,
        client.message(
            "MP_LocationManager",
            "<ContentLocationRequest SchemaVersion=\"1.00\"><AssignedSite SiteCode=\"LAB\"/>"
            "<ClientLocationInfo LocationType=\"SMSPackage\"><ADSite Name=\"\"/><IPAddresses/>"
            "</ClientLocationInfo><Package ID=\"LAB00001\" Version=\"1\"/></ContentLocationRequest>",
            false));
    CHECK(location.starts_with("<ContentLocationReply "));
    CHECK(location.find("<LocationRecord>") == std::string::npos);
    CHECK(lab.quarantine().empty());
}

TEST_CASE("what the operator decides takes effect at once") {
    Lab lab;
    auto connection = lab.http();
    TestClient client("WS-0417", test_key(0));
    client.register_with(connection);
    auto const status = [&] { return TestClient::send(connection, request_of(client, posts_of(client)[4])); };

    CHECK(pointman(lab, {"client", "block", client.id().text()}).exit_code == 0);
    CHECK(status().status == 200);
    REQUIRE(lab.quarantine().size() == 1);
    CHECK(lab.quarantine()[0].reason == "Blocked");
    CHECK(attribute_in(client.confirm(connection), "Status") == "3");

    CHECK(pointman(lab, {"client", "unblock", "WS-0417"}).exit_code == 0);
    auto const blocked = lab.quarantine().size();
    status();
    CHECK(lab.quarantine().size() == blocked);

    CHECK(pointman(lab, {"client", "approve", "WS-0417"}).exit_code == 0);
    CHECK(pointman(lab, {"client", "list", "--approval", "approved"}).out.find(client.id().text()) !=
          std::string::npos);

    CHECK(pointman(lab, {"client", "delete", "WS-0417"}).exit_code == 0);
    CHECK(attribute_in(client.confirm(connection), "Status") == "2");
    CHECK(pointman(lab, {"client", "show", "WS-0417"}).exit_code == 1);
    CHECK(sqlite(lab, "SELECT count(*) FROM status_message") == "1\n");
}

TEST_CASE("clients wait for approval where nobody is approved by himself") {
    for (auto const& [setting, approval] :
         {std::pair{"all", "approved"}, std::pair{"integrated", "pending"}, std::pair{"none", "pending"}}) {
        DYNAMIC_SECTION(setting) {
            Lab lab({std::string("security.auto_approve=") + setting});
            auto connection = lab.http();
            TestClient client("WS-0417", test_key(0));
            CHECK(attribute_in(client.register_with(connection), "Status") == "0");
            auto const shown = pointman(lab, {"client", "show", client.id().text(), "--json"});
            CHECK(boost::json::parse(shown.out).as_object().at("approval").as_string() == approval);
        }
    }
}

TEST_CASE("messages whose sender is not proven are refused") {
    Lab lab;
    auto connection = lab.http();
    TestClient client("WS-0417", test_key(0));
    client.register_with(connection);
    auto const ddr = posts_of(client)[0];

    SECTION("an unsigned report") {
        auto request = client.message(ddr.endpoint, ddr.xml, false);
        auto const answer = TestClient::send(connection, std::move(request));
        CHECK(answer.body.empty());
        REQUIRE(lab.quarantine().size() == 1);
        CHECK(lab.quarantine()[0].reason == "BadSignature");
        CHECK(lab.quarantine()[0].client == client.id().text());
    }
    SECTION("a report signed by another key") {
        TestClient stranger("WS-0417", test_key(1));
        auto request = client.message(ddr.endpoint, ddr.xml, false);
        request.sign = stranger.message(ddr.endpoint, ddr.xml).sign;
        auto const answer = TestClient::send(connection, std::move(request));
        CHECK(answer.body.empty());
        REQUIRE(lab.quarantine().size() == 1);
        CHECK(lab.quarantine()[0].reason == "BadSignature");
    }
    SECTION("a report that names another client") {
        TestClient other("WS-0418", test_key(2));
        other.register_with(connection);
        auto request = client.message(ddr.endpoint, posts_of(other)[0].xml);
        auto const answer = TestClient::send(connection, std::move(request));
        CHECK(answer.body.empty());
        REQUIRE(lab.quarantine().size() == 1);
        CHECK(lab.quarantine()[0].reason == "WrongClient");
    }
    CHECK(sqlite(lab, "SELECT count(*) FROM report") == "0\n");
}

TEST_CASE("a signed message that comes twice is acknowledged twice and stored once") {
    Lab lab;
    auto connection = lab.http();
    TestClient client("WS-0417", test_key(0));
    client.register_with(connection);
    auto const bytes = wire::encode_request(request_of(client, posts_of(client)[1]));
    for (int i = 0; i < 2; ++i) {
        auto const answer = connection.request("CCM_POST", "/ccm_system/request",
                                               {{"Content-Type", std::string(wire::content_type)}}, bytes);
        CHECK(answer.status == 200);
    }
    CHECK(sqlite(lab, "SELECT count(*) FROM report") == "1\n");
    CHECK(lab.log("MP_Hinv").find("Acknowledged again") != std::string::npos);
}

TEST_CASE("a message id that a client uses again makes no repeat") {
    Lab lab;
    auto connection = lab.http();
    TestClient client("WS-0417", test_key(0));
    client.register_with(connection);
    // Tools send every message with one and the same id (wire.md 4).
    for (std::size_t const post : {1U, 2U}) {
        auto request = request_of(client, posts_of(client)[post]);
        request.header.id = "{5DD100CD-DF1D-45F5-BA17-A327F43465F8}";
        TestClient::send(connection, std::move(request));
    }
    CHECK(sqlite(lab, "SELECT count(*) FROM report") == "2\n");
    CHECK(lab.log("MP_Hinv").find("Acknowledged again") == std::string::npos);
    CHECK(lab.log("MP_Sinv").find("Acknowledged again") == std::string::npos);
}

TEST_CASE("a message encrypted to the management point is opened, one to somebody else is refused") {
    Lab lab;
    auto connection = lab.http();
    TestClient client("WS-0417", test_key(0));
    client.register_with(connection);
    auto const cipher = GENERATE(wire::Cipher::triple_des, wire::Cipher::aes256);
    auto const site = certificate_in(read_text(lab.settings().pki / "mp-encryption.pem"));
    auto const send_sealed_for = [&](Bytes const& certificate) {
        auto request = request_of(client, posts_of(client)[0]);
        request.seal = [&](BytesView payload) {
            return wire::seal_envelope(payload, certificate, cipher).value();
        };
        return TestClient::send(connection, std::move(request));
    };

    CHECK(send_sealed_for(site).status == 200);
    CHECK(sqlite(lab, "SELECT count(*) FROM report") == "1\n");
    CHECK(lab.quarantine().empty());

    CHECK(send_sealed_for(self_signed_certificate(test_key(1))).body.empty());
    REQUIRE(lab.quarantine().size() == 1);
    CHECK(lab.quarantine()[0].reason == "Malformed");
    CHECK(sqlite(lab, "SELECT count(*) FROM report") == "1\n");
}

TEST_CASE("two machines of one name are both told of") {
    Lab lab;
    auto connection = lab.http();
    TestClient first("WS-0417", test_key(0));
    TestClient second("WS-0417", test_key(1));
    first.register_with(connection);
    second.register_with(connection);
    REQUIRE(first.id() != second.id());
    auto const shown = pointman(lab, {"client", "show", first.id().text(), "--json"});
    CHECK(boost::json::parse(shown.out).as_object().at("conflicts").as_array().at(0).as_string() ==
          second.id().text());
    auto const log = lab.log("MP_ClientRegistration");
    CHECK(log.find(first.id().text()) != std::string::npos);
    CHECK(log.find(second.id().text()) != std::string::npos);
    CHECK(lab.log("MP_RegistrationManager") == log);
    auto const ambiguous = pointman(lab, {"client", "show", "WS-0417"});
    CHECK(ambiguous.exit_code == 1);
    CHECK(ambiguous.err.find(second.id().text()) != std::string::npos);
}

TEST_CASE("quarantined messages are listed, shown, replayed and purged") {
    Lab lab;
    auto connection = lab.http();
    TestClient client("WS-0417", test_key(0));
    client.register_with(connection);
    // Refused because the client is blocked; acceptable once it no longer is.
    pointman(lab, {"client", "block", "WS-0417"});
    auto const body = wire::encode_request(request_of(client, posts_of(client)[1]));
    connection.request("CCM_POST", "/ccm_system/request", {{"Content-Type", std::string(wire::content_type)}},
                       body);

    auto const listed = pointman(lab, {"quarantine", "list", "--json"});
    auto const entries = boost::json::parse(listed.out).as_array();
    REQUIRE(entries.size() == 1);
    auto const id = std::to_string(entries[0].as_object().at("id").to_number<int>());
    CHECK(entries[0].as_object().at("reason").as_string() == "Blocked");
    CHECK(entries[0].as_object().at("sha256").as_string() == sha256_hex(body));
    CHECK(pointman(lab, {"quarantine", "show", id, "--raw"}).out == std::string(as_chars(body)));

    auto const again = pointman(lab, {"quarantine", "replay", id});
    CHECK(again.exit_code == 1);
    auto const shown = pointman(lab, {"quarantine", "show", id, "--json"});
    CHECK(boost::json::parse(shown.out).as_object().at("attempts").to_number<int>() == 2);

    pointman(lab, {"client", "unblock", "WS-0417"});
    CHECK(pointman(lab, {"quarantine", "replay", id}).exit_code == 0);
    CHECK(sqlite(lab, "SELECT count(*) FROM report") == "1\n");
    CHECK(boost::json::parse(pointman(lab, {"quarantine", "show", id, "--json"}).out)
              .as_object()
              .at("closed")
              .as_bool());

    CHECK(pointman(lab, {"quarantine", "purge", "--reason", "Malformed"}).exit_code == 0);
    CHECK(lab.quarantine().size() == 1);
    CHECK(pointman(lab, {"quarantine", "purge"}).exit_code == 0);
    CHECK(lab.quarantine().empty());
    CHECK(pointman(lab, {"quarantine", "show", id}).exit_code == 1);
}

} // namespace pointman::test
