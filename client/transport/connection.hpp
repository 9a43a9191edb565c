// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/transport/route.hpp"

#include <memory>

namespace pointman::client {

/// One connection to a server, blocking, each step with its deadline.
class Connection {
public:
    static Result<std::unique_ptr<Connection>> open(Route const& route, TransportOptions const& options);
    Connection() = default;
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;
    virtual ~Connection() = default;

    virtual Result<HttpReply> exchange(HttpRequest const& request) = 0;
    /// Whether another exchange may follow.
    virtual bool is_open() const = 0;
    /// Whether the last exchange failed before a byte of the answer came.
    virtual bool got_nothing() const = 0;
};

} // namespace pointman::client
