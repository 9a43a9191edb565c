// SPDX-License-Identifier: Apache-2.0
// Policy from the operator's command to the client that opens it: real sockets, real TLS, a real database,
// and the program itself beside the running daemon.
#include "base/hex.hpp"
#include "db/clients.hpp"
#include "endpoints/policy/obfuscation.hpp"
#include "schemas/document.hpp"
#include "server/tls/certificate.hpp"
#include "server/tls/pem.hpp"
#include "server/wire/envelope.hpp"
#include "server/wire/token.hpp"
#include "server/wire/utf16.hpp"
#include "server/wire/zlib.hpp"
#include "tests/integration/program.hpp"
#include "tests/support/lab.hpp"
#include "tests/support/process.hpp"
#include "tests/support/test_client.hpp"
#include "tests/support/test_pki.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <fstream>

namespace pointman::test {

namespace {

constexpr std::string_view refusal_page = "<HTML><HEAD><TITLE>ERROR</TITLE></HEAD><BODY></BODY></HTML>";

Finished command(Lab& lab, Texts arguments) {
    return pointman(std::move(arguments), by_database(lab));
}

std::string write_file(Lab const& lab, std::string const& name, std::string_view text) {
    auto const path = lab.directory() / name;
    std::ofstream(path) << text;
    return path.string();
}

std::string account_policy() {
    return R"(<Policy PolicyType="Machine" SchemaVersion="1.00" PolicyID="{3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11}")"
           R"( PolicyVersion="1.00" PolicySource="SMS:Q7T"><PolicyRule PolicyRuleID="{9a2b4c6d-1e3f-4a5b-8c7d-)"
           R"(0f1e2d3c4b5a}"><PolicyAction PolicyActionType="WMI-XML"><instance class="CCM_NetworkAccessAccount">)"
           R"(<property name="NetworkAccessUsername" type="8" secret="1"><value><![CDATA[LAB\reader]]></value>)"
           R"(</property><property name="NetworkAccessPassword" type="8" secret="1"><value><![CDATA[P@ss<w>ord]]>)"
           R"(</value></property></instance></PolicyAction></PolicyRule></Policy>)";
}

constexpr std::string_view plain_policy =
    R"(<Policy PolicyType="Machine" SchemaVersion="1.00" PolicyID="{3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11}")"
    R"( PolicyVersion="3.00" PolicySource="SMS:Q7T"><PolicyRule PolicyRuleID="{9a2b4c6d-1e3f-4a5b-8c7d-)"
    R"(0f1e2d3c4b5a}"><PolicyAction PolicyActionType="WMI-XML"><instance class="CCM_SoftwareInventoryConfiguration">)"
    R"(<property name="Enabled" type="11"><value><![CDATA[TRUE]]></value></property></instance></PolicyAction>)"
    R"(</PolicyRule></Policy>)";

std::string request_text(TestClient const& client, std::string const& type = "Always",
                         std::string const& cookie = {}) {
    return fmt::format("<RequestAssignments SchemaVersion=\"1.00\" ACK=\"false\" RequestType=\"{}\">"
                       "<Identification><Machine><ClientID>{}</ClientID><FQDN>ws.lab</FQDN><NetBIOSName>{}"
                       "</NetBIOSName><SID /></Machine><User /></Identification><PolicySource>SMS:PRI"
                       "</PolicySource><Resource ResourceType=\"Machine\" /><ServerCookie>{}</ServerCookie>"
                       "</RequestAssignments>",
                       type, client.id().text(), client.name(), cookie);
}

/// A policy as a client is told it.
struct ToldPolicy {
    std::string assignment;
    std::string id;
    std::string version;
    std::string category;
    unsigned flags = 0;
    std::string location;
    std::string md5;
    std::string sha1;
};

struct Reply {
    std::string type;
    std::string cookie;
    std::vector<ToldPolicy> policies;
};

Reply read_reply(std::string const& xml) {
    auto const document = schemas::parse(as_bytes(xml));
    REQUIRE(document);
    auto const root = document->root();
    Reply reply{
        std::string(root.attribute_or("ReplyType", "")), std::string(root.child_text("ServerCookie")), {}};
    for (schemas::Element const each : root.children()) {
        if (each.name() != "PolicyAssignment") continue;
        auto const policy = each.child("Policy").value();
        auto const location = policy.first_child().value();
        REQUIRE(location.name() == "PolicyLocation");
        reply.policies.push_back(
            {std::string(each.attribute_or("PolicyAssignmentID", "")),
             std::string(policy.attribute_or("PolicyID", "")),
             std::string(policy.attribute_or("PolicyVersion", "")),
             std::string(policy.attribute_or("PolicyCategory", "")),
             static_cast<unsigned>(std::stoul(std::string(policy.attribute_or("PolicyFlags", "0")))),
             std::string(location.text()), std::string(location.attribute_or("PolicyHash", "")),
             std::string(location.attribute_or("PolicyHashEx", ""))});
    }
    return reply;
}

