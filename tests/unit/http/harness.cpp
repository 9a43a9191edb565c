// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/http/harness.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <stdexcept>

namespace pointman::test {

namespace asio = boost::asio;

asio::awaitable<http::Response> echo(http::Request const& request) {
    http::Response response;
    response.headers.emplace_back("Content-Type", "text/plain");
    auto text = request.method + " " + request.path;
    if (!request.query.empty()) text += "?" + request.query;
    text += " ";
    text += as_chars(request.body);
    response.body = to_bytes(text);
    co_return response;
}

Harness::Harness(http::Limits limits, http::Handler handler, http::Admit admit)
    : server(std::make_unique<http::Server>(std::vector<boost::asio::any_io_executor>{context.get_executor()},
                                            limits, clock, log::Log{})) {
    if (!admit) admit = [](http::Head const&) { return http::Admission{.max_body = 1'000'000}; };
    server->set_handler(std::move(admit), handler ? std::move(handler) : http::Handler(echo));
    thread_ = std::jthread([this] { context.run(); });
}

Harness::~Harness() {
    server.reset();
    work_.reset();
    context.stop();
    thread_.join();
}

std::string const& Harness::listen(tls::Contexts* contexts) {
    auto bound = server->listen("127.0.0.1:0", contexts);
    if (!bound) throw std::runtime_error(bound.error().message);
    return address = *bound;
}

std::future<void> Harness::drain(std::chrono::milliseconds grace) {
    return asio::co_spawn(context, server->drain(grace), asio::use_future);
}

bool Harness::reaches(std::atomic<std::uint64_t> const& counter, std::uint64_t value) const {
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (counter.load() != value) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::yield();
    }
    return true;
}

struct Barrier::Timer {
    explicit Timer(asio::any_io_executor const& executor)
        : strand(asio::make_strand(executor))
        , timer(strand, asio::steady_timer::time_point::max()) {}
    asio::any_io_executor strand;
    asio::steady_timer timer;
};

Barrier::Barrier(asio::any_io_executor const& executor)
    : timer_(std::make_shared<Timer>(executor)) {}

namespace {

asio::awaitable<void> wait(asio::steady_timer& timer, std::atomic<std::uint64_t>& waiting) {
    ++waiting;
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

} // namespace

asio::awaitable<void> Barrier::pass() {
    auto const timer = timer_;
    co_await asio::co_spawn(timer->strand, wait(timer->timer, waiting_), asio::use_awaitable);
}

void Barrier::open() {
    asio::post(timer_->strand,
               [timer = timer_] { timer->timer.expires_at(asio::steady_timer::time_point::min()); });
}

} // namespace pointman::test
