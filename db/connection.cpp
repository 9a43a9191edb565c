// SPDX-License-Identifier: Apache-2.0
#include "db/connection.hpp"

#include "base/time.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <mutex>

namespace pointman::db {

namespace {

bool means_no_room(int system_error) {
    return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
}

/// What the file remembers of its latest failed call.
int last_error_of(sqlite3_file* file) {
    int error = 0;
    if (file == nullptr || file->pMethods == nullptr) return 0;
    file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error);
    return error;
}

/// SQLite itself tells a full disk only where a write fails with ENOSPC, not for quotas, limits and flushes.
/// Its own errno may be that of the clean-up after a failed commit, so the files are asked as well.
bool is_no_room(sqlite3* database, int extended) {
    if (means_no_room(sqlite3_system_errno(database))) return true;
    if (extended != SQLITE_IOERR_WRITE && extended != SQLITE_IOERR_FSYNC &&
        extended != SQLITE_IOERR_TRUNCATE) {
        return false;
    }
    sqlite3_file* file = nullptr;
    sqlite3_file* log = nullptr;
    sqlite3_file_control(database, nullptr, SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file));
    sqlite3_file_control(database, nullptr, SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&log));
    return means_no_room(last_error_of(file)) || means_no_room(last_error_of(log));
}

Code code_of(sqlite3* database, int extended) {
    switch (extended & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: // lost the race for the log's locks too often
        return Code::busy;
    case SQLITE_FULL:
        return Code::storage_full;
    case SQLITE_IOERR:
        return is_no_room(database, extended) ? Code::storage_full : Code::storage;
    case SQLITE_CANTOPEN:
        return Code::io;
    default:
        return Code::storage;
    }
}

/// For the outside: neither statements nor paths.
std::string message_of(Code code, int extended) {
    switch (code) {
    case Code::busy:
        return "the database is locked by another process";
    case Code::storage_full:
        return "no room is left for the database";
    case Code::io:
        return "the database file cannot be opened";
    default:
        break;
    }
    switch (extended & 0xFF) {
    case SQLITE_NOTADB:
        return "the file is not a database";
    case SQLITE_CORRUPT:
        return "the database is damaged";
    case SQLITE_READONLY:
        return "the database is write-protected";
    default:
        return "the database failed";
    }
}

} // namespace

void CloseDatabase::operator()(sqlite3* database) const {
    sqlite3_close_v2(database);
}
void FinalizeStatement::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

// Row

bool Row::is_null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Row::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

std::string Row::text(int column) const {
    // The text first, then its size: SQLite's order for conversions.
    auto const* const data = sqlite3_column_text(statement_, column);
    auto const size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return data == nullptr ? std::string() : std::string(reinterpret_cast<char const*>(data), size);
}

Bytes Row::bytes(int column) const {
    auto const* const data = static_cast<std::byte const*>(sqlite3_column_blob(statement_, column));
    auto const size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return data == nullptr ? Bytes() : Bytes(data, data + size);
}

TimePoint Row::time(int column) const {
    auto const time = parse_iso_time(text(column));
    if (time) return *time;
    fault_ = Error{Code::storage, "the database holds a time that is none", text(column)};
    return {};
}

Result<ClientId> Row::client_id(int column) const {
    auto id = ClientId::parse(text(column));
    if (!id) return fail(Code::storage, "the database holds a client id that is none", text(column));
    return id;
}

// Statement

Statement::Statement(Connection& connection, std::string_view sql, StatementHandle& place,
                     StatementHandle handle)
    : connection_(&connection)
    , sql_(sql)
    , place_(&place)
    , handle_(std::move(handle)) {}

Statement::~Statement() {
    if (!handle_) return;
    sqlite3_reset(handle_.get());
    sqlite3_clear_bindings(handle_.get());
    // A statement that runs inside itself was prepared twice; one is kept.
    *place_ = std::move(handle_);
}

void Statement::note(int result) {
    ++next_;
    if (result != SQLITE_OK && failure_ == SQLITE_OK) failure_ = result;
}

// Without a destructor function SQLite takes the bytes to stay where they are, which bind_all() demands.
void Statement::bind(std::string_view text) {
    char const* const data = text.data() == nullptr ? "" : text.data(); // a null pointer would be NULL
    note(sqlite3_bind_text64(handle_.get(), next_, data, text.size(), nullptr, SQLITE_UTF8));
}

void Statement::bind(BytesView bytes) {
    if (bytes.empty()) {
        note(sqlite3_bind_zeroblob(handle_.get(), next_, 0));
    } else {
        note(sqlite3_bind_blob64(handle_.get(), next_, bytes.data(), bytes.size(), nullptr));
    }
}

