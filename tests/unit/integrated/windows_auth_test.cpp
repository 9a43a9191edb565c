// SPDX-License-Identifier: Apache-2.0
// The handshake in HTTP: which header gets which answer, what belongs to the connection, and what the log
// says.
#include "server/windows_auth.hpp"
#include "tests/support/gss_client.hpp"
#include "tests/support/paths.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include <any>
#include <fstream>

using namespace pointman;
using integrated::Scheme;
using test::GssClient;

namespace {

constexpr char const* host = "mp.lab.test";
using Challenges = std::vector<std::string>;

/// What one request came to.
struct Outcome {
    std::string account; ///< "" = 401
    Challenges challenges;
    bool plain_401 = false; ///< a 401 without body on a connection that stays
};

class Server {
public:
    Server() {
        auto const file = directory_.path() / "users";
        std::ofstream(file) << "LAB:LABPC01$:Secret\nLAB:LABPC02$:Other\n";
        auth_.use(integrated::Acceptor::load({{}, file, host}).value());
    }

    WindowsAuth& auth() { return auth_; }

    Outcome send(std::shared_ptr<std::any> const& connection, std::string const& authorization) {
        http::Request request;
        request.id = "r1";
        request.peer = "192.0.2.7";
        request.connection_state = connection;
        if (!authorization.empty()) request.headers.emplace_back("authorization", authorization);
        boost::asio::io_context io;
        auto verdict = boost::asio::co_spawn(io, auth_.admit(request), boost::asio::use_future);
        io.run();
        return outcome_of(verdict.get());
    }

    /// The log's text since the last call.
    std::string log() {
        auto const file = directory_.path() / "MP_Framework.log";
        if (!std::filesystem::exists(file)) return {};
        auto const text = test::read_text(file);
        auto const fresh = text.substr(read_);
        read_ = text.size();
        return fresh;
    }

private:
    static Outcome outcome_of(WindowsAuth::Verdict const& verdict) {
        Outcome outcome;
        http::Headers headers;
        if (auto const* admitted = std::get_if<WindowsAuth::Admitted>(&verdict)) {
            outcome.account = admitted->account;
            headers = admitted->headers;
        } else {
            auto const& response = std::get<http::Response>(verdict);
            outcome.plain_401 =
                response.status == 401 && response.body.empty() && response.keep_open && !response.close;
            headers = response.headers;
        }
        for (auto const& [name, value] : headers) {
            CHECK(name == "WWW-Authenticate");
            outcome.challenges.push_back(value);
        }
        return outcome;
    }

