// SPDX-License-Identifier: Apache-2.0
// Integrated authentication by the clients that administrators have: curl and python's requests, against the
// daemon itself, with NTLM and with a Kerberos realm of the test's own.
#include "server/integrated/authorization.hpp"
#include "tests/support/gss_client.hpp"
#include "tests/support/kdc.hpp"
#include "tests/support/lab.hpp"
#include "tests/support/test_client.hpp"
#include "tests/support/xmllint.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <poll.h>
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#endif

namespace pointman::test {

namespace {

constexpr std::string_view host = "mp.lab.test";
constexpr std::string_view windows_path = "/ccm_system_windowsauth/request";
constexpr std::string_view anonymous_path = "/ccm_system/request";
std::string const content_type = "Content-Type: " + std::string(wire::content_type);

/// What a daemon is set up with.
struct Setup {
    bool ntlm = false;
    std::filesystem::path keytab{};
    Environment environment{};
};

/// The keys of the first daemon: later ones take them over, since making keys is slow.
std::filesystem::path shared_keys() {
    static TemporaryDirectory const directory;
    return directory.path() / "pki";
}

/// The daemon as a process of its own, with its own environment.
class Daemon {
public:
    explicit Daemon(Setup const& setup) {
        std::filesystem::create_directory(lab());
        if (std::filesystem::exists(shared_keys())) std::filesystem::copy(shared_keys(), lab() / "pki");
        write_users("LAB:LABPC01$:Secret 1\nLAB:LABPC02$:Secret 2\nLAB:jane:Secret 3\n");
        std::vector<std::string> command{POINTMAN_BINARY, "serve",        "--lab",
                                         lab().string(),  "--ready-file", ready().string()};
        auto const set = [&command](std::string value) {
            command.emplace_back("--set");
            command.push_back(std::move(value));
        };
        set("http.listen=[\"127.0.0.1:0\"]");
        set("https.listen=[]");
        set("security.auto_approve=integrated");
        set(fmt::format("site.host={}", host));
        if (setup.ntlm) set(fmt::format("security.ntlm_users={}", users().string()));
        if (!setup.keytab.empty()) set(fmt::format("security.keytab={}", setup.keytab.string()));
        process_ = std::make_unique<Process>(command, file("console.log"), setup.environment);
        auto const line = boost::json::parse(wait_for_file(ready(), *process_)).as_object();
        address_ = std::string(line.at("http").as_string()).substr(7);
        if (!std::filesystem::exists(shared_keys())) std::filesystem::copy(lab() / "pki", shared_keys());
    }
    /// A daemon that does not end well, a leak under a sanitizer for one, fails the test.
    ~Daemon() {
        process_->signal(SIGTERM);
        CHECK(process_->wait() == 0);
    }
    Daemon(Daemon const&) = delete;
    Daemon& operator=(Daemon const&) = delete;

    void write_users(std::string_view text) const {
        std::ofstream(users()) << text;
        std::filesystem::permissions(users(), std::filesystem::perms::owner_all);
    }
    /// Has the settings read again; returns when mpcontrol.log says so in `words`.
    void reload(std::string const& words) {
        process_->signal(SIGHUP);
        for (int tries = 0; log("mpcontrol").find(words) == std::string::npos; ++tries) {
            if (tries == 3000) throw std::runtime_error("no '" + words + "' in mpcontrol.log");
            ::poll(nullptr, 0, 10);
        }
    }

    std::filesystem::path lab() const { return directory_.path() / "lab"; }
    std::filesystem::path users() const { return directory_.path() / "users"; }
    std::filesystem::path ready() const { return directory_.path() / "ready.json"; }
    std::filesystem::path file(std::string_view name) const { return directory_.path() / name; }
    std::string const& address() const { return address_; }
    std::string port() const { return address_.substr(address_.find(':') + 1); }
    HttpConnection connect() const { return HttpConnection::plain(address_); }
    Process& process() { return *process_; }

    std::string log(std::string const& name) const { return read_text(lab() / "logs" / (name + ".log")); }

