// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/messaging/clock.hpp"
#include "client/messaging/queue.hpp"

#include <map>
#include <mutex>

namespace pointman::client {

/// Whether trying again could help. What a server refuses with 4xx it will refuse again, but for 408 and 429.
bool is_final(Error const& error);

/// Delivers what is in a queue: in order for each target, one after the other.
class Courier {
public:
    using Deliver = std::function<Result<void>(Outgoing const&)>;

    Courier(Queue queue, Now now, std::vector<std::chrono::seconds> retry_after, Deliver deliver)
        : queue_(std::move(queue))
        , now_(std::move(now))
        , retry_after_(std::move(retry_after))
        , deliver_(std::move(deliver)) {}

    Queue const& queue() const { return queue_; }

    /// One pass over the queue. `all`: also what failed a moment ago. `wait`: for another courier's pass to
    /// end; else nothing is done then, and the result is empty.
    Result<Delivery> pass(bool all, bool wait);
    /// When a target is due that has failed and for which a message waits; nothing where there is none.
    std::optional<Time> next_retry() const;

private:
    /// Messages to one endpoint of one host.
    struct Line {
        std::size_t failures = 0;
        Time not_before{};
    };
    using LineName = std::pair<std::string, std::string>;
    enum class Fate { gone, stays };

    Result<Fate> handle(std::string const& name, bool all, Delivery& delivery);
    Result<Fate> attempt(std::string const& name, LineName const& line, Delivery& delivery);
    Result<Fate> set_aside(std::string const& name, Error const& reason, Delivery& delivery) const;
    void failed(LineName const& line, Error const& error);
    bool is_due(LineName const& line) const;
    void forget_lines_without_messages();

    Queue queue_;
    Now now_;
    std::vector<std::chrono::seconds> retry_after_;
    Deliver deliver_;
    mutable std::mutex guard_; ///< next_retry is asked while a pass runs
    std::map<LineName, Line> lines_;
    std::vector<LineName> stopped_; ///< in this pass
};

} // namespace pointman::client