Reply ask(HttpConnection& connection, TestClient const& client, std::string const& type = "Always",
          std::string const& cookie = {}) {
    auto const xml = TestClient::invoke(
        connection, client.message("MP_PolicyManager", request_text(client, type, cookie)));
    REQUIRE_FALSE(xml.empty());
    return read_reply(xml);
}

std::string shown(Reply const& reply) {
    std::string text = reply.type;
    for (auto const& policy : reply.policies) text += " " + policy.category + "." + policy.version;
    return text;
}

/// What a client makes of the location: its management point's name for `<mp>`, then the path alone.
std::string target_of(ToldPolicy const& policy) {
    constexpr std::string_view before = "http://<mp>";
    REQUIRE(policy.location.starts_with(before));
    return policy.location.substr(before.size());
}

using Headers = std::vector<std::pair<std::string, std::string>>;

Headers token_headers(wire::PrivateKey const& key, std::string const& identity, std::string const& time,
                      wire::Digest digest = wire::Digest::sha256) {
    auto const token = fmt::format("{};{};2", identity, time);
    return {{"ClientToken", token},
            {"ClientTokenSignature", to_hex(key.sign(wire::signed_text(token), digest))}};
}

Headers older_headers(wire::PrivateKey const& key, std::string const& identity, std::string const& time) {
    auto const sign = [&key](std::string const& text) {
        return to_hex(key.sign(wire::signed_text(text), wire::Digest::sha1, true));
    };
    return {{"CCMClientID", identity},
            {"CCMClientIDSignature", sign(identity)},
            {"CCMClientTimestamp", time},
            {"CCMClientTimestampSignature", sign(time)}};
}

constexpr std::string_view now = "2026-11-23T10:00:00Z";

/// UTF-16LE with mark, as bodies are.
std::string decoded(BytesView body) {
    REQUIRE(body.size() >= 2);
    CHECK(to_hex(body.first(2)) == "FFFE");
    return wire::to_utf8(body).value();
}

/// Opens CMS with the client's own key. Nothing where it cannot.
std::optional<Bytes> opened(wire::PrivateKey const& key, BytesView certificate, BytesView sealed) {
    auto const* bytes = reinterpret_cast<unsigned char const*>(certificate.data());
    tls::Certificate const parsed(d2i_X509(nullptr, &bytes, static_cast<long>(certificate.size())));
    auto const opener = wire::EnvelopeOpener::from_pem(tls::to_pem(parsed.get()), key.to_pem());
    REQUIRE(opener);
    auto plain = opener->open(sealed);
    if (!plain) return {};
    return std::move(*plain);
}

Bytes registered_certificate(Lab& lab, TestClient const& client) {
    return lab.store()
        .read([&](db::Session& session) { return db::Clients(session).find(client.id()); })
        .value()
        .value()
        .signing_certificate;
}

/// Name to value of the first instance's properties; secrets revealed.
std::map<std::string, std::string> properties_in(std::string const& body) {
    auto const document = schemas::parse(as_bytes(body));
    REQUIRE(document);
    auto const instance = document->root().child("PolicyRule")->child("PolicyAction")->child("instance");
    std::map<std::string, std::string> properties;
    for (schemas::Element const property : instance.value().children()) {
        auto const value = std::string(property.child_text("value"));
        bool const secret = property.attribute_or("secret", "") == "1";
        properties.emplace(property.attribute_or("name", ""),
                           secret ? endpoints::policy::reveal(value).value() : value);
    }
    return properties;
}

void approve(Lab& lab, TestClient const& client, db::Approval approval) {
    auto const done = lab.store().write_and_wait([&](db::Transaction& transaction) -> Result<bool> {
        auto set = db::Clients::set_approval(transaction, client.id(), approval, "manual", lab.clock().now());
        if (!set) return std::unexpected(set.error());
        return true;
    });
    REQUIRE(done);
}

} // namespace

