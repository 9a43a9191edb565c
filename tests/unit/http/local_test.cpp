// SPDX-License-Identifier: Apache-2.0
// The listener on a Unix socket: whom it names as the peer, and what it makes of what lies at its path.
#include "tests/support/http_client.hpp"
#include "tests/support/paths.hpp"
#include "tests/unit/http/harness.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <fstream>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace pointman::test {

namespace {

namespace fs = std::filesystem;

/// A socket of somebody else, bound to a path.
class Stranger {
public:
    Stranger(fs::path const& path, bool listens, int type = SOCK_STREAM)
        : descriptor_(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.native().copy(address.sun_path, sizeof address.sun_path - 1);
        REQUIRE(::bind(descriptor_, reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0);
        if (listens) REQUIRE(::listen(descriptor_, 1) == 0);
    }
    Stranger(Stranger const&) = delete;
    Stranger& operator=(Stranger const&) = delete;
    ~Stranger() { ::close(descriptor_); }

private:
    int descriptor_;
};

/// "" where it listens, else the failure without the path.
std::string listening(Harness& harness, fs::path const& path) {
    auto const outcome = harness.server->listen_locally(path);
    if (outcome) return {};
    CHECK(outcome.error().code == Code::io);
    auto const begin = fmt::format("cannot listen on {}: ", path.string());
    REQUIRE(outcome.error().message.starts_with(begin));
    return outcome.error().message.substr(begin.size());
}

std::string answer_at(fs::path const& path) {
    auto connection = HttpConnection::plain(path.string());
    return std::string(connection.request("GET", "/a").text());
}

} // namespace

TEST_CASE("over the local socket a request says which process it is from") {
    TemporaryDirectory const directory;
    auto const path = directory.path() / "s";
    Harness harness({}, [](http::Request const& request) -> boost::asio::awaitable<http::Response> {
        http::Response response;
        response.body = to_bytes(fmt::format("{} {} {}", request.peer, request.tls,
                                             request.process ? request.process->user : 4711));
        co_return response;
    });
    harness.listen();
    REQUIRE(listening(harness, path).empty());
    CHECK(answer_at(path) == fmt::format("uid {}, pid {} false {}", ::geteuid(), ::getpid(), ::geteuid()));
    CHECK(HttpConnection::plain(harness.address).request("GET", "/").text() == "127.0.0.1 false 4711");
    struct stat made{};
    REQUIRE(::stat(path.c_str(), &made) == 0);
    CHECK((made.st_mode & 07777U) == 0666);
}

TEST_CASE("what lies at the path decides whether it is listened on") {
    TemporaryDirectory const directory;
    auto const path = directory.path() / "s";
    Harness harness;
    auto const is_left_alone = [&](auto const& kind) {
        CHECK(fs::exists(path));
        CHECK(kind(fs::symlink_status(path)));
    };
    SECTION("nothing") {
        CHECK(listening(harness, path).empty());
        CHECK(answer_at(path) == "GET /a ");
    }
    SECTION("the socket of a dead process is replaced") {
        {
            Stranger const dead(path, true);
        }
        REQUIRE(fs::is_socket(path));
        CHECK(listening(harness, path).empty());
        CHECK(answer_at(path) == "GET /a ");
    }
    SECTION("that of another program, which listens") {
        Stranger const alive(path, true);
        CHECK(listening(harness, path) ==
              "another program listens there: stop it, or set another local.socket");
        is_left_alone([](auto const& status) { return fs::is_socket(status); });
    }
    SECTION("that of another program, for datagrams") {
        Stranger const alive(path, false, SOCK_DGRAM);
        CHECK(listening(harness, path) == "Protocol wrong type for socket");
        is_left_alone([](auto const& status) { return fs::is_socket(status); });
    }
    SECTION("that of another management point") {
        Harness other;
        REQUIRE(listening(other, path).empty());
        CHECK(listening(harness, path) ==
              "another management point listens there: stop it, or set another local.socket");
        CHECK(answer_at(path) == "GET /a ");
    }
    SECTION("a file") {
        std::ofstream(path) << "mine";
        CHECK(listening(harness, path) ==
              "what is there is no socket: move it away, or set another local.socket");
        CHECK(read_text(path) == "mine");
    }
    SECTION("a directory") {
        fs::create_directory(path);
        CHECK(listening(harness, path) ==
              "what is there is no socket: move it away, or set another local.socket");
    }
    SECTION("a link, which is not followed") {
        Stranger const dead(directory.path() / "other", false);
        fs::create_symlink(directory.path() / "other", path);
        CHECK(listening(harness, path) ==
              "what is there is no socket: move it away, or set another local.socket");
        CHECK(fs::is_socket(directory.path() / "other"));
    }
    SECTION("no directory") {
        CHECK(listening(harness, directory.path() / "none" / "s") ==
              "No such file or directory; its directory does not exist: make it (systemd: "
              "RuntimeDirectory=pointman makes /run/pointman)");
    }
    SECTION("a link in place of the lock") {
        fs::create_symlink(directory.path() / "elsewhere", path.string() + ".lock");
        CHECK(listening(harness, path) == "Too many levels of symbolic links");
        CHECK_FALSE(fs::exists(directory.path() / "elsewhere"));
    }
}

TEST_CASE("the socket goes when accepting ends, and the name is free then") {
    TemporaryDirectory const directory;
    auto const path = directory.path() / "s";
    Harness first;
    REQUIRE(listening(first, path).empty());
    SECTION("it is its own") {
        first.drain(std::chrono::seconds{10}).get();
        CHECK_FALSE(fs::exists(path));
        Harness second;
        CHECK(listening(second, path).empty());
        CHECK(answer_at(path) == "GET /a ");
    }
    SECTION("somebody has put another in its place") {
        fs::remove(path);
        Stranger const other(path, true);
        first.drain(std::chrono::seconds{10}).get();
        CHECK(fs::exists(path));
    }
}

TEST_CASE("connections of one user are limited as those of an address") {
    TemporaryDirectory const directory;
    auto const path = directory.path() / "s";
    http::Limits limits;
    limits.max_connections_per_address = 1;
    Harness harness(limits);
    harness.listen();
    REQUIRE(listening(harness, path).empty());
    auto first = HttpConnection::plain(path.string());
    CHECK(first.request("GET", "/a").status == 200);
    auto second = HttpConnection::plain(path.string());
    CHECK(second.closed_by_peer());
    CHECK(harness.reaches(harness.counters().refused_address, 1));
    CHECK(HttpConnection::plain(harness.address).request("GET", "/a").status == 200);
}

} // namespace pointman::test
