// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"
#include "server/http/core.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace pointman::tls {
class Contexts;
}

namespace pointman::http {

/// One place that connections are accepted at.
class Listener {
public:
    Listener() = default;
    Listener(Listener const&) = delete;
    Listener& operator=(Listener const&) = delete;
    virtual ~Listener() = default;

    virtual void start() = 0;
    /// From any thread; the socket is closed soon after.
    virtual void stop() = 0;
    virtual std::string const& bound() const = 0;
};

/// See Server::listen.
Result<std::shared_ptr<Listener>> open_tcp_listener(boost::asio::any_io_executor const& executor,
                                                    std::string const& address, std::shared_ptr<Core> core,
                                                    tls::Contexts* contexts);

/// See Server::listen_locally.
Result<std::shared_ptr<Listener>> open_local_listener(boost::asio::any_io_executor const& executor,
                                                      std::filesystem::path const& path,
                                                      std::shared_ptr<Core> core);

} // namespace pointman::http
