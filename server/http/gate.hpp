// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/http/server.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <expected>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pointman::http {

/// What the server may do to a connection from outside. Both calls may come from any thread.
class Control {
public:
    Control() = default;
    Control(Control const&) = delete;
    Control& operator=(Control const&) = delete;
    virtual ~Control() = default;
    virtual void begin_drain() = 0; ///< close now if no request is under way
    virtual void abort() = 0;       ///< close now
};

/// Counts connections, in total and for each address, and bytes of bodies; knows who is connected.
class Gate {
public:
    Gate(Limits const& limits, Counters& counters)
        : limits_(limits)
        , counters_(counters) {}

    /// One place, given back at the end of its life.
    class Slot {
    public:
        Slot() = default;
        Slot(Slot&& other) noexcept
            : gate_(std::exchange(other.gate_, nullptr))
            , place_(other.place_) {}
        Slot& operator=(Slot&&) = delete;
        ~Slot() {
            if (gate_ != nullptr) gate_->leave(place_);
        }
        /// Names the connection that has the place.
        void attach(std::weak_ptr<Control> connection);

    private:
        friend class Gate;
        struct Place {
            std::string address;
            std::weak_ptr<Control> connection;
        };
        Slot(Gate* gate, std::list<Place>::iterator place)
            : gate_(gate)
            , place_(place) {}
        Gate* gate_ = nullptr;
        std::list<Place>::iterator place_;
    };

    enum class Full { connections, address, closed };
    /// A place for a connection from that address, or what is used up. On this machine a user is an address
    /// (counted_address).
    std::expected<Slot, Full> enter(std::string_view address);

    /// No more places. Returns who is connected.
    std::vector<std::shared_ptr<Control>> close();
    std::vector<std::shared_ptr<Control>> connected() const;
    bool empty() const;
    /// Calls once when the last place has been given back after close(); at once where none is taken.
    void when_empty(std::function<void()> call);

    /// Bytes of the budget max_in_flight, given back at the end of its life.
    class Token {
    public:
        explicit Token(Gate& gate)
            : gate_(gate) {}
        Token(Token const&) = delete;
        Token& operator=(Token const&) = delete;
        ~Token() { release(); }
        /// Takes more; false and nothing taken where that would be over the budget.
        bool grow(std::uint64_t bytes);
        void release();

    private:
        Gate& gate_;
        std::uint64_t bytes_ = 0;
    };

private:
    void leave(std::list<Slot::Place>::iterator place);

    Limits const& limits_;
    Counters& counters_;
    // A mutex, since places are also given back where no executor runs any more. Held for a few instructions
    // at the beginning and the end of a connection, never for a request.
    mutable std::mutex mutex_;
    std::list<Slot::Place> places_;
    std::unordered_map<std::string, std::size_t> by_address_;
    std::vector<std::function<void()>> when_empty_;
    bool closed_ = false;
};

} // namespace pointman::http