    /// "approved integrated", "pending "; "" where the client is not registered.
    std::string approval(std::string const& name) const {
        auto const shown = run({POINTMAN_BINARY, "client", "show", name, "--lab", lab().string(), "--json"});
        if (shown.exit_code != 0) return {};
        auto const json = boost::json::parse(shown.out).as_object();
        return fmt::format("{} {}", std::string_view(json.at("approval").as_string()),
                           std::string_view(json.at("approval_method").as_string()));
    }

private:
    TemporaryDirectory directory_;
    std::unique_ptr<Process> process_;
    std::string address_;
};

/// A registration of a computer of that name, as it goes over the wire.
Bytes registration_body(std::string const& name, std::size_t key) {
    TestClient const client(name, test_key(key));
    auto xml = signed_request(test_key(key), registration_of(test_key(key), name));
    return wire::encode_request(client.message("MP_ClientRegistration", std::move(xml), false));
}

/// LABPC01 has key 0, LABPC02 key 1: one key is one client.
Bytes registration_body(std::string const& name) {
    return registration_body(name, static_cast<std::size_t>(name.back() - '1'));
}

std::string status_in(BytesView body) {
    if (body.empty()) return {};
    auto const reply = wire::decode_reply(wire::content_type, body);
    if (!reply) return "no reply";
    CHECK(faults_by_xmllint(reply->xml) == "");
    return attribute_in(reply->xml, "Status");
}

/// What a program that posts a registration came to.
struct Posted {
    int http_status = 0;
    std::string status; ///< of the registration
    std::string trace;  ///< what the program said about it
};

/// Posts by curl; `options` say how it authenticates.
Posted curl(Daemon const& daemon, std::string const& name, std::string_view path,
            std::vector<std::string> const& options, Environment const& environment = {}) {
    auto const body = daemon.file("body");
    auto const answer = daemon.file("answer");
    std::filesystem::remove(answer);
    std::ofstream(body, std::ios::binary) << as_chars(registration_body(name));
    std::vector<std::string> command{"curl",
                                     "-sv",
                                     "--max-time",
                                     "20",
                                     "-X",
                                     "CCM_POST",
                                     "-H",
                                     content_type,
                                     "--data-binary",
                                     "@" + body.string(),
                                     "-o",
                                     answer.string(),
                                     "-w",
                                     "%{http_code}",
                                     "--resolve",
                                     fmt::format("{}:{}:127.0.0.1", host, daemon.port())};
    command.insert(command.end(), options.begin(), options.end());
    command.push_back(fmt::format("http://{}:{}{}", host, daemon.port(), path));
    auto const result = run(command, environment);
    auto const bytes = std::filesystem::exists(answer) ? read_bytes(answer) : Bytes{};
    return {std::stoi(result.out), status_in(bytes), result.err};
}

/// Python takes MD4, which NTLM cannot do without, from OpenSSL, and that has it switched off.
Environment with_old_digests(std::filesystem::path const& directory) {
    auto const file = directory / "openssl.cnf";
    std::ofstream(file) << "openssl_conf = all\n[all]\nproviders = both\n[both]\ndefault = on\nlegacy = on\n"
                           "[on]\nactivate = 1\n";
    return {{"OPENSSL_CONF", file.string()}};
}

/// Posts by python's requests with its NTLM authentication.
Posted requests_ntlm(Daemon const& daemon, std::string const& name, std::string_view path,
                     std::string const& account, std::string const& password) {
    static constexpr char const* script = R"(
import sys, requests
from requests_ntlm import HttpNtlmAuth
url, kind, account, password, body, answer = sys.argv[1:]
session = requests.Session()
session.auth = HttpNtlmAuth(account, password)
with open(body, 'rb') as data:
    reply = session.request('CCM_POST', url, data=data.read(), headers={'Content-Type': kind})
with open(answer, 'wb') as out:
    out.write(reply.content)
print(reply.status_code)
)";
    auto const body = daemon.file("body");
    auto const answer = daemon.file("answer");
    std::ofstream(body, std::ios::binary) << as_chars(registration_body(name));
    auto const result =
        run({"/usr/bin/python3", "-c", script, fmt::format("http://{}{}", daemon.address(), path),
             std::string(wire::content_type), account, password, body.string(), answer.string()},
            with_old_digests(body.parent_path()));
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    return {std::stoi(result.out), status_in(read_bytes(answer)), result.err};
}

HttpResponse post(HttpConnection& connection, std::string_view path, BytesView body,
                  std::vector<std::pair<std::string, std::string>> headers = {}) {
    headers.emplace_back("Content-Type", std::string(wire::content_type));
    return connection.request("CCM_POST", path, headers, body);
}

std::pair<std::string, std::string> authorization(BytesView token) {
    return {"Authorization", integrated::challenge(integrated::Scheme::ntlm, token)};
}

Bytes challenge_in(HttpResponse const& response) {
    CHECK(response.status == 401);
    CHECK(response.headers.count("www-authenticate") == 1);
    return integrated::parse_authorization(response.header("www-authenticate")).value().token;
}

Posted check_approved(Posted posted) {
    INFO(posted.trace);
    CHECK(posted.http_status == 200);
    CHECK(posted.status == "0");
    return posted;
}

void check_refused(Posted const& posted) {
    INFO(posted.trace);
    CHECK(posted.http_status == 401);
    CHECK(posted.status.empty());
}

} // namespace

