// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/db/support.hpp"

#include <csignal>
#include <filesystem>
#include <sys/resource.h>
#include <thread>

namespace pointman::db::test {

namespace {

/// No file of this process may grow beyond `bytes`: a disk that is full, without a disk.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes)
        : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        getrlimit(RLIMIT_FSIZE, &before_);
        auto limit = before_;
        limit.rlim_cur = bytes;
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        setrlimit(RLIMIT_FSIZE, &before_);
        static_cast<void>(std::signal(SIGXFSZ, handler_));
    }
    FileSizeLimit(FileSizeLimit const&) = delete;
    FileSizeLimit& operator=(FileSizeLimit const&) = delete;

private:
    void (*handler_)(int);
    rlimit before_{};
};

Result<void> pragma(Transaction& transaction, std::string_view sql) {
    return transaction.connection().execute(sql);
}

} // namespace

TEST_CASE("a lock held for too long fails the group with busy, later writes succeed", "[db][failures]") {
    StoreOptions options;
    options.busy_timeout = milliseconds(30);
    NoteStore fixture(options);
    auto const other = outsider(fixture.path());
    REQUIRE(other->begin(Connection::Begin::immediate));
    bool ran = false;
    auto const refused = fixture.store->write_and_wait([&](Transaction& transaction) {
        ran = true;
        return put(transaction, 1, "");
    });
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::busy);
    CHECK_FALSE(ran);
    CHECK(fixture.store->counters().failures == 1);
    CHECK(notes(*fixture.store).empty()); // readers are not held up
    other->rollback();
    CHECK(fixture.store->write_and_wait([](Transaction& transaction) { return put(transaction, 2, ""); }));
    CHECK(notes(*fixture.store) == Notes{{2, ""}});
}

TEST_CASE("a lock held for less than the timeout only delays", "[db][failures]") {
    NoteStore fixture;
    auto const other = outsider(fixture.path());
    REQUIRE(other->begin(Connection::Begin::immediate));
    Pending write(*fixture.store,
                  [](Transaction& transaction) { return put(transaction, 1, "").has_value(); });
    other->rollback();
    CHECK_FALSE(write.wait());
    CHECK(notes(*fixture.store) == Notes{{1, ""}});
}

TEST_CASE("two stores on one database see each other's writes", "[db][failures]") {
    NoteStore fixture;
    auto const second = open_store(options_for(fixture.path()));
    for (int i = 0; i < 20; ++i) {
        auto& writer = i % 2 == 0 ? *fixture.store : *second;
        auto& reader = i % 2 == 0 ? *second : *fixture.store;
        REQUIRE(writer.write_and_wait([&](Transaction& transaction) { return put(transaction, i, ""); }));
        CHECK(notes(reader).size() == static_cast<std::size_t>(i) + 1);
    }
}

TEST_CASE("a full database refuses what does not fit and takes writes again once there is room",
          "[db][failures]") {
    NoteStore fixture;
    REQUIRE(fixture.store->write_and_wait([](Transaction& transaction) {
        auto const pages = transaction.connection().number("PRAGMA page_count");
        return pragma(transaction, "PRAGMA max_page_count=" + std::to_string(pages.value() + 4));
    }));
    std::string const big(1024 * 1024, 'x');
    Gate gate(*fixture.store);
    Pending small(*fixture.store,
                  [](Transaction& transaction) { return put(transaction, 1, "small").has_value(); });
    Result<void> outcome;
    Pending large(*fixture.store, [&](Transaction& transaction) {
        outcome = put(transaction, 2, big);
        return outcome.has_value();
    });
    gate.open();
    auto const small_error = small.wait();
    auto const large_error = large.wait();
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == Code::storage_full);
    // Whether the neighbour survives is SQLite's choice; the answers must be true in any case.
    auto const stored = notes(*fixture.store);
    CHECK(stored.contains(1) == !small_error);
    CHECK_FALSE(stored.contains(2));
    if (large_error) CHECK(large_error->code == Code::storage_full);
    REQUIRE(fixture.store->write_and_wait(
        [](Transaction& transaction) { return pragma(transaction, "PRAGMA max_page_count=1073741823"); }));
    CHECK(fixture.store->write_and_wait([&](Transaction& transaction) { return put(transaction, 2, big); }));
    CHECK(notes(*fixture.store).at(2) == big);
}

