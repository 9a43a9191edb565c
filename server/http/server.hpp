// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "server/http/types.hpp"
#include "server/logging.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace pointman::tls {
class Contexts;
}

namespace pointman::http {

struct Limits {
    std::size_t max_connections = 4096;
    std::size_t max_connections_per_address = 2048;
    std::chrono::milliseconds handshake_timeout{10'000};
    std::chrono::milliseconds header_timeout{
        10'000}; ///< from the first byte of a request to the end of its head
    std::chrono::milliseconds body_timeout{60'000};  ///< for the whole body
    std::chrono::milliseconds idle_timeout{120'000}; ///< between requests, and for writing an answer
    std::size_t max_head = std::size_t{64} * 1024;
    std::uint64_t max_in_flight =
        std::uint64_t{256} * 1024 * 1024; ///< bytes of all bodies being read or processed
    std::chrono::seconds retry_after{5};
};

/// Each refusal counted; the names are those of the metrics.
struct Counters {
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<std::uint64_t> open{0};
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> refused_connections{0}; ///< max_connections
    std::atomic<std::uint64_t> refused_address{0};     ///< max_connections_per_address
    std::atomic<std::uint64_t> handshake_failures{0};
    std::atomic<std::uint64_t> timeouts{0};
    std::atomic<std::uint64_t> malformed{0};       ///< 400
    std::atomic<std::uint64_t> too_large{0};       ///< 413, 431
    std::atomic<std::uint64_t> overload{0};        ///< 503 for the in-flight budget
    std::atomic<std::uint64_t> accept_failures{0}; ///< out of descriptors and the like
    std::atomic<std::uint64_t> in_flight{0};       ///< bytes now
};

/// The listeners and their connections. Beast stays in here.
///
/// HTTP/1.1 with keep-alive, pipelining (answers in order), Expect: 100-continue, chunked and
/// length-delimited bodies. Any method token is read; what a method may do is the handler's affair.
class Server {
public:
    /// Connections are given to the executors, of which there is at least one, in turn, and stay where they
    /// are. Each is a context that one thread runs, or a strand: connections have none of their own, which would
    /// be dear for small requests. Listeners run on the first.
    Server(std::vector<boost::asio::any_io_executor> executors, Limits limits, Clock const& clock,
           log::Log log);
    ~Server();
    Server(Server const&) = delete;
    Server& operator=(Server const&) = delete;

    /// Sets what answers. Before the first listen.
    void set_handler(Admit admit, Handler handler);

    /// Binds "ADDR:PORT" ("[::1]:80" for IPv6, port 0 = any free port) and begins to accept. With contexts:
    /// TLS. Returns the address as bound, e.g. "127.0.0.1:40123". Fails with io and a message for a person.
    Result<std::string> listen(std::string const& address, tls::Contexts* contexts);

    /// Makes a Unix socket that everybody may connect to who may enter its directory, and begins to accept. A
    /// socket there that nobody listens on any more is replaced; it is removed when accepting ends. Beside it
    /// lies PATH.lock, which whoever listens there holds. Fails with io and a message for a person.
    Result<void> listen_locally(std::filesystem::path const& path);

    /// Stops accepting, closes idle connections, lets requests under way finish (with Connection: close) for
    /// at most `grace`, then closes the rest. Returns when all connections are gone.
    boost::asio::awaitable<void> drain(std::chrono::milliseconds grace);

    Counters const& counters() const;

    /// Takes so many bytes of the budget max_in_flight, for what a request brings into memory besides its
    /// body, until the last copy of the hold is gone. Null where that would be over the budget.
    std::shared_ptr<void> hold(std::uint64_t bytes);

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace pointman::http
