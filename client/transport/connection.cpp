// SPDX-License-Identifier: Apache-2.0
#include "client/transport/connection.hpp"

#include "client/transport/failure.hpp"
#include "client/transport/resolve.hpp"
#include "client/transport/tls.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <sys/socket.h>
#include <thread>

namespace pointman::client {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using Milliseconds = std::chrono::milliseconds;

constexpr std::uint32_t longest_reply_header = 64 * 1024;

bool is_end(error_code const& error) {
    return error == asio::error::eof || error == asio::error::connection_reset ||
           error == asio::error::broken_pipe || error == http::error::end_of_stream ||
           error == http::error::partial_message || error == asio::ssl::error::stream_truncated;
}

Code code_of(error_code const& error, Code otherwise) {
    if (error == beast::error::timeout) return Code::timeout;
    if (is_end(error)) return Code::connection_lost;
    if (error.category() == asio::error::get_ssl_category()) return Code::secure_failure;
    if (error.category() == make_error_code(http::error::bad_version).category()) return Code::bad_reply;
    return otherwise;
}

std::string basic_credentials(Proxy const& proxy) {
    auto const plain = proxy.user + ":" + proxy.password;
    std::string text((plain.size() + 2) / 3 * 4 + 1, '\0');
    auto const size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<unsigned char const*>(plain.data()), static_cast<int>(plain.size()));
    text.resize(static_cast<std::size_t>(size));
    return "Basic " + text;
}

template <class Request>
void authenticate(Request& request, Proxy const& proxy) {
    if (!proxy.user.empty()) request.set(http::field::proxy_authorization, basic_credentials(proxy));
}

using Request = http::request<http::span_body<char const>>;

Request request_of(Route const& route, HttpRequest const& from) {
    Request request;
    request.method_string(from.method);
    bool const through_proxy = !route.proxy.host.empty() && !route.tls;
    request.target(through_proxy ? fmt::format("http://{}{}", authority_of(route), from.target)
                                 : from.target);
    request.set(http::field::host, authority_of(route));
    request.set(http::field::user_agent, "pointman");
    for (auto const& [name, value] : from.headers) request.set(name, value);
    if (through_proxy) authenticate(request, route.proxy);
    request.body() = {from.body.data(), from.body.size()};
    request.content_length(from.body.size()); // also where it is 0: the recorded clients say so
    return request;
}

HttpReply reply_of(http::response<http::string_body>&& from) {
    HttpReply reply{.status = static_cast<int>(from.result_int()),
                    .reason = std::string(from.reason()),
                    .headers = {},
                    .body = std::move(from.body())};
    for (auto const& field : from) reply.headers.emplace_back(field.name_string(), field.value());
    return reply;
}

// How often a thread that waits looks whether it still should.
constexpr Milliseconds patience{50};

/// Runs one asynchronous operation to its end, or to the deadline of the stream below.
template <class Stream, class Start>
error_code finish(asio::io_context& context, Stream& stream, std::atomic<bool> const& stopping,
                  Milliseconds deadline, Start const& start) {
    error_code result = asio::error::operation_aborted;
    stream.expires_after(deadline);
    start([&result](error_code error, auto const&...) { result = error; });
    context.restart();
    while (!context.stopped()) {
        context.run_for(patience);
        if (stopping) stream.cancel();
    }
    stream.expires_never();
    return result;
}

using Local = asio::local::stream_protocol;
using LocalStream = beast::basic_stream<Local>;

/// Over a beast::tcp_stream, TLS over one, or a LocalStream.
template <class Stream>
class StreamConnection final : public Connection {
public:
    StreamConnection(std::unique_ptr<asio::io_context> context, std::unique_ptr<asio::ssl::context> tls,
                     Stream stream, Route route, TransportOptions const& options)
        : context_(std::move(context))
        , tls_(std::move(tls))
        , stream_(std::move(stream))
        , route_(std::move(route))
        , options_(options) {}

    bool is_open() const override { return open_; }
    bool got_nothing() const override { return got_nothing_; }

