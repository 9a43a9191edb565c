// SPDX-License-Identifier: Apache-2.0
#include "client/load/link.hpp"

#include "base/number.hpp"
#include "base/text.hpp"
#include "client/transport/failure.hpp"
#include "client/transport/tls.hpp"
#include "client/transport/url.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>

#include <variant>

namespace pointman::client::load {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);
using Plain = beast::tcp_stream;
using Secure = beast::ssl_stream<beast::tcp_stream>;

int session_index() {
    static int const index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

struct SessionRelease {
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};

} // namespace

/// The last one that the server gave.
struct Server::Session {
    std::unique_ptr<SSL_SESSION, SessionRelease> last;

    static int keep(SSL* connection, SSL_SESSION* session) {
        auto* const self =
            static_cast<Session*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), session_index()));
        self->last.reset(session);
        return 1; // it is ours now
    }
};

Server::Server() = default;
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::open(std::string const& url, std::filesystem::path const& ca,
                                             TimePoint now) {
    auto const parsed = parse_url(url);
    if (!parsed) return std::unexpected(parsed.error());
    Route route;
    route.tls = parsed->tls;
    route.host = parsed->host;
    route.port = parsed->port;
    if (route.port == 0) route.port = route.tls ? 443 : 80;
    route.files.roots = ca.string();
    std::unique_ptr<Server> server(new Server);
    server->host_ = route.host;
    server->authority_ = authority_of(route);
    asio::io_context io;
    error_code error;
    auto const found = asio::ip::tcp::resolver(io).resolve(route.host, std::to_string(route.port), error);
    if (error || found.empty())
        return fail(Code::server_unavailable, fmt::format("cannot find {}: {}", route.host, error.message()));
    server->endpoint_ = found.begin()->endpoint();
    if (route.tls)
        if (auto const secured = server->secure(route, now); !secured)
            return std::unexpected(secured.error());
    return server;
}

