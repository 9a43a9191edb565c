// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <pointman/messaging.hpp>
#include <string>
#include <string_view>

namespace pointman::client {

/// PEM files for a TLS connection; "" = none.
struct TlsFiles {
    std::string roots; ///< "" = those of the system
    std::string certificate;
    std::string key;
    std::string revocation_lists;
    bool check_revocation = false;
    auto operator<=>(TlsFiles const&) const = default;
};

struct Proxy {
    std::string host; ///< "" = none
    std::uint16_t port = 0;
    std::string user;
    std::string password;
    auto operator<=>(Proxy const&) const = default;
};

/// The way to a server: connections with equal routes are interchangeable.
struct Route {
    bool tls = false;
    std::string host;
    std::uint16_t port = 80;
    TlsFiles files;
    Proxy proxy;
    /// Path of the Unix socket of a management point of this machine: of the others, only the host is used
    /// then, as the name that it is called by. "" = over the network.
    std::string socket{};
    auto operator<=>(Route const&) const = default;
};

/// `HOST:PORT`, an IPv6 address in brackets, the scheme's own port left out.
std::string authority_of(Route const& route);
/// The server as a person knows it: its authority, or `unix:/PATH`.
std::string name_of(Route const& route);

struct HttpRequest {
    std::string_view method = "GET";
    std::string target;
    HttpHeaders headers;
    std::string_view body;
};

struct HttpReply {
    int status = 0;
    std::string reason;
    HttpHeaders headers;
    std::string body;
    /// The first header of that name, compared without case; "" where there is none.
    std::string_view header(std::string_view name) const;
};

struct TransportOptions {
    Deadlines deadlines;
    std::size_t max_reply = 0;
    std::function<Time()> now; ///< for the validity of certificates
    /// Set when nobody waits for answers any more: what is under way fails soon.
    std::shared_ptr<std::atomic<bool>> stopping = std::make_shared<std::atomic<bool>>(false);
};

} // namespace pointman::client
