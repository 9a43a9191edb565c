// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/http/types.hpp"
#include "server/integrated/acceptor.hpp"
#include "server/integrated/handshake.hpp"
#include "server/logging.hpp"
#include "server/service/failure_limit.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace pointman {

/// Integrated authentication in HTTP (wire.md 2.1): Negotiate and NTLM in Authorization and WWW-Authenticate,
/// bound to the connection. A connection that has authenticated sends further requests without a header; a
/// header begins anew.
class WindowsAuth {
public:
    /// `workers` does what may block, which is every step of a handshake.
    WindowsAuth(boost::asio::any_io_executor workers, service::FailureLimit& failures, log::Log log);

    /// For handshakes that begin from now on; before the first call nobody is accepted. From any thread.
    void use(std::shared_ptr<integrated::Acceptor const> acceptor);

    /// The request may go on, as that account.
    struct Admitted {
        std::string account;   ///< `DOMAIN\HOST$`
        http::Headers headers; ///< to go into the answer: the token that proves the server to the client
    };
    using Verdict = std::variant<Admitted, http::Response>;

    /// Who sends the request, or the 401 to answer with.
    boost::asio::awaitable<Verdict> admit(http::Request const& request) const;

private:
    struct Connection;
    static std::shared_ptr<Connection> connection_of(http::Request const& request);
    boost::asio::awaitable<Verdict> take_token(http::Request const& request,
                                               integrated::Authorization authorization) const;
    http::Response refuse(http::Request const& request, std::string_view reason) const;

    boost::asio::any_io_executor workers_;
    service::FailureLimit& failures_;
    log::Log log_;
    std::atomic<std::shared_ptr<integrated::Acceptor const>> acceptor_;
};

} // namespace pointman