Result<void> Server::secure(Route const& route, TimePoint now) {
    auto context = tls_context(route.files, now);
    if (!context) return std::unexpected(context.error());
    tls_ = std::make_unique<asio::ssl::context>(std::move(*context));
    session_ = std::make_unique<Session>();
    auto* const handle = tls_->native_handle();
    SSL_CTX_set_session_cache_mode(handle, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_set_ex_data(handle, session_index(), session_.get());
    SSL_CTX_sess_set_new_cb(handle, &Session::keep);
    return {};
}

struct Link::Connection {
    std::variant<Plain, Secure> stream;
    beast::flat_buffer buffer{};

    Connection(asio::io_context& io, asio::ssl::context* tls)
        : stream(tls == nullptr ? std::variant<Plain, Secure>(std::in_place_type<Plain>, io)
                                : std::variant<Plain, Secure>(std::in_place_type<Secure>, io, *tls)) {}
    ~Connection() {
        // Without this OpenSSL takes the session for broken, and it could not be taken up again.
        if (auto* const secure = std::get_if<Secure>(&stream))
            SSL_set_shutdown(secure->native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    }

    Plain& lowest() {
        auto* const secure = std::get_if<Secure>(&stream);
        return secure != nullptr ? secure->next_layer() : std::get<Plain>(stream);
    }
};

Link::Link(asio::io_context& io, Server& server, unsigned most_requests)
    : io_(io)
    , server_(server)
    , most_requests_(most_requests) {}
Link::~Link() = default;

void Link::close() {
    closed_ = true;
    if (!connection_) return;
    error_code ignored;
    connection_->lowest().socket().close(ignored);
}

namespace {

template <class Stream>
asio::awaitable<error_code> write(Stream& stream, std::string_view bytes) {
    auto const [error, size] = co_await asio::async_write(stream, asio::buffer(bytes), awaiting);
    co_return error;
}

/// Why there is no answer, for a person.
std::string reason_of(error_code const& error) {
    return error == beast::error::timeout ? "no answer in time" : error.message();
}

Answer answer_of(http::response<http::string_body>& response) {
    Answer answer{.status = response.result_int(),
                  .content_type = std::string(response[http::field::content_type]),
                  .body = std::move(response.body())};
    if (auto const wait = number_in<std::uint32_t>(trim(response[http::field::retry_after])))
        answer.retry_after = std::chrono::seconds(*wait);
    return answer;
}

constexpr std::uint64_t longest_answer = 64U << 20U;

struct Talk {
    Answer answer;
    bool keeps_open = false;
    bool came_to_an_end = false; ///< the server had closed the connection before it heard anything
};

template <class Stream>
asio::awaitable<Talk> talk(Stream& stream, beast::flat_buffer& buffer, std::string const& request) {
    Talk done;
    auto error = co_await write(stream, request);
    http::response_parser<http::string_body> parser;
    parser.body_limit(longest_answer);
    if (!error) {
        auto const [read_error, size] = co_await http::async_read(stream, buffer, parser, awaiting);
        error = read_error;
    }
    if (error) {
        done.answer.fault = reason_of(error);
        done.came_to_an_end = !parser.got_some() && error != beast::error::timeout;
        co_return done;
    }
    done.keeps_open = parser.get().keep_alive();
    done.answer = answer_of(parser.get());
    co_return done;
}

} // namespace

asio::awaitable<std::string> Link::connect(Milliseconds timeout) {
    if (closed_) co_return "the run is over";
    connection_ = std::make_unique<Connection>(io_, server_.tls_.get());
    requests_ = 0;
    auto& lowest = connection_->lowest();
    lowest.expires_after(timeout);
    auto const [connect_error] = co_await lowest.async_connect(server_.endpoint_, awaiting);
    if (connect_error) co_return "cannot connect: " + reason_of(connect_error);
    error_code ignored;
    lowest.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    auto* const secure = std::get_if<Secure>(&connection_->stream);
    if (secure == nullptr) co_return "";
    auto* const handle = secure->native_handle();
    // What SSL_set_tlsext_host_name does, without its C cast.
    SSL_ctrl(handle, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, server_.host_.data());
    secure->set_verify_callback(asio::ssl::host_name_verification(server_.host_));
    if (server_.session_->last) SSL_set_session(handle, server_.session_->last.get());
    auto const [error] = co_await secure->async_handshake(asio::ssl::stream_base::client, awaiting);
    if (error) co_return "no TLS: " + reason_of(error);
    ++server_.handshakes_;
    if (SSL_session_reused(handle) == 1) ++server_.resumed_;
    co_return "";
}

asio::awaitable<Answer> Link::exchange(std::string const& request, Milliseconds timeout) {
    for (bool reused = connection_ != nullptr;; reused = false) {
        if (!reused) {
            auto fault = co_await connect(timeout);
            if (!fault.empty()) {
                connection_.reset();
                co_return Answer{.fault = std::move(fault)};
            }
        }
        connection_->lowest().expires_after(timeout);
        auto* const secure = std::get_if<Secure>(&connection_->stream);
        auto& buffer = connection_->buffer;
        Talk done; // no ?: here: g++ 12 destroys what is awaited inside one twice
        if (secure != nullptr)
            done = co_await talk(*secure, buffer, request);
        else
            done = co_await talk(std::get<Plain>(connection_->stream), buffer, request);
        ++requests_;
        bool const worn = most_requests_ != 0 && requests_ >= most_requests_;
        if (!done.keeps_open || worn) connection_.reset();
        if (closed_ || !(reused && done.came_to_an_end)) co_return std::move(done.answer);
    }
}

asio::awaitable<void> Link::cut(std::string const& request, Milliseconds timeout) {
    if (!connection_) {
        auto const fault = co_await connect(timeout);
        if (!fault.empty()) {
            connection_.reset();
            co_return; // the server's doing, which the next try will tell
        }
    }
    connection_->lowest().expires_after(timeout);
    auto const half = std::string_view(request).substr(0, request.size() / 2);
    auto* const secure = std::get_if<Secure>(&connection_->stream);
    if (secure != nullptr)
        co_await write(*secure, half);
    else
        co_await write(std::get<Plain>(connection_->stream), half);
    connection_.reset();
}

} // namespace pointman::client::load
