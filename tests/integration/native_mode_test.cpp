// SPDX-License-Identifier: Apache-2.0
// Client certificates over real TLS: who gets in, whom a certificate speaks for, and what a revocation does.
#include "db/clients.hpp"
#include "server/tls/certificate.hpp"
#include "tests/support/lab.hpp"
#include "tests/support/posts.hpp"
#include "tests/support/process.hpp"
#include "tests/support/test_client.hpp"
#include "tests/support/test_pki.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <poll.h>

namespace pointman::test {

namespace {

/// A CA of the customer's, its list, and certificates for RSA keys of tests.
class Office {
public:
    Office() {
        write("ca.pem", root_.pem());
        write("crl.pem", root_.list());
    }

    std::vector<std::string> settings(std::string const& mode = "native") const {
        return {"site.mode=" + mode, "tls.client_ca=" + path("ca.pem"), "tls.crl=" + path("crl.pem")};
    }

    void write(std::string const& name, std::string const& text) const { std::ofstream(path(name)) << text; }
    std::string path(std::string const& name) const { return (directory_.path() / name).string(); }

    /// A PEM file with a certificate and its key.
    std::string credentials(std::string const& name, X509* certificate, EVP_PKEY* key) const {
        write(name, tls::to_pem(certificate) + tls::to_pem(key));
        return path(name);
    }

    TestAuthority const& root() const { return root_; }

private:
    TemporaryDirectory directory_;
    TestAuthority root_ = TestAuthority::root("Office");
};

CertificateTerms named(std::string const& name, CertificateTerms terms) {
    terms.name = name;
    return terms;
}

/// A client of that CA.
struct Person {
    Person(Office const& office, std::string const& name, std::size_t key, CertificateTerms const& terms = {})
        : client(name, test_key(key))
        , certificate(office.root().issue_for(test_key(key).handle(), named(name, terms)))
        , file(office.credentials(name + ".pem", certificate.get(), test_key(key).handle())) {
        client.use_certificate(der_of(certificate.get()));
    }

