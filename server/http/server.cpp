// SPDX-License-Identifier: Apache-2.0
#include "server/http/server.hpp"

#include "server/http/core.hpp"
#include "server/http/listener.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <vector>

namespace pointman::http {

namespace asio = boost::asio;

struct Server::Impl {
    Impl(std::vector<asio::any_io_executor> executors, Limits limits, Clock const& clock, log::Log log)
        : executor(executors.front())
        , core(std::make_shared<Core>(std::move(executors), limits, clock, std::move(log))) {}

    asio::any_io_executor executor; ///< for all but connections
    std::shared_ptr<Core> core;
    std::vector<std::shared_ptr<Listener>> listeners;

    Result<std::string> start(Result<std::shared_ptr<Listener>> listener) {
        if (!listener) return std::unexpected(std::move(listener.error()));
        listeners.push_back(*listener);
        (*listener)->start();
        return (*listener)->bound();
    }

    std::vector<std::shared_ptr<Control>> stop_accepting() {
        core->draining = true;
        for (auto const& listener : listeners) listener->stop();
        return core->gate.close();
    }
};

namespace {

std::unexpected<Error> nothing_answers() {
    return fail(Code::usage, "nothing answers requests yet");
}

/// Waits on the timer's strand until no connection is left or the timer expires.
asio::awaitable<void> wait_until_empty(std::shared_ptr<Core> core,
                                       std::shared_ptr<asio::steady_timer> timer) {
    // Posted to the same strand: it cannot overtake the wait below.
    core->gate.when_empty([timer] { asio::post(timer->get_executor(), [timer] { timer->cancel(); }); });
    co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
}

} // namespace

Server::Server(std::vector<asio::any_io_executor> executors, Limits limits, Clock const& clock, log::Log log)
    : impl_(std::make_shared<Impl>(std::move(executors), limits, clock, std::move(log))) {}

Server::~Server() {
    impl_->core->stopped = true;
    for (auto const& connection : impl_->stop_accepting()) connection->abort();
}

void Server::set_handler(Admit admit, Handler handler) {
    impl_->core->admit = std::move(admit);
    impl_->core->handler = std::move(handler);
}

Result<std::string> Server::listen(std::string const& address, tls::Contexts* contexts) {
    if (!impl_->core->handler) return nothing_answers();
    return impl_->start(open_tcp_listener(impl_->executor, address, impl_->core, contexts));
}

Result<void> Server::listen_locally(std::filesystem::path const& path) {
    if (!impl_->core->handler) return nothing_answers();
    auto const started = impl_->start(open_local_listener(impl_->executor, path, impl_->core));
    if (!started) return std::unexpected(started.error());
    return {};
}

asio::awaitable<void> Server::drain(std::chrono::milliseconds grace) {
    auto const impl = impl_; // the server may be destroyed meanwhile
    for (auto const& connection : impl->stop_accepting()) connection->begin_drain();

    asio::any_io_executor const strand = asio::make_strand(impl->executor);
    auto const timer = std::make_shared<asio::steady_timer>(strand, grace);
    co_await asio::co_spawn(strand, wait_until_empty(impl->core, timer), asio::use_awaitable);
    if (impl->core->gate.empty()) co_return;

    for (auto const& connection : impl->core->gate.connected()) connection->abort();
    auto const rest = std::make_shared<asio::steady_timer>(strand, asio::steady_timer::time_point::max());
    co_await asio::co_spawn(strand, wait_until_empty(impl->core, rest), asio::use_awaitable);
}

std::shared_ptr<void> Server::hold(std::uint64_t bytes) {
    struct Hold {
        explicit Hold(std::shared_ptr<Core> of)
            : core(std::move(of))
            , token(core->gate) {}
        std::shared_ptr<Core> core; // outlives the token
        Gate::Token token;
    };
    auto held = std::make_shared<Hold>(impl_->core);
    if (held->token.grow(bytes)) return held;
    ++impl_->core->counters.overload;
    return nullptr;
}

Counters const& Server::counters() const {
    return impl_->core->counters;
}

} // namespace pointman::http
