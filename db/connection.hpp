// SPDX-License-Identifier: Apache-2.0
// Private to db: the only place that speaks SQLite's C interface. Nothing outside db (but its tests) includes
// this.
#pragma once

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace pointman::db {

class Connection;

struct CloseDatabase {
    void operator()(sqlite3* database) const;
};
struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const;
};
using StatementHandle = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

/// The current row of a query. Columns count from 0; NULL reads as "" or 0.
class Row {
public:
    explicit Row(sqlite3_stmt* statement)
        : statement_(statement) {}

    bool is_null(int column) const;
    std::int64_t integer(int column) const;
    /// For what was stored from an unsigned or narrower type.
    template <std::integral T>
    T integer_as(int column) const {
        return static_cast<T>(integer(column));
    }
    bool boolean(int column) const { return integer(column) != 0; }
    std::string text(int column) const;
    Bytes bytes(int column) const;
    /// The epoch, and a fault of the row, where the column holds no time.
    TimePoint time(int column) const;
    Result<ClientId> client_id(int column) const;

    /// What a column held that it may not hold.
    std::optional<Error> const& fault() const { return fault_; }

private:
    sqlite3_stmt* statement_;
    mutable std::optional<Error> fault_;
};

/// A condition of a query, put together from those parts of a filter that are set.
class Condition {
public:
    /// `comparison` has one `?`, e.g. "client = ?".
    Condition& add(std::string_view comparison, std::string_view value) {
        sql_ += sql_.empty() ? " WHERE " : " AND ";
        sql_ += comparison;
        values_.emplace_back(value);
        return *this;
    }
    /// The same where `value` is not empty.
    Condition& add_if_set(std::string_view comparison, std::string_view value) {
        return value.empty() ? *this : add(comparison, value);
    }
    std::string const& sql() const { return sql_; } ///< "" or " WHERE ..."
    std::vector<std::string> const& values() const { return values_; }

private:
    std::string sql_;
    std::vector<std::string> values_;
};

/// A prepared statement, borrowed from the connection's cache for one execution and given back reset.
class Statement {
public:
    /// `place` is where it was taken from and is given back to.
    Statement(Connection& connection, std::string_view sql, StatementHandle& place, StatementHandle handle);
    Statement(Statement&&) = default;
    Statement& operator=(Statement&&) = delete;
    Statement(Statement const&) = delete;
    Statement& operator=(Statement const&) = delete;
    ~Statement();

    /// Binds the arguments from the first placeholder on. They must outlive the execution.
    template <class... Args>
    Result<void> bind_all(Args const&... args) {
        (bind(args), ...);
        return bound();
    }
    /// Whether there is a row.
    Result<bool> step();
    /// For another execution with other arguments.
    void again();
    Row row() const { return Row(handle_.get()); }

private:
    void bind(std::string_view text);
    void bind(std::string const& text) { bind(std::string_view(text)); }
    void bind(char const* text) { bind(std::string_view(text)); }
    void bind(BytesView bytes);
    void bind(Bytes const& bytes) { bind(BytesView(bytes)); }
    void bind(TimePoint time);
    void bind(ClientId const& id) { bind(std::string_view(id.text())); }
    void bind(std::nullptr_t);
    void bind(std::vector<std::string> const& values) {
        for (auto const& value : values) bind(std::string_view(value));
    }
    template <std::integral T>
    void bind(T value) {
        bind_integer(static_cast<std::int64_t>(value));
    }
    template <class T>
    void bind(std::optional<T> const& value) {
        if (value) {
            bind(*value);
        } else {
            bind(nullptr);
        }
    }
    void bind_integer(std::int64_t value);
    void note(int result);
    Result<void> bound();

    Connection* connection_;
    std::string_view sql_;
    StatementHandle* place_;
    StatementHandle handle_;
    int next_ = 1;
    int failure_ = 0;
};

/// How far a checkpoint goes.
enum class Checkpoint {
    passive, ///< what can be moved without waiting for anybody
    restart, ///< waits (for at most the given time) until the next writer can begin the log anew
};

/// One open database with its prepared statements. For one thread at a time. Does not move, since SQLite
/// keeps its address.
class Connection {
public:
    enum class Access { read_only, read_write };

    /// Fails with io where the file cannot be opened. The file must exist.
    static Result<std::unique_ptr<Connection>> open(std::filesystem::path const& path, Access access,
                                                    std::chrono::milliseconds busy_timeout);
    ~Connection();
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;

    Result<Statement> prepare(std::string_view sql);

    /// Runs one statement that gives no rows, or none of interest.
    template <class... Args>
    Result<void> execute(std::string_view sql, Args const&... args) {
        auto statement = prepare(sql);
        if (!statement) return std::unexpected(std::move(statement.error()));
        if (auto done = statement->bind_all(args...); !done) return done;
        auto more = statement->step();
        while (more && *more) more = statement->step();
        if (!more) return std::unexpected(std::move(more.error()));
        return {};
    }

