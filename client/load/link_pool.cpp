// SPDX-License-Identifier: Apache-2.0
#include "client/load/link_pool.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace pointman::client::load {

namespace asio = boost::asio;

LinkPool::LinkPool(asio::io_context& io, Server& server, Terms const& terms)
    : io_(io)
    , terms_(terms) {
    for (unsigned i = 0; i < terms.links; ++i) {
        links_.push_back(std::make_unique<Link>(io, server, terms.most_requests));
        free_.push_back(links_.back().get());
    }
}

asio::awaitable<Link*> LinkPool::take(std::size_t bytes) {
    if (closed_ || bytes_ + bytes > terms_.most_waiting) co_return nullptr;
    if (!free_.empty()) {
        auto* const link = free_.back(); // the one that was used last: few connections for little work
        free_.pop_back();
        co_return link;
    }
    Waiter waiter{.wake = asio::steady_timer(io_, asio::steady_timer::time_point::max())};
    queue_.push_back(&waiter);
    bytes_ += bytes;
    co_await waiter.wake.async_wait(asio::as_tuple(asio::use_awaitable));
    bytes_ -= bytes;
    co_return waiter.link;
}

void LinkPool::put(Link* link) {
    if (queue_.empty()) return free_.push_back(link);
    auto* const next = queue_.front();
    queue_.pop_front();
    next->link = link;
    next->wake.cancel();
}

void LinkPool::close() {
    closed_ = true;
    for (auto* const waiter : queue_) waiter->wake.cancel();
    queue_.clear();
    for (auto const& link : links_) link->close();
}

} // namespace pointman::client::load
