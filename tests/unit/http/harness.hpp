// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "server/http/server.hpp"
#include "tests/unit/http/client.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

namespace pointman::test {

/// A server on two threads, a port of its own and a clock that stands at Sun, 06 Nov 1994 08:49:37 GMT.
class Harness {
public:
    explicit Harness(http::Limits limits = {}, http::Handler handler = {}, http::Admit admit = {});
    ~Harness();
    Harness(Harness const&) = delete;
    Harness& operator=(Harness const&) = delete;

    std::string const& listen(tls::Contexts* contexts = nullptr);
    Client connect() const { return Client(address); }
    /// Starts Server::drain; the future is ready when it has returned.
    std::future<void> drain(std::chrono::milliseconds grace);
    /// Waits until a counter has a value; false after ten seconds.
    bool reaches(std::atomic<std::uint64_t> const& counter, std::uint64_t value) const;
    http::Counters const& counters() const { return server->counters(); }

    ManualClock clock{TimePoint{std::chrono::milliseconds{784111777000}}};
    boost::asio::io_context context;
    std::unique_ptr<http::Server> server;
    std::string address;

private:
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context.get_executor()};
    std::jthread thread_;
};

/// Says what it was asked: "METHOD path?query BODY".
boost::asio::awaitable<http::Response> echo(http::Request const& request);

/// Holds requests until it is opened.
class Barrier {
public:
    explicit Barrier(boost::asio::any_io_executor const& executor);
    boost::asio::awaitable<void> pass();
    void open();
    std::atomic<std::uint64_t> const& waiting() const { return waiting_; }

private:
    struct Timer;
    std::shared_ptr<Timer> timer_;
    std::atomic<std::uint64_t> waiting_{0};
};

} // namespace pointman::test
