// SPDX-License-Identifier: Apache-2.0
// The listener of HTTP and HTTPS.
#include "base/number.hpp"
#include "server/http/accept_loop.hpp"
#include "server/http/connection.hpp"
#include "server/tls/contexts.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include <cstdint>
#include <optional>

namespace pointman::http {
namespace {

namespace asio = boost::asio;
namespace ip = boost::asio::ip;
using boost::system::error_code;

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

class TcpListener final : public AcceptLoop<ip::tcp> {
public:
    TcpListener(asio::any_io_executor const& executor, std::shared_ptr<Core> core, tls::Contexts* contexts)
        : AcceptLoop(executor, std::move(core))
        , contexts_(contexts) {}

    void bind(ip::tcp::endpoint const& endpoint) {
        acceptor_.open(endpoint.protocol());
        acceptor_.set_option(asio::socket_base::reuse_address(true));
        // So that 0.0.0.0 and [::] can both be listened on, whatever the machine's default is.
        if (endpoint.protocol() == ip::tcp::v6()) acceptor_.set_option(ip::v6_only(true));
        acceptor_.bind(endpoint);
        acceptor_.listen();
        bound_ = text_of(acceptor_.local_endpoint());
    }

private:
    void take(ip::tcp::socket socket) override {
        error_code error;
        auto const remote = socket.remote_endpoint(error);
        if (error) return; // gone already
        auto const peer = text_of(remote.address());
        admit(peer, [&](Gate::Slot slot) {
            socket.set_option(ip::tcp::no_delay(true), error);
            if (contexts_ == nullptr) {
                start_connection(std::move(socket), core_, std::move(slot), {.text = peer});
                return;
            }
            auto context = contexts_->current();
            TlsStream stream(std::move(socket), *context);
            start_connection(std::move(stream), core_, std::move(slot), {.text = peer}, std::move(context));
        });
    }

    tls::Contexts* contexts_;
};

} // namespace

Result<std::shared_ptr<Listener>> open_tcp_listener(asio::any_io_executor const& executor,
                                                    std::string const& address, std::shared_ptr<Core> core,
                                                    tls::Contexts* contexts) {
    auto const endpoint = resolve(executor, address);
    if (!endpoint) return std::unexpected(endpoint.error());
    auto listener = std::make_shared<TcpListener>(executor, std::move(core), contexts);
    try {
        listener->bind(*endpoint);
    } catch (boost::system::system_error const& error) {
        return fail(Code::io, fmt::format("cannot listen on {}: {}{}", address, error.code().message(),
                                          advice(error.code())));
    }
    return listener;
}

} // namespace pointman::http
