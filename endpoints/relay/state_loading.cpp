// SPDX-License-Identifier: Apache-2.0
#include "endpoints/relay/state_loading.hpp"

#include "endpoints/inventory/kind.hpp"
#include "endpoints/inventory/resync.hpp"
#include "endpoints/relay/serials.hpp"

namespace pointman::endpoints::relay {

namespace {

/// relay.md 3.3: what a client says when it has sent all its states again.
constexpr std::int64_t resync_topic = 700;

class StateLoad {
public:
    StateLoad(db::StateWriter& writer, TimePoint received)
        : writer_(writer)
        , before_(writer.sequence())
        , sequence_(before_)
        , received_(received) {}

    Result<void> take(db::StateMessage const& message) {
        if (message.serial) {
            switch (take_serial(sequence_, *message.serial, message.time, received_)) {
            case Place::duplicate:
                ++changes_.duplicates;
                return {};
            case Place::restart:
                changes_.restarted = true;
                break;
            case Place::next:
            case Place::late:
            case Place::again:
                break;
            }
        }
        auto const is_current = writer_.put(message, sequence_.epoch);
        if (!is_current) return std::unexpected(is_current.error());
        ++(*is_current ? changes_.applied : changes_.late);
        if (message.topic_type == resync_topic && message.serial) {
            forget_gaps_up_to(sequence_, *message.serial);
            said_that_all_was_sent_ = true;
        }
        return {};
    }

    /// Whether a request has come to its end.
    Result<bool> finish() {
        if (auto ended = look_at_request(); !ended) return ended;
        changes_.gaps_closed = !before_.gaps.empty() && sequence_.gaps.empty();
        if (!sequence_.resync_serial && before_.resync_serial) changes_.resync_answered = true;
        auto done = writer_.set_sequence(sequence_);
        if (!done) return std::unexpected(std::move(done.error()));
        return changes_.resync_answered;
    }
    StateChanges const& changes() const { return changes_; }

private:
    Result<bool> look_at_request() {
        if (!before_.resync_serial) return false;
        auto const asked_at = *before_.resync_serial;
        bool is_over = sequence_.gaps.empty() || said_that_all_was_sent_;
        if (!is_over) {
            auto const waits = writer_.has_current_up_to(sequence_.epoch, asked_at);
            if (!waits) return waits;
            is_over = !*waits;
        }
        if (is_over) {
            forget_gaps_up_to(sequence_, asked_at);
            sequence_.resync_serial.reset();
        } else {
            sequence_.resync_serial = changes_.restarted ? 0 : asked_at;
        }
        return is_over;
    }

    db::StateWriter& writer_;
    db::StateSequence const& before_;
    db::StateSequence sequence_;
    TimePoint received_;
    StateChanges changes_;
    bool said_that_all_was_sent_ = false;
};

TimePoint noticed_by(config::Settings const& settings, TimePoint now) {
    return now - settings.relay.missing_age;
}

} // namespace

Result<StateChanges> load_states(db::Transaction& transaction, config::Settings const& settings,
                                 ClientId const& client, std::vector<db::StateMessage> const& states,
                                 TimePoint received) {
    auto writer = db::StateWriter::open(transaction, client, received);
    if (!writer) return std::unexpected(std::move(writer.error()));
    StateLoad load(*writer, received);
    for (auto const& message : states) {
        if (auto done = load.take(message); !done) return std::unexpected(std::move(done.error()));
    }
    auto const ended = load.finish();
    if (!ended) return std::unexpected(ended.error());
    if (*ended) {
        auto const cleared =
            inventory::Resyncs(transaction, settings, inventory::states, received).clear(client);
        if (!cleared) return std::unexpected(cleared.error());
    }
    auto done = writer->forget_history(received - std::chrono::days(settings.relay.history_days));
    if (!done) return std::unexpected(std::move(done.error()));
    return load.changes();
}

Result<std::vector<ClientId>> request_overdue_states(db::Transaction& transaction,
                                                     config::Settings const& settings, TimePoint now) {
    auto overdue = db::States(transaction).overdue(noticed_by(settings, now));
    if (!overdue) return overdue;
    inventory::Resyncs const resyncs(transaction, settings, inventory::states, now);
    for (auto const& client : *overdue) {
        auto writer = db::StateWriter::open(transaction, client, now);
        if (!writer) return std::unexpected(std::move(writer.error()));
        auto asked = writer->sequence();
        asked.resync_serial = asked.newest;
        if (auto done = writer->set_sequence(asked); !done) return std::unexpected(std::move(done.error()));
        auto const requested = resyncs.request(client, Code::delta_mismatch);
        if (!requested) return std::unexpected(requested.error());
    }
    return overdue;
}

Result<bool> are_states_overdue(db::Session& session, config::Settings const& settings, TimePoint now) {
    auto const overdue = db::States(session).overdue(noticed_by(settings, now));
    if (!overdue) return std::unexpected(overdue.error());
    return !overdue->empty();
}

} // namespace pointman::endpoints::relay
