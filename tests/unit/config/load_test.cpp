// SPDX-License-Identifier: Apache-2.0
// What a good configuration gives: the table "Configuration" of the interfaces.
#include "config/settings.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <unistd.h>

using namespace pointman;
using namespace pointman::config;
using namespace std::chrono_literals;

namespace {

std::string machine_name() {
    std::array<char, 256> name{};
    REQUIRE(::gethostname(name.data(), name.size() - 1) == 0);
    return name.data();
}

Settings good(Source const& source) {
    auto loaded = load(source);
    if (!loaded) {
        for (auto const& fault : loaded.error()) UNSCOPED_INFO(fault.place << ": " << fault.message);
        FAIL("faults in a good configuration");
    }
    return std::move(*loaded);
}

struct Fixture {
    test::TemporaryDirectory directory;
    std::filesystem::path file = directory.path() / "pointman.toml";

    Source source(std::string_view text) const {
        std::ofstream(file) << text;
        return {.file = file, .sets = {}, .environment = {}, .lab = {}};
    }
};

using List = std::vector<std::string>;

} // namespace

TEST_CASE("client certificates as the mode and the lists have them", "[config]") {
    struct Row {
        std::vector<std::string> sets;
        std::filesystem::path lab;
        ClientCertificates certificates;
        List authorities;
        CrlCheck check;
    };
    auto const row = GENERATE(values<Row>({
        {{}, "/srv/lab", ClientCertificates::optional, {"/srv/lab/pki/ca.pem"}, CrlCheck::off},
        {{"storage.pki=/keys"}, "/srv/lab", ClientCertificates::optional, {"/keys/ca.pem"}, CrlCheck::off},
        {{"tls.client_ca=a.pem"}, "/srv/lab", ClientCertificates::optional, {"a.pem"}, CrlCheck::off},
        {{"site.mode=native"},
         "/srv/lab",
         ClientCertificates::required,
         {"/srv/lab/pki/ca.pem"},
         CrlCheck::off},
        {{"tls.crl=c.pem"},
         "/srv/lab",
         ClientCertificates::optional,
         {"/srv/lab/pki/ca.pem"},
         CrlCheck::hard},
        {{"tls.crl=c.pem", "tls.crl_check=soft"},
         "/srv/lab",
         ClientCertificates::optional,
         {"/srv/lab/pki/ca.pem"},
         CrlCheck::soft},
        {{"tls.crl_check=hard", "tls.client_certificates=none"},
         "/srv/lab",
         ClientCertificates::none,
         {"/srv/lab/pki/ca.pem"},
         CrlCheck::off},
        {{"site.code=PS1", "site.mode=native", "https.listen=127.0.0.1:443", "tls.certificate=s.pem",
          "tls.private_key=s.key", "tls.client_ca=[\"a.pem\", \"b.pem\"]"},
         {},
         ClientCertificates::required,
         {"a.pem", "b.pem"},
         CrlCheck::off},
    }));
    auto const s = good({.file = {}, .sets = row.sets, .environment = {}, .lab = row.lab});
    CHECK(s.tls.client_certificates == row.certificates);
    CHECK(List(s.tls.client_ca.begin(), s.tls.client_ca.end()) == row.authorities);
    CHECK(s.tls.crl_check == row.check);
}

