// SPDX-License-Identifier: Apache-2.0
// The local transport: a whole management point, and clients of this machine over its Unix socket.
#include "tests/integration/daemon.hpp"
#include "tests/integration/program.hpp"
#include "tests/support/posts.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <pointman/policy.hpp>
#include <pointman/registration.hpp>
#include <pointman/state.hpp>
#include <pointman/status.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace pointman::test {

namespace {

namespace fs = std::filesystem;
namespace pc = client;

std::string own_peer() {
    return fmt::format("uid {}, pid {}", ::geteuid(), ::getpid());
}

/// A client of the library, over the local transport.
struct LocalClient {
    LocalClient(std::function<pc::Time()> const& now, std::string const& host,
                std::size_t upload_threshold = 0)
        : messaging(pc::Messaging::open({.queue = directory.path() / "queue",
                                         .deliver_in_background = false,
                                         .upload_threshold = upload_threshold,
                                         .source_host = "LABPC07",
                                         .now = now})
                        .value())
        , identity(pc::Identity::open(directory.path() / "identity", {.now = now()}).value())
        , session{.messaging = messaging,
                  .identity = identity,
                  .host = host,
                  .agent = {.netbios_name = "LABPC07", .fqdn = "labpc07.lab.example", .site_code = "LAB"}} {}

    TemporaryDirectory directory;
    pc::Messaging messaging;
    pc::Identity identity;
    pc::Session session;
};

std::function<pc::Time()> time_of(Lab& lab) {
    return [&lab] { return lab.clock().now(); };
}

std::string host_of(Lab& lab) {
    return "unix:" + lab.app().addresses().local.string();
}

/// A status message, which leaves a row behind.
wire::OutgoingRequest status_of(TestClient const& client, bool is_signed) {
    return client.message("StatusReceiver",
                          fmt::format("<Status SchemaVersion=\"1.0\"><Type>T</Type><Properties>"
                                      "<Property Name=\"ClientID\">{}</Property>"
                                      "<Property Name=\"MachineName\">{}</Property></Properties></Status>",
                                      client.id().text(), client.name()),
                          is_signed);
}

/// Another user's rights, where the test has those of root.
class AnotherUser {
public:
    AnotherUser() { REQUIRE(::seteuid(user) == 0); }
    AnotherUser(AnotherUser const&) = delete;
    AnotherUser& operator=(AnotherUser const&) = delete;
    ~AnotherUser() { static_cast<void>(::seteuid(0) == 0); }
    static constexpr uid_t user = 12345;
};

} // namespace

TEST_CASE("whatever is served over HTTP is served over the local socket") {
    Lab lab;
    auto connection = lab.local();
    CHECK(connection.request("GET", "/health").status == 200);
    CHECK(connection.request("GET", "/metrics").status == 200);
    auto const list = connection.request("GET", "/SMS_MP/.sms_aut?MPLIST");
    CHECK(list.text() == lab.http().request("GET", "/SMS_MP/.sms_aut?MPLIST").text());
    CHECK(connection.request("GET", "/none").status == 404);
    TestClient client("WS-0417", test_key(0));
    CHECK(attribute_in(client.register_with(connection), "Status") == "0");
    CHECK(attribute_in(client.confirm(connection), "Status") == "0");
    CHECK_THAT(lab.log("MP_ClientRegistration"), Catch::Contains("from " + own_peer()));
    CHECK_THAT(lab.log("MP_GetAuth"), Catch::Contains(own_peer() + " asked for"));
}

