// SPDX-License-Identifier: Apache-2.0
// What the server does to clients that are slow, many or large, and to itself when it runs out or stops.
#include "tests/unit/http/harness.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <catch2/catch.hpp>

#include <array>
#include <fcntl.h>
#include <map>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace pointman;
using namespace pointman::test;
using namespace std::chrono_literals;

namespace {

constexpr auto soon = 60ms; // a deadline that a test waits for
constexpr auto never = 60'000ms;

http::Limits patient() {
    http::Limits limits;
    limits.handshake_timeout = limits.header_timeout = limits.body_timeout = limits.idle_timeout = never;
    return limits;
}

/// A handler that waits at the barrier for paths that begin with /wait.
http::Handler waits_at(Barrier& barrier) {
    return [&barrier](http::Request const& request) -> boost::asio::awaitable<http::Response> {
        if (request.path.starts_with("/wait")) co_await barrier.pass();
        http::Response response;
        response.body = to_bytes("done");
        co_return response;
    };
}

/// A harness whose handlers wait at a barrier.
struct Waiting {
    explicit Waiting(http::Limits limits = patient(), http::Admit admit = {})
        : harness(
              limits, [this](http::Request const& request) { return handler(request); }, std::move(admit))
        , barrier(harness.context.get_executor()) {
        handler = waits_at(barrier);
        harness.listen();
    }
    http::Handler handler;
    Harness harness;
    Barrier barrier;
};

} // namespace

TEST_CASE("Slow clients are cut off") {
    struct Case {
        std::string name;
        std::string bytes;
        std::chrono::milliseconds http::Limits::*deadline;
        std::uint64_t counted;
    };
    Case const cases[] = {
        {"nothing at all", "", &http::Limits::header_timeout, 0},
        {"a head that does not end", "GET / HTTP/1.1\r\nA: b\r\n", &http::Limits::header_timeout, 1},
        {"a second head that does not end", "GET / HTTP/1.1\r\n\r\nGET /", &http::Limits::header_timeout, 1},
        {"a body that does not end", "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc",
         &http::Limits::body_timeout, 1},
        {"chunks that do not end", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
         &http::Limits::body_timeout, 1},
        {"no next request", "GET / HTTP/1.1\r\n\r\n", &http::Limits::idle_timeout, 0},
    };
    for (auto const& one : cases) {
        DYNAMIC_SECTION(one.name) {
            auto limits = patient();
            limits.*one.deadline = soon;
            Harness harness(limits);
            harness.listen();
            auto client = harness.connect();
            REQUIRE((one.bytes.empty() || client.send(one.bytes)));
            auto const answer = client.read_all();
            CHECK(answer.contains("408") == false);
            CHECK(harness.reaches(harness.counters().open, 0));
            CHECK(harness.counters().timeouts == one.counted);
            CHECK(harness.counters().in_flight == 0);
        }
    }
}

TEST_CASE("A dribbled head does not gain time with each byte") {
    auto limits = patient();
    limits.header_timeout = soon;
    Harness harness(limits);
    harness.listen();
    auto client = harness.connect();
    auto const begin = std::chrono::steady_clock::now();
    // Each byte comes well within the deadline, the head never does.
    while (client.send("G") && std::chrono::steady_clock::now() - begin < 8s &&
           harness.counters().open != 0) {
        std::this_thread::yield();
        if (harness.counters().timeouts != 0) break;
    }
    CHECK(harness.reaches(harness.counters().open, 0));
    CHECK(std::chrono::steady_clock::now() - begin < 8s);
}

TEST_CASE("A slow reader is cut off") {
    auto limits = patient();
    limits.idle_timeout = soon;
    Harness harness(limits, [](http::Request const&) -> boost::asio::awaitable<http::Response> {
        http::Response response;
        response.body.resize(std::size_t{64} * 1024 * 1024); // more than any socket buffer holds
        co_return response;
    });
    harness.listen();
    auto client = harness.connect();
    REQUIRE(client.send("GET / HTTP/1.1\r\n\r\n"));
    CHECK(harness.reaches(harness.counters().timeouts, 1));
    CHECK(harness.reaches(harness.counters().open, 0));
}