    Result<HttpReply> exchange(HttpRequest const& from) override {
        open_ = false;
        got_nothing_ = true;
        auto request = request_of(route_, from);
        auto error =
            step(options_.deadlines.send, [&](auto done) { http::async_write(stream_, request, done); });
        // A server that refuses early answers before it has read everything.
        if (error && !is_end(error)) return failed(error, "sending the request");
        return receive();
    }

private:
    template <class Start>
    error_code step(Milliseconds deadline, Start const& start) {
        return finish(*context_, beast::get_lowest_layer(stream_), *options_.stopping, deadline, start);
    }

    Result<HttpReply> receive() {
        http::response_parser<http::string_body> parser;
        parser.header_limit(longest_reply_header);
        parser.body_limit(options_.max_reply);
        auto error = step(options_.deadlines.header,
                          [&](auto done) { http::async_read_header(stream_, buffer_, parser, done); });
        got_nothing_ = !parser.got_some();
        if (error) return failed(error, "waiting for the answer");
        error = step(options_.deadlines.body,
                     [&](auto done) { http::async_read(stream_, buffer_, parser, done); });
        if (error) return failed(error, "reading the answer");
        open_ = parser.keep_alive();
        return reply_of(parser.release());
    }

    std::unexpected<Error> failed(error_code const& error, std::string_view during) const {
        ERR_clear_error();
        auto const code = code_of(error, Code::connection_lost);
        return fail(code, fmt::format("{}: {} failed: {}", name_of(route_), during,
                                      code == Code::timeout ? "it took too long" : error.message()));
    }

    std::unique_ptr<asio::io_context> context_;
    std::unique_ptr<asio::ssl::context> tls_;
    Stream stream_;
    beast::flat_buffer buffer_;
    Route route_;
    TransportOptions options_;
    bool open_ = true;
    bool got_nothing_ = true;
};

using PlainConnection = StreamConnection<beast::tcp_stream>;
using TlsConnection = StreamConnection<beast::ssl_stream<beast::tcp_stream>>;
using LocalConnection = StreamConnection<LocalStream>;

/// What a management point of this machine is not there with, or not for this user.
std::unexpected<Error> no_local_server(Route const& route, int error) {
    auto const why = error_code(error, boost::system::system_category()).message();
    if (error == EACCES || error == EPERM)
        return fail(Code::access_denied,
                    fmt::format("{}: connecting is not permitted to this user: {}", name_of(route), why));
    return fail(Code::server_unavailable,
                fmt::format("{}: no management point of this machine listens there: {}. Set local.socket in "
                            "its configuration, or name one by its URL, e.g. http://localhost:8080",
                            name_of(route), why));
}

/// There is no waiting for such a connection: it is there at once, unless too many others wait for the
/// server to accept them. Asio would take that for one under way.
Result<std::unique_ptr<Connection>> open_local(Route const& route, TransportOptions const& options) {
    auto context = std::make_unique<asio::io_context>(1);
    LocalStream stream(*context);
    auto& socket = stream.socket();
    socket.open();
    socket.native_non_blocking(true);
    Local::endpoint const there(route.socket);
    auto const last = std::chrono::steady_clock::now() + options.deadlines.connect;
    while (::connect(socket.native_handle(), there.data(), static_cast<socklen_t>(there.size())) != 0) {
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return no_local_server(route, errno);
        if (*options.stopping || std::chrono::steady_clock::now() >= last)
            return fail(Code::timeout,
                        fmt::format("{}: connecting failed: it took too long", name_of(route)));
        std::this_thread::sleep_for(patience);
    }
    return std::make_unique<LocalConnection>(std::move(context), nullptr, std::move(stream), route, options);
}

/// The steps between a route and a connection.
class Opening {
public:
    Opening(Route const& route, TransportOptions const& options)
        : route_(route)
        , options_(options)
        , stream_(*context_) {}

