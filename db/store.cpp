// SPDX-License-Identifier: Apache-2.0
#include "db/store.hpp"

#include "db/connection.hpp"
#include "db/migrations.hpp"
#include "db/readers.hpp"
#include "db/writer.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

namespace pointman::db {

namespace {

using std::chrono::milliseconds;

/// The entry in the directory must survive a power cut as well.
void sync_directory(std::filesystem::path const& directory) {
    int const fd = ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    ::fsync(fd);
    ::close(fd);
}

/// SQLite would make the file with the process's umask; its companions take the mode from the file. One that
/// exists is left alone: closing it here would also drop the locks that SQLite has on it for other
/// connections of this process.
Result<void> create_if_missing(std::filesystem::path const& path) {
    int const fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd >= 0) {
        ::close(fd);
        sync_directory(path.parent_path());
        return {};
    }
    if (errno == EEXIST) return {};
    return fail(Code::io, "the database file cannot be made",
                fmt::format("{}: {}", path.string(), std::generic_category().message(errno)));
}

/// Write-ahead logging, durable at each commit. The database must have been recognised before: this changes
/// it.
Result<void> configure_writer(Connection& connection) {
    if (auto version = recognise(connection); !version) return std::unexpected(version.error());
    auto const mode = connection.one("PRAGMA journal_mode=WAL",
                                     [](Row const& row) -> Result<std::string> { return row.text(0); });
    if (!mode) return std::unexpected(mode.error());
    if (*mode != "wal")
        return fail(Code::storage, "the database cannot use write-ahead logging", mode->value_or(""));
    for (auto const* const setting :
         {"PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON", "PRAGMA journal_size_limit=67108864",
          // A group of large reports must not spill into the log before its commit.
          "PRAGMA cache_size=-32768",
          // What a savepoint could bring back stays in memory.
          "PRAGMA temp_store=MEMORY"}) {
        if (auto done = connection.execute(setting); !done) return done;
    }
    return migrate(connection);
}

/// SQLite answers a few conflicts of two processes that set up the same file with busy at once, without
/// waiting.
Result<void> configure_patiently(Connection& connection, milliseconds patience) {
    auto const deadline = std::chrono::steady_clock::now() + patience;
    for (;;) {
        auto done = configure_writer(connection);
        if (done || done.error().code != Code::busy || std::chrono::steady_clock::now() >= deadline)
            return done;
        std::this_thread::sleep_for(milliseconds(5));
    }
}

Result<std::vector<std::unique_ptr<Connection>>> open_readers(StoreOptions const& options) {
    std::vector<std::unique_ptr<Connection>> readers;
    for (std::size_t i = 0; i < std::max<std::size_t>(options.readers, 1); ++i) {
        auto reader = Connection::open(options.database, Connection::Access::read_only, options.busy_timeout);
        if (!reader) return std::unexpected(reader.error());
        readers.push_back(std::move(*reader));
    }
    return readers;
}

} // namespace

struct Store::Impl {
    Readers readers;
    Writer writer;
};

void Transaction::begin_nested() {
    if (auto done = connection().execute("SAVEPOINT nested"); !done) throw StorageFailure(done.error());
}

void Transaction::end_nested(bool keep) {
    if (!keep) {
        if (auto done = connection().execute("ROLLBACK TO nested"); !done) throw StorageFailure(done.error());
    }
    if (auto done = connection().execute("RELEASE nested"); !done) throw StorageFailure(done.error());
}

void Transaction::undo() {
    if (!has_savepoint_) throw StorageFailure({Code::storage, "a write has to be undone", {}});
    // The savepoint that the writer gives each closure.
    if (auto done = connection().execute("ROLLBACK TO entry"); !done) throw StorageFailure(done.error());
}

Result<std::unique_ptr<Store>> Store::open(StoreOptions const& options) {
    if (auto made = create_if_missing(options.database); !made) return std::unexpected(made.error());
    auto connection =
        Connection::open(options.database, Connection::Access::read_write, options.busy_timeout);
    if (!connection) return std::unexpected(connection.error());
    if (auto done = configure_patiently(**connection, options.busy_timeout); !done) {
        return std::unexpected(done.error());
    }
    auto readers = open_readers(options);
    if (!readers) return std::unexpected(readers.error());
    return std::make_unique<Store>(std::unique_ptr<Impl>(
        new Impl{Readers(std::move(*readers)),
                 Writer(std::move(*connection), options.queue_capacity, options.max_group)}));
}

Store::Store(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}

Store::~Store() = default;

void Store::enqueue(Work work, Done done, Runs runs) {
    impl_->writer.enqueue(std::move(work), std::move(done), runs);
}

StoreCounters Store::counters() const {
    return impl_->writer.counters();
}

Result<Snapshot> Store::snapshot() {
    return impl_->readers.snapshot();
}

} // namespace pointman::db