void Statement::bind(TimePoint time) {
    auto const text = iso_time_ms(time);
    note(sqlite3_bind_text64(handle_.get(), next_, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bind(std::nullptr_t) {
    note(sqlite3_bind_null(handle_.get(), next_));
}

void Statement::bind_integer(std::int64_t value) {
    note(sqlite3_bind_int64(handle_.get(), next_, value));
}

Result<void> Statement::bound() {
    if (failure_ != SQLITE_OK) return std::unexpected(connection_->failure(failure_, sql_));
    return {};
}

Result<bool> Statement::step() {
    auto const result = sqlite3_step(handle_.get());
    if (result == SQLITE_ROW) return true;
    if (result == SQLITE_DONE) return false;
    return std::unexpected(connection_->failure(result, sql_));
}

void Statement::again() {
    sqlite3_reset(handle_.get());
    next_ = 1;
}

// Connection

Connection::Connection(std::unique_ptr<sqlite3, CloseDatabase> handle, std::chrono::milliseconds busy_timeout)
    : handle_(std::move(handle))
    , busy_timeout_(busy_timeout) {
    sqlite3_extended_result_codes(handle_.get(), 1);
    sqlite3_busy_timeout(handle_.get(), static_cast<int>(busy_timeout_.count()));
}

Connection::~Connection() = default;

Result<std::unique_ptr<Connection>> Connection::open(std::filesystem::path const& path, Access access,
                                                     std::chrono::milliseconds busy_timeout) {
    // Its count of allocated memory, which nobody asks for, costs a lock at each allocation.
    static std::once_flag once;
    std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
    sqlite3* raw = nullptr;
    // A reader needs write access too, for the log's shared memory.
    auto const flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    auto const result = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
    std::unique_ptr<sqlite3, CloseDatabase> handle(raw); // is to be closed after a failure as well
    if (result != SQLITE_OK) {
        return fail(Code::io, message_of(Code::io, result),
                    fmt::format("{}: {}", path.string(), raw == nullptr ? "no memory" : sqlite3_errmsg(raw)));
    }
    std::unique_ptr<Connection> connection(new Connection(std::move(handle), busy_timeout));
    if (access == Access::read_only) {
        if (auto done = connection->execute("PRAGMA query_only=ON"); !done)
            return std::unexpected(done.error());
    }
    return connection;
}

Error Connection::failure(int result, std::string_view sql) {
    auto const code = code_of(handle_.get(), result);
    Error error{code, message_of(code, result),
                fmt::format("{} ({}) in: {}", sqlite3_errmsg(handle_.get()), result, sql)};
    if (in_transaction_ && !lost_ && sqlite3_get_autocommit(handle_.get()) != 0) lost_ = error;
    return error;
}

Result<Statement> Connection::prepare(std::string_view sql) {
    if (auto const& why = lost()) return std::unexpected(*why);
    if (auto const known = statements_.find(sql); known != statements_.end() && known->second) {
        return Statement(*this, known->first, known->second, std::move(known->second));
    }
    sqlite3_stmt* raw = nullptr;
    auto const result = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                           SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
    if (result != SQLITE_OK) return std::unexpected(failure(result, sql));
    StatementHandle statement(raw);
    auto const slot = statements_.try_emplace(std::string(sql)).first;
    return Statement(*this, slot->first, slot->second, std::move(statement));
}

Result<void> Connection::run_script(std::string_view sql) {
    std::string const script(sql);
    auto const result = sqlite3_exec(handle_.get(), script.c_str(), nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) return std::unexpected(failure(result, "a script"));
    return {};
}

Result<std::int64_t> Connection::next(std::string_view sequence, std::int64_t count) {
    return number("UPDATE sequence SET next = next + ?1 WHERE name = ?2 RETURNING next - ?1", count,
                  sequence);
}

std::uint64_t Connection::changes() const {
    return static_cast<std::uint64_t>(sqlite3_changes64(handle_.get()));
}

Result<void> Connection::begin(Begin kind) {
    auto begun = execute(kind == Begin::immediate ? "BEGIN IMMEDIATE" : "BEGIN");
    in_transaction_ = begun.has_value();
    return begun;
}

Result<void> Connection::commit() {
    auto committed = execute("COMMIT");
    if (committed) {
        in_transaction_ = false;
    } else {
        rollback();
    }
    return committed;
}

void Connection::rollback() noexcept {
    in_transaction_ = false;
    lost_.reset();
    if (sqlite3_get_autocommit(handle_.get()) == 0) {
        sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
}

void Connection::end_read() noexcept {
    // To commit costs less than to roll back, since that statement is kept.
    try {
        if (!in_transaction_ || !commit()) rollback();
    } catch (std::exception const&) {
        rollback(); // needs no memory of ours
    }
}

std::optional<Error> const& Connection::lost() {
    if (in_transaction_ && !lost_ && sqlite3_get_autocommit(handle_.get()) != 0) {
        lost_ = Error{Code::storage, "the database failed", "the transaction ended before its time"};
    }
    return lost_;
}

void Connection::watch_log() {
    sqlite3_wal_hook(
        handle_.get(),
        [](void* self, sqlite3*, char const*, int pages) {
            static_cast<Connection*>(self)->log_pages_ = static_cast<std::size_t>(pages);
            return SQLITE_OK;
        },
        this);
}

Result<void> Connection::checkpoint(Checkpoint kind, std::chrono::milliseconds patience) {
    sqlite3_busy_timeout(handle_.get(), static_cast<int>(patience.count()));
    auto const mode = kind == Checkpoint::passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_RESTART;
    auto const result = sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, mode, nullptr, nullptr);
    auto outcome = result == SQLITE_OK ? Result<void>() : std::unexpected(failure(result, "checkpoint"));
    sqlite3_busy_timeout(handle_.get(), static_cast<int>(busy_timeout_.count()));
    return outcome;
}

} // namespace pointman::db