    TestClient client;
    tls::Certificate certificate;
    std::string file;
};

std::string location_request() {
    return "<ContentLocationRequest SchemaVersion=\"1.00\"><AssignedSite SiteCode=\"LAB\"/>"
           "<ClientLocationInfo LocationType=\"SMSPackage\"><ADSite Name=\"\"/><IPAddresses/>"
           "</ClientLocationInfo><Package ID=\"LAB00001\" Version=\"1\"/></ContentLocationRequest>";
}

std::string policy_request(TestClient const& client) {
    return fmt::format("<RequestAssignments SchemaVersion=\"1.00\" ACK=\"false\" RequestType=\"Always\">"
                       "<Identification><Machine><ClientID>{}</ClientID><FQDN>ws</FQDN>"
                       "<NetBIOSName>{}</NetBIOSName><SID /></Machine><User /></Identification>"
                       "<PolicySource>SMS:PRI</PolicySource><Resource ResourceType=\"Machine\" />"
                       "<ServerCookie /></RequestAssignments>",
                       client.id().text(), client.name());
}

Post const& post_to(std::vector<Post> const& posts, std::string_view endpoint) {
    auto const found = std::ranges::find(posts, endpoint, &Post::endpoint);
    REQUIRE(found != posts.end());
    return *found;
}

/// A state message: the one post that needs no signature.
wire::OutgoingRequest state_message(TestClient const& client) {
    return request_of(client, post_to(posts_of(client), "MP_RelayEndpoint"));
}

int status_of(HttpConnection connection, std::string_view path) {
    return connection.request("CCM_POST", path).status;
}

/// The first line of the answer that the openssl program gets to an empty message.
std::string answer_to_program(Lab& lab, std::string const& options) {
    auto const& addresses = lab.app().addresses();
    auto const command = fmt::format(
        "printf 'CCM_POST /ccm_system/request HTTP/1.1\\r\\nHost: lab\\r\\nConnection: close\\r\\n"
        "Content-Length: 0\\r\\n\\r\\n' | openssl s_client -quiet -connect {} -servername localhost -CAfile "
        "{} {}",
        addresses.https.front(), addresses.ca.string(), options);
    auto const finished = run({"sh", "-c", command});
    return finished.out.substr(0, finished.out.find('\r'));
}

void empty_quarantine(Lab& lab) {
    auto const gone = lab.store().write_and_wait(
        [](db::Transaction& transaction) { return db::Quarantine::purge(transaction, {}); });
    REQUIRE(gone);
}

/// Asks again and again, at most ten seconds, until the answer has that status.
bool becomes(Lab const& lab, std::string const& credentials, int status) {
    for (int i = 0; i < 1000; ++i) {
        if (status_of(lab.https(credentials), message_path) == status) return true;
        ::poll(nullptr, 0, 10);
    }
    return false;
}

} // namespace

TEST_CASE("in native mode the right certificate registers and posts to every endpoint") {
    Office const office;
    auto sets = office.settings();
    sets.emplace_back("security.auto_approve=none"); // the certificate is the approval
    Lab lab(sets);
    Person ann(office, "WS-0417", 0);
    auto connection = lab.https(ann.file);

    auto const reply = ann.client.register_with(connection);
    CHECK(attribute_in(reply, "Status") == "0");
    CHECK(attribute_in(reply, "ApprovalStatus") == "2");
    CHECK(attribute_in(ann.client.confirm(connection), "Status") == "0");
    for (auto const& post : posts_of(ann.client)) {
        INFO(post.endpoint);
        lab.clock().advance(std::chrono::minutes{1});
        auto const answer = TestClient::send(connection, request_of(ann.client, post));
        CHECK(answer.status == 200);
        CHECK(lab.log(post.log).find("Accepted message") != std::string::npos);
    }
    // Neither needs a signature over the client's own certificate.
    CHECK(TestClient::invoke(connection,
                             ann.client.message("MP_PolicyManager", policy_request(ann.client), false))
              .starts_with("<ReplyAssignments "));
    CHECK(TestClient::invoke(connection, ann.client.message("MP_LocationManager", location_request(), false))
              .starts_with("<ContentLocationReply "));
    for (auto const& entry : lab.quarantine())
        FAIL_CHECK(entry.endpoint << ": " << entry.reason << " " << entry.detail);

    // A signature that is there is verified, and what has to be signed is.
    auto forged = ann.client.message("MP_PolicyManager", policy_request(ann.client));
    forged.sign = TestClient("WS-0417", test_key(1)).message("MP_PolicyManager", "").sign;
    CHECK(TestClient::invoke(connection, forged).empty());
    auto status = post_to(posts_of(ann.client), "StatusReceiver");
    status.is_signed = false;
    CHECK(TestClient::send(connection, request_of(ann.client, status)).body.empty());
    REQUIRE(lab.quarantine().size() == 2);
    for (auto const& entry : lab.quarantine()) CHECK(entry.reason == "BadSignature");

    auto const known =
        lab.store().read([&](db::Session& session) { return db::Clients(session).find(ann.client.id()); });
    REQUIRE(known);
    CHECK((*known)->approval == db::Approval::not_applicable);
    CHECK((*known)->signing_certificate == der_of(ann.certificate.get()));
    CHECK((*known)->encryption_certificate.empty());
}

TEST_CASE("the openssl program is refused without, with a revoked and with a foreign certificate") {
    Office const office;
    Person const good(office, "GOOD", 0);
    Person const revoked(office, "REVOKED", 1);
    office.write("crl.pem", office.root().list({.revoked = {revoked.certificate.get()}}));
    auto const stranger = self_signed();
    auto const foreign = office.credentials("foreign.pem", stranger.certificate.get(), stranger.key.get());
    Lab lab(office.settings());
    auto const with = [](std::string const& file) { return fmt::format("-cert {0} -key {0}", file); };

    CHECK(answer_to_program(lab, "") == "HTTP/1.1 403 Forbidden");
    CHECK(answer_to_program(lab, with(revoked.file)) == "HTTP/1.1 403 Forbidden");
    CHECK(answer_to_program(lab, with(foreign)) == "HTTP/1.1 403 Forbidden");
    CHECK(answer_to_program(lab, with(good.file)) == "HTTP/1.1 200 OK");

    auto const log = lab.log("MP_Framework");
    for (auto const* const why : {"refused with 403: the client showed no certificate",
                                  "CN=REVOKED, issued by CN=Office, is not trusted: certificate revoked",
                                  "CN=PC1, issued by CN=PC1, is not trusted: self-signed certificate"}) {
        INFO(why);
        CHECK(log.find(why) != std::string::npos);
    }
    auto const metrics = lab.http().request("GET", "/metrics");
    CHECK(metrics.text().find("pointman_client_certificates_refused_total 3") != std::string_view::npos);
}

TEST_CASE("a trusted certificate speaks for its own client alone") {
    Office const office;
    Lab lab(office.settings());
    Person ann(office, "ANN", 0);
    Person bob(office, "BOB", 1);
    auto of_ann = lab.https(ann.file);
    auto of_bob = lab.https(bob.file);
    REQUIRE(attribute_in(ann.client.register_with(of_ann), "Status") == "0");
    REQUIRE(attribute_in(bob.client.register_with(of_bob), "Status") == "0");

    // Unsigned, and signed by the client itself, over the other's connection.
    for (auto const* const endpoint : {"MP_RelayEndpoint", "MP_DdrEndpoint"}) {
        auto const post = post_to(posts_of(ann.client), endpoint);
        auto const answer = TestClient::send(of_bob, request_of(ann.client, post));
        CHECK(answer.status == 200);
        CHECK(answer.body.empty());
    }
    auto const entries = lab.quarantine();
    REQUIRE(entries.size() == 2);
    for (auto const& entry : entries) {
        CHECK(entry.reason == "BadSignature");
        CHECK(entry.client == ann.client.id().text());
        CHECK_THAT(entry.detail, Catch::StartsWith("another client's certificate"));
    }

    // Without SourceID a report would speak for whomever it names.
    auto nobody = state_message(ann.client);
    nobody.header.source_id.clear();
    CHECK(TestClient::send(of_bob, nobody).body.empty());
    CHECK(lab.quarantine().front().reason == "UnknownClient");

    // Registrations: another's certificate in Signing, and a confirmation over another's connection.
    Person carol(office, "CAROL", 2);
    CHECK(attribute_in(carol.client.register_with(of_bob), "Status") == "3");
    CHECK(attribute_in(ann.client.confirm(of_bob), "Status") == "3");
    CHECK(attribute_in(ann.client.confirm(of_ann), "Status") == "0");
}

TEST_CASE("a P-256 certificate is an identity in TLS, but nobody registers with it") {
    Office const office;
    Lab lab(office.settings());
    auto const credentials = office.root().issue({.name = "EC"});
    auto connection =
        lab.https(office.credentials("ec.pem", credentials.certificate.get(), credentials.key.get()));
    TestClient client("EC", test_key(0));
    auto const asked = client.message("MP_LocationManager", location_request(), false);
    CHECK(TestClient::invoke(connection, asked).starts_with("<ContentLocationReply "));
    client.use_certificate(credentials.der());
    CHECK(attribute_in(client.register_with(connection), "Status") == "3");
}

TEST_CASE("a renewed certificate of a known key takes the former's place") {
    Office const office;
    Lab lab(office.settings());
    Person ann(office, "ANN", 0);
    auto before = lab.https(ann.file);
    ann.client.register_with(before);
    auto const smsid = ann.client.id();

    auto const renewed = office.root().issue_for(test_key(0).handle(), {.name = "ANN renewed"});
    auto after = lab.https(office.credentials("renewed.pem", renewed.get(), test_key(0).handle()));
    CHECK(TestClient::send(after, state_message(ann.client)).body.empty());
    REQUIRE(lab.quarantine().size() == 1); // not registered yet

    ann.client.use_certificate(der_of(renewed.get()));
    CHECK(attribute_in(ann.client.register_with(after), "SMSID") == smsid.text());
    TestClient::send(after, state_message(ann.client));
    CHECK(lab.quarantine().size() == 1);
    TestClient::send(before, state_message(ann.client));
    CHECK(lab.quarantine().size() == 2);
}

TEST_CASE("a client behind a proxy comes over the proxy's certificate") {
    Office const office;
    Lab lab(office.settings());
    Person proxy(office, "PROXY", 0);
    Person bob(office, "BOB", 1);
    auto of_proxy = lab.https(proxy.file);
    auto of_bob = lab.https(bob.file);

    auto const submit = [](HttpConnection& connection, TestClient const& client,
                           RegistrationRequest const& request) {
        return TestClient::invoke(
            connection, client.message("MP_ClientRegistration", signed_request(test_key(0), request), false));
    };
    auto request = registration_of(test_key(0), "PROXY");
    request.agent_type = 4;
    request.signing_certificate = der_of(proxy.certificate.get());
    auto const proxy_id = attribute_in(submit(of_proxy, proxy.client, request), "SMSID");
    REQUIRE(!proxy_id.empty());
    REQUIRE(attribute_in(bob.client.register_with(of_bob), "Status") == "0");

    request.agent_type = 8;
    request.properties = discovery_properties("PRINTER", "printer.lab.example");
    request.smsid = "GUID:6D2F9B10-44C7-4E0B-9B7E-51A0C3D7E812";
    request.signer_smsid = proxy_id;
    CHECK(attribute_in(submit(of_bob, proxy.client, request), "Status") == "3");
    auto const reply = submit(of_proxy, proxy.client, request);
    CHECK(attribute_in(reply, "Status") == "0");
    CHECK(attribute_in(reply, "SMSID") == request.smsid);

    empty_quarantine(lab);
    auto message = bob.client.message("MP_LocationManager", location_request(), false);
    message.header.source_id = request.smsid;
    CHECK(TestClient::invoke(of_bob, message).empty());
    CHECK(TestClient::invoke(of_proxy, message).starts_with("<ContentLocationReply "));
    CHECK(lab.quarantine().size() == 1);
}

TEST_CASE("plain HTTP is for pages only in native mode") {
    Office const office;
    Lab lab(office.settings());
    for (auto const path : {message_path, alternative_path}) CHECK(status_of(lab.http(), path) == 403);
    for (auto const* const path : {"/ccm_system_windowsauth/request", "/CCM_Incoming/{0}"})
        CHECK(status_of(lab.http(), path) == 403);
    CHECK(lab.http().request("GET", "/health").status == 200);
    CHECK(lab.http().request("GET", "/metrics").status == 200);
    CHECK(lab.http().request("GET", "/nothing").status == 404);
}

TEST_CASE("the body of a refused request is not read") {
    Office const office;
    Lab lab(office.settings());
    auto connection = lab.https();
    connection.send("CCM_POST /ccm_system/request HTTP/1.1\r\nHost: lab\r\nContent-Length: 20000000\r\n"
                    "Expect: 100-continue\r\n\r\n");
    auto const answer = connection.receive();
    CHECK(answer.status == 403);
    CHECK(answer.body.empty());
    CHECK(answer.header("connection") == "close");
}

TEST_CASE("the altauth path needs no certificate, but a signature for whatever speaks for a client") {
    Office const office;
    Lab lab(office.settings());
    Person ann(office, "ANN", 0);
    auto connection = lab.https();
    CHECK(connection.request("CCM_POST", alternative_path).status == 200);
    CHECK(connection.request("GET", "/ccm_system_altauth/").status == 403);

    TestClient stranger("STRANGER", test_key(1)); // with a self-signed certificate
    CHECK(attribute_in(stranger.register_with(connection, alternative_path), "Status") == "3");
    auto const reply = ann.client.register_with(connection, alternative_path);
    CHECK(attribute_in(reply, "Status") == "0");
    CHECK(attribute_in(reply, "ApprovalStatus") == "2");
    CHECK(attribute_in(ann.client.confirm(connection, alternative_path), "Status") == "0");
    empty_quarantine(lab);

    auto const quarantined = [&](wire::OutgoingRequest request) {
        auto const before = lab.quarantine().size();
        auto const answer = TestClient::send(connection, std::move(request), alternative_path);
        CHECK(answer.status == 200);
        return lab.quarantine().size() > before;
    };
    auto const anonymous = [&](std::string_view endpoint, std::string const& xml) {
        auto request = ann.client.message(endpoint, xml, false);
        request.header.source_id.clear();
        return request;
    };
    for (auto post : posts_of(ann.client)) {
        for (bool const is_signed : {false, true}) {
            INFO(post.endpoint << (is_signed ? " signed" : ""));
            post.is_signed = is_signed;
            lab.clock().advance(std::chrono::minutes{1});
            CHECK(quarantined(request_of(ann.client, post)) == !is_signed);
        }
    }
    auto const policy = policy_request(ann.client);
    CHECK(quarantined(ann.client.message("MP_PolicyManager", policy, false)));
    CHECK(!quarantined(ann.client.message("MP_PolicyManager", policy)));
    CHECK(quarantined(anonymous("MP_PolicyManager", policy)));
    CHECK(quarantined(ann.client.message("MP_LocationManager", location_request(), false)));
    CHECK(!quarantined(ann.client.message("MP_LocationManager", location_request())));
    CHECK(!quarantined(anonymous("MP_LocationManager", location_request())));

    // No way around a revocation either.
    office.write("crl.pem", office.root().list({.revoked = {ann.certificate.get()}}));
    REQUIRE(lab.app().reload(lab.settings()));
    CHECK(quarantined(ann.client.message("MP_PolicyManager", policy)));
    CHECK_THAT(lab.quarantine().front().detail, Catch::Contains("certificate revoked"));
    CHECK(attribute_in(ann.client.register_with(connection, alternative_path), "Status") == "3");
    CHECK(attribute_in(ann.client.confirm(connection, alternative_path), "Status") == "3");
}

TEST_CASE("a revocation reaches connections that are open, and a bad list changes nothing") {
    Office const office;
    Lab lab(office.settings());
    Person ann(office, "ANN", 0);
    Person bob(office, "BOB", 1);
    auto connection = lab.https(ann.file);
    REQUIRE(attribute_in(ann.client.register_with(connection), "Status") == "0");

    SECTION("by the signal") {
        office.write("crl.pem", "rubbish");
        CHECK(!lab.app().reload(lab.settings()));
        CHECK_THAT(lab.log("mpcontrol"),
                   Catch::Contains("Authorities and revocation lists of clients not taken, "
                                   "the former stay in use") &&
                       Catch::Contains("crl.pem holds no revocation list"));
        CHECK(TestClient::send(connection, state_message(ann.client)).status == 200);

        office.write("crl.pem", office.root().list({.revoked = {ann.certificate.get()}}));
        REQUIRE(lab.app().reload(lab.settings()));
    }
    SECTION("by the file") {
        office.write("crl.pem", office.root().list({.revoked = {bob.certificate.get()}}));
        REQUIRE(becomes(lab, bob.file, 403));
        office.write("next.pem", "rubbish");
        std::filesystem::rename(office.path("next.pem"), office.path("crl.pem"));
        for (int i = 0;
             i < 1000 && lab.log("mpcontrol").find("holds no revocation list") == std::string::npos; ++i)
            ::poll(nullptr, 0, 10);
        CHECK_THAT(lab.log("mpcontrol"),
                   Catch::Contains("Changed revocation lists taken") &&
                       Catch::Contains("Revocation lists not taken, the former stay in use"));
        CHECK(TestClient::send(connection, state_message(ann.client)).status == 200);
        CHECK(status_of(lab.https(bob.file), message_path) == 403);

        office.write("crl.pem", office.root().list({.revoked = {ann.certificate.get()}}));
        REQUIRE(becomes(lab, ann.file, 403));
        CHECK(status_of(lab.https(bob.file), message_path) == 200);
    }
    CHECK(TestClient::send(connection, state_message(ann.client)).status == 403);
    CHECK(connection.closed_by_peer());
}

TEST_CASE("a certificate that runs out does so on an open connection too") {
    Office const office;
    auto sets = office.settings();
    sets.emplace_back("tls.crl_check=off");
    Lab lab(sets);
    Person const ann(office, "ANN", 0, {.not_after = pki_time + std::chrono::minutes{5}});
    auto connection = lab.https(ann.file);
    CHECK(connection.request("CCM_POST", message_path).status == 200);
    lab.clock().advance(std::chrono::minutes{5});
    CHECK(connection.request("CCM_POST", message_path).status == 403);
}

TEST_CASE("in mixed mode a certificate is asked for, and required where the settings say so") {
    Office const office;
    auto const stranger = self_signed();
    auto const foreign = office.credentials("foreign.pem", stranger.certificate.get(), stranger.key.get());
    Person const ann(office, "ANN", 0);
    struct Row {
        std::string setting;
        int without;
        int foreign;
    };
    for (auto const& row : {Row{"none", 200, 200}, Row{"optional", 200, 200}, Row{"required", 403, 403}}) {
        INFO(row.setting);
        auto sets = office.settings("mixed");
        sets.push_back("tls.client_certificates=" + row.setting);
        Lab lab(sets);
        CHECK(status_of(lab.https(), message_path) == row.without);
        CHECK(status_of(lab.https(foreign), message_path) == row.foreign);
        CHECK(status_of(lab.https(ann.file), message_path) == 200);
        CHECK(status_of(lab.https(), alternative_path) == 200);
        CHECK(status_of(lab.http(), message_path) == 200);
        CHECK(lab.http().request("GET", "/ccm_system_windowsauth/").status == 401);
        CHECK(lab.http().request("GET", "/ccm_system_altauth/").status == 403);
        // Whatever the connection shows, mixed mode takes the key that the client registers with.
        TestClient client("WS-0417", test_key(1));
        auto connection = lab.https(row.without == 200 ? foreign : ann.file);
        CHECK(attribute_in(client.register_with(connection), "Status") == "0");
        TestClient::send(connection, state_message(client));
        CHECK(lab.log("MP_Relay").find("Accepted message") != std::string::npos);
    }
}

TEST_CASE("a lab in native mode trusts the clients of its own CA") {
    Lab lab({"site.mode=native"});
    auto const pki = lab.settings().pki;
    auto const authority = TestAuthority::from_files(pki / "ca.pem", pki / "ca.key");
    TemporaryDirectory const directory;
    auto const certificate = authority.issue_for(test_key(0).handle(), {.name = "WS-0417"});
    auto const file = directory.path() / "client.pem";
    std::ofstream(file) << tls::to_pem(certificate.get()) << tls::to_pem(test_key(0).handle());
    TestClient client("WS-0417", test_key(0));
    client.use_certificate(der_of(certificate.get()));
    auto connection = lab.https(file.string());
    CHECK(attribute_in(client.register_with(connection), "Status") == "0");
    CHECK(TestClient::send(connection, state_message(client)).status == 200);
    CHECK(lab.quarantine().empty());

    // In the words of the manual page.
    auto const issued = run(
        {"sh", "-c",
         fmt::format(
             "cd {} && openssl req -newkey rsa:2048 -noenc -keyout c.key -subj /CN=PC7 -out c.csr && printf "
             "'keyUsage=digitalSignature,keyEncipherment\\nextendedKeyUsage=clientAuth\\n' > c.ext && "
             "openssl x509 -req -in c.csr -CA {}/ca.pem -CAkey {}/ca.key -CAcreateserial -CAserial c.srl "
             "-days 365 "
             "-extfile c.ext -out c.pem && cat c.pem c.key > both.pem",
             directory.path().string(), pki.string(), pki.string())});
    REQUIRE(issued.exit_code == 0);
    lab.clock().set(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
    CHECK(status_of(lab.https((directory.path() / "both.pem").string()), message_path) == 200);
}

} // namespace pointman::test
