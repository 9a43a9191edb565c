// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/db/support.hpp"

#include <atomic>
#include <filesystem>
#include <functional>
#include <semaphore>
#include <stdexcept>
#include <thread>
#include <vector>

namespace pointman::db::test {

TEST_CASE("a write is visible to everyone once it is acknowledged", "[db]") {
    NoteStore fixture;
    auto const other = outsider(fixture.path());
    std::promise<Result<std::int64_t>> seen;
    fixture.store->enqueue([](Transaction& transaction) { return put(transaction, 1, "one").has_value(); },
                           [&](std::optional<Error> error) {
                               CHECK_FALSE(error);
                               seen.set_value(other->number("SELECT count(*) FROM note"));
                           });
    CHECK(seen.get_future().get().value() == 1);
    CHECK(notes(*fixture.store) == Notes{{1, "one"}});
}

TEST_CASE("a write gives back what its closure made", "[db]") {
    NoteStore fixture;
    auto const made = fixture.store->write_and_wait([](Transaction& transaction) -> Result<std::string> {
        if (auto done = put(transaction, 7, "seven"); !done) return std::unexpected(done.error());
        return "made";
    });
    CHECK(made.value() == "made");
}

TEST_CASE("a closure's own error rolls its write back and reaches the caller", "[db]") {
    NoteStore fixture;
    auto const refused = fixture.store->write_and_wait([](Transaction& transaction) -> Result<void> {
        if (auto done = put(transaction, 1, "lost"); !done) return done;
        return fail(Code::wrong_client, "not yours");
    });
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::wrong_client);
    CHECK(notes(*fixture.store).empty());
}

TEST_CASE("a closure that throws is rolled back and answered with an error", "[db]") {
    NoteStore fixture;
    auto const thrown = fixture.store->write_and_wait([](Transaction& transaction) -> Result<void> {
        if (auto done = put(transaction, 1, "lost"); !done) return done;
        throw std::runtime_error("broken");
    });
    REQUIRE_FALSE(thrown);
    CHECK(thrown.error().code == Code::storage);
    CHECK(thrown.error().detail == "broken");
    CHECK(notes(*fixture.store).empty());
    CHECK(fixture.store->write_and_wait([](Transaction& transaction) { return put(transaction, 2, "two"); }));
}

TEST_CASE("neighbours in a group do not share their fate", "[db]") {
    NoteStore fixture;
    auto const before = fixture.store->counters();
    // What the closures find; looked at when they are done, since Catch is for one thread at a time.
    std::optional<Notes> seen_by_second;
    std::optional<Notes> seen_by_last;
    Gate gate(*fixture.store);
    Pending first(*fixture.store,
                  [](Transaction& transaction) { return put(transaction, 1, "one").has_value(); });
    Pending refused(*fixture.store, [&](Transaction& transaction) {
        seen_by_second = notes(transaction).value();
        (void)put(transaction, 2, "two");
        return false;
    });
    Pending thrown(*fixture.store, [](Transaction& transaction) -> bool {
        (void)put(transaction, 3, "three");
        throw std::runtime_error("broken");
    });
    Pending last(*fixture.store, [&](Transaction& transaction) {
        seen_by_last = notes(transaction).value();
        return put(transaction, 4, "four").has_value();
    });
    CHECK(fixture.store->counters().queued == 4);
    gate.open();
    CHECK_FALSE(first.wait());
    CHECK_FALSE(refused.wait()); // its own result says why
    CHECK(thrown.wait());
    CHECK_FALSE(last.wait());
    CHECK(seen_by_second == Notes{{1, "one"}});
    CHECK(seen_by_last == Notes{{1, "one"}});
    CHECK(notes(*fixture.store) == Notes{{1, "one"}, {4, "four"}});
    auto const after = fixture.store->counters();
    CHECK(after.commits == before.commits + 2); // the gate's own and the group's
    CHECK(after.writes == before.writes + 3);
    CHECK(after.failures == 0);
}

