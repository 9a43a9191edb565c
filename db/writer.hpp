// SPDX-License-Identifier: Apache-2.0
// Private to db.
#pragma once

#include "db/connection.hpp"
#include "db/store.hpp"

#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace pointman::db {

/// A failure inside a place that cannot return one: ends the closure it happens in.
class StorageFailure : public std::exception {
public:
    explicit StorageFailure(Error error)
        : error_(std::move(error)) {}
    char const* what() const noexcept override { return error_.message.c_str(); }
    Error const& error() const { return error_; }

private:
    Error error_;
};

/// One thread that commits what is queued in groups: whatever waits when a commit ends makes up the next. So
/// a lone write is not delayed, and under load many share one flush of the disk.
class Writer {
public:
    Writer(std::unique_ptr<Connection> connection, std::size_t capacity, std::size_t max_group);
    ~Writer(); ///< commits what is queued
    Writer(Writer const&) = delete;
    Writer& operator=(Writer const&) = delete;

    void enqueue(Store::Work work, Store::Done done, Runs runs);
    StoreCounters counters() const;

private:
    struct Entry {
        Store::Work work;
        Store::Done done;
        Runs runs;
        std::optional<Error> error{};
        bool kept = false;
    };
    using Group = std::vector<Entry>;

    std::optional<Error> refusal_or_queued(Store::Work& work, Store::Done& done, Runs runs);
    void run();
    Group take();
    Result<void> commit(Group& group);
    bool may_run_again(Group const& group);
    Result<bool> run_all_together(Group& group);
    Result<void> run_all(Group& group);
    Result<void> run_one(Entry& entry);
    void call(Entry& entry, Transaction transaction);
    void count(Group const& group, bool committed);
    void tend_log();
    void restart_log();

    std::unique_ptr<Connection> connection_; ///< of the writer thread alone
    std::size_t const capacity_;
    std::size_t const max_group_;
    std::size_t restart_above_;
    int careful_groups_ = 0; ///< next ones that get savepoints whatever they are

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Entry> queue_;
    StoreCounters counters_;
    bool closing_ = false;

    std::thread thread_; ///< last, since it uses the others
};

} // namespace pointman::db