TEST_CASE("machine accounts register by NTLM and are approved, without it they wait") {
    Daemon const daemon({.ntlm = true});
    struct Row {
        std::string client;
        std::function<Posted(std::string_view path)> post;
    };
    std::string const account = R"(LAB\LABPC01$)";
    auto const by_curl = [&](std::vector<std::string> const& options, Environment const& environment = {}) {
        return [&daemon, options, environment](std::string_view path) {
            return curl(daemon, "LABPC01", path, options, environment);
        };
    };
    // Of the two schemes curl takes Negotiate, and with these there is no Kerberos in it.
    Environment const own_account{{"NTLM_USER_FILE", daemon.users().string()}};
    std::vector<Row> const rows{
        {"curl --ntlm", by_curl({"--ntlm", "-u", account + ":Secret 1"})},
        {"curl --ntlm, no domain", by_curl({"--ntlm", "-u", "LABPC01$:Secret 1"})},
        {"curl --negotiate", by_curl({"--negotiate", "-u", ":"}, own_account)},
        {"curl --anyauth", by_curl({"--anyauth", "-u", ":"}, own_account)},
        {"requests",
         [&](std::string_view path) { return requests_ntlm(daemon, "LABPC01", path, account, "Secret 1"); }},
    };
    for (auto const& row : rows) {
        CAPTURE(row.client);
        auto const anonymous = row.post(anonymous_path);
        CHECK(anonymous.http_status == 200);
        CHECK(anonymous.status == "0");
        CHECK(daemon.approval("LABPC01") == "pending ");
        check_approved(row.post(windows_path));
        CHECK(daemon.approval("LABPC01") == "approved integrated");
        CHECK(
            run({POINTMAN_BINARY, "client", "delete", "LABPC01", "--lab", daemon.lab().string()}).exit_code ==
            0);
    }
    CHECK_THAT(daemon.log("MP_ClientRegistration"),
               Catch::Contains(R"(MP Reg: Client 'LABPC01' authenticated as 'LAB\LABPC01$')"));
    CHECK_THAT(daemon.log("MP_Framework"), Catch::Contains(R"(authenticated as LAB\LABPC01$ by NTLM)"));
    CHECK_THAT(daemon.log("mpcontrol"),
               Catch::Contains("Integrated authentication accepts NTLM for 3 accounts"));
}

TEST_CASE("machine accounts register by Kerberos and are approved, without it they wait") {
    Kdc kdc;
    auto const keytab = kdc.add("HTTP/mp.lab.test");
    bool const ntlm_too = GENERATE(false, true);
    Daemon const daemon({ntlm_too, keytab, kdc.environment()});
    struct Row {
        std::string principal;
        std::string name;
        std::string account;
    };
    for (auto const& row : {Row{"LABPC01$", "LABPC01", R"(LAB.TEST\LABPC01$)"},
                            Row{"host/labpc02.lab.test", "LABPC02", R"(LAB.TEST\LABPC02$)"}}) {
        CAPTURE(row.principal);
        auto const client = kdc.log_in(row.principal, kdc.add(row.principal));
        std::vector<std::string> const negotiate{"--negotiate", "-u", ":"};
        check_approved(curl(daemon, row.name, anonymous_path, negotiate, client));
        CHECK(daemon.approval(row.name) == "pending ");
        auto const posted = check_approved(curl(daemon, row.name, windows_path, negotiate, client));
        CHECK(daemon.approval(row.name) == "approved integrated");
        // The server proves itself too.
        auto const ok = posted.trace.rfind("< HTTP/1.1 200 OK");
        REQUIRE(ok != std::string::npos);
        CHECK(posted.trace.find("< WWW-Authenticate: Negotiate ", ok) != std::string::npos);
        CHECK_THAT(daemon.log("MP_Framework"),
                   Catch::Contains("authenticated as " + row.account + " by Kerberos"));
        check_approved(curl(daemon, row.name, windows_path, {"--anyauth", "-u", ":"}, client));
    }
    CHECK_THAT(daemon.log("mpcontrol"),
               Catch::Contains("Integrated authentication accepts Kerberos as HTTP/mp.lab.test@LAB.TEST"));
}

