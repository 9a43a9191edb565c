// SPDX-License-Identifier: Apache-2.0
#include "server/http/listener.hpp"

#include "base/number.hpp"
#include "server/http/connection.hpp"
#include "server/tls/contexts.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace pointman::http {
namespace {

namespace asio = boost::asio;
namespace ip = boost::asio::ip;
using boost::system::error_code;

/// Long enough not to spin while descriptors are short, short enough that nobody notices when they are back.
constexpr std::chrono::milliseconds accept_pause{50};

struct HostAndPort {
    std::string host;
    std::string port;
};

std::optional<HostAndPort> split(std::string_view address) {
    auto const colon = address.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    auto host = address.substr(0, colon);
    auto const port = address.substr(colon + 1);
    if (!number_in<std::uint16_t>(port)) return std::nullopt;
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    } else if (host.contains(':')) {
        return std::nullopt; // an IPv6 address needs brackets, else its end is anybody's guess
    }
    if (host.empty() || host == "*") host = "0.0.0.0";
    return HostAndPort{std::string(host), std::string(port)};
}

Result<ip::tcp::endpoint> resolve(asio::any_io_executor const& executor, std::string const& address) {
    auto const parts = split(address);
    if (!parts)
        return fail(Code::usage,
                    fmt::format("cannot listen on {}: not of the form ADDR:PORT or [ADDR]:PORT", address));
    // Names are resolved at start only, before there is anybody to keep waiting.
    ip::tcp::resolver resolver(executor);
    error_code error;
    auto const found = resolver.resolve(parts->host, parts->port, ip::tcp::resolver::passive, error);
    if (error || found.empty())
        return fail(Code::io,
                    fmt::format("cannot listen on {}: no such address: {}", address, error.message()));
    return found.begin()->endpoint();
}

std::string_view advice(error_code const& error) {
    if (error == asio::error::access_denied)
        return "; ports below 1024 need root or CAP_NET_BIND_SERVICE (systemd: "
               "AmbientCapabilities=CAP_NET_BIND_SERVICE)";
    if (error == asio::error::address_in_use) return "; another program listens there";
    if (error == boost::system::errc::address_not_available)
        return "; no interface of this machine has that address";
    return "";
}

std::string text_of(ip::address const& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return ip::make_address_v4(ip::v4_mapped, address.to_v6()).to_string();
    return address.to_string();
}

std::string text_of(ip::tcp::endpoint const& endpoint) {
    auto const* const form = endpoint.address().is_v6() ? "[{}]:{}" : "{}:{}";
    return fmt::format(fmt::runtime(form), endpoint.address().to_string(), endpoint.port());
}

} // namespace

Listener::Listener(asio::any_io_executor const& executor, std::shared_ptr<Core> core, tls::Contexts* contexts)
    : strand_(asio::make_strand(executor))
    , acceptor_(strand_)
    , pause_(strand_)
    , core_(std::move(core))
    , contexts_(contexts) {}

Result<std::shared_ptr<Listener>> Listener::open(asio::any_io_executor const& executor,
                                                 std::string const& address, std::shared_ptr<Core> core,
                                                 tls::Contexts* contexts) {
    auto const endpoint = resolve(executor, address);
    if (!endpoint) return std::unexpected(endpoint.error());
    auto listener = std::make_shared<Listener>(executor, std::move(core), contexts);
    try {
        listener->bind(*endpoint);
    } catch (boost::system::system_error const& error) {
        return fail(Code::io, fmt::format("cannot listen on {}: {}{}", address, error.code().message(),
                                          advice(error.code())));
    }
    return listener;
}

void Listener::bind(ip::tcp::endpoint const& endpoint) {
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(asio::socket_base::reuse_address(true));
    // So that 0.0.0.0 and [::] can both be listened on, whatever the machine's default is.
    if (endpoint.protocol() == ip::tcp::v6()) acceptor_.set_option(ip::v6_only(true));
    acceptor_.bind(endpoint);
    acceptor_.listen();
    bound_ = text_of(acceptor_.local_endpoint());
}

void Listener::start() {
    asio::co_spawn(strand_, accept_loop(shared_from_this()), asio::detached);
}

void Listener::stop() {
    asio::post(strand_, [self = shared_from_this()] {
        error_code ignored;
        self->acceptor_.close(ignored);
        self->pause_.cancel();
    });
}

asio::awaitable<void> Listener::accept_loop(std::shared_ptr<Listener> self) {
    constexpr auto as_values = asio::as_tuple(asio::use_awaitable);
    while (self->acceptor_.is_open()) {
        auto [error, socket] = co_await self->acceptor_.async_accept(self->core_->next_executor(), as_values);
        if (!self->acceptor_.is_open()) co_return;
        if (!error) {
            self->take(std::move(socket));
            continue;
        }
        // Out of descriptors or memory, or a client that went away before it was accepted: never a reason to
        // stop.
        ++self->core_->counters.accept_failures;
        if (auto const held = self->core_->throttle.pass(Event::accept))
            self->core_->log.error({}, "cannot accept a connection on {}: {} ({} more since the last record)",
                                   self->bound_, error.message(), *held);
        self->pause_.expires_after(accept_pause);
        co_await self->pause_.async_wait(as_values);
    }
}

void Listener::take(ip::tcp::socket socket) {
    error_code error;
    auto const remote = socket.remote_endpoint(error);
    if (error) return; // gone already
    auto peer = text_of(remote.address());
    auto slot = core_->gate.enter(remote.address());
    if (!slot) return refused(slot.error(), peer);
    ++core_->counters.accepted;
    socket.set_option(ip::tcp::no_delay(true), error);
    try {
        if (contexts_ == nullptr) {
            start_connection(std::move(socket), core_, std::move(*slot), std::move(peer));
            return;
        }
        auto context = contexts_->current();
        TlsStream stream(std::move(socket), *context);
        start_connection(std::move(stream), core_, std::move(*slot), std::move(peer), std::move(context));
    } catch (std::exception const& failure) { // no memory for a connection
        ++core_->counters.accept_failures;
        core_->log.error({}, "cannot serve a connection on {}: {}", bound_, failure.what());
    }
}

void Listener::refused(Gate::Full why, std::string const& peer) {
    if (why == Gate::Full::closed) return;
    bool const address = why == Gate::Full::address;
    ++(address ? core_->counters.refused_address : core_->counters.refused_connections);
    if (auto const held = core_->throttle.pass(address ? Event::address : Event::connections))
        core_->log.warning({}, "connection from {} refused: {} ({} more since the last record)", peer,
                           address ? "too many from this address" : "too many connections", *held);
}

} // namespace pointman::http
