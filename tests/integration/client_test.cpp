// SPDX-License-Identifier: Apache-2.0
// The client library against a whole management point.
#include "server/tls/certificate.hpp"
#include "server/tls/pem.hpp"
#include "server/wire/signature.hpp"
#include "tests/integration/program.hpp"
#include "tests/support/lab.hpp"
#include "tests/support/test_pki.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <fstream>
#include <pointman/collected_files.hpp>
#include <pointman/location.hpp>
#include <pointman/metering.hpp>
#include <pointman/policy.hpp>
#include <pointman/registration.hpp>
#include <pointman/state.hpp>
#include <pointman/status.hpp>

namespace pointman::test {

namespace {

namespace pc = client;

/// A client of the lab, with a queue and an identity of its own.
struct LabClient {
    explicit LabClient(Lab& lab, pc::Result<pc::Identity> who = std::unexpected(pc::Error{}),
                       std::size_t upload_threshold = 0)
        : messaging(pc::Messaging::open({.queue = directory.path() / "queue",
                                         .deliver_in_background = false,
                                         .upload_threshold = upload_threshold,
                                         .source_host = "LABPC07",
                                         .now = [&lab] { return lab.clock().now(); }})
                        .value())
        , identity(
              who ? std::move(*who)
                  : pc::Identity::open(directory.path() / "identity", {.now = lab.clock().now()}).value())
        , session{.messaging = messaging,
                  .identity = identity,
                  .host = "http://" + lab.app().addresses().http.front(),
                  .agent = {.netbios_name = "LABPC07", .fqdn = "labpc07.lab.example", .site_code = "LAB"}} {}