    Result<std::unique_ptr<Connection>> open() {
        if (auto const done = connect(); !done) return std::unexpected(done.error());
        if (!route_.tls)
            return std::make_unique<PlainConnection>(std::move(context_), nullptr, std::move(stream_), route_,
                                                     options_);
        if (!route_.proxy.host.empty()) {
            if (auto const done = tunnel(); !done) return std::unexpected(done.error());
        }
        return shake_hands();
    }

private:
    Result<void> connect() {
        bool const direct = route_.proxy.host.empty();
        auto const& host = direct ? route_.host : route_.proxy.host;
        auto const deadline = options_.deadlines.connect;
        auto const start = std::chrono::steady_clock::now();
        auto const endpoints = resolve(host, direct ? route_.port : route_.proxy.port, deadline);
        if (!endpoints) return std::unexpected(endpoints.error());
        auto const left =
            deadline - std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - start);
        auto const error = finish(*context_, stream_, *options_.stopping, left,
                                  [&](auto done) { stream_.async_connect(*endpoints, done); });
        if (error) return failed(error, host, "connecting", Code::cannot_connect);
        stream_.socket().set_option(asio::ip::tcp::no_delay(true));
        return {};
    }

    Result<void> tunnel() {
        auto const target = fmt::format("{}:{}", route_.host, route_.port);
        http::request<http::empty_body> request{http::verb::connect, target, 11};
        request.set(http::field::host, target);
        authenticate(request, route_.proxy);
        auto error = finish(*context_, stream_, *options_.stopping, options_.deadlines.send,
                            [&](auto done) { http::async_write(stream_, request, done); });
        http::response_parser<http::empty_body> parser;
        parser.header_limit(longest_reply_header);
        parser.skip(true);
        beast::flat_buffer buffer;
        if (!error) {
            error = finish(*context_, stream_, *options_.stopping, options_.deadlines.header,
                           [&](auto done) { http::async_read_header(stream_, buffer, parser, done); });
        }
        if (error) return failed(error, route_.proxy.host, "asking the proxy", Code::connection_lost);
        auto const status = static_cast<int>(parser.get().result_int());
        if (status / 100 == 2) return {};
        auto refusal = fail(Code::refused, fmt::format("the proxy {} answered {} {}", route_.proxy.host,
                                                       status, std::string(parser.get().reason())));
        refusal.error().http_status = status;
        return refusal;
    }

    Result<std::unique_ptr<Connection>> shake_hands() {
        auto made = tls_context(route_.files, options_.now());
        if (!made) return std::unexpected(made.error());
        auto tls = std::make_unique<asio::ssl::context>(std::move(*made));
        beast::ssl_stream<beast::tcp_stream> stream(std::move(stream_), *tls);
        stream.set_verify_callback(asio::ssl::host_name_verification(route_.host));
        error_code no_address;
        asio::ip::make_address(route_.host, no_address);
        // What SSL_set_tlsext_host_name does, without its C cast.
        if (no_address)
            SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                     const_cast<char*>(route_.host.c_str()));
        auto const error = finish(
            *context_, beast::get_lowest_layer(stream), *options_.stopping, options_.deadlines.handshake,
            [&](auto done) { stream.async_handshake(asio::ssl::stream_base::client, done); });
        if (error)
            return failed(error, route_.host, "the TLS handshake", Code::secure_failure,
                          stream.native_handle());
        return std::make_unique<TlsConnection>(std::move(context_), std::move(tls), std::move(stream), route_,
                                               options_);
    }

    static std::unexpected<Error> failed(error_code const& error, std::string_view host,
                                         std::string_view during, Code otherwise, SSL const* ssl = nullptr) {
        ERR_clear_error();
        auto const code = code_of(error, otherwise);
        std::string why = code == Code::timeout ? "it took too long" : error.message();
        auto const verified = ssl == nullptr ? X509_V_OK : SSL_get_verify_result(ssl);
        if (verified != X509_V_OK) why = X509_verify_cert_error_string(verified);
        return fail(code, fmt::format("{}: {} failed: {}", host, during, why));
    }

    Route const& route_;
    TransportOptions const& options_;
    std::unique_ptr<asio::io_context> context_ = std::make_unique<asio::io_context>(1);
    beast::tcp_stream stream_;
};

} // namespace

Result<std::unique_ptr<Connection>> Connection::open(Route const& route, TransportOptions const& options) {
    return route.socket.empty() ? Opening(route, options).open() : open_local(route, options);
}

} // namespace pointman::client