TEST_CASE("who does not prove an account is refused") {
    Kdc kdc;
    auto const client = kdc.log_in("LABPC01$", kdc.add("LABPC01$"));
    kdc.add("HTTP/mp.lab.test");
    // The daemon holds another realm's key of the same name.
    Daemon const daemon({true, kdc.add("HTTP/mp.lab.test@OTHER.TEST"), kdc.environment()});
    struct Row {
        std::string name;
        std::vector<std::string> options;
        Environment environment;
        std::string reason;
    };
    std::vector<Row> const rows{
        {"wrong password",
         {"--ntlm", "-u", R"(LAB\LABPC01$:Secret 2)"},
         {},
         R"(NTLM account LAB\LABPC01$ does not prove its password)"},
        {"wrong domain",
         {"--ntlm", "-u", R"(OTHER\LABPC01$:Secret 1)"},
         {},
         R"(NTLM account OTHER\LABPC01$ is not in security.ntlm_users)"},
        {"unknown account",
         {"--ntlm", "-u", R"(LAB\LABPC03$:Secret 1)"},
         {},
         R"(NTLM account LAB\LABPC03$ is not in security.ntlm_users)"},
        {"wrong realm",
         {"--negotiate", "-u", ":"},
         client,
         "Request ticket server HTTP/mp.lab.test@LAB.TEST not found in keytab"},
        {"basic", {"--basic", "-u", R"(LAB\LABPC01$:Secret 1)"}, {}, "the scheme 'Basic' is not offered"},
    };
    for (auto const& row : rows) {
        CAPTURE(row.name);
        check_refused(curl(daemon, "LABPC01", windows_path, row.options, row.environment));
        CHECK(daemon.approval("LABPC01").empty());
        CHECK_THAT(daemon.log("MP_Framework"),
                   Catch::Contains("Integrated authentication from 127.0.0.1 failed: " + row.reason));
    }
    auto const posted = requests_ntlm(daemon, "LABPC01", windows_path, R"(LAB\LABPC01$)", "wrong");
    check_refused(posted);
    CHECK(daemon.approval("LABPC01").empty());
    CHECK_THAT(daemon.log("MP_Framework"), !Catch::Contains("Secret"));
}

TEST_CASE("an account that is not the machine's own authenticates and approves nobody") {
    Daemon const daemon({.ntlm = true});
    for (auto const& [account, said] : {std::pair{R"(LAB\jane:Secret 3)", R"('LAB\jane')"},
                                        std::pair{R"(LAB\LABPC02$:Secret 2)", R"('LAB\LABPC02$')"}}) {
        CAPTURE(account);
        check_approved(curl(daemon, "LABPC01", windows_path, {"--ntlm", "-u", account}));
        CHECK(daemon.approval("LABPC01") == "pending ");
        CHECK_THAT(daemon.log("MP_ClientRegistration"),
                   Catch::Contains(std::string(said) +
                                   " is not the machine account of 'LABPC01' and approves nobody"));
    }
}

TEST_CASE("with nothing set up everybody is asked and nobody accepted") {
    Daemon const daemon({});
    CHECK(daemon.connect().request("GET", "/ccm_system_windowsauth/").status == 401);
    check_refused(curl(daemon, "LABPC01", windows_path, {"--ntlm", "-u", R"(LAB\LABPC01$:Secret 1)"}));
    CHECK_THAT(daemon.log("MP_Framework"),
               Catch::Contains("NTLM is asked for, and security.ntlm_users is not set"));
}