TEST_CASE("a commit that finds the disk full fails the whole group and keeps nothing of it",
          "[db][failures]") {
    NoteStore fixture;
    auto const log_size = std::filesystem::file_size(fixture.path().string() + "-wal");
    std::optional<Error> first_error;
    std::optional<Error> second_error;
    {
        Gate gate(*fixture.store);
        Pending first(*fixture.store,
                      [](Transaction& transaction) { return put(transaction, 1, "one").has_value(); });
        Pending second(*fixture.store,
                       [](Transaction& transaction) { return put(transaction, 2, "two").has_value(); });
        FileSizeLimit const limit(log_size);
        gate.open();
        first_error = first.wait();
        second_error = second.wait();
    }
    REQUIRE(first_error);
    CHECK(first_error->code == Code::storage_full);
    REQUIRE(second_error);
    CHECK(second_error->code == Code::storage_full);
    CHECK(notes(*fixture.store).empty());
    CHECK(
        fixture.store->write_and_wait([](Transaction& transaction) { return put(transaction, 3, "three"); }));
    CHECK(notes(*fixture.store) == Notes{{3, "three"}});
}

TEST_CASE("when SQLite gives the transaction up half way, the whole group fails", "[db][failures]") {
    NoteStore fixture;
    // So few pages in memory that a large write has to be spilled to the log before the commit.
    REQUIRE(fixture.store->write_and_wait(
        [](Transaction& transaction) { return pragma(transaction, "PRAGMA cache_size=5"); }));
    auto const log_size = std::filesystem::file_size(fixture.path().string() + "-wal");
    std::optional<Error> first_error;
    std::optional<Error> last_error;
    Result<void> large_outcome;
    Result<void> afterwards;
    bool last_ran = false;
    {
        Gate gate(*fixture.store);
        Pending first(*fixture.store,
                      [](Transaction& transaction) { return put(transaction, 1, "one").has_value(); });
        Pending large(*fixture.store, [&](Transaction& transaction) {
            for (int i = 10; i < 40 && large_outcome; ++i) {
                large_outcome = put(transaction, i, std::string(8 * 1024, 'x'));
            }
            // A closure that carries on must not write outside of a transaction.
            afterwards = put(transaction, 99, "stray");
            return true;
        });
        Pending last(*fixture.store, [&](Transaction& transaction) {
            last_ran = true;
            return put(transaction, 2, "two").has_value();
        });
        FileSizeLimit const limit(log_size);
        gate.open();
        first_error = first.wait();
        auto const large_error = large.wait();
        last_error = last.wait();
        REQUIRE(large_error);
        CHECK(large_error->code == Code::storage_full);
    }
    REQUIRE_FALSE(large_outcome);
    CHECK(large_outcome.error().code == Code::storage_full);
    REQUIRE_FALSE(afterwards);
    CHECK(afterwards.error().code == Code::storage_full);
    REQUIRE(first_error);
    CHECK(first_error->code == Code::storage_full);
    REQUIRE(last_error);
    CHECK_FALSE(last_ran);
    CHECK(notes(*fixture.store).empty());
    CHECK(
        fixture.store->write_and_wait([](Transaction& transaction) { return put(transaction, 3, "three"); }));
    CHECK(notes(*fixture.store) == Notes{{3, "three"}});
}

TEST_CASE("a transaction that vanishes under a closure takes the group along", "[db][failures]") {
    NoteStore fixture;
    Gate gate(*fixture.store);
    Pending first(*fixture.store,
                  [](Transaction& transaction) { return put(transaction, 1, "one").has_value(); });
    Result<void> rolled_back;
    Result<void> stray;
    Pending culprit(*fixture.store, [&](Transaction& transaction) -> bool {
        rolled_back = transaction.connection().execute("ROLLBACK"); // what SQLite does after some errors
        stray = put(transaction, 2, "two");
        // A savepoint outside of a transaction would begin one, and its release would commit.
        (void)transaction.nested([&] { return put(transaction, 3, "three"); });
        CHECK_THROWS(transaction.undo());
        return true;
    });
    gate.open();
    CHECK(first.wait());
    CHECK(culprit.wait());
    CHECK(rolled_back);
    CHECK_FALSE(stray);
    CHECK(notes(*fixture.store).empty());
    CHECK(fixture.store->write_and_wait([](Transaction& transaction) { return put(transaction, 4, ""); }));
}

TEST_CASE("an error tells the outside neither statements nor paths", "[db][failures]") {
    NoteStore fixture;
    auto const failed = fixture.store->write_and_wait([](Transaction& transaction) {
        return transaction.connection().execute("INSERT INTO absent VALUES (1)");
    });
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == Code::storage);
    CHECK(failed.error().message == "the database failed");
    CHECK(failed.error().detail.find("no such table: absent") != std::string::npos);
}

} // namespace pointman::db::test
