// SPDX-License-Identifier: Apache-2.0
// The life of a message: made, sent, refused and sent again, acknowledged or given up.
#pragma once

#include "base/clock.hpp"
#include "client/load/builder.hpp"
#include "client/load/link_pool.hpp"
#include "client/load/meter.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <map>
#include <optional>
#include <unordered_map>

namespace pointman::client::load {

using Task = boost::asio::awaitable<void>;

/// The clients of a scenario, and their messages. A client sends one at a time, and registers first. All on
/// the thread of `io`, but for what the builders do.
class Traffic {
public:
    Traffic(boost::asio::io_context& io, Scenario const& scenario, Server& server,
            pointman::Clock const& clock);

    /// Of a phase: with connections of its own, and counted by that meter until end().
    void begin(Meter& meter);
    void end();

    /// A message that is due then: it is made ahead. It is dropped where the generator is too slow for its
    /// schedule.
    void arrive(Kind kind, std::uint64_t client, Instant due);
    /// A message that is due now. `settled` is called when it was acknowledged or given up.
    void send(Kind kind, std::uint64_t client, std::function<void()> settled);
    /// Sends again what was refused, until stop().
    Task send_again();
    void stop();

    /// Returns when nothing is under way, when it is that time, or for wake().
    Task settle(Instant until);
    void wake() { settled_.cancel(); }
    /// Gives up all that is under way, and returns when that has ended.
    Task drop();

    std::size_t outstanding() const { return outstanding_; }
    std::size_t in_flight() const { return links_->in_use(); } ///< connections
    /// Messages that wait for a connection, for their client or for another try.
    std::size_t waiting() const { return links_->waiting() + behind_.size() + later_.size(); }
    std::uint64_t next_number() const { return number_; } ///< of the next message
    std::vector<Member> const& members() const { return members_; }
    std::string const& last_fault() const { return last_fault_; } ///< of the last try that failed

private:
    using Clock = std::chrono::steady_clock;

    /// A message that is to be sent, from the first try to the last.
    struct Job {
        Kind kind = Kind::policy;
        std::uint32_t client = 0;
        std::uint64_t number = 0;
        TimePoint when{};             ///< the time that it tells
        std::optional<Instant> due{}; ///< when it is to be sent; nothing = as soon as it is made
        unsigned tries = 0;
        bool held_up = false; ///< by its own client: that it is late is not the generator's doing
        std::function<void()> settled{};
        std::shared_ptr<PolicyBody const> body{};
    };
    enum class Outcome : std::uint8_t { done, again, given_up };
    struct Try {
        Outcome outcome = Outcome::done;
        std::optional<Span> wait{}; ///< again: as the server says
    };
    template <class T>
    using Awaitable = boost::asio::awaitable<T>;

    Job job_for(Kind kind, std::uint64_t client);
    void start(Job job);
    void begin_try(Job job);
    void give_up(Job const& job);
    void finish(Job const& job);

    Task try_once(Job job);
    void try_again_at(Instant at, Job job);
    Awaitable<Try> register_first(Job& job);
    Awaitable<Try> send(Job& job);
    bool withhold(Job const& job, Member& member);
    Awaitable<std::string> make(Job const& job, Member const& member);
    Task until_due(Job const& job);
    Awaitable<Try> exchange(Job const& job, Link& link, std::string const& request, Instant due);
    Awaitable<Try> judge(Job const& job, Answer answer, Instant due);
    Awaitable<Reading> read(Job const& job, Answer answer);
    Try failed(Job const& job, Instant due, std::string const& fault, Outcome outcome = Outcome::again);
    double chance(Job const& job, std::uint64_t purpose) const;

    void learn(Job const& job, Reading reading);
    void fetch(Job const& job, PolicyBody body);

    boost::asio::io_context& io_;
    Scenario const& scenario_;
    pointman::Clock const& clock_;
    Server& server_;
    Builder builder_;
    boost::asio::thread_pool makers_;
    std::vector<Member> members_;
    std::vector<bool> busy_;            ///< a message of the client is under way
    boost::asio::steady_timer again_;   ///< for the next try
    boost::asio::steady_timer settled_; ///< for the last message of a phase
    std::uint64_t number_ = 1;          ///< of the next message
    std::string last_fault_;
    bool stopped_ = false;

    // Of the phase:
    Meter* meter_ = nullptr;
    std::optional<LinkPool> links_;
    bool dropped_ = false; ///< nobody waits for what is still under way
    std::size_t outstanding_ = 0;
    std::size_t in_making_ = 0;
    std::multimap<Instant, Job> later_;                  ///< tries that wait for their time
    std::unordered_multimap<std::uint32_t, Job> behind_; ///< messages that wait for their client
};

} // namespace pointman::client::load