TEST_CASE("nested work is kept or vanishes by itself", "[db]") {
    NoteStore fixture;
    auto const done = fixture.store->write_and_wait([](Transaction& transaction) -> Result<void> {
        CHECK(put(transaction, 1, "outer"));
        CHECK(transaction.nested([&] { return put(transaction, 2, "kept"); }));
        auto const refused = transaction.nested([&]() -> Result<int> {
            CHECK(put(transaction, 3, "dropped"));
            CHECK(transaction.nested([&] { return put(transaction, 4, "dropped with the outer one"); }));
            return fail(Code::no_baseline, "no");
        });
        CHECK(refused.error().code == Code::no_baseline);
        CHECK_THROWS_AS(transaction.nested([&]() -> Result<void> {
            CHECK(put(transaction, 5, "dropped"));
            throw std::logic_error("broken");
        }),
                        std::logic_error);
        return transaction.nested([&] {
            CHECK_FALSE(transaction.nested([&]() -> Result<void> {
                CHECK(put(transaction, 6, "dropped"));
                return fail(Code::outdated, "no");
            }));
            return put(transaction, 7, "kept");
        });
    });
    CHECK(done);
    CHECK(notes(*fixture.store) == Notes{{1, "outer"}, {2, "kept"}, {7, "kept"}});
}

TEST_CASE("what a closure undoes vanishes, what it writes afterwards and its neighbours' stay", "[db]") {
    NoteStore fixture;
    Gate gate(*fixture.store);
    Pending before(*fixture.store,
                   [](Transaction& transaction) { return put(transaction, 1, "before").has_value(); });
    Pending undone(*fixture.store, [](Transaction& transaction) {
        CHECK(put(transaction, 1, "dropped"));
        CHECK(put(transaction, 2, "dropped"));
        transaction.undo();
        CHECK(notes(transaction).value() == Notes{{1, "before"}});
        transaction.undo();
        return put(transaction, 3, "kept").has_value();
    });
    Pending after(*fixture.store,
                  [](Transaction& transaction) { return put(transaction, 4, "after").has_value(); });
    gate.open();
    CHECK_FALSE(before.wait());
    CHECK_FALSE(undone.wait());
    CHECK_FALSE(after.wait());
    CHECK(notes(*fixture.store) == Notes{{1, "before"}, {3, "kept"}, {4, "after"}});
}

TEST_CASE("closures that may run again are called once, or all of a group twice", "[db]") {
    struct Row {
        char const* name;
        Runs neighbours;
        std::function<bool(Transaction&)> end; ///< of the closure in the middle
        std::vector<int> calls;
        Notes notes;
    };
    auto const keep = [](Transaction&) { return true; };
    auto const refuse = [](Transaction&) { return false; };
    auto const break_off = [](Transaction&) -> bool { throw std::runtime_error("broken"); };
    auto const undo = [](Transaction& transaction) {
        transaction.undo();
        return put(transaction, 9, "after").has_value();
    };
    auto const row = GENERATE_COPY(values<Row>({
        {"all are kept", Runs::again, keep, {1, 1, 1}, {{1, ""}, {2, ""}, {3, ""}}},
        {"one is refused", Runs::again, refuse, {2, 2, 1}, {{1, ""}, {3, ""}}},
        {"one throws", Runs::again, break_off, {2, 2, 1}, {{1, ""}, {3, ""}}},
        {"one undoes", Runs::again, undo, {2, 2, 1}, {{1, ""}, {3, ""}, {9, "after"}}},
        {"some run once, one undoes", Runs::once, undo, {1, 1, 1}, {{1, ""}, {3, ""}, {9, "after"}}},
        {"some run once, one throws", Runs::once, break_off, {1, 1, 1}, {{1, ""}, {3, ""}}},
    }));
    INFO(row.name);
    NoteStore fixture;
    std::vector<int> calls(3);
    std::vector<Pending> answers;
    Gate gate(*fixture.store);
    for (int i = 0; i < 3; ++i) {
        answers.emplace_back(
            *fixture.store,
            [&, i](Transaction& transaction) {
                ++calls[static_cast<std::size_t>(i)];
                CHECK(put(transaction, i + 1, ""));
                return i != 1 || row.end(transaction);
            },
            i == 1 ? Runs::again : row.neighbours);
    }
    gate.open();
    for (auto& answer : answers) static_cast<void>(answer.wait());
    CHECK(calls == row.calls);
    CHECK(notes(*fixture.store) == row.notes);
}