TEST_CASE("a client's start-up: it finds the management point, registers, and opens a secret policy with its "
          "own key") {
    Lab lab;
    auto connection = lab.http();

    // The management point, by the page that clients read first.
    auto const list = connection.request("GET", "/SMS_MP/.sms_aut?MPLIST");
    auto const found = schemas::parse(list.body);
    REQUIRE(found);
    CHECK(found->root().child("MP")->attribute_or("Name", "") != "");
    CHECK(connection.request("GET", "/SMS_MP/.sms_aut?MPKEYINFORMATION").status == 200);

    TestClient client("PC1", test_key(0));
    TestClient other("PC2", test_key(1));
    CHECK(attribute_in(client.register_with(connection), "Status") == "0");
    other.register_with(connection);
    CHECK(shown(ask(connection, client)) == "Full");

    auto const made = told(
        lab, {"policy", "template", "naa", "--param", "user=LAB\\reader", "--param", "password=P@ss<w>ord"});
    CHECK(made.at("flags").as_int64() == 6);
    CHECK(text_of(made, "category") == "NAAConfig");
    told(lab, {"policy", "assign", text_of(made, "policy_id"), "--client", client.id().text()});
    auto const settings = told(lab, {"policy", "template", "client-settings"});
    told(lab, {"policy", "assign", text_of(settings, "policy_id"), "--all"});

    auto const reply = ask(connection, client);
    CHECK(shown(reply) == "Full NAAConfig.1.00 ClientSettings.1.00");
    auto const& secret = reply.policies.at(0);
    CHECK(secret.flags == 6);
    CHECK(shown(ask(connection, other)) == "Full ClientSettings.1.00");

    // As two clients do: first without headers, to see the page.
    auto const refused = connection.request("GET", target_of(secret));
    CHECK(refused.status == 401);
    CHECK(refused.text() == refusal_page);
    auto const sealed = connection.request("GET", target_of(secret),
                                           token_headers(test_key(0), client.id().text(), std::string(now)));
    REQUIRE(sealed.status == 200);
    auto const certificate = registered_certificate(lab, client);
    auto const plain = opened(test_key(0), certificate, sealed.body);
    REQUIRE(plain);
    auto const account = properties_in(decoded(*plain));
    CHECK(account.at("NetworkAccessUsername") == "LAB\\reader");
    CHECK(account.at("NetworkAccessPassword") == "P@ss<w>ord");
    CHECK(to_hex(*plain).find(to_hex(wire::to_utf16le("P@ss"))) == std::string::npos); // obfuscated inside

    // The other client gets neither the body nor anything out of it.
    CHECK(connection
              .request("GET", target_of(secret),
                       token_headers(test_key(1), other.id().text(), std::string(now)))
              .status == 403);
    CHECK_FALSE(opened(test_key(1), registered_certificate(lab, other), sealed.body));

    // The unprotected one is everybody's.
    auto const& open = reply.policies.at(1);
    auto const body = connection.request("GET", target_of(open));
    REQUIRE(body.status == 200);
    CHECK(body.header("content-type") == "text/xml");
    CHECK_THAT(decoded(body.body), Catch::StartsWith("<Policy "));

    // And where content lies.
    told(lab, {"dp", "add", "dp1.lab", "--subnet", "10.77.4.0/24"});
    told(lab, {"content", "add", "LAB00001", "--version", "1", "--dp", "dp1.lab"});
    auto const location = TestClient::invoke(
        connection,
        client.message(
            "MP_LocationManager",
            "<ContentLocationRequest SchemaVersion=\"1.00\"><AssignedSite SiteCode=\"LAB\"/>"
            "<ClientLocationInfo LocationType=\"SMSPackage\"><ADSite Name=\"\"/><IPAddresses>"
            "<IPAddress SubnetAddress=\"10.77.4.0\" Address=\"10.77.4.9\"/></IPAddresses>"
            "</ClientLocationInfo><Package ID=\"LAB00001\" Version=\"1\"/></ContentLocationRequest>",
            false));
    CHECK_THAT(location, Catch::Contains("http://dp1.lab/SMS_DP_SMSPKG$/LAB00001"));

    CHECK_THAT(lab.log("MP_Policy"), Catch::Contains("2 assignments returned"));
    CHECK_THAT(lab.log("MP_GetPolicy"), Catch::Contains("sealed for " + client.id().text()) &&
                                            Catch::Contains("401") &&
                                            Catch::Contains("it is not assigned to " + other.id().text()));
    CHECK(lab.quarantine().empty());
}

TEST_CASE("the hashes that clients are told are those of the bytes that they get") {
    Lab lab;
    auto connection = lab.http();
    TestClient client("PC1", test_key(0));
    client.register_with(connection);
    auto const added =
        told(lab, {"policy", "add", write_file(lab, "policy.xml", plain_policy), "--category", "Test"});
    told(lab, {"policy", "assign", text_of(added, "policy_id"), "--all"});
    auto const reply = ask(connection, client);
    REQUIRE(reply.policies.size() == 1);
    auto const& policy = reply.policies.front();
    // The vectors of policy.md 6.
    CHECK(policy.id == "{3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11}");
    CHECK(policy.version == "3.00");
    CHECK(policy.location == "http://<mp>/SMS_MP/.sms_pol?{3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11}.3_00");
    CHECK(policy.md5 == "9A8FCBB5113E6AA73A770E935C6425DB");
    CHECK(policy.sha1 == "8FB1EB5CB6F3A54B715AE2C3396BDFEE0C45A6F9");
    CHECK(text_of(added, "hash") == "D1FB43053A5F806ABB18ACF547AB0D05E5DAD66C292ACDEDA098853E4BD8AA3D");
    auto const body = connection.request("GET", target_of(policy));
    CHECK(body.body.size() == 860);
    CHECK(sha256_hex(body.body) == text_of(added, "hash"));
}