    TemporaryDirectory directory;
    pc::Messaging messaging;
    pc::Identity identity;
    pc::Session session;
};

/// The same over TLS, with a certificate of the lab's CA.
std::string https_of(Lab& lab) {
    auto const address = lab.app().addresses().https.front();
    return "https://localhost" + address.substr(address.rfind(':'));
}

} // namespace

TEST_CASE("a client registers, is confirmed, and is known again") {
    Lab lab;
    LabClient client(lab);
    auto const reply = pc::register_client(client.session);
    REQUIRE(reply);
    CHECK(reply->status == pc::RegistrationStatus::registered);
    CHECK(reply->approval == 1);
    CHECK(client.identity.smsid() == reply->smsid);
    CHECK(pc::confirm_registration(client.session)->status == pc::RegistrationStatus::registered);
    CHECK(pc::register_client(client.session)->smsid == reply->smsid);
    auto const shown = told(lab, {"client", "show", "LABPC07"});
    CHECK(text_of(shown, "smsid") == reply->smsid);
    CHECK(text_of(shown, "fqdn") == "labpc07.lab.example");
}

TEST_CASE("policy is fetched in every form of its body") {
    Lab lab;
    LabClient client(lab);
    REQUIRE(pc::register_client(client.session));
    REQUIRE(pointman(lab, {"policy", "template", "client-settings", "--param", "policy-polling=30m", "--id",
                           "Open"})
                .exit_code == 0);
    REQUIRE(pointman(lab, {"policy", "template", "naa", "--param", "user=LAB\\reader", "--param",
                           "password=x", "--id", "Secret"})
                .exit_code == 0);
    for (auto const* const id : {"Open", "Secret"})
        REQUIRE(pointman(lab, {"policy", "assign", id, "--all"}).exit_code == 0);

    auto const policy = pc::request_policy(client.session);
    REQUIRE(policy);
    CHECK(policy->full);
    bool secret = false;
    for (auto const& assignment : policy->assignments) {
        INFO(assignment.policy_id);
        auto const body = pc::download_policy(client.session, assignment);
        if (!body) FAIL(body.error().message);
        CHECK(body->find("<Policy ") != std::string::npos);
        secret = secret || (assignment.flags & pc::policy_flags::secret) != 0;
    }
    CHECK(secret);
    auto const later = pc::request_policy(client.session, {.cookie = policy->cookie});
    REQUIRE(later);
    CHECK_FALSE(later->full);
    CHECK(later->assignments.empty());
}

TEST_CASE("a protected policy is not for a stranger") {
    Lab lab;
    LabClient client(lab);
    LabClient stranger(lab);
    REQUIRE(pc::register_client(client.session));
    REQUIRE(stranger.identity.remember("GUID:5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3"));
    assign_secret_policy(lab, "S");
    auto const policy = pc::request_policy(client.session).value();
    REQUIRE_FALSE(policy.assignments.empty());
    auto const refused = pc::download_policy(stranger.session, policy.assignments.front());
    CHECK(pc::name_of(refused.error().code) == "access_denied");
    CHECK(pc::name_of(pc::request_policy(stranger.session).error().code) == "no_reply");
}

TEST_CASE("locations are found without a registration") {
    Lab lab;
    LabClient client(lab);
    REQUIRE(pointman(lab, {"boundary", "add", "--subnet", "10.77.0.0/16"}).exit_code == 0);
    REQUIRE(pointman(lab, {"dp", "add", "dp1.lab.example"}).exit_code == 0);
    REQUIRE(pointman(lab, {"content", "add", "LAB00001", "--version", "3", "--dp", "dp1.lab.example"})
                .exit_code == 0);
    REQUIRE(pointman(lab, {"wsus", "add", "http://sus1.lab.example:8530", "--version", "12"}).exit_code == 0);
    pc::Place const place{.addresses = {{.address = "10.77.9.31", .subnet = "10.77.9.0"}}};
    auto const& session = client.session;

    auto const content =
        pc::find_content(session, {.package_id = "LAB00001", .version = "3", .place = place});
    REQUIRE(content);
    REQUIRE(content->size() == 1);
    REQUIRE(content->front().points.size() == 1);
    CHECK(content->front().points.front().urls.front() == "http://dp1.lab.example/SMS_DP_SMSPKG$/LAB00001");
    CHECK(content->front().points.front().locality == "LOCAL");
    CHECK(pc::find_local_mps(session, place)->front().site_code == "LAB");
    CHECK(pc::find_update_servers(session, place)->front().url == "http://sus1.lab.example:8530");
    CHECK(pc::find_site(session, "LAB")->front().site_code == "LAB");
    CHECK(pc::find_site(session, "XYZ")->empty());
    CHECK(pc::find_assigned_site(session, place)->front().site_code == "LAB");
    auto const points = pc::find_management_points(session, place, pc::ManagementPointKind::assigned);
    REQUIRE(points);
    CHECK(points->front().site_code == "LAB");
    auto const list = pc::list_management_points(session);
    REQUIRE(list);
    CHECK(list->front().site_code == "LAB");
}

TEST_CASE("what is posted reaches its endpoint, compressed, encrypted, uploaded, or not") {
    struct Row {
        bool compress;
        bool encrypt;
        std::size_t upload_threshold = 0;
    };
    auto const row = GENERATE(values<Row>({{false, false},
                                           {true, false},
                                           {false, true},
                                           {true, true},
                                           {false, false, 100},
                                           {true, true, 100}}));
    INFO("compressed " << row.compress << ", encrypted " << row.encrypt << ", uploaded from "
                       << row.upload_threshold);
    Lab lab;
    LabClient client(lab, std::unexpected(pc::Error{}), row.upload_threshold);
    client.session.compress = row.compress;
    client.session.encrypt = row.encrypt;
    auto const& session = client.session;
    auto const registered = pc::register_client(session);
    if (!registered) FAIL(registered.error().message << "\n" << lab.log("MP_Framework"));

    pc::StateMessage const state{.topic_id = "T",
                                 .topic_type = 500,
                                 .topic_id_type = 3,
                                 .state_id = 2,
                                 .time = session.messaging.now()};
    pc::MeteredFile const metered{.file_name = "a.exe",
                                  .usages = {{.id = "{91D0C5A7-2B64-4E0C-A1F8-0C6B6E3D7F25}",
                                              .user = "LAB\\u",
                                              .start = session.messaging.now() - std::chrono::hours{1},
                                              .end = session.messaging.now()}}};
    pc::CollectedFile const file{
        .name = "hosts", .path = "/etc/", .modified = session.messaging.now(), .content = to_bytes("abc")};
    REQUIRE(pc::post_status(session, {.type = "SoftDistProgramStartedEvent"}));
    REQUIRE(pc::post_states(session, {&state, 1}));
    REQUIRE(pc::post_metering(session, {&metered, 1}));
    REQUIRE(pc::post_collected_files(session, {}, {&file, 1}));
    auto const delivery = client.messaging.flush().value();
    CHECK(delivery.delivered == 4);
    for (auto const& entry : lab.quarantine()) FAIL(entry.detail);
    CHECK(told(lab, {"status", "list"}).as_array().size() == 1);
    CHECK(told(lab, {"state", "show", "LABPC07"}).as_object().at("states").as_array().size() == 1);
    CHECK(told(lab, {"metering", "list"}).as_array().size() == 1);
    CHECK(told(lab, {"inventory", "files", "LABPC07"}).as_array().size() == 1);
    auto const log = lab.log("MP_Framework");
    std::size_t uploads = 0;
    for (auto at = log.find("is used up"); at != std::string::npos; at = log.find("is used up", at + 1))
        ++uploads;
    CHECK(uploads == (row.upload_threshold == 0 ? 0U : 4U));
}

TEST_CASE("over TLS the server has to be the one that is meant") {
    Lab lab;
    LabClient client(lab);
    auto& session = client.session;
    session.host = https_of(lab);
    CHECK(pc::name_of(pc::list_management_points(session).error().code) ==
          "secure_failure"); // the system does not know the CA
    session.trusted_roots = lab.app().addresses().ca;
    CHECK(pc::list_management_points(session));
    session.trusted_roots = client.identity.credentials().certificate_file();
    CHECK(pc::name_of(pc::list_management_points(session).error().code) == "secure_failure");
    session.trusted_roots = lab.app().addresses().ca;
    session.host.replace(8, 9, "[::1]"); // in no certificate, and nobody listens there
    CHECK_FALSE(pc::list_management_points(session));
}

TEST_CASE("in native mode a certificate of the PKI is what a client is") {
    Lab lab({"site.mode=native"});
    auto const pki = lab.settings().pki;
    auto const authority = TestAuthority::from_files(pki / "ca.pem", pki / "ca.key");
    auto const key = wire::PrivateKey::generate(2048);
    TemporaryDirectory const directory;
    auto const file = directory.path() / "client.pem";
    std::ofstream(file) << tls::to_pem(authority.issue_for(key.handle(), {.name = "LABPC07"}).get())
                        << key.to_pem();
    auto const credentials = pc::Credentials::from_files(file, file).value();
    LabClient client(lab, pc::Identity::open(directory.path() / "identity", credentials));
    auto& session = client.session;
    session.native = true;
    session.host = https_of(lab);
    session.trusted_roots = lab.app().addresses().ca;

    auto const reply = pc::register_client(session);
    if (!reply) FAIL(reply.error().message);
    CHECK(reply->approval == 2); // the certificate is the approval
    REQUIRE(
        pointman(lab, {"policy", "template", "client-settings", "--param", "policy-polling=30m", "--id", "P"})
            .exit_code == 0);
    REQUIRE(pointman(lab, {"policy", "assign", "P", "--all"}).exit_code == 0);
    auto const site = pc::site_signing_certificate(session);
    REQUIRE(site);
    auto const policy = pc::request_policy(session, {.site_signing_certificate = *site});
    if (!policy) FAIL(policy.error().message);
    REQUIRE(policy->assignments.size() == 1);
    CHECK(pc::download_policy(session, policy->assignments.front()));
    auto const by_another =
        pc::request_policy(session, {.site_signing_certificate = credentials.certificate()});
    CHECK(pc::name_of(by_another.error().code) == "bad_signature");
    REQUIRE(pc::post_status(session, {.type = "SoftDistProgramStartedEvent"}));
    CHECK(client.messaging.flush()->delivered == 1);
    CHECK(lab.quarantine().empty());

    LabClient stranger(lab); // with a certificate that nobody vouches for
    stranger.session.native = true;
    stranger.session.host = session.host;
    stranger.session.trusted_roots = session.trusted_roots;
    CHECK(pc::name_of(pc::register_client(stranger.session).error().code) == "access_denied");
    stranger.session.native = false;
    stranger.session.host = "http://" + lab.app().addresses().http.front();
    CHECK(pc::name_of(pc::register_client(stranger.session).error().code) == "access_denied");
}

TEST_CASE("a revoked server is not spoken to, nor one that cannot be looked up") {
    Lab lab;
    LabClient client(lab);
    auto const pki = lab.settings().pki;
    auto const authority = TestAuthority::from_files(pki / "ca.pem", pki / "ca.key");
    auto const rsa = tls::read_certificates(pki / "server.pem").value();
    auto const p256 = tls::read_certificates(pki / "server-p256.pem").value();
    struct Row {
        std::string name;
        std::optional<std::string> list;
        std::string outcome;
    };
    auto const rows = std::to_array<Row>({
        {"no list", std::nullopt, "secure_failure"},
        {"a list without the server", authority.list(), ""},
        {"a list with the server", authority.list({.revoked = {rsa.front().get(), p256.front().get()}}),
         "secure_failure"},
        {"a list that is old", authority.list({.next_update = pki_time - std::chrono::hours{1}}),
         "secure_failure"},
        {"no list at all", "nonsense", "secure_failure"},
    });
    for (auto const& row : rows) {
        INFO(row.name);
        auto const file = client.directory.path() / "crl.pem";
        // Each with a connection of its own: one that is there already was verified then.
        auto messaging = pc::Messaging::open({.now = [&lab] { return lab.clock().now(); }}).value();
        pc::Message settings;
        settings.set_trusted_roots(lab.app().addresses().ca);
        settings.set_security_flags(pc::security::native_mode | pc::security::enable_crl_checking);
        if (row.list) {
            std::ofstream(file) << *row.list;
            settings.set_revocation_lists(file);
        }
        auto const page = messaging.get(https_of(lab), "/SMS_MP/.sms_aut?MPLIST", settings);
        CHECK((page ? "" : pc::name_of(page.error().code)) == row.outcome);
    }
}

} // namespace pointman::test