TEST_CASE("the defaults of a service", "[config]") {
    auto const s = good({.file = {}, .sets = {"site.code=PS1"}, .environment = {}, .lab = {}});
    CHECK(s.site.code == "PS1");
    CHECK(s.site.mode == SiteMode::mixed);
    CHECK(s.site.host == machine_name());
    CHECK(s.http_listen == List{"0.0.0.0:80"});
    CHECK(s.https_listen.empty());
    CHECK(s.local_socket.empty());
    CHECK(s.tls.certificate.empty());
    CHECK(s.tls.private_key.empty());
    CHECK(s.tls.profile == TlsProfile::intermediate);
    CHECK(s.tls.client_certificates == ClientCertificates::optional);
    CHECK(s.tls.client_ca.empty());
    CHECK(s.tls.crl.empty());
    CHECK(s.tls.crl_check == CrlCheck::off);
    CHECK(s.security.auto_approve == AutoApprove::integrated);
    CHECK(s.security.require_signature == RequireSignature::endpoint);
    CHECK(s.security.empty_reply == EmptyReply::empty);
    CHECK(s.security.min_key_bits == 1024);
    CHECK(s.security.max_key_bits == 8192);
    CHECK(s.security.keytab.empty());
    CHECK(s.security.ntlm_users.empty());
    CHECK(s.limits.max_connections == 0);
    CHECK(s.limits.max_connections_per_address == 0);
    CHECK(s.limits.handshake_timeout == 10s);
    CHECK(s.limits.header_timeout == 10s);
    CHECK(s.limits.body_timeout == 60s);
    CHECK(s.limits.idle_timeout == 120s);
    CHECK(s.limits.max_body == 30'000'000);
    CHECK(s.limits.max_inflated == 67'108'864);
    CHECK(s.limits.max_in_flight == 268'435'456);
    CHECK(s.storage.database == "/var/lib/pointman/pointman.db");
    CHECK(s.storage.files == "/var/lib/pointman/files");
    CHECK(s.pki == "/var/lib/pointman/pki");
    CHECK(s.quarantine.max_bytes == 268'435'456);
    CHECK(s.quarantine.max_days == 90);
    CHECK(s.log.directory == "/var/log/pointman");
    CHECK(s.log.level == "info");
    CHECK(s.log.max_size == 250'000);
    CHECK(s.log.max_history == 1);
    CHECK(s.max_report_size.discovery == 5'000'000);
    CHECK(s.max_report_size.hardware_inventory == 5'000'000);
    CHECK(s.max_report_size.software_inventory == 5'000'000);
    CHECK(s.max_report_size.file_collection == 30'000'000);
    CHECK(s.discovery.mode == ReportMode::lenient);
    CHECK(s.hardware_inventory.mode == ReportMode::lenient);
    CHECK(s.hardware_inventory.history_days == 90);
    CHECK(s.software_inventory.mode == ReportMode::lenient);
    CHECK(s.file_collection.mode == ReportMode::lenient);
    CHECK(s.file_collection.revisions == 5);
    CHECK(s.file_collection.max_file == 1'000'000);
    CHECK(s.file_collection.max_cycle == 20'000'000);
    CHECK(s.status.milestone_days == 30);
    CHECK(s.status.detail_days == 30);
    CHECK(s.status.audit_days == 180);
    CHECK(s.status.nt_event_days == 30);
    CHECK(s.uploads.enabled);
    CHECK(s.uploads.max_size == 64UL * 1024 * 1024);
    CHECK(s.uploads.max_bytes == 1024UL * 1024 * 1024);
    CHECK(s.uploads.max_sessions == 1000);
    CHECK(s.uploads.max_sessions_per_address == 100);
    CHECK(s.uploads.session_days == 7);
    CHECK(s.uploads.finished_days == 2);
    CHECK(s.relay.missing_age == std::chrono::hours(48));
    CHECK(s.relay.check_interval == std::chrono::seconds(60));
    CHECK(s.relay.history_days == 90);
    CHECK(s.relay.max_idmif == 250'000);
}

TEST_CASE("the defaults of a lab", "[config]") {
    auto const s = good({.file = {}, .sets = {}, .environment = {}, .lab = "/srv/lab"});
    CHECK(s.site.code == "LAB");
    CHECK(s.http_listen == List{"127.0.0.1:8080"});
    CHECK(s.https_listen == List{"127.0.0.1:8443"});
    CHECK(s.local_socket == "/srv/lab/pointman.sock");
    CHECK(s.security.auto_approve == AutoApprove::all);
    CHECK(s.storage.database == "/srv/lab/pointman.db");
    CHECK(s.storage.files == "/srv/lab/files");
    CHECK(s.log.directory == "/srv/lab/logs");
    CHECK(s.pki == "/srv/lab/pki");
}

TEST_CASE("a lab's directory is made absolute", "[config]") {
    auto const s = good({.file = {}, .sets = {}, .environment = {}, .lab = "lab"});
    CHECK(s.storage.database == std::filesystem::current_path() / "lab/pointman.db");
}

TEST_CASE("a lab in a directory whose name is too long for a socket's path has none", "[config]") {
    // "/srv/" and "/pointman.sock" are 19 of 107 bytes.
    auto const fits = "/srv/" + std::string(88, 'x');
    CHECK(good({.file = {}, .sets = {}, .environment = {}, .lab = fits}).local_socket ==
          fits + "/pointman.sock");
    CHECK(good({.file = {}, .sets = {}, .environment = {}, .lab = fits + "x"}).local_socket.empty());
}

TEST_CASE_METHOD(Fixture, "a lab reads its own file, unless another is named", "[config]") {
    auto other = source("site.code = \"OWN\"");
    CHECK(good({.file = {}, .sets = {}, .environment = {}, .lab = directory.path()}).site.code == "OWN");
    other.file = directory.path() / "other.toml";
    std::ofstream(other.file) << "site.host = \"mp\"";
    other.lab = directory.path();
    auto const s = good(other);
    CHECK(s.site.code == "LAB");
    CHECK(s.site.host == "mp");
}

TEST_CASE_METHOD(Fixture, "every setting can be set in a file", "[config]") {
    auto const s = good(source(R"(
        [site]
        code = "A1b"
        mode = "mixed"
        host = "mp.example.org"
        [http]
        listen = ["127.0.0.1:0", "[::1]:8080"]
        [https]
        listen = "0.0.0.0:443"
        [local]
        socket = "run/mp.sock"
        [tls]
        certificate = ["rsa.pem", "/etc/p256.pem"]
        private_key = ["rsa.key", "/etc/p256.key"]
        profile = "legacy"
        [security]
        auto_approve = "none"
        keytab = "krb5.keytab"
        ntlm_users = "/etc/pointman/ntlm_users"
        require_signature = "always"
        empty_reply = "header"
        min_key_bits = 2048
        max_key_bits = 4096
        [limits]
        max_connections = 100
        max_connections_per_address = 7
        handshake_timeout = 1
        header_timeout = 2
        body_timeout = 3
        idle_timeout = 4
        max_body = 5
        max_inflated = "6 KiB"
        max_in_flight = "7GB"
        [storage]
        database = "data/mp.db"
        files = "/data/files"
        pki = "pki"
        [quarantine]
        max_bytes = "1 MiB"
        max_days = 8
        [log]
        directory = ""
        level = "debug"
        max_size = "1mb"
        max_history = 9
        [discovery]
        max_report_size = 1001
        mode = "strict"
        [hardware_inventory]
        max_report_size = 1002
        mode = "strict"
        history_days = 10
        [software_inventory]
        max_report_size = 1003
        mode = "strict"
        [file_collection]
        max_report_size = 1004
        mode = "strict"
        revisions = 11
        max_file = "2 MB"
        max_cycle = 0
        [status]
        milestone_days = 21
        detail_days = 22
        audit_days = 23
        nt_event_days = 24
        [uploads]
        mode = "off"
        max_size = 31
        max_bytes = "32 kB"
        max_sessions = 33
        max_sessions_per_address = 34
        session_days = 35
        finished_days = 36
        [relay]
        missing_age = 12
        check_interval = 13
        history_days = 14
        max_idmif = "5 MB"
    )"));
    auto const here = directory.path();
    using Paths = std::vector<std::filesystem::path>;
    CHECK(s.site.code == "A1b");
    CHECK(s.site.host == "mp.example.org");
    CHECK(s.http_listen == List{"127.0.0.1:0", "[::1]:8080"});
    CHECK(s.https_listen == List{"0.0.0.0:443"});
    CHECK(s.local_socket == directory.path() / "run/mp.sock");
    CHECK(s.tls.certificate == Paths{here / "rsa.pem", "/etc/p256.pem"});
    CHECK(s.tls.private_key == Paths{here / "rsa.key", "/etc/p256.key"});
    CHECK(s.tls.profile == TlsProfile::legacy);
    CHECK(s.security.auto_approve == AutoApprove::none);
    CHECK(s.security.keytab == directory.path() / "krb5.keytab");
    CHECK(s.security.ntlm_users == "/etc/pointman/ntlm_users");
    CHECK(s.security.require_signature == RequireSignature::always);
    CHECK(s.security.empty_reply == EmptyReply::header);
    CHECK(s.security.min_key_bits == 2048);
    CHECK(s.security.max_key_bits == 4096);
    CHECK(s.limits.max_connections == 100);
    CHECK(s.limits.max_connections_per_address == 7);
    CHECK(s.limits.handshake_timeout == 1s);
    CHECK(s.limits.header_timeout == 2s);
    CHECK(s.limits.body_timeout == 3s);
    CHECK(s.limits.idle_timeout == 4s);
    CHECK(s.limits.max_body == 5);
    CHECK(s.limits.max_inflated == 6144);
    CHECK(s.limits.max_in_flight == 7'000'000'000);
    CHECK(s.storage.database == here / "data/mp.db");
    CHECK(s.storage.files == "/data/files");
    CHECK(s.pki == here / "pki");
    CHECK(s.quarantine.max_bytes == 1'048'576);
    CHECK(s.quarantine.max_days == 8);
    CHECK(s.log.directory.empty());
    CHECK(s.log.level == "debug");
    CHECK(s.log.max_size == 1'000'000);
    CHECK(s.log.max_history == 9);
    CHECK(s.max_report_size.discovery == 1001);
    CHECK(s.max_report_size.hardware_inventory == 1002);
    CHECK(s.max_report_size.software_inventory == 1003);
    CHECK(s.max_report_size.file_collection == 1004);
    CHECK(s.discovery.mode == ReportMode::strict);
    CHECK(s.hardware_inventory.mode == ReportMode::strict);
    CHECK(s.hardware_inventory.history_days == 10);
    CHECK(s.software_inventory.mode == ReportMode::strict);
    CHECK(s.file_collection.mode == ReportMode::strict);
    CHECK(s.file_collection.revisions == 11);
    CHECK(s.file_collection.max_file == 2'000'000);
    CHECK(s.file_collection.max_cycle == 0);
    CHECK(s.status.milestone_days == 21);
    CHECK(s.status.detail_days == 22);
    CHECK(s.status.audit_days == 23);
    CHECK(s.status.nt_event_days == 24);
    CHECK_FALSE(s.uploads.enabled);
    CHECK(s.uploads.max_size == 31);
    CHECK(s.uploads.max_bytes == 32'000);
    CHECK(s.uploads.max_sessions == 33);
    CHECK(s.uploads.max_sessions_per_address == 34);
    CHECK(s.uploads.session_days == 35);
    CHECK(s.uploads.finished_days == 36);
    CHECK(s.relay.missing_age == std::chrono::minutes(12));
    CHECK(s.relay.check_interval == 13s);
    CHECK(s.relay.history_days == 14);
    CHECK(s.relay.max_idmif == 5'000'000);
}

TEST_CASE("values of --set", "[config]") {
    struct Row {
        std::string set;
        std::function<bool(Settings const&)> holds;
    };
    auto const row = GENERATE(values<Row>({
        {"site.code=PS1", [](auto const& s) { return s.site.code == "PS1"; }},
        {"site.code=\"PS1\"", [](auto const& s) { return s.site.code == "PS1"; }},
        {" site.code = PS1 ", [](auto const& s) { return s.site.code == "PS1"; }},
        {"site.code=123", [](auto const& s) { return s.site.code == "123"; }},
        {"site.code=007", [](auto const& s) { return s.site.code == "007"; }},
        {"site.code=1e5", [](auto const& s) { return s.site.code == "1e5"; }},
        {"site.host=mp.example.org", [](auto const& s) { return s.site.host == "mp.example.org"; }},
        {"http.listen=127.0.0.1:0", [](auto const& s) { return s.http_listen == List{"127.0.0.1:0"}; }},
        {"http.listen=[::1]:8080", [](auto const& s) { return s.http_listen == List{"[::1]:8080"}; }},
        {"http.listen=[]", [](auto const& s) { return s.http_listen.empty(); }},
        {R"(http.listen=["127.0.0.1:1", "[::1]:2"])",
         [](auto const& s) { return s.http_listen == List{"127.0.0.1:1", "[::1]:2"}; }},
        {"security.auto_approve=none",
         [](auto const& s) { return s.security.auto_approve == AutoApprove::none; }},
        {"limits.max_body=1000", [](auto const& s) { return s.limits.max_body == 1000; }},
        {"limits.max_body=1_000", [](auto const& s) { return s.limits.max_body == 1000; }},
        {"limits.max_body=2MB", [](auto const& s) { return s.limits.max_body == 2'000'000; }},
        {"limits.max_body=2 MiB", [](auto const& s) { return s.limits.max_body == 2'097'152; }},
        {"limits.max_body=\"3 kb\"", [](auto const& s) { return s.limits.max_body == 3000; }},
        {"limits.max_body=1GiB", [](auto const& s) { return s.limits.max_body == 1'073'741'824; }},
        {"storage.database=/a b/c.db", [](auto const& s) { return s.storage.database == "/a b/c.db"; }},
        {"storage.database=relative.db", [](auto const& s) { return s.storage.database == "relative.db"; }},
        {"log.directory=", [](auto const& s) { return s.log.directory.empty(); }},
        {"local.socket=", [](auto const& s) { return s.local_socket.empty(); }},
        {"local.socket=/" + std::string(106, 'x'),
         [](auto const& s) { return s.local_socket.native().size() == 107; }},
    }));
    INFO(row.set);
    CHECK(row.holds(good({.file = {}, .sets = {row.set}, .environment = {}, .lab = "/srv/lab"})));
}

TEST_CASE("variables of the environment", "[config]") {
    struct Row {
        std::pair<std::string, std::string> variable;
        std::function<bool(Settings const&)> holds;
    };
    auto const row = GENERATE(values<Row>({
        {{"POINTMAN_SITE_CODE", "PS1"}, [](auto const& s) { return s.site.code == "PS1"; }},
        {{"POINTMAN_HTTP_LISTEN", "[::1]:1"}, [](auto const& s) { return s.http_listen == List{"[::1]:1"}; }},
        {{"POINTMAN_LIMITS_MAX_CONNECTIONS_PER_ADDRESS", "5"},
         [](auto const& s) { return s.limits.max_connections_per_address == 5; }},
        {{"POINTMAN_HARDWARE_INVENTORY_MAX_REPORT_SIZE", "1MB"},
         [](auto const& s) { return s.max_report_size.hardware_inventory == 1'000'000; }},
        // Not like any of ours: it belongs to somebody else.
        {{"POINTMAN_IMAGE", "x"}, [](auto const& s) { return s.site.code == "LAB"; }},
        // The client library's.
        {{"POINTMAN_SOCKET", "/x"}, [](auto const& s) { return s.local_socket == "/srv/lab/pointman.sock"; }},
    }));
    INFO(row.variable.first);
    CHECK(row.holds(good({.file = {}, .sets = {}, .environment = {row.variable}, .lab = "/srv/lab"})));
}

TEST_CASE_METHOD(Fixture, "the file gives way to the environment, that to --set, and the last of these wins",
                 "[config]") {
    auto all = source("site.code = \"FIL\"\nlog.level = \"debug\"\nlog.max_history = 3");
    all.environment = {{"POINTMAN_SITE_CODE", "ENV"}, {"POINTMAN_LOG_LEVEL", "warning"}};
    all.sets = {"site.code=SE1", "site.code=SE2"};
    auto const s = good(all);
    CHECK(s.site.code == "SE2");
    CHECK(s.log.level == "warning");
    CHECK(s.log.max_history == 3);
}

TEST_CASE("environment() gives this process's variables of ours", "[config]") {
    ::setenv("POINTMAN_SITE_CODE", "a=b", 1);
    ::setenv("NOT_POINTMAN", "x", 1);
    auto const found = environment();
    ::unsetenv("POINTMAN_SITE_CODE");
    ::unsetenv("NOT_POINTMAN");
    CHECK(std::ranges::count(found, std::pair<std::string, std::string>("POINTMAN_SITE_CODE", "a=b")) == 1);
    CHECK(std::ranges::all_of(found, [](auto const& v) { return v.first.starts_with("POINTMAN_"); }));
}

TEST_CASE_METHOD(Fixture, "certificates let a service listen for HTTPS", "[config]") {
    auto const s = good(source("[site]\ncode = \"PS1\"\n[https]\nlisten = \"[::]:443\"\n"
                               "[tls]\ncertificate = \"a.pem\"\nprivate_key = \"a.key\"\n"));
    CHECK(s.https_listen == List{"[::]:443"});
}