TEST_CASE("A large answer arrives whole") {
    Harness harness(patient(), [](http::Request const&) -> boost::asio::awaitable<http::Response> {
        http::Response response;
        response.body.resize(3'000'001, std::byte{'x'});
        co_return response;
    });
    harness.listen();
    auto client = harness.connect();
    REQUIRE(client.send("GET / HTTP/1.1\r\n\r\n"));
    CHECK(body_of(client.read_answer()) == std::string(3'000'001, 'x'));
}

TEST_CASE("Past the budget of bytes in flight the answer is 503") {
    auto limits = patient();
    limits.max_in_flight = 100;
    limits.retry_after = 7s;
    auto const body = GENERATE(
        std::string("Content-Length: 60\r\n\r\n" + std::string(60, 'x')),
        std::string("Transfer-Encoding: chunked\r\n\r\n3C\r\n" + std::string(60, 'x') + "\r\n0\r\n\r\n"));
    Waiting waiting(limits);
    auto& harness = waiting.harness;
    auto first = harness.connect();
    REQUIRE(first.send("POST /wait HTTP/1.1\r\n" + body));
    REQUIRE(harness.reaches(waiting.barrier.waiting(), 1));
    CHECK(harness.counters().in_flight == 60);

    auto second = harness.connect();
    REQUIRE(second.send("POST /more HTTP/1.1\r\n" + body));
    auto const refusal = second.read_answer();
    CHECK(status_of(refusal) == 503);
    CHECK(header_of(refusal, "Retry-After") == "7");
    CHECK(header_of(refusal, "Connection") == "close");
    second.shutdown_send();
    CHECK(second.at_end());
    CHECK(harness.counters().overload == 1);
    CHECK(harness.counters().in_flight == 60);

    // What costs nothing is served meanwhile.
    auto third = harness.connect();
    REQUIRE(third.send("GET / HTTP/1.1\r\n\r\n"));
    CHECK(status_of(third.read_answer()) == 200);

    waiting.barrier.open();
    CHECK(body_of(first.read_answer()) == "done");
    CHECK(harness.counters().in_flight == 0);
    auto fourth = harness.connect();
    REQUIRE(fourth.send("POST /more HTTP/1.1\r\n" + body));
    CHECK(status_of(fourth.read_answer()) == 200);
}

TEST_CASE("The bytes of a client that goes away are given back") {
    Waiting waiting;
    auto& harness = waiting.harness;
    {
        auto client = harness.connect();
        REQUIRE(client.send("POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\nabc"));
        REQUIRE(harness.reaches(harness.counters().in_flight, 1000));
    }
    CHECK(harness.reaches(harness.counters().in_flight, 0));
    CHECK(harness.reaches(harness.counters().open, 0));
}

TEST_CASE("A client that is refused while it sends a large body still reads the refusal") {
    Harness harness(patient());
    harness.listen();
    auto client = harness.connect();
    REQUIRE(client.send("POST / HTTP/1.1\r\nContent-Length: 3000000\r\n\r\n"));
    REQUIRE(client.send(std::string(3'000'000, 'x')));
    CHECK(status_of(client.read_answer()) == 413);
    CHECK(harness.counters().too_large == 1);
}

TEST_CASE("Connections over a limit are closed at once") {
    auto limits = patient();
    auto const per_address = GENERATE(false, true);
    (per_address ? limits.max_connections_per_address : limits.max_connections) = 2;
    Harness harness(limits);
    harness.listen();
    auto const& refused =
        per_address ? harness.counters().refused_address : harness.counters().refused_connections;
    auto first = harness.connect();
    {
        auto second = harness.connect();
        REQUIRE(harness.reaches(harness.counters().open, 2));
        auto third = harness.connect();
        CHECK(third.at_end());
        CHECK(refused == 1);
        REQUIRE(second.send("GET / HTTP/1.1\r\n\r\n"));
        CHECK(status_of(second.read_answer()) == 200);
    }
    REQUIRE(harness.reaches(harness.counters().open, 1));
    auto fourth = harness.connect();
    REQUIRE(fourth.send("GET / HTTP/1.1\r\n\r\n"));
    CHECK(status_of(fourth.read_answer()) == 200);
    CHECK(harness.counters().accepted == 3);
}

