// SPDX-License-Identifier: Apache-2.0
#include "db/async.hpp"
#include "tests/unit/db/support.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <thread>

namespace pointman::db::test {

namespace {

namespace asio = boost::asio;

/// Runs one coroutine to its end on this thread.
template <class T>
T run(asio::awaitable<T> coroutine) {
    asio::io_context context;
    std::optional<T> result;
    asio::co_spawn(context, std::move(coroutine), [&](std::exception_ptr const& thrown, T value) {
        REQUIRE_FALSE(thrown);
        result = std::move(value);
    });
    context.run();
    REQUIRE(result.has_value());
    return std::move(*result);
}

struct Resumed {
    Result<int> result = 0;
    std::thread::id before;
    std::thread::id after;
    std::thread::id writer;
    std::int64_t rows = 0;
};

asio::awaitable<Resumed> write_one(Store& store, Connection& other) {
    Resumed seen;
    seen.before = std::this_thread::get_id();
    seen.result = co_await write(store, [writer = &seen.writer](Transaction& transaction) -> Result<int> {
        *writer = std::this_thread::get_id();
        if (auto done = put(transaction, 1, "one"); !done) return std::unexpected(done.error());
        return 42;
    });
    seen.after = std::this_thread::get_id();
    seen.rows = other.number("SELECT count(*) FROM note").value_or(-1);
    co_return seen;
}

asio::awaitable<Result<void>> write_and_refuse(Store& store) {
    co_return co_await write(store, [](Transaction& transaction) -> Result<void> {
        if (auto done = put(transaction, 1, "one"); !done) return done;
        return fail(Code::not_approved, "not yet");
    });
}

asio::awaitable<Result<void>> write_nothing(Store& store) {
    co_return co_await write(store, [](Transaction&) -> Result<void> { return {}; });
}

asio::awaitable<int> write_many(Store& store, int first, int count) {
    int kept = 0;
    for (int i = 0; i < count; ++i) {
        auto const id = first + i;
        auto const done =
            co_await write(store, [id](Transaction& transaction) { return put(transaction, id, ""); });
        kept += done ? 1 : 0;
    }
    co_return kept;
}

} // namespace

TEST_CASE("a coroutine resumes on its own executor after the commit", "[db][async]") {
    NoteStore fixture;
    auto const other = outsider(fixture.path());
    auto const seen = run(write_one(*fixture.store, *other));
    CHECK(seen.result.value() == 42);
    CHECK(seen.rows == 1);
    CHECK(seen.after == seen.before);
    CHECK(seen.writer != seen.before);
    CHECK(seen.writer != std::thread::id());
}

TEST_CASE("a coroutine gets its closure's error, and nothing is kept", "[db][async]") {
    NoteStore fixture;
    auto const refused = run(write_and_refuse(*fixture.store));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::not_approved);
    CHECK(notes(*fixture.store).empty());
}

TEST_CASE("a coroutine gets the store's refusal", "[db][async]") {
    StoreOptions options;
    options.queue_capacity = 1;
    NoteStore fixture(options);
    Gate gate(*fixture.store);
    Pending waiting(*fixture.store, [](Transaction&) { return true; });
    auto const refused = run(write_nothing(*fixture.store));
    gate.open();
    CHECK_FALSE(waiting.wait());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::busy);
}

TEST_CASE("many coroutines on two threads share commits", "[db][async]") {
    NoteStore fixture;
    auto const before = fixture.store->counters();
    asio::io_context context;
    std::atomic<int> kept = 0;
    for (int i = 0; i < 40; ++i) {
        asio::co_spawn(asio::make_strand(context), write_many(*fixture.store, i * 100, 25),
                       [&](std::exception_ptr const& thrown, int count) { kept += thrown ? 0 : count; });
    }
    {
        std::jthread const second([&] { context.run(); });
        context.run();
    }
    CHECK(kept == 1000);
    CHECK(notes(*fixture.store).size() == 1000);
    auto const after = fixture.store->counters();
    CHECK(after.writes - before.writes == 1000);
    CHECK(after.commits - before.commits < 1000);
}

} // namespace pointman::db::test
