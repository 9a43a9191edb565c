// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/load/link.hpp"

#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

namespace pointman::client::load {

/// So many connections, and those that wait for one, first come first served. All on one thread.
class LinkPool {
public:
    struct Terms {
        unsigned links = 1;
        unsigned most_requests = 0;
        std::size_t most_waiting = 0; ///< bytes of messages
    };
    LinkPool(boost::asio::io_context& io, Server& server, Terms const& terms);

    /// A free link for a message of so many bytes. Null where too much waits already, or after close().
    boost::asio::awaitable<Link*> take(std::size_t bytes);
    void put(Link* link);
    /// Nobody waits any more, and what is under way fails.
    void close();

    std::size_t in_use() const { return links_.size() - free_.size(); }
    std::size_t waiting() const { return queue_.size(); }

private:
    struct Waiter {
        boost::asio::steady_timer wake;
        Link* link = nullptr;
    };

    boost::asio::io_context& io_;
    Terms terms_;
    std::vector<std::unique_ptr<Link>> links_;
    std::vector<Link*> free_;
    std::deque<Waiter*> queue_; ///< of coroutines that wait
    std::size_t bytes_ = 0;     ///< that they hold
    bool closed_ = false;
};

} // namespace pointman::client::load