TEST_CASE("the operator's messages count as signed, over the local socket and nowhere else") {
    Lab lab;
    TestClient client("WS-0417", test_key(0));
    auto local = lab.local();
    auto network = lab.http();
    client.register_with(local);
    std::size_t refused = 0;
    for (auto post : posts_of(client)) {
        INFO(post.endpoint << " " << post.file_type);
        // In mixed mode these two demand none.
        bool const demands_signature =
            post.endpoint != "StatusReceiver" && post.endpoint != "MP_RelayEndpoint";
        post.is_signed = false;
        CHECK(TestClient::send(network, request_of(client, post)).status == 200);
        refused += demands_signature ? 1 : 0;
        CHECK(lab.quarantine().size() == refused);
        CHECK(TestClient::send(local, request_of(client, post)).status == 200);
        CHECK(lab.quarantine().size() == refused);
    }
    CHECK(refused > 0);

    REQUIRE(pointman(lab, {"client", "block", client.id().text()}).exit_code == 0);
    CHECK(TestClient::send(local, status_of(client, false)).status == 200);
    REQUIRE(lab.quarantine().size() == refused + 1);
    auto const entry = std::ranges::max(lab.quarantine(), {}, &db::QuarantineEntry::id);
    CHECK(entry.reason == "Blocked");
    CHECK(entry.peer == own_peer());

    // What needed no signature when it came needs none when it is put through again.
    REQUIRE(pointman(lab, {"client", "unblock", client.id().text()}).exit_code == 0);
    CHECK(pointman(lab, {"quarantine", "replay", std::to_string(entry.id)}).exit_code == 0);
}

TEST_CASE("an unsigned message of the operator is known when it is repeated") {
    Lab lab;
    TestClient client("WS-0417", test_key(0));
    auto local = lab.local();
    client.register_with(local);
    auto const request = status_of(client, false);
    for (int i = 0; i < 2; ++i) CHECK(TestClient::send(local, request).status == 200);
    CHECK(told(lab, {"status", "list"}).as_array().size() == 1);
}

TEST_CASE("native mode: over the local socket no certificate is shown, and signatures decide") {
    Lab lab({"site.mode=native"});
    auto local = lab.local();
    CHECK(local.request("GET", "/SMS_MP/.sms_aut?MPLIST").status == 200);
    CHECK(lab.http().request("GET", "/SMS_MP/.sms_aut?MPLIST").status == 403);
    // A certificate that nobody vouches for is none here either.
    TestClient client("WS-0417", test_key(0));
    CHECK(attribute_in(client.register_with(local), "Status") != "0");
}

TEST_CASE("a secret policy is for whom proves the client's key, the operator too") {
    Lab lab;
    LocalClient client(time_of(lab), host_of(lab));
    REQUIRE(pc::register_client(client.session));
    assign_secret_policy(lab, "S");
    auto const policy = pc::request_policy(client.session).value();
    REQUIRE_FALSE(policy.assignments.empty());
    CHECK(pc::download_policy(client.session, policy.assignments.front()));
    CHECK(lab.local().request("GET", "/SMS_MP/.sms_pol?S.1_00").status == 401);
}

TEST_CASE("the library reaches the management point of this machine without a URL") {
    auto const row = GENERATE(std::size_t{0}, std::size_t{100}); // payloads uploaded from
    Lab lab;
    ::setenv("POINTMAN_SOCKET", lab.app().addresses().local.c_str(), 1);
    LocalClient client(time_of(lab), "", row);
    auto const& session = client.session;
    auto const registered = pc::register_client(session);
    if (!registered) FAIL(registered.error().message);
    CHECK(registered->approval == 1);
    pc::StateMessage const state{.topic_id = "T",
                                 .topic_type = 500,
                                 .topic_id_type = 3,
                                 .state_id = 2,
                                 .time = session.messaging.now()};
    REQUIRE(pc::post_status(session, {.type = "SoftDistProgramStartedEvent"}));
    REQUIRE(pc::post_states(session, {&state, 1}));
    ::unsetenv("POINTMAN_SOCKET");
    CHECK(client.messaging.flush()->delivered == 2);
    for (auto const& entry : lab.quarantine()) FAIL(entry.detail);
    CHECK(told(lab, {"status", "list"}).as_array().size() == 1);
    CHECK(told(lab, {"state", "show", "LABPC07"}).as_object().at("states").as_array().size() == 1);
    auto const log = lab.log("MP_Framework");
    CHECK((log.find("is used up") != std::string::npos) == (row != 0));
}