TEST_CASE("a client authenticates with GETs, and posts on the same connection without a header") {
    Daemon const daemon({.ntlm = true});
    auto connection = daemon.connect();
    GssClient client(R"(LAB\LABPC01$)", "Secret 1", std::string(host));
    auto const get = [&](BytesView token) {
        return connection.request("GET", windows_path, {authorization(token)});
    };
    CHECK(connection.request("GET", windows_path).status == 401);
    auto const answer = client.next(challenge_in(get(client.next())));
    CHECK(get(answer).status == 200);

    SECTION("to the windowsauth path") {
        auto const posted = post(connection, windows_path, registration_body("LABPC01"));
        CHECK(status_in(posted.body) == "0");
        CHECK(daemon.approval("LABPC01") == "approved integrated");
    }
    SECTION("to an anonymous path, where the account does not count") {
        auto const posted = post(connection, anonymous_path, registration_body("LABPC01"));
        CHECK(status_in(posted.body) == "0");
        CHECK(daemon.approval("LABPC01") == "pending ");
        post(connection, windows_path, registration_body("LABPC01"));
        CHECK(daemon.approval("LABPC01") == "approved integrated");
    }
    SECTION("to what is not there") {
        CHECK(connection.request("GET", "/ccm_system_windowsauth/").status == 200);
        CHECK(connection.request("HEAD", "/CCM_System_WindowsAuth").status == 200);
        CHECK(connection.request("CCM_POST", windows_path).status == 200);
        CHECK(connection.request("PROPFIND", windows_path).status == 405);
        CHECK(connection.request("CCM_POST", "/ccm_system_windowsauth/other").status == 404);
    }
}

TEST_CASE("a client that asks to close is kept through the handshake and closed after it") {
    Daemon const daemon({.ntlm = true});
    auto connection = daemon.connect();
    GssClient client(R"(LAB\LABPC01$)", "Secret 1", std::string(host));
    auto const body = registration_body("LABPC01");
    std::pair<std::string, std::string> const close{"Connection", "close"};

    auto const asked = post(connection, windows_path, body, {close});
    CHECK(asked.status == 401);
    CHECK(asked.headers.count("www-authenticate") == 2);
    CHECK(asked.header("connection").empty());
    // The type 1 message comes with no body, as the SDK sends it, and counts all the same.
    auto const challenged = post(connection, windows_path, {}, {close, authorization(client.next())});
    CHECK(challenged.header("connection").empty());
    auto const answer = authorization(client.next(challenge_in(challenged)));
    auto const done = post(connection, windows_path, body, {close, answer});
    CHECK(done.status == 200);
    CHECK(status_in(done.body) == "0");
    CHECK(done.header("connection") == "close");
    CHECK(connection.closed_by_peer());
    CHECK(daemon.approval("LABPC01") == "approved integrated");
}

TEST_CASE("two clients whose handshakes interleave keep their own accounts") {
    Daemon const daemon({.ntlm = true});
    auto a = daemon.connect();
    auto b = daemon.connect();
    GssClient first(R"(LAB\LABPC01$)", "Secret 1", std::string(host));
    GssClient second(R"(LAB\LABPC02$)", "Secret 2", std::string(host));
    auto const body_a = registration_body("LABPC01");
    auto const body_b = registration_body("LABPC02");
    auto const to_a = post(a, windows_path, body_a, {authorization(first.next())});
    auto const to_b = post(b, windows_path, body_b, {authorization(second.next())});
    auto const done_b = post(b, windows_path, body_b, {authorization(second.next(challenge_in(to_b)))});
    auto const done_a = post(a, windows_path, body_a, {authorization(first.next(challenge_in(to_a)))});
    CHECK(status_in(done_a.body) == "0");
    CHECK(status_in(done_b.body) == "0");
    CHECK(daemon.approval("LABPC01") == "approved integrated");
    CHECK(daemon.approval("LABPC02") == "approved integrated");
    // Neither connection can register the other's computer with approval.
    post(a, windows_path, registration_body("LABPC02", 2));
    CHECK_THAT(daemon.log("MP_ClientRegistration"),
               Catch::Contains(R"('LAB\LABPC01$' is not the machine account of 'LABPC02')"));
}

/// The NTLM mechanism loses what it takes from OpenSSL for version 1, out of our reach.
#if defined(__SANITIZE_ADDRESS__)
using LeaksAllowed = __lsan::ScopedDisabler;
#else
struct LeaksAllowed {
    LeaksAllowed() {} // NOLINT(modernize-use-equals-default): not a variable that nobody uses
};
#endif

TEST_CASE("NTLM version 1 is taken only where the operator asks for it") {
    for (auto const& [level, account] : {std::pair{"3", ""}, std::pair{"2", "pending "}}) {
        CAPTURE(level);
        LeaksAllowed const here;
        Daemon const daemon(
            {.ntlm = true, .environment = {{"LM_COMPAT_LEVEL", level}, {"ASAN_OPTIONS", "detect_leaks=0"}}});
        // The client's mechanism reads the same variable; for a client 2 is version 1 alone.
        ::setenv("LM_COMPAT_LEVEL", "2", 1);
        auto connection = daemon.connect();
        GssClient client(R"(LAB\jane)", "Secret 3", std::string(host));
        auto const body = registration_body("LABPC01");
        auto const challenged = post(connection, windows_path, body, {authorization(client.next())});
        auto const answer = client.next(challenge_in(challenged));
        ::unsetenv("LM_COMPAT_LEVEL");
        post(connection, windows_path, body, {authorization(answer)});
        CHECK(daemon.approval("LABPC01") == account);
        bool const refused =
            daemon.log("MP_Framework").find("NTLM version 1 not allowed") != std::string::npos;
        CHECK(refused == std::string_view(account).empty());
    }
}

