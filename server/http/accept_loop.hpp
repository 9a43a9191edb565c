// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/http/listener.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace pointman::http {

/// What listeners of every protocol do. Nothing but stop() ends the loop: where descriptors or memory run
/// out it pauses and goes on.
template <class Protocol>
class AcceptLoop : public Listener, public std::enable_shared_from_this<AcceptLoop<Protocol>> {
public:
    void start() override {
        boost::asio::co_spawn(strand_, accept(this->shared_from_this()), boost::asio::detached);
    }

    void stop() override {
        boost::asio::post(strand_, [self = this->shared_from_this()] {
            boost::system::error_code ignored;
            self->acceptor_.close(ignored);
            self->pause_.cancel();
            self->closed();
        });
    }

    std::string const& bound() const override { return bound_; }

protected:
    AcceptLoop(boost::asio::any_io_executor const& executor, std::shared_ptr<Core> core)
        : strand_(boost::asio::make_strand(executor))
        , acceptor_(strand_)
        , pause_(strand_)
        , core_(std::move(core)) {}

    /// A connection that has been accepted.
    virtual void take(typename Protocol::socket socket) = 0;
    /// The acceptor is closed.
    virtual void closed() {}

    /// Begins what `serve` does with a place, where there is one for that peer.
    template <class Serve>
    void admit(std::string const& peer, Serve const& serve) {
        auto slot = core_->gate.enter(peer);
        if (!slot) return refused(slot.error(), peer);
        ++core_->counters.accepted;
        try {
            serve(std::move(*slot));
        } catch (std::exception const& failure) { // no memory for a connection
            ++core_->counters.accept_failures;
            core_->log.error({}, "cannot serve a connection on {}: {}", bound_, failure.what());
        }
    }

    boost::asio::any_io_executor strand_; ///< of the acceptor
    typename Protocol::acceptor acceptor_;
    boost::asio::steady_timer pause_;
    std::shared_ptr<Core> core_;
    std::string bound_;

private:
    /// Long enough not to spin while descriptors are short, short enough that nobody notices when they are
    /// back.
    static constexpr std::chrono::milliseconds accept_pause{50};

    static boost::asio::awaitable<void> accept(std::shared_ptr<AcceptLoop> self) {
        constexpr auto as_values = boost::asio::as_tuple(boost::asio::use_awaitable);
        while (self->acceptor_.is_open()) {
            auto [error, socket] =
                co_await self->acceptor_.async_accept(self->core_->next_executor(), as_values);
            if (!self->acceptor_.is_open()) co_return;
            if (!error) {
                self->take(std::move(socket));
                continue;
            }
            // Out of descriptors or memory, or a client that went away before it was accepted: never a reason
            // to stop.
            ++self->core_->counters.accept_failures;
            if (auto const held = self->core_->throttle.pass(Event::accept))
                self->core_->log.error({},
                                       "cannot accept a connection on {}: {} ({} more since the last record)",
                                       self->bound_, error.message(), *held);
            self->pause_.expires_after(accept_pause);
            co_await self->pause_.async_wait(as_values);
        }
    }

    void refused(Gate::Full why, std::string_view peer) {
        if (why == Gate::Full::closed) return;
        bool const address = why == Gate::Full::address;
        ++(address ? core_->counters.refused_address : core_->counters.refused_connections);
        if (auto const held = core_->throttle.pass(address ? Event::address : Event::connections))
            core_->log.warning({}, "connection from {} refused: {} ({} more since the last record)", peer,
                               address ? "too many from this address" : "too many connections", *held);
    }
};

} // namespace pointman::http