TEST_CASE("where the server takes no uploads the library sends inline") {
    Lab lab({"uploads.mode=off"});
    LocalClient client(time_of(lab), host_of(lab), 100);
    auto const registered = pc::register_client(client.session);
    if (!registered) FAIL(registered.error().message);
    REQUIRE(pc::post_status(client.session, {.type = "SoftDistProgramStartedEvent"}));
    CHECK(client.messaging.flush()->delivered == 1);
    CHECK(told(lab, {"status", "list"}).as_array().size() == 1);
}

TEST_CASE("the socket of a killed daemon is replaced, one in use is not, and none is left behind") {
    TemporaryDirectory const directory;
    TestClient client("WS-0417", test_key(0));
    std::string path;
    {
        Daemon daemon(directory.path());
        path = daemon.socket();
        CHECK(path == (directory.path() / "lab/pointman.sock").string());
        CHECK(daemon.local_host() == "unix:" + path);
        auto connection = HttpConnection::plain(path);
        client.register_with(connection);
        CHECK(TestClient::send(connection, status_of(client, false)).status == 200);
        daemon.process().signal(SIGKILL);
        CHECK(daemon.process().wait() == -SIGKILL);
    }
    REQUIRE(fs::is_socket(path));
    {
        Daemon daemon(directory.path());
        auto connection = HttpConnection::plain(path);
        CHECK(attribute_in(client.confirm(connection), "Status") == "0");

        auto const second =
            run({POINTMAN_BINARY, "serve", "--lab", (directory.path() / "second").string(), "--http",
                 "127.0.0.1:0", "--https", "127.0.0.1:0", "--set", "local.socket=" + path});
        CHECK(second.exit_code != 0);
        CHECK_THAT(second.err,
                   Catch::Contains("cannot listen on " + path + ": another management point listens there"));
        CHECK(connection.request("GET", "/health").status == 200);

        // What is read again changes no address.
        daemon.process().signal(SIGHUP);
        CHECK(HttpConnection::plain(path).request("GET", "/health").status == 200);
        daemon.process().signal(SIGTERM);
        CHECK(daemon.process().wait() == 0);
    }
    CHECK_FALSE(fs::exists(path));
}

TEST_CASE("another user's messages go as they do over HTTP") {
    if (::geteuid() != 0) {
        WARN("left out: only root can be two users");
        return;
    }
    TemporaryDirectory const directory;
    REQUIRE(::chmod(directory.path().c_str(), 0755) == 0);
    auto const path = (directory.path() / "mp.sock").string();
    Daemon daemon(directory.path(), {"local.socket=" + path});
    TestClient client("WS-0417", test_key(0));
    auto operators = HttpConnection::plain(path);
    client.register_with(operators);
    auto const others = [&] {
        AnotherUser const another;
        return HttpConnection::plain(path);
    };
    auto connection = others();
    auto const posts = posts_of(client);
    auto unsigned_report = *std::ranges::find_if(posts, &Post::is_signed);
    auto const signed_report = unsigned_report;
    unsigned_report.is_signed = false;
    auto const refusals = [&] {
        auto const listed = told({"quarantine", "list"}, {"--lab", (directory.path() / "lab").string()});
        Texts texts;
        for (auto const& entry : listed.as_array()) texts.push_back(text_of(entry, "reason"));
        return texts;
    };
    CHECK(TestClient::send(operators, request_of(client, unsigned_report)).status == 200);
    CHECK(refusals().empty());
    CHECK(TestClient::send(connection, request_of(client, signed_report)).status == 200);
    CHECK(refusals().empty());
    CHECK(TestClient::send(connection, request_of(client, unsigned_report)).status == 200);
    CHECK(refusals() == Texts{"BadSignature"});
    CHECK_THAT(read_text(directory.path() / "lab/logs" / (unsigned_report.log + ".log")),
               Catch::Contains(fmt::format("uid {}, pid {}", AnotherUser::user, ::getpid())));
}

} // namespace pointman::test
