// SPDX-License-Identifier: Apache-2.0
#include "server/windows_auth.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace pointman {

namespace {

/// A 401 after which the client goes on with the handshake, on this connection even where it asked to close
/// it (wire.md 2.1).
http::Response unauthorized(http::Headers challenges) {
    http::Response response{401, std::move(challenges), {}};
    response.keep_open = true;
    return response;
}

/// Both schemes are offered whatever is set up: the two headers are what tells a probe that a management
/// point is here.
http::Response ask_for_credentials() {
    return unauthorized({{"WWW-Authenticate", "Negotiate"}, {"WWW-Authenticate", "NTLM"}});
}

boost::asio::awaitable<integrated::Step> step_on_worker(std::shared_ptr<integrated::Handshake> handshake,
                                                        Bytes token) {
    co_return handshake->step(token);
}

} // namespace

/// What belongs to one connection. Its requests never overlap.
struct WindowsAuth::Connection {
    std::string account; ///< "" = not authenticated
    std::shared_ptr<integrated::Handshake> handshake;
};

WindowsAuth::WindowsAuth(boost::asio::any_io_executor workers, service::FailureLimit& failures, log::Log log)
    : workers_(std::move(workers))
    , failures_(failures)
    , log_(std::move(log)) {}

void WindowsAuth::use(std::shared_ptr<integrated::Acceptor const> acceptor) {
    acceptor_.store(std::move(acceptor));
}

std::shared_ptr<WindowsAuth::Connection> WindowsAuth::connection_of(http::Request const& request) {
    auto& state = *request.connection_state;
    if (!state.has_value()) state = std::make_shared<Connection>();
    return std::any_cast<std::shared_ptr<Connection>>(state);
}

boost::asio::awaitable<WindowsAuth::Verdict> WindowsAuth::admit(http::Request const& request) const {
    auto const connection = connection_of(request);
    auto const header = request.header("authorization");
    if (header.empty()) {
        connection->handshake.reset();
        if (connection->account.empty()) co_return ask_for_credentials();
        co_return Admitted{connection->account, {}};
    }
    connection->account.clear();
    auto authorization = integrated::parse_authorization(header);
    if (!authorization) {
        connection->handshake.reset();
        co_return refuse(request, authorization.error().message);
    }
    co_return co_await take_token(request, std::move(*authorization));
}

boost::asio::awaitable<WindowsAuth::Verdict>
WindowsAuth::take_token(http::Request const& request, integrated::Authorization authorization) const {
    auto const connection = connection_of(request);
    auto const scheme = authorization.scheme;
    auto handshake = std::exchange(connection->handshake, nullptr);
    if (!handshake || integrated::begins_handshake(authorization.token)) {
        auto acceptor = acceptor_.load();
        if (!acceptor) co_return refuse(request, "integrated authentication is not set up");
        handshake = std::make_shared<integrated::Handshake>(std::move(acceptor), scheme);
    } else if (handshake->scheme() != scheme) {
        co_return refuse(request, "the scheme changed within a handshake");
    }

    auto work = step_on_worker(handshake, std::move(authorization.token));
    auto const step = co_await boost::asio::co_spawn(workers_, std::move(work), boost::asio::use_awaitable);
    if (auto const* go_on = std::get_if<integrated::Continue>(&step)) {
        connection->handshake = std::move(handshake);
        co_return unauthorized({{"WWW-Authenticate", integrated::challenge(scheme, go_on->token)}});
    }
    if (auto const* refused = std::get_if<integrated::Refused>(&step)) {
        co_return refuse(request, refused->reason);
    }
    auto const& done = std::get<integrated::Done>(step);
    connection->account = done.account;
    log_.info({.request = request.id, .client = {}}, "{} authenticated as {} by {}", request.peer,
              done.account, done.mechanism);
    Admitted admitted{done.account, {}};
    if (!done.token.empty()) {
        admitted.headers.emplace_back("WWW-Authenticate", integrated::challenge(scheme, done.token));
    }
    co_return admitted;
}

/// The one place where an attempt to authenticate fails.
http::Response WindowsAuth::refuse(http::Request const& request, std::string_view reason) const {
    failures_.failed(request.peer);
    log_.warning({.request = request.id, .client = {}}, "Integrated authentication from {} failed: {}",
                 request.peer, reason);
    return ask_for_credentials();
}

} // namespace pointman
