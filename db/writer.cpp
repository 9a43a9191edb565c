// SPDX-License-Identifier: Apache-2.0
#include "db/writer.hpp"

#include <algorithm>
#include <iterator>
#include <sys/resource.h>
#include <tuple>
#include <unistd.h>
#include <utility>

namespace pointman::db {

namespace {

// In pages of 4 KiB. From the first the log is moved into the database after each commit without waiting for
// readers, as SQLite's own default would (but after the acknowledgement, not before). Readers that overlap
// can keep the log from ever beginning anew; from the second, waiting for those that are there forces it.
// Several short waits do what one long wait does not: SQLite waits for a reader's slot, which a newer reader
// may have taken by then, and only a new attempt sees that this one is not in the way. When one reads for
// longer than all of them, the log has to grow: the next attempts come at twice the size.
constexpr std::size_t checkpoint_pages = 8'000;
constexpr std::size_t restart_pages = 12'000;
constexpr int restart_attempts = 10;
constexpr std::chrono::milliseconds restart_patience{100};

/// To run a group in vain costs as much as savepoints for some, so it may not happen often.
constexpr int careful_groups_after_failure = 32;

/// What the caller hears of a closure that throws.
Error error_of(std::exception_ptr const& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (StorageFailure const& failure) {
        return failure.error();
    } catch (std::exception const& exception) {
        return {Code::storage, "a write failed", exception.what()};
    } catch (...) {
        return {Code::storage, "a write failed", "unknown exception"};
    }
}

/// Everybody waits for the writer: where there is more to do than there are processors, it comes before the
/// other threads of its process, wherever the operator has put that. Without the right to (LimitNICE of the
/// service) it goes without.
void come_first() {
    constexpr int before_others = -5;
    auto const thread = static_cast<id_t>(::gettid());
    std::ignore = ::setpriority(PRIO_PROCESS, thread, ::getpriority(PRIO_PROCESS, thread) + before_others);
}

} // namespace

Writer::Writer(std::unique_ptr<Connection> connection, std::size_t capacity, std::size_t max_group)
    : connection_(std::move(connection))
    , capacity_(std::max<std::size_t>(capacity, 1))
    , max_group_(std::max<std::size_t>(max_group, 1))
    , restart_above_(restart_pages) {
    connection_->watch_log();
    thread_ = std::thread([this] { run(); });
}

Writer::~Writer() {
    {
        std::scoped_lock const lock(mutex_);
        closing_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

/// Takes the closures only when there is room for them.
std::optional<Error> Writer::refusal_or_queued(Store::Work& work, Store::Done& done, Runs runs) {
    std::scoped_lock const lock(mutex_);
    if (closing_) return Error{Code::unavailable, "the store is closing", {}};
    if (queue_.size() >= capacity_) return Error{Code::busy, "too many writes are waiting", {}};
    queue_.push_back({std::move(work), std::move(done), runs});
    return std::nullopt;
}

void Writer::enqueue(Store::Work work, Store::Done done, Runs runs) {
    if (auto refusal = refusal_or_queued(work, done, runs)) {
        done(std::move(refusal));
    } else {
        changed_.notify_one();
    }
}

StoreCounters Writer::counters() const {
    std::scoped_lock const lock(mutex_);
    auto counters = counters_;
    counters.queued = queue_.size();
    return counters;
}

/// Empty when the store closes and nothing is left.
Writer::Group Writer::take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closing_ || !queue_.empty(); });
    auto const size = static_cast<std::ptrdiff_t>(std::min(queue_.size(), max_group_));
    Group group(std::make_move_iterator(queue_.begin()), std::make_move_iterator(queue_.begin() + size));
    queue_.erase(queue_.begin(), queue_.begin() + size);
    return group;
}

void Writer::run() {
    come_first();
    for (auto group = take(); !group.empty(); group = take()) {
        auto const committed = commit(group);
        count(group, committed.has_value());
        for (auto& entry : group) {
            // What the closures captured goes as soon as they have run: before its answer, since the caller
            // may be gone after that, and not with the group, since a captured executor may keep an event
            // loop waiting.
            entry.work = nullptr;
            if (!committed) entry.error = committed.error();
            std::exchange(entry.done, nullptr)(std::move(entry.error));
        }
        tend_log();
    }
}

Result<void> Writer::commit(Group& group) {
    if (auto begun = connection_->begin(Connection::Begin::immediate); !begun) return begun;
    if (may_run_again(group)) {
        auto const ran = run_all_together(group);
        if (ran && *ran) return connection_->commit();
        connection_->rollback();
        if (!ran) return std::unexpected(ran.error());
        careful_groups_ = careful_groups_after_failure;
        if (auto begun = connection_->begin(Connection::Begin::immediate); !begun) return begun;
    }
    if (auto ran = run_all(group); !ran) {
        connection_->rollback();
        return ran;
    }
    return connection_->commit();
}

bool Writer::may_run_again(Group const& group) {
    if (careful_groups_ > 0) {
        --careful_groups_;
        return false;
    }
    return std::ranges::all_of(group, [](Entry const& entry) { return entry.runs == Runs::again; });
}

/// Without savepoints; whether all is to be kept. SQLite copies each page that a savepoint could bring back:
/// a tenth of what small writes cost.
Result<bool> Writer::run_all_together(Group& group) {
    for (auto& entry : group) {
        call(entry, Transaction(*connection_, false));
        if (auto const& lost = connection_->lost()) return std::unexpected(*lost);
        if (!entry.kept) return false;
    }
    return true;
}

/// Fails when the transaction cannot go on: then all of the group is lost.
Result<void> Writer::run_all(Group& group) {
    for (auto& entry : group) {
        if (auto ran = run_one(entry); !ran) return ran;
        // After some errors SQLite rolls back everything by itself, whatever the closure makes of the error.
        if (auto const& lost = connection_->lost()) return std::unexpected(*lost);
    }
    return {};
}

Result<void> Writer::run_one(Entry& entry) {
    if (auto done = connection_->execute("SAVEPOINT entry"); !done) return done;
    call(entry, Transaction(*connection_));
    if (connection_->lost()) return {};
    if (!entry.kept) {
        if (auto done = connection_->execute("ROLLBACK TO entry"); !done) return done;
    }
    return connection_->execute("RELEASE entry");
}

void Writer::call(Entry& entry, Transaction transaction) {
    entry.error.reset();
    entry.kept = false;
    try {
        entry.kept = entry.work(transaction);
    } catch (...) {
        entry.error = error_of(std::current_exception());
    }
}

void Writer::count(Group const& group, bool committed) {
    auto const kept = std::ranges::count_if(group, &Entry::kept);
    std::scoped_lock const lock(mutex_);
    if (committed) {
        ++counters_.commits;
        counters_.writes += static_cast<std::uint64_t>(kept);
    } else {
        ++counters_.failures;
    }
}

/// A checkpoint that fails leaves the log as it is, and the next one tries again.
void Writer::tend_log() {
    auto const pages = connection_->log_pages();
    if (pages < checkpoint_pages) {
        restart_above_ = restart_pages;
    } else if (pages < restart_above_) {
        std::ignore = connection_->checkpoint(Checkpoint::passive, std::chrono::milliseconds(0));
    } else {
        restart_above_ = 2 * pages;
        restart_log();
    }
}

void Writer::restart_log() {
    for (int attempt = 0; attempt < restart_attempts; ++attempt) {
        if (connection_->checkpoint(Checkpoint::restart, restart_patience)) return;
    }
}

} // namespace pointman::db
