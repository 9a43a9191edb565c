// SPDX-License-Identifier: Apache-2.0
// The local transport: which socket a host names, what is asked over it, and what its failures mean.
#include "base/bytes.hpp"
#include "client/messaging/courier.hpp"
#include "server/wire/message.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/unit/client/support.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <pointman/messaging.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace pointman::client {

namespace {

namespace fs = std::filesystem;
using test::http_answer;
using test::ScriptedAnswer;
using test::ScriptedRequest;
using test::ScriptedServer;

/// The variable as a test wants it; unset afterwards.
class Variable {
public:
    explicit Variable(std::string const& value) { ::setenv("POINTMAN_SOCKET", value.c_str(), 1); }
    Variable(Variable const&) = delete;
    Variable& operator=(Variable const&) = delete;
    ~Variable() { ::unsetenv("POINTMAN_SOCKET"); }
};

/// A socket that nobody accepts from.
class Silent {
public:
    Silent(fs::path const& path, int backlog)
        : descriptor_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        path.native().copy(address_.sun_path, sizeof address_.sun_path - 1);
        REQUIRE(::bind(descriptor_, generic(), sizeof address_) == 0);
        REQUIRE(::listen(descriptor_, backlog) == 0);
    }
    Silent(Silent const&) = delete;
    Silent& operator=(Silent const&) = delete;
    ~Silent() {
        for (int const each : waiting_) ::close(each);
        ::close(descriptor_);
    }

    /// Until no more connections may wait.
    void fill() {
        for (int i = 0; i < 100; ++i) {
            waiting_.push_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
            if (::connect(waiting_.back(), generic(), sizeof address_) != 0) return;
        }
        FAIL("the backlog has no end");
    }

private:
    sockaddr const* generic() const { return reinterpret_cast<sockaddr const*>(&address_); }
    sockaddr_un address_{.sun_family = AF_UNIX, .sun_path = {}};
    int descriptor_;
    std::vector<int> waiting_;
};

/// Nobody's rights, where the test has those of root, to whom all is permitted.
class Unprivileged {
public:
    Unprivileged() {
        if (was_ == 0) REQUIRE(::seteuid(65534) == 0);
    }
    Unprivileged(Unprivileged const&) = delete;
    Unprivileged& operator=(Unprivileged const&) = delete;
    ~Unprivileged() {
        if (was_ == 0) static_cast<void>(::seteuid(was_) == 0);
    }

private:
    uid_t was_ = ::geteuid();
};

Message question(std::uint32_t flags = security::mixed_mode) {
    Message message;
    message.set_target_endpoint("MP_Test");
    message.set_body_from_string("<Question/>");
    message.set_security_flags(flags);
    return message;
}

MessagingOptions options(fs::path const& queue = {}) {
    return {
        .queue = queue, .deliver_in_background = false, .retry_after = {}, .source_host = "PC1", .now = [] {
            return test_time;
        }};
}

ScriptedAnswer accept(ScriptedRequest const&) {
    return {http_answer(200)};
}

} // namespace

TEST_CASE("a host that names no socket, or one that nobody listens on") {
    test::TemporaryDirectory const directory;
    auto const none = (directory.path() / "none").string();
    auto const dead = (directory.path() / "dead").string();
    auto const file = (directory.path() / "file").string();
    {
        Silent const gone(dead, 1);
    }
    std::ofstream(file) << "no socket";
    struct Row {
        std::string host;
        std::string variable;
        Code code;
        std::string text; ///< in the message
    };
    auto const long_path = "/" + std::string(107, 'x');
    auto const rows = std::to_array<Row>({
        {"", none, Code::server_unavailable,
         "unix:" + none + ": no management point of this machine listens"},
        {"", dead, Code::server_unavailable, "unix:" + dead + ": "},
        {"", "relative", Code::invalid_argument, "POINTMAN_SOCKET has to be an absolute path"},
        {"", long_path, Code::invalid_argument, "POINTMAN_SOCKET is a path of 108 bytes"},
        {"unix:" + none, "", Code::server_unavailable, "Set local.socket in its configuration"},
        {"unix:" + dead, "", Code::server_unavailable, "Connection refused"},
        {"unix:" + file, "", Code::server_unavailable, "Connection refused"},
        {"unix://" + none, "", Code::server_unavailable, "No such file"},
        {"unix:", "", Code::invalid_argument, "what follows 'unix:' has to be an absolute path"},
        {"unix:run/x", "", Code::invalid_argument, "what follows 'unix:' has to be an absolute path"},
        {std::string("unix:/a\0b", 9), "", Code::invalid_argument, "has to be an absolute path"},
        {"unix:" + long_path, "", Code::invalid_argument, "what follows 'unix:' is a path of 108 bytes"},
        {"unix" + none, "", Code::invalid_argument, "is no URL"},
    });
    auto messaging = Messaging::open(options()).value();
    for (auto const& row : rows) {
        INFO("host '" << row.host << "', variable '" << row.variable << "'");
        Variable const variable(row.variable);
        auto const reply = messaging.invoke(row.host, question());
        REQUIRE_FALSE(reply);
        CHECK(name_of(reply.error().code) == name_of(row.code));
        CHECK_THAT(reply.error().message, Catch::Contains(row.text));
    }
    Variable const variable(none);
    CHECK(hresult_of(messaging.invoke("", question()).error()) == 0x800706BA);
}