TEST_CASE("after a group that ran again the next ones run once, for a while", "[db]") {
    NoteStore fixture;
    // How often two closures are called of which the first is refused.
    auto const calls = [&] {
        int made = 0;
        Gate gate(*fixture.store);
        auto const closure = [&made](bool keep) {
            return [&made, keep](Transaction&) {
                ++made;
                return keep;
            };
        };
        Pending refused(*fixture.store, closure(false), Runs::again);
        Pending kept(*fixture.store, closure(true), Runs::again);
        gate.open();
        CHECK_FALSE(refused.wait());
        CHECK_FALSE(kept.wait());
        return made;
    };
    CHECK(calls() == 3);
    // The gate is a group too, and has a savepoint whatever comes.
    int groups = 0;
    while (calls() == 2) REQUIRE(++groups < 100);
    CHECK(groups > 1);
}

TEST_CASE("a full queue refuses at once", "[db]") {
    StoreOptions options;
    options.queue_capacity = 2;
    NoteStore fixture(options);
    Gate gate(*fixture.store);
    Pending first(*fixture.store,
                  [](Transaction& transaction) { return put(transaction, 1, "").has_value(); });
    Pending second(*fixture.store,
                   [](Transaction& transaction) { return put(transaction, 2, "").has_value(); });
    Pending third(*fixture.store,
                  [](Transaction& transaction) { return put(transaction, 3, "").has_value(); });
    auto const refusal = third.wait(); // the writer is still held
    REQUIRE(refusal);
    CHECK(refusal->code == Code::busy);
    gate.open();
    CHECK_FALSE(first.wait());
    CHECK_FALSE(second.wait());
    CHECK(notes(*fixture.store) == Notes{{1, ""}, {2, ""}});
}

TEST_CASE("closing commits what is queued and refuses what comes after", "[db]") {
    NoteStore fixture;
    auto* const store = fixture.store.get();
    std::atomic<int> committed = 0;
    std::atomic<bool> refused = false;
    std::optional<Error> late;
    {
        std::promise<void> closing;
        std::promise<void> entered;
        store->enqueue(
            [&](Transaction&) {
                entered.set_value();
                closing.get_future().wait();
                return true;
            },
            // Runs in the destructor: more work from here comes too late.
            [&](std::optional<Error>) {
                store->enqueue([](Transaction&) { return true; },
                               [&](std::optional<Error> error) { late = std::move(error); });
            });
        entered.get_future().wait();
        for (int i = 0; i < 600; ++i) { // more than one group
            store->enqueue([i](Transaction& transaction) { return put(transaction, i, "").has_value(); },
                           [&](std::optional<Error> error) { committed += error ? 0 : 1; });
        }
        std::thread closer([&] { fixture.store.reset(); });
        // The destructor has begun once enqueue() refuses; the writer itself is held until then.
        while (!refused) {
            store->enqueue([](Transaction&) { return true; },
                           [&](std::optional<Error> error) {
                               if (error && error->code == Code::unavailable) refused = true;
                           });
        }
        closing.set_value();
        closer.join();
    }
    CHECK(committed == 600);
    REQUIRE(late);
    CHECK(late->code == Code::unavailable);
    auto const reopened = open_store(options_for(fixture.path()));
    CHECK(notes(*reopened).size() == 600);
}

