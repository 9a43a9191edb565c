// SPDX-License-Identifier: Apache-2.0
// The floor of HTTP: a bare Beast server.
#pragma once

#include "base/bytes.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace pointman::bench {

namespace asio = boost::asio;
namespace beast = boost::beast;

inline constexpr unsigned echo_threads = 2; // as many as test::Lab has

/// Reads requests whole and answers each with the same body: all that a server can't do without.
class Echo {
public:
    explicit Echo(Bytes body)
        : body_(std::make_shared<std::string const>(as_chars(body)))
        , acceptor_(io_, asio::ip::tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)) {
        asio::co_spawn(io_, accept(), asio::detached);
        for (unsigned i = 0; i < echo_threads; ++i) threads_.emplace_back([this] { io_.run(); });
    }
    ~Echo() { io_.stop(); }
    Echo(Echo const&) = delete;
    Echo& operator=(Echo const&) = delete;

    std::string address() const { return fmt::format("127.0.0.1:{}", acceptor_.local_endpoint().port()); }

private:
    asio::awaitable<void> accept() {
        for (;;) {
            auto socket = co_await acceptor_.async_accept(asio::make_strand(io_), asio::use_awaitable);
            auto const executor = socket.get_executor();
            asio::co_spawn(executor, serve(beast::tcp_stream(std::move(socket)), body_), asio::detached);
        }
    }

    static asio::awaitable<void> serve(beast::tcp_stream stream, std::shared_ptr<std::string const> body) {
        beast::flat_buffer buffer;
        try {
            for (;;) {
                beast::http::request<beast::http::string_body> request;
                co_await beast::http::async_read(stream, buffer, request, asio::use_awaitable);
                beast::http::response<beast::http::string_body> response{beast::http::status::ok,
                                                                         request.version()};
                response.body() = *body;
                response.prepare_payload();
                co_await beast::http::async_write(stream, response, asio::use_awaitable);
            }
        } catch (boost::system::system_error const&) {
            co_return; // the generator has gone
        }
    }

    std::shared_ptr<std::string const> body_;
    asio::io_context io_;
    asio::ip::tcp::acceptor acceptor_;
    std::vector<std::jthread> threads_;
};

} // namespace pointman::bench