TEST_CASE("who asks for which body, and what he gets") {
    Lab lab;
    auto connection = lab.http();
    TestClient client("PC1", test_key(0));
    TestClient other("PC2", test_key(1));
    client.register_with(connection);
    other.register_with(connection);
    auto const open = write_file(lab, "open.xml", plain_policy);
    auto const secret = write_file(lab, "secret.xml", account_policy());
    told(lab, {"policy", "add", open});
    auto const open_hash =
        text_of(told(lab, {"policy", "show", "{3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11}"}), "hash");
    told(lab, {"policy", "add", open, "--version", "4.00"});
    told(lab, {"policy", "add", secret, "--id", "Q7T20003-Q7T00009-6F6BCC28", "--secret"});
    told(lab, {"policy", "add", open, "--id", "PROVEN", "--flags", "2"});
    for (auto const* id : {"Q7T20003-Q7T00009-6F6BCC28", "PROVEN"})
        told(lab, {"policy", "assign", id, "--client", client.id().text()});

    auto const id = client.id().text();
    std::string const time(now);
    std::string const open_target = "/SMS_MP/.sms_pol?{3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11}";
    std::string const secret_target = "/SMS_MP/.sms_pol?Q7T20003-Q7T00009-6F6BCC28.1_00";
    auto const good = token_headers(test_key(0), id, time);
    struct Row {
        std::string name;
        std::string target;
        Headers headers;
        int status;
    };
    std::vector<Row> const rows{
        {"open", open_target + ".3_00", {}, 200},
        {"open, the newest version", open_target + ".4_00", {}, 200},
        {"no version", open_target, {}, 200},
        {"another case", "/sms_mp/.SMS_POL?{3E1D2C6A-7F40-4B1E-A5C9-0D6B8E2F9A11}.3_00", {}, 200},
        {"percent-encoded", "/SMS_MP/.sms_pol?%7B3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11%7D.3_00", {}, 200},
        {"without braces", "/SMS_MP/.sms_pol?3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11.3_00", {}, 200},
        {"by hash", open_target + ".SHA256:" + open_hash, {}, 200},
        {"by version and hash", open_target + ".3_00.SHA256:" + open_hash, {}, 200},
        {"another folder", "/SMS_MP_AltAuth/.sms_pol?3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11.3_00", {}, 200},
        {"a folder of later sites",
         "/SMS_MP_TokenAuth/.sms_pol?3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11.3_00",
         {},
         200},
        {"headers that are not needed", open_target + ".3_00", good, 200},
        {"bad headers that are not needed", open_target + ".3_00", {{"ClientToken", "x"}}, 200},
        {"a version that does not exist", open_target + ".9_00", {}, 404},
        {"the hash of another version", open_target + ".4_00.SHA256:" + open_hash, {}, 404},
        {"a hash that does not match", open_target + ".3_00.SHA256:" + std::string(64, '0'), {}, 404},
        {"an unknown policy", "/SMS_MP/.sms_pol?{00000000-0000-0000-0000-000000000000}.1_00", {}, 404},
        {"nothing", "/SMS_MP/.sms_pol", {}, 404},
        {"a path with traversal", "/SMS_MP/.sms_pol?../../../pki/ca.key", {}, 404},
        {"the same, encoded", "/SMS_MP/.sms_pol?%2e%2e%2f%2e%2e%2fpki%2fca.key", {}, 404},
        {"a traversal in the path", "/SMS_MP/../pki/ca.key", {}, 404},
        {"a query of 6 KB", "/SMS_MP/.sms_pol?" + std::string(6'000, 'a'), {}, 404},
        {"secret, with a token", secret_target, good, 200},
        {"secret, SHA-1", secret_target, token_headers(test_key(0), id, time, wire::Digest::sha1), 200},
        {"secret, older headers", secret_target, older_headers(test_key(0), id, time), 200},
        {"secret, without headers", secret_target, {}, 401},
        {"secret, a foreign key", secret_target, token_headers(test_key(1), id, time), 401},
        {"secret, an hour and a bit ago", secret_target,
         token_headers(test_key(0), id, "2026-11-23T08:59:59Z"), 401},
        {"secret, an hour ago", secret_target, token_headers(test_key(0), id, "2026-11-23T09:00:00Z"), 200},
        {"secret, from the future", secret_target, token_headers(test_key(0), id, "2026-11-23T11:00:01Z"),
         401},
        {"secret, no signature", secret_target, {good.front()}, 401},
        {"secret, the signature alone", secret_target, {good.back()}, 401},
        {"secret, half of the older headers",
         secret_target,
         {older_headers(test_key(0), id, time).front()},
         401},
        {"secret, by nobody", secret_target,
         token_headers(test_key(0), "GUID:00000000-0000-0000-0000-000000000000", time), 401},
        {"another client's secret", secret_target, token_headers(test_key(1), other.id().text(), time), 403},
        {"authenticated only, with a token", "/SMS_MP/.sms_pol?PROVEN.3_00", good, 200},
        {"authenticated only, without", "/SMS_MP/.sms_pol?PROVEN.3_00", {}, 401},
        {"authenticated only, by another", "/SMS_MP/.sms_pol?PROVEN.3_00",
         token_headers(test_key(1), other.id().text(), time), 403},
    };
    for (auto const& row : rows) {
        CAPTURE(row.name);
        auto const answer = connection.request("GET", row.target, row.headers);
        CHECK(answer.status == row.status);
        if (row.status == 401 || row.status == 403) CHECK(answer.text() == refusal_page);
        if (row.status == 404) CHECK(answer.body.empty());
    }
    auto const proven = connection.request("GET", "/SMS_MP/.sms_pol?PROVEN.3_00", good);
    CHECK_THAT(decoded(proven.body), Catch::Contains("CCM_SoftwareInventoryConfiguration")); // not sealed
    CHECK(connection.request("POST", open_target).status == 405);
    CHECK(connection.request("GET", "/SMS_MP/.sms_pol?" + std::string(10'240, 'a')).status == 404);

    auto again = lab.http();
    struct Standing {
        db::Approval approval;
        int status;
    };
    for (auto const& [approval, status] :
         {Standing{db::Approval::pending, 403}, Standing{db::Approval::blocked, 403},
          Standing{db::Approval::approved, 200}}) {
        CAPTURE(db::name_of(approval));
        approve(lab, client, approval);
        CHECK(again.request("GET", secret_target, good).status == status);
        CHECK(again.request("GET", "/SMS_MP/.sms_pol?PROVEN.3_00", good).status == status);
    }
    told(lab, {"policy", "remove", "Q7T20003-Q7T00009-6F6BCC28"});
    CHECK(again.request("GET", secret_target, good).status == 404);
    CHECK_THAT(lab.log("MP_GetPolicy"), Catch::Contains("no such policy, version or hash") &&
                                            Catch::Contains("client token not accepted"));
}

TEST_CASE("a body comes whole, in parts, or not again; a sealed one too") {
    Lab lab;
    auto connection = lab.http();
    TestClient client("PC1", test_key(0));
    client.register_with(connection);
    bool const secret = GENERATE(false, true);
    CAPTURE(secret);
    std::vector<std::string> add{"policy", "add", write_file(lab, "policy.xml", account_policy()), "--id",
                                 "P"};
    if (secret) add.emplace_back("--secret");
    told(lab, add);
    told(lab, {"policy", "assign", "P", "--all"});
    std::string const target = "/SMS_MP/.sms_pol?P.1_00";
    auto const proof = token_headers(test_key(0), client.id().text(), std::string(now));
    auto const with = [&proof](std::string const& name, std::string const& value) {
        auto headers = proof;
        headers.emplace_back(name, value);
        return headers;
    };

    auto const whole = connection.request("GET", target, proof);
    REQUIRE(whole.status == 200);
    CHECK(whole.header("accept-ranges") == "bytes");
    auto const tag = whole.header("etag");

    HttpConnection head = lab.http();
    std::string lines = fmt::format("HEAD {} HTTP/1.1\r\nHost: lab\r\n", target);
    for (auto const& [name, value] : proof) lines += fmt::format("{}: {}\r\n", name, value);
    head.send(lines + "\r\n");
    auto const only_head = head.receive(true);
    CHECK(only_head.status == 200);
    CHECK(only_head.header("content-length") == std::to_string(whole.body.size()));
    CHECK(only_head.header("etag") == tag);

    CHECK(connection.request("GET", target, with("If-None-Match", tag)).status == 304);
    // In two parts, as BITS fetches.
    auto const first = connection.request("GET", target, with("Range", "bytes=0-99"));
    auto const rest = connection.request("GET", target, with("Range", "bytes=100-"));
    CHECK(first.status == 206);
    CHECK(rest.status == 206);
    CHECK(first.header("content-range") == fmt::format("bytes 0-99/{}", whole.body.size()));
    auto joined = first.body;
    joined.insert(joined.end(), rest.body.begin(), rest.body.end());
    CHECK(joined == whole.body);
    CHECK(connection.request("GET", target, with("Range", "bytes=999999-")).status == 416);
}

TEST_CASE("a compressed body is one in another form") {
    Lab lab;
    auto connection = lab.http();
    told(lab, {"policy", "add", write_file(lab, "policy.xml", plain_policy), "--id", "Z", "--flags", "64"});
    auto const body = connection.request("GET", "/SMS_MP/.sms_pol?Z.3_00");
    auto const document = schemas::parse(body.body);
    REQUIRE(document);
    CHECK(document->root().name() == "PolicyXML");
    CHECK(document->root().attribute_or("Compression", "") == "zlib");
    auto const packed = from_hex(document->root().text());
    REQUIRE(packed);
    auto const unpacked = wire::zlib_decompress(*packed);
    REQUIRE(unpacked);
    CHECK_THAT(decoded(*unpacked), Catch::Contains("CCM_SoftwareInventoryConfiguration"));
}

TEST_CASE("a client that keeps its cookie is told what changed") {
    Lab lab;
    auto connection = lab.http();
    TestClient client("PC1", test_key(0));
    client.register_with(connection);
    auto const file = write_file(lab, "policy.xml", plain_policy);
    told(lab, {"policy", "add", file, "--id", "A", "--category", "A", "--version", "1.00"});
    told(lab, {"policy", "add", file, "--id", "B", "--category", "B", "--version", "1.00"});
    told(lab, {"policy", "add", file, "--id", "U", "--category", "U", "--type", "user"});
    told(lab, {"policy", "assign", "U", "--all"});
    auto const first = text_of(told(lab, {"policy", "assign", "A", "--all"}), "assignment_id");

    auto reply = ask(connection, client, "Full");
    CHECK(shown(reply) == "Full A.1.00");
    auto const again = [&](std::string const& type) {
        auto const next = ask(connection, client, type, reply.cookie);
        reply = next;
        return shown(next);
    };
    CHECK(again("OnUpdate") == "OnUpdate");
    CHECK(again("Delta") == "Delta");
    told(lab, {"policy", "assign", "B", "--client", "PC1", "--condition", "SELECT * FROM SMS_Client"});
    CHECK(again("OnUpdate") == "OnUpdate B.1.00");
    CHECK(text_of(told(lab, {"policy", "bump", "A"}), "version") == "2.00");
    CHECK(again("OnUpdate") == "OnUpdate A.2.00");
    CHECK(again("Update") == "Delta");

    // A collection that finds the client by what it is.
    auto const collection = text_of(
        told(lab, {"collection", "add", "old ones", "--query", "agent_version < 6"}), "collection_id");
    told(lab, {"policy", "assign", "B", "--collection", collection});
    CHECK(again("OnUpdate") == "OnUpdate B.1.00");
    // And one that finds it by what it sent when it registered.
    auto const english = text_of(
        told(lab, {"collection", "add", "english", "--query", "\"Locale ID\" = 1033"}), "collection_id");
    told(lab, {"policy", "assign", "A", "--collection", english});
    CHECK(again("OnUpdate") == "OnUpdate A.2.00");
    told(lab, {"collection", "remove", english});
    CHECK(again("OnUpdate") == "Full A.2.00 B.1.00 B.1.00");
    told(lab, {"collection", "remove", collection});
    CHECK(again("OnUpdate") == "Full A.2.00 B.1.00");
    told(lab, {"policy", "unassign", first});
    CHECK(again("OnUpdate") == "Full B.1.00");
    told(lab, {"policy", "remove", "B"});
    CHECK(again("OnUpdate") == "Full");
    CHECK(again("OnUpdate") == "OnUpdate");
    CHECK(shown(ask(connection, client, "OnUpdate", "2008-03-13 22:10:04.120")) == "Full");
}

TEST_CASE("an unchanged request does not touch the writer") {
    Lab lab;
    auto connection = lab.http();
    TestClient client("PC1", test_key(0));
    client.register_with(connection);
    auto const reply = ask(connection, client);
    auto const before = lab.store().counters().writes;
    for (int i = 0; i < 5; ++i) CHECK(shown(ask(connection, client, "OnUpdate", reply.cookie)) == "OnUpdate");
    CHECK(lab.store().counters().writes == before);
}

TEST_CASE("a boot medium asks for a computer that nobody registered, and opens what is sealed for it") {
    Lab lab;
    auto connection = lab.http();
    auto const certificate = self_signed_certificate(test_key(2), {.common_name = "Boot medium"});
    auto const* bytes = reinterpret_cast<unsigned char const*>(certificate.data());
    tls::Certificate const parsed(d2i_X509(nullptr, &bytes, static_cast<long>(certificate.size())));
    told(lab, {"media", "add", "--certificate", write_file(lab, "media.pem", tls::to_pem(parsed.get()))});

    auto const keys = connection.request("GET", "/SMS_MP/.sms_aut?MPKEYINFORMATIONMEDIA");
    auto const machine = attribute_in(keys.text(), "x64UnknownMachineGUID");
    REQUIRE(machine.size() == 36);
    auto const sequence =
        write_file(lab, "sequence.xml", "<sequence version=\"3.00\"><step name=\"Join\"/></sequence>");
    auto const made =
        told(lab, {"policy", "template", "task-sequence", "--param", "package=LAB00002", "--param",
                   "advertisement=LAB20001", "--param", "name=Install", "--param", "sequence=@" + sequence});
    told(lab, {"policy", "assign", text_of(made, "policy_id"), "--client", machine});

    wire::OutgoingRequest request;
    request.header.target_endpoint = "MP_PolicyManager";
    request.header.reply_mode = "Sync";
    request.header.source_id = machine;
    request.xml =
        fmt::format("<RequestAssignments SchemaVersion=\"1.00\" RequestType=\"Always\" Ack=\"False\" "
                    "ValidationRequested=\"CRC\"><PolicySource>SMS:LAB</PolicySource><ServerCookie/>"
                    "<Resource ResourceType=\"Machine\"/><Identification><Machine><ClientID>{}</ClientID>"
                    "<NetBIOSName></NetBIOSName><FQDN></FQDN><SID/></Machine></Identification>"
                    "</RequestAssignments>",
                    machine);
    std::string const medium = "{92153785-DA31-4172-8B9C-8B4DD8FE3F90}";
    request.sign = [&](BytesView) {
        return wire::Hook{
            "Hook1",
            "clientauth",
            {{"Token", wire::make_token_property(test_key(2), medium, lab.clock().now(), true)}}};
    };
    auto const reply = read_reply(TestClient::invoke(connection, std::move(request)));
    CHECK(shown(reply) == "Full TaskSequence.1.00");
    auto const& policy = reply.policies.at(0);
    CHECK(policy.flags == 7);

    for (auto const& headers : {token_headers(test_key(2), medium, std::string(now)),
                                older_headers(test_key(2), medium, std::string(now))}) {
        auto const sealed = connection.request("GET", target_of(policy), headers);
        REQUIRE(sealed.status == 200);
        auto const plain = opened(test_key(2), certificate, sealed.body);
        REQUIRE(plain);
        CHECK_THAT(decoded(*plain), Catch::Contains("CCM_TaskSequence"));
    }
    CHECK(connection.request("GET", target_of(policy), token_headers(test_key(1), medium, std::string(now)))
              .status == 401);
    // A registered client gets none of it.
    TestClient client("PC1", test_key(0));
    client.register_with(connection);
    CHECK(shown(ask(connection, client)) == "Full");
    CHECK(connection
              .request("GET", target_of(policy),
                       token_headers(test_key(0), client.id().text(), std::string(now)))
              .status == 403);
}

TEST_CASE("in native mode assignments are signed by the site and bodies come plain over TLS") {
    TemporaryDirectory const folder;
    auto const authority = TestAuthority::root("Office");
    auto const write = [&folder](std::string const& name, std::string const& text) {
        std::ofstream(folder.path() / name) << text;
        return (folder.path() / name).string();
    };
    Lab lab({"site.mode=native", "tls.client_ca=" + write("ca.pem", authority.pem())});
    TestClient client("PC1", test_key(0));
    auto const certificate = authority.issue_for(test_key(0).handle(), {.name = "PC1"});
    client.use_certificate(der_of(certificate.get()));
    auto const credentials =
        write("pc1.pem", tls::to_pem(certificate.get()) + tls::to_pem(test_key(0).handle()));
    auto const stranger_certificate = authority.issue_for(test_key(1).handle(), {.name = "PC2"});
    auto const stranger =
        write("pc2.pem", tls::to_pem(stranger_certificate.get()) + tls::to_pem(test_key(1).handle()));

    auto connection = lab.https(credentials);
    client.register_with(connection);
    auto const made =
        told({"policy", "template", "naa", "--param", "user=U", "--param", "password=P"}, by_database(lab));
    told({"policy", "assign", text_of(made, "policy_id"), "--client", "PC1"}, by_database(lab));
    auto const xml = TestClient::invoke(connection, client.message("MP_PolicyManager", request_text(client)));
    auto const document = schemas::parse(as_bytes(xml));
    REQUIRE(document);
    auto const reference = document->root().child("Signature").value().child("Reference").value();
    auto const assignment = document->root().child("PolicyAssignment").value();
    CHECK(reference.attribute_or("PolicyAssignmentID", "") ==
          assignment.attribute_or("PolicyAssignmentID", "?"));
    CHECK(reference.child("SignatureAlgorithm")->attribute_or("AlgID", "") == "32780");

    // Verified with the certificate that the site publishes, over the text as it stands in the reply.
    auto const page = schemas::parse(connection.request("GET", "/SMS_MP/.sms_aut?SITESIGNCERT").body);
    REQUIRE(page);
    auto const key =
        wire::PublicKey::from_certificate(from_hex(page->root().child_text("X509Certificate")).value());
    REQUIRE(key);
    auto const begin = xml.find("<PolicyAssignment ");
    auto const text = xml.substr(begin, xml.find("</ReplyAssignments>") - begin);
    CHECK(key->verify(wire::to_utf16le(text), from_hex(reference.child_text("SignatureValue")).value(),
                      wire::Digest::sha256));

    auto const location = std::string(assignment.child("Policy")->child_text("PolicyLocation"));
    constexpr std::string_view before = "https://<mp>";
    REQUIRE(location.starts_with(before));
    auto const target = location.substr(before.size());
    auto const body = connection.request("GET", target);
    REQUIRE(body.status == 200);
    CHECK(properties_in(decoded(body.body)).at("NetworkAccessPassword") == "P");
    CHECK(lab.https(stranger).request("GET", target).status == 401);
    CHECK(lab.https().request("GET", target).status == 403);
    CHECK(lab.http().request("GET", target).status == 403);
}

TEST_CASE("policy commands tell what they did, and what was wrong") {
    Lab lab;
    auto connection = lab.http();
    TestClient client("PC1", test_key(0));
    client.register_with(connection);
    auto const file = write_file(lab, "policy.xml", plain_policy);
    auto const added = told(lab, {"policy", "add", file, "--category", "Test", "--flags", "8"});
    CHECK(text_of(added, "policy_id") == "{3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11}");
    CHECK(text_of(added, "version") == "3.00");
    CHECK(added.at("flags").as_int64() == 8);
    CHECK(text_of(added, "category") == "Test");
    CHECK(text_of(added, "hash").size() == 64);
    told(lab, {"policy", "add", file, "--category", "Test", "--flags", "8"}); // the same again: nothing to do
    CHECK(told(lab, {"policy", "list"}).as_array().size() == 1);

    auto const assigned = told(lab, {"policy", "assign", text_of(added, "policy_id"), "--client", "pc1"});
    auto const show = told(lab, {"policy", "show", "3E1D2C6A-7F40-4B1E-A5C9-0D6B8E2F9A11"});
    CHECK(show.at("versions").as_array().size() == 1);
    CHECK(show.at("assignments").at(0).at("assignment_id") == assigned.at("assignment_id"));
    CHECK(text_of(show.at("assignments").at(0), "target_id") == client.id().text());
    CHECK_THAT(text_of(show, "body"), Catch::StartsWith("<Policy "));

    auto const secret = write_file(lab, "secret.xml", account_policy());
    struct Row {
        std::vector<std::string> arguments;
        int exit_code;
        std::string message;
    };
    std::vector<Row> const rows{
        {{"policy", "add", file, "--category", "Other"},
         2,
         "version 3.00 of policy {3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11} is stored already"},
        {{"policy", "add", file + ".none"}, 1, "cannot read"},
        {{"policy", "add", write_file(lab, "bad.xml", "<Policy>\n<PolicyRule>")}, 2, "bad.xml:"},
        {{"policy", "add", write_file(lab, "other.xml", "<Report/>")}, 2, "Policy"},
        {{"policy", "add", file, "--version", "three"}, 2, "version"},
        {{"policy", "add", file, "--type", "robot"}, 2, "robot"},
        {{"policy", "template", "nothing"}, 2, "no template \"nothing\""},
        {{"policy", "template", "naa", "--param", "user=U"}, 2, "password"},
        {{"policy", "template", "naa", "--param", "user"}, 2, "--param takes key=value"},
        {{"policy", "template", "naa", "--param", "user=U", "--param", "password=P", "--param", "x=y"},
         2,
         "x"},
        {{"policy", "assign", "NONE", "--all"}, 1, "no policy NONE"},
        {{"policy", "assign", text_of(added, "policy_id")}, 2, "to whom?"},
        {{"policy", "assign", text_of(added, "policy_id"), "--all", "--client", "PC1"}, 2, "to whom?"},
        {{"policy", "assign", text_of(added, "policy_id"), "--client", "PC9"}, 1, "PC9"},
        {{"policy", "assign", text_of(added, "policy_id"), "--collection", "LAB0FFFF"}, 1, "LAB0FFFF"},
        {{"policy", "unassign", "{00000000-0000-0000-0000-000000000000}"}, 1, "no assignment"},
        {{"policy", "show", "NONE"}, 1, "no policy NONE"},
        {{"policy", "remove", "NONE"}, 1, "no policy NONE"},
        {{"policy", "bump", "NONE"}, 1, "no policy NONE"},
    };
    for (auto const& row : rows) {
        CAPTURE(row.arguments);
        auto const finished = command(lab, row.arguments);
        CHECK(finished.exit_code == row.exit_code);
        CHECK_THAT(finished.err, Catch::Contains(row.message));
    }
    auto const warned = command(lab, {"policy", "add", secret, "--id", "LOOSE"});
    CHECK(warned.exit_code == 0);
    CHECK_THAT(warned.err, Catch::Contains("--secret protects it"));

    auto const templates = told(lab, {"policy", "template", "--list"});
    CHECK(templates.as_array().size() >= 10);
    for (auto const& each : templates.as_array()) {
        CHECK(each.at("parameters").is_array());
        CHECK_FALSE(text_of(each, "help").empty());
    }
}

} // namespace pointman::test
