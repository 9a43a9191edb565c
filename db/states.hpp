// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "db/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::db {

/// A state that a client reported of something (relay.md 3). Texts as sent; "" where absent.
struct StateMessage {
    std::int64_t topic_type = 0;
    std::string topic_id; ///< compared without case
    std::int64_t topic_id_type = 0;
    std::int64_t state_id = 0;
    std::int64_t criticality = 0;
    TimePoint time;                     ///< MessageTime
    std::optional<std::int64_t> serial; ///< 1 to 2^63-1
    std::int64_t detail_type = 0;
    std::string details;
    std::int64_t flags = 0;              ///< of the user parameters
    std::vector<std::string> parameters; ///< insertion values
    std::string user;
    std::string user_sid;

    bool operator==(StateMessage const&) const = default;
};

/// One that was taken, for operators.
struct TakenState {
    ClientId client;
    std::string name; ///< of the client
    StateMessage message;
    std::string topic_name; ///< "" = not a documented one
    std::string state_name;
    TimePoint received;
    bool is_current = true;
};

/// Serial numbers that have not come.
struct SerialGap {
    std::int64_t first = 0;
    std::int64_t last = 0;
    TimePoint noticed;
    bool operator==(SerialGap const&) const = default;
};

/// How far a client's serial numbers have come.
struct StateSequence {
    std::int64_t epoch = 1;
    std::int64_t newest = 0;                     ///< 0 = none yet
    TimePoint newest_time{};                     ///< its MessageTime
    std::optional<std::int64_t> resync_serial{}; ///< the newest one when all states were asked for
    std::vector<SerialGap> gaps{};               ///< in order, apart from each other
    bool operator==(StateSequence const&) const = default;
};

/// What clients report as state.
class States {
public:
    explicit States(Session& session)
        : session_(&session) {}

    struct Filter {
        std::optional<ClientId> client;
        std::optional<std::int64_t> topic_type;
        bool history = false; ///< states of before too
    };
    /// By client, topic type and topic, the oldest first.
    Result<std::vector<TakenState>> list(Filter const& filter) const;
    /// Fails with not_found where the client has no resource.
    Result<StateSequence> sequence(ClientId const& client) const;
    /// Clients with a gap that was noticed by then, and that were not asked for all states since.
    Result<std::vector<ClientId>> overdue(TimePoint noticed_by) const;

private:
    Session* session_;
};

/// Writes the states of one client within a transaction.
class StateWriter {
public:
    /// Fails with not_found where the client has no resource.
    static Result<StateWriter> open(Transaction& transaction, ClientId const& client, TimePoint received);

    /// Makes the message what is current of its topic, and what was current goes to the history; or puts the
    /// message there at once where what is current is newer. Newer is by epoch, serial number and time; by
    /// time alone where one of both has no serial number. Whether the message is current now.
    Result<bool> put(StateMessage const& message, std::int64_t epoch);

    /// As it is stored.
    StateSequence const& sequence() const { return sequence_; }
    Result<void> set_sequence(StateSequence const& now);
    /// Whether a current state is not newer than that serial of that epoch.
    Result<bool> has_current_up_to(std::int64_t epoch, std::int64_t serial) const;

    /// States, of any client, that have not been current since before then: the oldest first, some at a time.
    Result<void> forget_history(TimePoint before);

private:
    /// A message and its time as it is stored.
    struct Put {
        StateMessage const& message;
        std::string const& time;
        std::int64_t epoch;
    };

    StateWriter(Transaction& transaction, std::int64_t resource_id, StateSequence sequence,
                TimePoint received);

    /// Whether anything of the topic was current that is not newer.
    Result<bool> keep_former(Put const& put);
    Result<bool> replace(Put const& put);
    /// Whether nothing of the topic was current.
    Result<bool> add_first(Put const& put);
    Result<void> add_former(Put const& put);
    /// Parameters of `sql`: the resource, those of `described` in their order, and `more`.
    template <class... More>
    Result<void> write(std::string_view sql, Put const& put, More const&... more);

    Transaction* transaction_;
    std::int64_t resource_id_;
    StateSequence sequence_;
    std::string received_; ///< as it is stored: written once for all states
};

} // namespace pointman::db
