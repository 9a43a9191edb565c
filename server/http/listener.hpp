// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"
#include "server/http/core.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>

namespace pointman::tls {
class Contexts;
}

namespace pointman::http {

/// One bound address and its accept loop. Nothing but stop() ends the loop: where descriptors or memory run
/// out it pauses and goes on.
class Listener : public std::enable_shared_from_this<Listener> {
public:
    /// See Server::listen.
    static Result<std::shared_ptr<Listener>> open(boost::asio::any_io_executor const& executor,
                                                  std::string const& address, std::shared_ptr<Core> core,
                                                  tls::Contexts* contexts);
    Listener(boost::asio::any_io_executor const& executor, std::shared_ptr<Core> core,
             tls::Contexts* contexts);

    void start();
    /// From any thread; the socket is closed soon after.
    void stop();
    std::string const& bound() const { return bound_; }

private:
    static boost::asio::awaitable<void> accept_loop(std::shared_ptr<Listener> self);
    void bind(boost::asio::ip::tcp::endpoint const& endpoint);
    void take(boost::asio::ip::tcp::socket socket);
    void refused(Gate::Full why, std::string const& peer);

    boost::asio::any_io_executor strand_; ///< of the acceptor
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::steady_timer pause_;
    std::shared_ptr<Core> core_;
    tls::Contexts* contexts_;
    std::string bound_;
};

} // namespace pointman::http
