// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/transport/route.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace pointman::client {

class Connection;

/// Requests over connections that are kept for the next request of the same route. Blocking; safe to use from
/// several threads.
class Transport {
public:
    explicit Transport(TransportOptions options);
    ~Transport();

    /// The answer, whatever its status. Tried once more over a new connection where a kept one turns out to
    /// be closed: the server has not begun to answer then, and knows a repeated message by its id.
    Result<HttpReply> send(Route const& route, HttpRequest const& request);

private:
    std::unique_ptr<Connection> kept_connection(Route const& route);
    void keep(Route const& route, std::unique_ptr<Connection> connection);

    TransportOptions options_;
    std::mutex guard_;
    std::map<Route, std::vector<std::unique_ptr<Connection>>> kept_;
};

} // namespace pointman::client