TEST_CASE("a read sees one snapshot while others write", "[db]") {
    NoteStore fixture;
    auto const counts =
        fixture.store->read([&](Session& session) -> Result<std::pair<std::int64_t, std::int64_t>> {
            auto const before = session.connection().number("SELECT count(*) FROM note");
            CHECK(fixture.store->write_and_wait(
                [](Transaction& transaction) { return put(transaction, 1, ""); }));
            auto const after = session.connection().number("SELECT count(*) FROM note");
            return std::pair(before.value(), after.value());
        });
    CHECK(counts.value() == std::pair<std::int64_t, std::int64_t>(0, 0));
    CHECK(notes(*fixture.store).size() == 1);
}

TEST_CASE("a read cannot write and leaves a usable connection, also when it throws", "[db]") {
    StoreOptions options;
    options.readers = 1;
    NoteStore fixture(options);
    auto const written = fixture.store->read([](Session& session) {
        return session.connection().execute("INSERT INTO note (id, content) VALUES (1, '')");
    });
    REQUIRE_FALSE(written);
    CHECK(written.error().code == Code::storage);
    CHECK_THROWS_AS(fixture.store->read([](Session& session) -> Result<void> {
        CHECK(notes(session));
        throw std::runtime_error("broken");
    }),
                    std::runtime_error);
    CHECK(fixture.store->write_and_wait([](Transaction& transaction) { return put(transaction, 2, ""); }));
    CHECK(notes(*fixture.store) == Notes{{2, ""}}); // a new snapshot, on the same connection
}

TEST_CASE("more readers than connections wait for their turn", "[db]") {
    StoreOptions options;
    options.readers = 2;
    NoteStore fixture(options);
    std::atomic<int> inside = 0;
    std::atomic<int> most = 0;
    std::atomic<int> done = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            for (int round = 0; round < 50; ++round) {
                auto const read = fixture.store->read([&](Session& session) {
                    auto const now = ++inside;
                    auto known = most.load();
                    while (now > known && !most.compare_exchange_weak(known, now)) {
                    }
                    auto result = notes(session);
                    --inside;
                    return result;
                });
                done += read ? 1 : 0;
            }
        });
    }
    threads.clear();
    CHECK(done == 400);
    CHECK(most <= 2);
}

TEST_CASE("the log begins anew under load although readers overlap", "[db]") {
    NoteStore fixture;
    auto const log = fixture.path().string() + "-wal";
    std::atomic<bool> stop = false;
    std::atomic<int> failures = 0;
    // Each of two readers keeps its snapshot until the other has a newer one, and takes so long that there
    // are commits meanwhile: so at no commit is the log free of readers.
    auto const take_long = [](Session& session) {
        return session.connection().number(
            "WITH RECURSIVE step (i) AS (SELECT count(*) FROM note UNION ALL"
            " SELECT i + 1 FROM step WHERE i < 100000) SELECT count(*) FROM step");
    };
    std::counting_semaphore<> first_turn(0);
    std::counting_semaphore<> second_turn(0);
    auto const overlap = [&](std::counting_semaphore<>& own, std::counting_semaphore<>& other) {
        while (!stop) {
            auto const read = fixture.store->read([&](Session& session) {
                auto count = take_long(session);
                other.release();
                own.acquire();
                return count;
            });
            if (!read) ++failures;
        }
        other.release();
    };
    {
        std::jthread const first([&] { overlap(first_turn, second_turn); });
        std::jthread const second([&] {
            second_turn.acquire(); // half a turn later than the first
            overlap(second_turn, first_turn);
        });
        for (int i = 0; i < 3000; ++i) { // some 190 MB; SQLite would not write the same text again
            std::string const text(64 * 1024, static_cast<char>('a' + i / 100 % 26));
            auto const written = fixture.store->write_and_wait(
                [&](Transaction& transaction) { return put(transaction, i % 100, text); });
            if (!written) ++failures;
        }
        stop = true;
    }
    CHECK(failures == 0);
    CHECK(std::filesystem::file_size(log) <= 100U * 1024 * 1024);
}

} // namespace pointman::db::test