TEST_CASE("Drain finishes the request under way and closes idle connections") {
    Waiting waiting;
    auto& harness = waiting.harness;
    auto idle = harness.connect();
    auto kept = harness.connect();
    REQUIRE(kept.send("GET / HTTP/1.1\r\n\r\n"));
    REQUIRE(status_of(kept.read_answer()) == 200);
    auto busy = harness.connect();
    REQUIRE(busy.send("GET /wait HTTP/1.1\r\n\r\n"));
    REQUIRE(harness.reaches(waiting.barrier.waiting(), 1));
    REQUIRE(harness.reaches(harness.counters().open, 3));

    auto drained = harness.drain(never);
    CHECK(idle.at_end());
    CHECK(kept.at_end());
    CHECK(drained.wait_for(0s) == std::future_status::timeout);
    waiting.barrier.open();
    auto const answer = busy.read_answer();
    CHECK(body_of(answer) == "done");
    CHECK(header_of(answer, "Connection") == "close");
    REQUIRE(drained.wait_for(10s) == std::future_status::ready);
    drained.get();
    CHECK(harness.counters().open == 0);
    CHECK_THROWS(harness.connect());
}

TEST_CASE("Drain closes what does not finish in time") {
    Waiting waiting;
    auto& harness = waiting.harness;
    auto slow = harness.connect();
    REQUIRE(slow.send("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\na"));
    REQUIRE(harness.reaches(harness.counters().in_flight, 5));
    auto drained = harness.drain(soon);
    REQUIRE(drained.wait_for(10s) == std::future_status::ready);
    CHECK(slow.at_end());
    CHECK(harness.counters().open == 0);
}

TEST_CASE("Drain without connections returns at once, twice too") {
    Harness harness(patient());
    harness.listen();
    harness.drain(never).get();
    harness.drain(never).get();
}

TEST_CASE("A server that is destroyed cuts its connections") {
    Waiting waiting;
    auto& harness = waiting.harness;
    auto client = harness.connect();
    REQUIRE(harness.reaches(harness.counters().open, 1));
    harness.server.reset();
    CHECK(client.at_end());
}

TEST_CASE("Two threads and many connections at once") {
    Harness harness(patient());
    harness.listen();
    std::atomic<int> good{0};
    {
        std::vector<std::jthread> clients;
        for (int i = 0; i < 8; ++i) {
            clients.emplace_back([&harness, &good] {
                for (int round = 0; round < 20; ++round) {
                    auto client = harness.connect();
                    for (int n = 0; n < 5; ++n) {
                        client.send("POST /x HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody");
                        if (body_of(client.read_answer()) == "POST /x body") ++good;
                    }
                }
            });
        }
    }
    CHECK(good == 8 * 20 * 5);
    CHECK(harness.counters().requests == 800);
    CHECK(harness.counters().in_flight == 0);
    CHECK(harness.reaches(harness.counters().open, 0));
}

namespace {

/// As long as it lives there is one descriptor left: the client's socket takes it, and none is there for the
/// server's end.
class FewDescriptors {
public:
    FewDescriptors() {
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
        auto const lowest = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        REQUIRE(lowest >= 0);
        auto low = before_;
        low.rlim_cur = static_cast<rlim_t>(lowest) + 1;
        ::close(lowest);
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
    }
    ~FewDescriptors() { end(); }
    FewDescriptors(FewDescriptors const&) = delete;
    FewDescriptors& operator=(FewDescriptors const&) = delete;