TEST_CASE("tokens as large as a header allows are refused like any other") {
    Daemon const daemon({.ntlm = true});
    auto connection = daemon.connect();
    for (std::string const scheme : {"NTLM ", "Negotiate "}) {
        auto const refused =
            connection.request("GET", windows_path, {{"Authorization", scheme + std::string(65'000, 'A')}});
        CHECK(refused.status == 401);
        CHECK(refused.headers.count("www-authenticate") == 2);
    }
    CHECK_THAT(daemon.log("MP_Framework"),
               Catch::Contains("a token of 65000 characters; 48000 bytes are taken"));
    // Larger ones are no header any more.
    auto const refused =
        connection.request("GET", windows_path, {{"Authorization", "NTLM " + std::string(87'384, 'A')}});
    CHECK(refused.status == 431);
    CHECK(daemon.connect().request("GET", "/health").status == 200);
}

TEST_CASE("accounts are read again at SIGHUP, and bad ones leave the former in place") {
    Kdc kdc;
    auto const keytab = kdc.add("HTTP/mp.lab.test");
    auto const principal = kdc.log_in("LABPC01$", kdc.add("LABPC01$"));
    Daemon daemon({true, keytab, kdc.environment()});
    auto const ntlm_status = [&](std::string const& credentials) {
        return curl(daemon, "LABPC01", windows_path, {"--ntlm", "-u", credentials}).http_status;
    };
    auto const kerberos_status = [&] {
        return curl(daemon, "LABPC01", windows_path, {"--negotiate", "-u", ":"}, principal).http_status;
    };
    std::string const before = R"(LAB\LABPC01$:Secret 1)";
    std::string const after = R"(LAB\LABPC01$:Changed)";
    CHECK(ntlm_status(before) == 200);
    CHECK(ntlm_status(after) == 401);

    // Nothing changes before the signal.
    daemon.write_users("LAB:LABPC01$\n");
    CHECK(ntlm_status(before) == 200);
    daemon.reload("Accounts of integrated authentication not taken, the former stay in use: ");
    CHECK_THAT(daemon.log("mpcontrol"),
               Catch::Contains(fmt::format("security.ntlm_users: {}: line 1: expected DOMAIN:USER:PASSWORD",
                                           daemon.users().string())));
    CHECK(ntlm_status(before) == 200);
    CHECK(kerberos_status() == 200);

    std::filesystem::rename(keytab, keytab.string() + ".away");
    daemon.write_users("LAB:LABPC01$:Changed\n");
    daemon.reload(fmt::format("security.keytab: cannot read {}: No such file or directory", keytab.string()));
    CHECK(ntlm_status(before) == 200);
    CHECK(kerberos_status() == 200);

    std::filesystem::rename(keytab.string() + ".away", keytab);
    std::filesystem::permissions(
        daemon.users(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write |
                            std::filesystem::perms::group_read | std::filesystem::perms::others_read);
    daemon.reload("NTLM for 1 account");
    CHECK_THAT(daemon.log("mpcontrol"), Catch::Contains("is open to every user of this machine: chmod o="));
    CHECK(ntlm_status(before) == 401);
    CHECK(ntlm_status(after) == 200);
    CHECK(kerberos_status() == 200);
}

TEST_CASE("a daemon does not start with accounts that it cannot read") {
    TemporaryDirectory const directory;
    for (std::string const setting : {"security.keytab", "security.ntlm_users"}) {
        auto const missing = (directory.path() / "missing").string();
        auto const started = run({POINTMAN_BINARY, "serve", "--lab", (directory.path() / "lab").string(),
                                  "--set", "http.listen=[\"127.0.0.1:0\"]", "--set", "https.listen=[]",
                                  "--set", setting + "=" + missing});
        CHECK(started.exit_code == 2);
        CHECK_THAT(started.err,
                   Catch::Contains(setting + ": cannot read " + missing + ": No such file or directory"));
    }
}

} // namespace pointman::test