    /// Every row, turned by `map(Row const&) -> Result<T>`.
    template <class F, class... Args>
    auto all(std::string_view sql, F const& map, Args const&... args)
        -> Result<std::vector<typename std::invoke_result_t<F, Row const&>::value_type>> {
        std::vector<typename std::invoke_result_t<F, Row const&>::value_type> rows;
        auto statement = prepare(sql);
        if (!statement) return std::unexpected(std::move(statement.error()));
        if (auto done = statement->bind_all(args...); !done) return std::unexpected(std::move(done.error()));
        for (;;) {
            auto more = statement->step();
            if (!more) return std::unexpected(std::move(more.error()));
            if (!*more) return rows;
            auto const row = statement->row();
            auto value = map(row);
            if (!value) return std::unexpected(std::move(value.error()));
            if (row.fault()) return std::unexpected(*row.fault());
            rows.push_back(std::move(*value));
        }
    }

    /// The first row, if there is one.
    template <class F, class... Args>
    auto one(std::string_view sql, F const& map, Args const&... args)
        -> Result<std::optional<typename std::invoke_result_t<F, Row const&>::value_type>> {
        std::optional<typename std::invoke_result_t<F, Row const&>::value_type> none;
        auto rows = all(sql, map, args...);
        if (!rows) return std::unexpected(std::move(rows.error()));
        if (rows->empty()) return none;
        return std::optional(std::move(rows->front()));
    }

    /// Whether there is a row.
    template <class... Args>
    Result<bool> exists(std::string_view sql, Args const&... args) {
        auto statement = prepare(sql);
        if (!statement) return std::unexpected(std::move(statement.error()));
        if (auto done = statement->bind_all(args...); !done) return std::unexpected(std::move(done.error()));
        return statement->step();
    }

    /// A number that the query gives in its one row, e.g. a PRAGMA.
    template <class... Args>
    Result<std::int64_t> number(std::string_view sql, Args const&... args) {
        auto value = one(
            sql, [](Row const& row) -> Result<std::int64_t> { return row.integer(0); }, args...);
        if (!value) return std::unexpected(std::move(value.error()));
        if (!*value) return fail(Code::storage, "the database failed", "no row from " + std::string(sql));
        return **value;
    }

    /// Several statements without parameters, one after the other.
    Result<void> run_script(std::string_view sql);

    /// The next number of a sequence (table `sequence`). Numbers are never given twice once committed.
    Result<std::int64_t> next(std::string_view sequence) { return next(sequence, 1); }
    /// The first of so many.
    Result<std::int64_t> next(std::string_view sequence, std::int64_t count);

    /// Rows changed by the latest INSERT, UPDATE or DELETE.
    std::uint64_t changes() const;

    enum class Begin { deferred, immediate };
    /// From here to commit() or rollback() a statement is refused once SQLite has rolled the transaction back
    /// by itself, as it does after some errors: otherwise the statements after it would be committed one by
    /// one.
    Result<void> begin(Begin kind);
    /// On failure nothing is kept.
    Result<void> commit();
    void rollback() noexcept;
    /// Ends a transaction that only read, whatever became of it.
    void end_read() noexcept;
    /// Why the current transaction is gone, if SQLite rolled it back by itself.
    std::optional<Error> const& lost();

    /// Pages in the write-ahead log after the latest commit of this connection. From the first call of
    /// watch_log() SQLite leaves checkpoints to checkpoint().
    std::size_t log_pages() const { return log_pages_; }
    void watch_log();
    Result<void> checkpoint(Checkpoint kind, std::chrono::milliseconds patience);

private:
    friend class Statement;
    Connection(std::unique_ptr<sqlite3, CloseDatabase> handle, std::chrono::milliseconds busy_timeout);

    /// The error of the latest call, also kept when it ended the transaction.
    Error failure(int result, std::string_view sql);

    /// By length, beginning and end: statements are long, and looked up for each execution.
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view sql) const {
            constexpr std::size_t some = 24;
            std::hash<std::string_view> const hash;
            auto const end = sql.substr(sql.size() - std::min(some, sql.size()));
            return (sql.size() ^ hash(sql.substr(0, some))) * 31 + hash(end);
        }
    };
    using Cache = std::unordered_map<std::string, StatementHandle, TextHash, std::equal_to<>>;

    std::unique_ptr<sqlite3, CloseDatabase> handle_;
    Cache statements_; // closed before the handle
    std::chrono::milliseconds busy_timeout_;
    bool in_transaction_ = false;
    std::optional<Error> lost_;
    std::size_t log_pages_ = 0;
};

} // namespace pointman::db