    test::TemporaryDirectory directory_;
    SystemClock clock_;
    std::unique_ptr<log::Logs> logs_ =
        log::Logs::open({directory_.path(), log::Level::info, 250'000, 1, false}, clock_).value();
    boost::asio::thread_pool workers_{2};
    service::FailureLimit failures_{0, clock_};
    WindowsAuth auth_{workers_.get_executor(), failures_, logs_->get("MP_Framework")};
    std::size_t read_ = 0;
};

std::shared_ptr<std::any> new_connection() {
    return std::make_shared<std::any>();
}

Bytes token_in(Outcome const& outcome) {
    REQUIRE(outcome.challenges.size() == 1);
    return integrated::parse_authorization(outcome.challenges.front()).value().token;
}

/// What a client with the right password sends.
struct Client {
    explicit Client(Scheme wanted = Scheme::ntlm, GssClient::Form form = GssClient::Form::ntlm,
                    std::string const& account = R"(LAB\LABPC01$)", std::string const& password = "Secret")
        : scheme(wanted)
        , mechanism(account, password, host, form) {}

    std::string first() { return integrated::challenge(scheme, mechanism.next()); }
    std::string after(Outcome const& outcome) {
        return integrated::challenge(scheme, mechanism.next(token_in(outcome)));
    }

    Scheme scheme;
    GssClient mechanism;
};

Challenges const both{"Negotiate", "NTLM"};

std::string log_in(Server& server, std::shared_ptr<std::any> const& connection, Client client = Client()) {
    return server.send(connection, client.after(server.send(connection, client.first()))).account;
}

} // namespace

TEST_CASE("without credentials both schemes are offered, and nothing is logged") {
    Server server;
    auto const outcome = server.send(new_connection(), "");
    CHECK(outcome.plain_401);
    CHECK(outcome.challenges == both);
    CHECK(server.log().empty());
}

TEST_CASE("a handshake under each scheme") {
    struct Row {
        Scheme scheme;
        GssClient::Form form;
        std::string prefix;
    };
    auto const row = GENERATE(values<Row>({
        {Scheme::ntlm, GssClient::Form::ntlm, "NTLM "},
        {Scheme::negotiate, GssClient::Form::ntlm, "Negotiate "},
        {Scheme::negotiate, GssClient::Form::spnego, "Negotiate "},
    }));
    Server server;
    auto const connection = new_connection();
    Client client(row.scheme, row.form);
    auto const challenged = server.send(connection, client.first());
    CHECK(challenged.plain_401);
    REQUIRE(challenged.challenges.size() == 1);
    CHECK_THAT(challenged.challenges.front(), Catch::StartsWith(row.prefix));

    auto const done = server.send(connection, client.after(challenged));
    CHECK(done.account == R"(LAB\LABPC01$)");
    CHECK(done.challenges.size() == (row.form == GssClient::Form::spnego ? 1 : 0));
    CHECK_THAT(server.log(), Catch::Contains(R"(192.0.2.7 authenticated as LAB\LABPC01$ by NTLM)"));

    // The connection goes on as that account without a header, and no other connection does.
    CHECK(server.send(connection, "").account == R"(LAB\LABPC01$)");
    CHECK(server.send(connection, "").account == R"(LAB\LABPC01$)");
    CHECK(server.send(new_connection(), "").plain_401);
}

TEST_CASE("a new header begins anew") {
    Server server;
    auto const connection = new_connection();
    REQUIRE(log_in(server, connection) == R"(LAB\LABPC01$)");
    Client other(Scheme::ntlm, GssClient::Form::ntlm, R"(LAB\LABPC02$)", "Other");
    auto const challenged = server.send(connection, other.first());
    CHECK(challenged.plain_401);

    SECTION("and ends with the other account") {
        CHECK(server.send(connection, other.after(challenged)).account == R"(LAB\LABPC02$)");
        CHECK(server.send(connection, "").account == R"(LAB\LABPC02$)");
    }
    SECTION("and given up half way leaves nobody") {
        CHECK(server.send(connection, "").challenges == both);
        CHECK(server.send(connection, other.after(challenged)).challenges == both);
        CHECK_THAT(server.log(), Catch::Contains("NTLM message 3 without a negotiation before it"));
    }
    SECTION("also within a handshake") {
        CHECK(log_in(server, connection) == R"(LAB\LABPC01$)");
    }
}

TEST_CASE("two connections keep their own accounts however their handshakes interleave") {
    Server server;
    auto const a = new_connection();
    auto const b = new_connection();
    Client first;
    Client second(Scheme::negotiate, GssClient::Form::spnego, R"(LAB\LABPC02$)", "Other");
    auto const to_a = server.send(a, first.first());
    auto const to_b = server.send(b, second.first());
    CHECK(server.send(b, second.after(to_b)).account == R"(LAB\LABPC02$)");
    CHECK(server.send(a, first.after(to_a)).account == R"(LAB\LABPC01$)");
    CHECK(server.send(b, "").account == R"(LAB\LABPC02$)");
    CHECK(server.send(a, "").account == R"(LAB\LABPC01$)");
}

TEST_CASE("an answer to another connection's challenge is worth nothing") {
    Server server;
    auto const a = new_connection();
    auto const b = new_connection();
    Client client;
    auto const to_a = server.send(a, client.first());
    server.send(b, Client().first());
    CHECK(server.send(b, client.after(to_a)).challenges == both);
    CHECK_THAT(server.log(), Catch::Contains(R"(NTLM account LAB\LABPC01$ does not prove its password)"));
}

TEST_CASE("what fails gets a plain 401 with both schemes, and the log the reason") {
    struct Row {
        std::string header;
        std::string reason;
    };
    auto const of = [](Scheme scheme, std::string_view token) {
        return integrated::challenge(scheme, as_bytes(token));
    };
    std::string_view const type3("NTLMSSP\0\3\0\0\0", 12);
    auto const row = GENERATE_COPY(values<Row>({
        {"Basic TEFCUEMwMTpTZWNyZXQ=", "the scheme 'Basic' is not offered"},
        {"NTLM", "NTLM without a token"},
        {"Negotiate ", "Negotiate without a token"},
        {"NTLM !!!!", "the NTLM token is no base64"},
        {"NTLM " + std::string(87'384, 'A'), "a token of 87384 characters; 48000 bytes are taken"},
        {of(Scheme::ntlm, "garbage"), "the NTLM token is no NTLM message"},
        {of(Scheme::negotiate, "garbage"), "the Negotiate token is none of GSSAPI's"},
        {of(Scheme::negotiate, "\x60\x84\xFF\xFF\xFF\xFF\x06\x06"), "Invalid token was supplied"},
        {of(Scheme::negotiate, std::string("\x60") + std::string(47'999, '\x60')),
         "Invalid token was supplied"},
        {of(Scheme::ntlm, std::string_view("NTLMSSP\0\1\0\0\0", 12)), "Invalid token was supplied"},
    }));
    CAPTURE(row.header.substr(0, 60));
    Server server;
    auto const connection = new_connection();
    auto const check_refused = [&](std::string const& header, std::string const& reason) {
        auto const outcome = server.send(connection, header);
        CHECK(outcome.plain_401);
        CHECK(outcome.challenges == both);
        CHECK_THAT(server.log(),
                   Catch::Contains("Integrated authentication from 192.0.2.7 failed: " + reason));
    };
    SECTION("as the first thing") {
        check_refused(row.header, row.reason);
        check_refused(of(Scheme::ntlm, type3), "NTLM message 3 without a negotiation before it");
    }
    SECTION("within a handshake, which is over then") {
        Client client;
        auto const challenged = server.send(connection, client.first());
        check_refused(row.header, row.reason);
        check_refused(client.after(challenged), "NTLM message 3 without a negotiation before it");
    }
    SECTION("on a connection that has authenticated, and no longer is") {
        REQUIRE(log_in(server, connection) == R"(LAB\LABPC01$)");
        server.log();
        check_refused(row.header, row.reason);
        CHECK(server.send(connection, "").challenges == both);
    }
    CHECK(log_in(server, connection) == R"(LAB\LABPC01$)");
}

TEST_CASE("the scheme may not change within a handshake") {
    Server server;
    auto const connection = new_connection();
    Client client;
    auto const challenged = server.send(connection, client.first());
    client.scheme = Scheme::negotiate;
    auto const answer = integrated::challenge(Scheme::negotiate, client.mechanism.next(token_in(challenged)));
    CHECK(server.send(connection, answer).challenges == both);
    CHECK_THAT(server.log(), Catch::Contains("the scheme changed within a handshake"));
}

TEST_CASE("accounts read again count from the next handshake on") {
    Server server;
    test::TemporaryDirectory const directory;
    auto const file = directory.path() / "users";
    std::ofstream(file) << "LAB:LABPC01$:Changed\n";
    auto const connection = new_connection();
    Client under_way;
    auto const challenged = server.send(connection, under_way.first());
    server.auth().use(integrated::Acceptor::load({{}, file, host}).value());

    CHECK(server.send(connection, under_way.after(challenged)).account == R"(LAB\LABPC01$)");
    CHECK(log_in(server, new_connection()).empty());
    CHECK(log_in(server, new_connection(),
                 Client(Scheme::ntlm, GssClient::Form::ntlm, R"(LAB\LABPC01$)", "Changed")) ==
          R"(LAB\LABPC01$)");
}
