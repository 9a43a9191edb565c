// SPDX-License-Identifier: Apache-2.0
// What the store's tests share: a database of their own with a table `note` to write to.
#pragma once

#include "base/time.hpp"
#include "db/connection.hpp"
#include "db/store.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace pointman::db::test {

using pointman::test::TemporaryDirectory;
using std::chrono::milliseconds;

inline TimePoint at(std::string_view iso) {
    return parse_iso_time(iso).value();
}

inline StoreOptions options_for(std::filesystem::path const& database) {
    StoreOptions options;
    options.database = database;
    return options;
}

/// A test's precondition: without it there is nothing to test.
template <class T>
T required(Result<T> result) {
    if (!result) FAIL(describe(result.error()));
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

inline std::unique_ptr<Store> open_store(StoreOptions const& options) {
    return required(Store::open(options));
}

inline Result<void> make_notes(Transaction& transaction) {
    return transaction.connection().execute(
        "CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, content TEXT NOT NULL)");
}

inline Result<void> put(Transaction& transaction, std::int64_t id, std::string_view content) {
    return transaction.connection().execute("INSERT INTO note (id, content) VALUES (?, ?)"
                                            " ON CONFLICT (id) DO UPDATE SET content = excluded.content",
                                            id, content);
}

using Notes = std::map<std::int64_t, std::string>;

inline Result<Notes> notes(Session& session) {
    auto const rows = session.connection().all(
        "SELECT id, content FROM note", [](Row const& row) -> Result<std::pair<std::int64_t, std::string>> {
            return std::pair(row.integer(0), row.text(1));
        });
    if (!rows) return std::unexpected(rows.error());
    return Notes(rows->begin(), rows->end());
}

inline Notes notes(Store& store) {
    return required(store.read([](Session& session) { return notes(session); }));
}

/// A connection beside the store, as another process has one.
inline std::unique_ptr<Connection> outsider(std::filesystem::path const& database,
                                            milliseconds busy_timeout = milliseconds(5000)) {
    return required(Connection::open(database, Connection::Access::read_write, busy_timeout));
}

/// A store with the table, in a directory of its own.
struct NoteStore {
    explicit NoteStore(StoreOptions options = {}) {
        options.database = path();
        store = open_store(options);
        required(store->write_and_wait(make_notes));
    }
    std::filesystem::path path() const { return directory.path() / "pointman.db"; }

    TemporaryDirectory directory;
    std::unique_ptr<Store> store;
};

/// Holds the writer inside a closure, so that what is queued meanwhile makes up one group.
class Gate {
public:
    explicit Gate(Store& store) {
        store.enqueue(
            [this](Transaction&) {
                entered_.set_value();
                opened_.get_future().wait();
                return true;
            },
            [this](std::optional<Error> error) { finished_.set_value(std::move(error)); });
        entered_.get_future().wait();
    }
    void open() {
        opened_.set_value();
        REQUIRE_FALSE(finished_.get_future().get());
    }

private:
    std::promise<void> entered_;
    std::promise<void> opened_;
    std::promise<std::optional<Error>> finished_;
};

/// One queued write and its answer.
class Pending {
public:
    Pending(Store& store, Store::Work work, Runs runs = Runs::once) {
        store.enqueue(
            std::move(work),
            [answer = answer_](std::optional<Error> error) mutable { answer->set_value(std::move(error)); },
            runs);
    }
    std::optional<Error> wait() { return answer_->get_future().get(); }

private:
    std::shared_ptr<std::promise<std::optional<Error>>> answer_ =
        std::make_shared<std::promise<std::optional<Error>>>();
};

} // namespace pointman::db::test
