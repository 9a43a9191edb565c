// SPDX-License-Identifier: Apache-2.0
// Connections of the generator: asynchronous, kept open, HTTP or HTTPS.
#pragma once

#include "base/clock.hpp"
#include "client/transport/route.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace pointman::client::load {

/// The management point: where it is, and how it is spoken to. TLS sessions are taken up again.
class Server {
public:
    /// `url` as http://HOST:PORT; `ca` is PEM of whom TLS trusts, "" = those of the system. Resolves the
    /// name. Fails with invalid_argument, server_unavailable, secure_failure.
    static Result<std::unique_ptr<Server>> open(std::string const& url, std::filesystem::path const& ca,
                                                TimePoint now);
    ~Server();
    Server(Server const&) = delete;
    Server& operator=(Server const&) = delete;

    std::string const& authority() const { return authority_; }
    std::uint64_t handshakes() const { return handshakes_; }
    std::uint64_t resumed() const { return resumed_; } ///< of the handshakes

private:
    friend class Link;
    struct Session;
    Server();
    Result<void> secure(Route const& route, TimePoint now);

    boost::asio::ip::tcp::endpoint endpoint_;
    std::string host_;
    std::string authority_;
    std::unique_ptr<boost::asio::ssl::context> tls_; ///< null = plain HTTP
    std::unique_ptr<Session> session_;
    std::uint64_t handshakes_ = 0;
    std::uint64_t resumed_ = 0;
};

struct Answer {
    unsigned status = 0; ///< 0 = there is none
    std::string fault{}; ///< why there is none
    std::string content_type{};
    std::string body{};
    std::optional<std::chrono::seconds> retry_after{};
};

/// A place for one connection at a time. One exchange at a time, all on one thread.
class Link {
public:
    using Milliseconds = std::chrono::milliseconds;

    /// `most_requests` of one connection; 0 = no matter how many.
    Link(boost::asio::io_context& io, Server& server, unsigned most_requests);
    ~Link();
    Link(Link const&) = delete;
    Link& operator=(Link const&) = delete;

    /// Connects where there is no connection, and once more where an idle one turns out to be closed.
    /// `request` lives until the end.
    boost::asio::awaitable<Answer> exchange(std::string const& request, Milliseconds timeout);
    /// Sends half of the request, and breaks the connection.
    boost::asio::awaitable<void> cut(std::string const& request, Milliseconds timeout);
    /// What is under way fails, and whatever is tried from now on.
    void close();

private:
    struct Connection;
    boost::asio::awaitable<std::string> connect(Milliseconds timeout);

    boost::asio::io_context& io_;
    Server& server_;
    unsigned most_requests_;
    unsigned requests_ = 0; ///< of the connection
    bool closed_ = false;
    std::unique_ptr<Connection> connection_;
};

} // namespace pointman::client::load
