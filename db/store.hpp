// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace pointman::db {

class Connection;
class Readers;

/// A consistent view of the database for reading. Only repositories look inside.
class Session {
public:
    explicit Session(Connection& connection)
        : connection_(&connection) {}
    Session(Session const&) = delete;
    Session& operator=(Session const&) = delete;
    Connection& connection() const { return *connection_; }

private:
    Connection* connection_;
};

/// A session with a reading connection of its own, until end() or the end of its life. There are few readers,
/// and one that is kept holds up checkpoints: for what takes no longer than an answer.
class Snapshot {
public:
    Snapshot(Readers& readers, std::unique_ptr<Connection> connection);
    Snapshot(Snapshot&& other) noexcept;
    Snapshot& operator=(Snapshot&&) = delete;
    Snapshot(Snapshot const&) = delete;
    Snapshot& operator=(Snapshot const&) = delete;
    ~Snapshot();

    Session& session() { return session_; }
    /// Gives the connection back; the session may not be used any more.
    void end();

private:
    Readers* readers_;
    std::unique_ptr<Connection> connection_; ///< null = ended
    Session session_;
};

/// A view in which one may also write. Commits or vanishes as a whole.
class Transaction : public Session {
public:
    explicit Transaction(Connection& connection, bool has_savepoint = true)
        : Session(connection)
        , has_savepoint_(has_savepoint) {}

    /// Runs `work() -> Result<T>` in a savepoint of its own: what it wrote stays only if it succeeds.
    template <class F>
    auto nested(F&& work) -> std::invoke_result_t<F> {
        begin_nested();
        try {
            auto result = std::forward<F>(work)();
            end_nested(result.has_value());
            return result;
        } catch (...) {
            end_nested(false);
            throw;
        }
    }

    /// What this closure has written so far vanishes, and it may go on. Where the writer gave it no savepoint
    /// this throws, and the closure is called again with one.
    void undo();

private:
    void begin_nested();
    void end_nested(bool keep);

    bool has_savepoint_;
};

/// How often the writer may call a closure.
enum class Runs {
    once,
    /// Again where another of its group or itself has to be undone: after what it wrote has vanished, and so
    /// it may not use up what it captured. Many such closures cost less than with a savepoint for each.
    again,
};

struct StoreOptions {
    std::filesystem::path database;
    std::size_t queue_capacity = 4096;            ///< writes waiting; one more is refused with Code::busy
    std::size_t max_group = 256;                  ///< writes in one commit
    std::chrono::milliseconds busy_timeout{5000}; ///< how long another process may hold the lock
    std::size_t readers = 4;                      ///< reading connections kept open
};

/// What the writer has done so far; for the metrics.
struct StoreCounters {
    std::uint64_t commits = 0;
    std::uint64_t writes = 0;   ///< closures that were committed
    std::uint64_t failures = 0; ///< commits that failed
    std::size_t queued = 0;
};

/// SQLite in WAL mode with synchronous=FULL. One writer thread takes closures from a bounded queue and
/// commits them in groups. One failure does not take its neighbours along: each closure has a savepoint of
/// its own, or its group runs once more. Readers use connections of their own. Several processes may have the
/// same database open.
class Store {
public:
    /// Creates the file (mode 0600) and applies missing migrations in one transaction.
    /// Fails with storage for what is no database of this project or comes from a newer version (the message
    /// says both versions), busy when another process holds the lock for longer than busy_timeout, io for an
    /// unusable path.
    static Result<std::unique_ptr<Store>> open(StoreOptions const& options);
    ~Store(); ///< commits what is queued, then closes
    Store(Store const&) = delete;
    Store& operator=(Store const&) = delete;

    /// Waits while all readers are in use.
    Result<Snapshot> snapshot();

    /// Runs `work(Session&) -> Result<T>` on this thread, in one snapshot.
    template <class F>
    auto read(F&& work) -> std::invoke_result_t<F, Session&> {
        auto snapshot = this->snapshot();
        if (!snapshot) return std::unexpected(std::move(snapshot.error()));
        return std::forward<F>(work)(snapshot->session());
    }

    /// Work for the writer: returns whether what it wrote is to be kept. May throw: then it is not kept and
    /// `done` gets an error.
    using Work = std::move_only_function<bool(Transaction&)>;
    /// Called on the writer thread after the commit that holds the work is durable, or with the error that
    /// prevented it (busy, storage_full, storage). Must be quick.
    using Done = std::move_only_function<void(std::optional<Error>)>;
    /// Never blocks. When the queue is full or the store is closing, `done` is called at once with busy or
    /// unavailable.
    void enqueue(Work work, Done done, Runs runs = Runs::once);

    /// Runs `work(Transaction&) -> Result<T>` on the writer and waits for the commit. Not for I/O threads:
    /// those use write() from db/async.hpp.
    template <class F>
    auto write_and_wait(F work) -> std::invoke_result_t<F, Transaction&> {
        using R = std::invoke_result_t<F, Transaction&>;
        auto result = std::make_shared<std::optional<R>>();
        std::promise<std::optional<Error>> committed;
        auto outcome = committed.get_future();
        enqueue(
            [work = std::move(work), result](Transaction& transaction) mutable {
                result->emplace(work(transaction));
                return (*result)->has_value();
            },
            [&committed](std::optional<Error> error) { committed.set_value(std::move(error)); });
        if (auto error = outcome.get()) return std::unexpected(std::move(*error));
        return std::move(**result);
    }

    StoreCounters counters() const;

    struct Impl;
    explicit Store(std::unique_ptr<Impl> impl);

private:
    std::unique_ptr<Impl> impl_;
};

} // namespace pointman::db