TEST_CASE("a socket that may not be connected to is the original's E_ACCESSDENIED") {
    test::TemporaryDirectory const directory;
    auto const path = directory.path() / "closed";
    Silent const server(path, 1);
    REQUIRE(::chmod(path.c_str(), 0) == 0);
    REQUIRE(::chmod(directory.path().c_str(), 0755) == 0);
    auto messaging = Messaging::open(options()).value();
    Unprivileged const nobody;
    auto const reply = messaging.invoke("unix:" + path.string(), question());
    REQUIRE_FALSE(reply);
    CHECK(name_of(reply.error().code) == "access_denied");
    CHECK(hresult_of(reply.error()) == 0x80070005);
    CHECK_THAT(reply.error().message, Catch::Contains("connecting is not permitted to this user"));
}

TEST_CASE("a server too busy to accept is waited for, and not for ever") {
    test::TemporaryDirectory const directory;
    auto const path = directory.path() / "busy";
    Silent server(path, 0);
    server.fill();
    auto given = options();
    given.deadlines.connect = std::chrono::milliseconds{60};
    auto messaging = Messaging::open(given).value();
    CHECK(name_of(messaging.invoke("unix:" + path.string(), question()).error().code) == "timeout");
}

TEST_CASE("a request over the socket is the same HTTP, and the flags of HTTP are passed over") {
    test::TemporaryDirectory const directory;
    ScriptedServer server(accept, (directory.path() / "s").string());
    std::string seen;
    auto given = options();
    given.observe = [&seen](Exchange const& exchange) { seen = exchange.server; };
    auto messaging = Messaging::open(given).value();
    auto native = question(security::native_mode | security::compress);
    native.set_port(1);
    REQUIRE(native.set_proxy("127.0.0.1:1"));
    Variable const variable((directory.path() / "s").string());
    for (auto const& host : {std::string(), server.url()}) {
        INFO(host);
        // The answer without content, which only the server can have given.
        CHECK(name_of(messaging.invoke(host, native).error().code) == "no_reply");
        CHECK(seen == server.url());
    }
    auto const requests = server.requests();
    REQUIRE(requests.size() == 2);
    for (auto const& request : requests) {
        CHECK(request.method == "CCM_POST");
        CHECK(request.target == "/ccm_system/request");
        CHECK(request.header("host") == "localhost");
        CHECK(request.connection == 1); // kept for the next
        auto decoded = wire::decode(wire::content_type, as_bytes(request.body)).value();
        CHECK(std::get<wire::Envelope>(decoded).header.target_host == "localhost");
    }
}

TEST_CASE("what is posted to this machine waits for its management point, whatever keeps it") {
    test::TemporaryDirectory const directory;
    auto const path = directory.path() / "s";
    REQUIRE(::chmod(directory.path().c_str(), 0755) == 0);
    auto const queue = directory.path() / "queue";
    std::string id;
    {
        Variable const variable(path.string());
        auto messaging = Messaging::open(options(queue)).value();
        id = messaging.post("", question()).value();
        auto const delivery = messaging.flush(true).value();
        CHECK(delivery.waiting == 1);
        CHECK(name_of(delivery.last_failure->code) == "server_unavailable");
    }
    // It goes where it was posted to, whatever the variable says by then.
    auto messaging = Messaging::open(options(queue)).value();
    CHECK(messaging.queued()->front().host.empty());
    {
        Silent const server(path, 1);
        REQUIRE(::chmod(path.c_str(), 0) == 0);
        // Root may connect to any.
        if (::geteuid() != 0) CHECK(name_of(messaging.flush(true)->last_failure->code) == "access_denied");
    }
    CHECK(messaging.queued()->size() == 1);
    CHECK(messaging.refused()->empty());
    fs::remove(path);
    ScriptedServer server(accept, path.string());
    CHECK(messaging.flush(true)->delivered == 1);
    auto decoded = wire::decode(wire::content_type, as_bytes(server.requests().front().body)).value();
    CHECK(std::get<wire::Envelope>(decoded).header.id == id);
}

TEST_CASE("only a server's own refusal is final") {
    CHECK(is_final({.code = Code::access_denied, .http_status = 403}));
    CHECK_FALSE(is_final({.code = Code::access_denied})); // of a socket that may yet be opened
    CHECK_FALSE(is_final({.code = Code::server_unavailable}));
}

TEST_CASE("a file that was queued before there was a local transport is delivered as ever") {
    test::TemporaryDirectory const directory;
    ScriptedServer server(accept);
    auto messaging = Messaging::open(options(directory.path() / "queue")).value();
    REQUIRE(messaging.post(server.url(), question()));
    std::size_t changed = 0;
    for (auto const& entry : fs::directory_iterator(directory.path() / "queue")) {
        auto content = entry.is_regular_file() ? test::read_text(entry.path()) : std::string();
        auto const field = std::string(R"("socket":"",)");
        auto const at = content.find(field);
        if (at == std::string::npos) continue;
        std::ofstream(entry.path(), std::ios::binary) << content.erase(at, field.size());
        ++changed;
    }
    REQUIRE(changed == 1);
    CHECK(messaging.flush(true)->delivered == 1);
    CHECK(server.requests().size() == 1);
}

} // namespace pointman::client