    void end() const { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

} // namespace

TEST_CASE("The server goes on after it ran out of descriptors") {
    Harness harness(patient());
    harness.listen();
    // Threads open what they need when they begin: after an exchange, and its end, nobody opens anything
    // more.
    {
        auto first = harness.connect();
        first.send("GET / HTTP/1.1\r\n\r\n");
        REQUIRE(status_of(first.read_answer()) == 200);
    }
    REQUIRE(harness.reaches(harness.counters().open, 0));
    FewDescriptors few;
    auto client = harness.connect();
    bool const sent = client.send("GET / HTTP/1.1\r\n\r\n");
    auto const end = std::chrono::steady_clock::now() + 10s;
    while (harness.counters().accept_failures < 2 && std::chrono::steady_clock::now() < end)
        std::this_thread::yield();
    auto const failures = harness.counters().accept_failures.load();
    few.end();

    CHECK(sent);
    CHECK(failures >= 2);
    CHECK(status_of(client.read_answer()) == 200);
    // It paused between its attempts instead of spinning.
    CHECK(failures < 1000);
}

TEST_CASE("Addresses that cannot be listened on are explained") {
    Harness harness(patient());
    auto const taken = harness.listen();
    struct Case {
        std::string address;
        Code code;
        std::string words;
    };
    Case const cases[] = {
        {taken, Code::io, "another program listens there"},
        {"192.0.2.1:0", Code::io, "no interface of this machine has that address"},
        {"127.0.0.1", Code::usage, "not of the form ADDR:PORT"},
        {"127.0.0.1:http", Code::usage, "not of the form ADDR:PORT"},
        {"127.0.0.1:99999", Code::usage, "not of the form ADDR:PORT"},
        {"::1:80", Code::usage, "not of the form ADDR:PORT"},
    };
    for (auto const& one : cases) {
        DYNAMIC_SECTION(one.address) {
            auto const bound = harness.server->listen(one.address, nullptr);
            REQUIRE(!bound);
            CHECK(bound.error().code == one.code);
            CHECK(bound.error().message.starts_with("cannot listen on " + one.address + ": "));
            CHECK_THAT(bound.error().message, Catch::Contains(one.words));
        }
    }
}

TEST_CASE("IPv6 is bound and named with brackets") {
    Harness harness(patient());
    auto const bound = harness.server->listen("[::1]:0", nullptr);
    if (!bound) {
        WARN("this machine has no IPv6: " << bound.error().message);
        return;
    }
    CHECK(bound->starts_with("[::1]:"));
}

TEST_CASE("Listening needs a handler") {
    boost::asio::io_context context;
    ManualClock const clock{TimePoint{}};
    http::Server server({context.get_executor()}, {}, clock, {});
    auto const bound = server.listen("127.0.0.1:0", nullptr);
    REQUIRE(!bound);
    CHECK(bound.error().code == Code::usage);
}

TEST_CASE("connections are spread over the executors and stay where they are") {
    std::array<boost::asio::io_context, 2> contexts;
    ManualClock const clock{TimePoint{}};
    http::Server server({contexts[0].get_executor(), contexts[1].get_executor()}, patient(), clock, {});
    server.set_handler([](http::Head const&) { return http::Admission{}; },
                       [](http::Request const&) -> boost::asio::awaitable<http::Response> {
                           http::Response response;
                           response.body = to_bytes(std::to_string(::gettid()));
                           co_return response;
                       });
    auto const bound = server.listen("127.0.0.1:0", nullptr);
    REQUIRE(bound);
    std::vector<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> busy;
    std::vector<std::jthread> threads;
    for (auto& context : contexts) {
        busy.emplace_back(context.get_executor());
        threads.emplace_back([&context] { context.run(); });
    }

    auto const thread_of = [](Client& client) {
        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        return body_of(client.read_answer());
    };
    std::map<std::string, int> connections;
    for (int i = 0; i < 4; ++i) {
        Client client(*bound);
        auto const thread = thread_of(client);
        CHECK(thread_of(client) == thread);
        ++connections[thread];
    }
    CHECK(connections.size() == 2);
    for (auto const& [thread, count] : connections) CHECK(count == 2);
    for (auto& context : contexts) context.stop();
}
