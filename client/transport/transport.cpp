// SPDX-License-Identifier: Apache-2.0
#include "client/transport/transport.hpp"

#include "base/text.hpp"
#include "client/transport/connection.hpp"
#include "client/transport/local.hpp"

#include <fmt/format.h>

namespace pointman::client {

namespace {

// Enough for a load generator's threads; more are closed when they come back.
constexpr std::size_t most_kept_of_a_route = 64;
constexpr std::size_t most_kept_routes = 64;

} // namespace

std::string authority_of(Route const& route) {
    bool const is_v6 = route.host.find(':') != std::string::npos;
    auto const host = is_v6 ? "[" + route.host + "]" : route.host;
    bool const is_usual = route.port == (route.tls ? 443 : 80);
    return is_usual ? host : fmt::format("{}:{}", host, route.port);
}

std::string name_of(Route const& route) {
    return route.socket.empty() ? authority_of(route) : fmt::format("{}{}", local_scheme, route.socket);
}

std::string_view HttpReply::header(std::string_view name) const {
    for (auto const& [key, value] : headers)
        if (equal_ignoring_case(key, name)) return value;
    return {};
}

Transport::Transport(TransportOptions options)
    : options_(std::move(options)) {}
Transport::~Transport() = default;

std::unique_ptr<Connection> Transport::kept_connection(Route const& route) {
    std::scoped_lock const lock(guard_);
    auto const found = kept_.find(route);
    if (found == kept_.end() || found->second.empty()) return nullptr;
    auto connection = std::move(found->second.back());
    found->second.pop_back();
    return connection;
}

void Transport::keep(Route const& route, std::unique_ptr<Connection> connection) {
    if (!connection->is_open()) return;
    std::scoped_lock const lock(guard_);
    if (kept_.size() >= most_kept_routes && !kept_.contains(route)) kept_.clear();
    auto& same = kept_[route];
    if (same.size() < most_kept_of_a_route) same.push_back(std::move(connection));
}

Result<HttpReply> Transport::send(Route const& route, HttpRequest const& request) {
    if (auto kept = kept_connection(route)) {
        auto reply = kept->exchange(request);
        bool const was_closed = !reply && kept->got_nothing() && reply.error().code == Code::connection_lost;
        if (!was_closed) {
            keep(route, std::move(kept));
            return reply;
        }
    }
    auto opened = Connection::open(route, options_);
    if (!opened) return std::unexpected(opened.error());
    auto reply = (*opened)->exchange(request);
    keep(route, std::move(*opened));
    return reply;
}

} // namespace pointman::client
