// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/db/support.hpp"

#include <rapidcheck.h>

#include <atomic>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace pointman::db::test {

namespace {

enum class StepKind { put, erase, insert_new, nested_kept, nested_dropped, undo };
enum class Outcome { keep, refuse, throw_exception };

struct Step {
    StepKind kind;
    std::int64_t key;
    std::string value;
};

/// A closure's work: steps, then how it ends.
struct Write {
    std::vector<Step> steps;
    Outcome outcome;
    Runs runs;
};

/// What a write comes to: kept, its own error, or an exception.
enum class Ending { kept, refused, thrown };

// The model: the same steps on a map.

bool apply(Step const& step, Notes& notes, Notes const& at_first) {
    switch (step.kind) {
    case StepKind::put:
    case StepKind::nested_kept:
        notes[step.key] = step.value;
        return true;
    case StepKind::erase:
        notes.erase(step.key);
        return true;
    case StepKind::insert_new:
        return notes.emplace(step.key, step.value).second;
    case StepKind::nested_dropped:
        return true;
    case StepKind::undo:
        notes = at_first;
        return true;
    }
    return false;
}

Ending apply(Write const& write, Notes& notes) {
    auto trial = notes;
    for (auto const& step : write.steps) {
        if (!apply(step, trial, notes)) return Ending::refused;
    }
    if (write.outcome == Outcome::refuse) return Ending::refused;
    if (write.outcome == Outcome::throw_exception) return Ending::thrown;
    notes = std::move(trial);
    return Ending::kept;
}

// The real thing.

Result<void> run(Step const& step, Transaction& transaction) {
    auto& connection = transaction.connection();
    switch (step.kind) {
    case StepKind::put:
        return put(transaction, step.key, step.value);
    case StepKind::erase:
        return connection.execute("DELETE FROM note WHERE id = ?", step.key);
    case StepKind::insert_new:
        return connection.execute("INSERT INTO note (id, content) VALUES (?, ?)", step.key, step.value);
    case StepKind::nested_kept:
        return transaction.nested([&] { return put(transaction, step.key, step.value); });
    case StepKind::nested_dropped:
        (void)transaction.nested([&]() -> Result<void> {
            if (auto done = put(transaction, step.key, step.value); !done) return done;
            return fail(Code::outdated, "dropped");
        });
        return {};
    case StepKind::undo:
        transaction.undo();
        return {};
    }
    return {};
}

bool run(Write const& write, Transaction& transaction) {
    for (auto const& step : write.steps) {
        if (!run(step, transaction)) return false;
    }
    if (write.outcome == Outcome::throw_exception) throw std::runtime_error("on purpose");
    return write.outcome == Outcome::keep;
}

rc::Gen<Write> any_write(rc::Gen<Runs> runs) {
    auto const step = rc::gen::build<Step>(
        rc::gen::set(&Step::kind,
                     rc::gen::element(StepKind::put, StepKind::erase, StepKind::insert_new,
                                      StepKind::nested_kept, StepKind::nested_dropped, StepKind::undo)),
        rc::gen::set(&Step::key, rc::gen::cast<std::int64_t>(rc::gen::inRange(0, 8))),
        rc::gen::set(&Step::value, rc::gen::string<std::string>()));
    return rc::gen::build<Write>(
        rc::gen::set(&Write::steps, rc::gen::container<std::vector<Step>>(step)),
        rc::gen::set(&Write::outcome,
                     rc::gen::weightedElement<Outcome>(
                         {{3, Outcome::keep}, {1, Outcome::refuse}, {1, Outcome::throw_exception}})),
        rc::gen::set(&Write::runs, std::move(runs)));
}

/// Runs the writes as one group and tells how each ended.
std::vector<Ending> run_as_group(Store& store, std::vector<Write> const& writes) {
    std::vector<std::uint8_t> kept(writes.size());
    std::vector<Pending> answers;
    Gate gate(store);
    for (std::size_t i = 0; i < writes.size(); ++i) {
        answers.emplace_back(
            store,
            [&, i](Transaction& transaction) {
                kept[i] = 0;
                bool const keep = run(writes[i], transaction);
                kept[i] = keep ? 1 : 0;
                return keep;
            },
            writes[i].runs);
    }
    gate.open();
    std::vector<Ending> endings;
    for (std::size_t i = 0; i < writes.size(); ++i) {
        auto const error = answers[i].wait();
        endings.push_back(error ? Ending::thrown : kept[i] != 0 ? Ending::kept : Ending::refused);
    }
    return endings;
}

} // namespace

TEST_CASE("groups of writes behave as their steps one after the other", "[db][model]") {
    NoteStore fixture;
    Notes model;
    CHECK(rc::check("store and model agree", [&] {
        auto const runs = rc::gen::element(Runs::once, Runs::again);
        auto const writes = *rc::gen::container<std::vector<Write>>(any_write(runs));
        std::vector<Ending> expected;
        for (auto const& write : writes) expected.push_back(apply(write, model));
        RC_ASSERT((run_as_group(*fixture.store, writes) == expected));
        RC_ASSERT(notes(*fixture.store) == model);
    }));
}

TEST_CASE("groups that may run again behave as their steps one after the other", "[db][model]") {
    CHECK(rc::check("store and model agree", [] {
        NoteStore fixture; // anew, since after a group that ran again the next ones have savepoints
        Notes model;
        auto const runs = rc::gen::just(Runs::again);
        for (int group = 0; group < 2; ++group) {
            auto const writes = *rc::gen::container<std::vector<Write>>(any_write(runs));
            std::vector<Ending> expected;
            for (auto const& write : writes) expected.push_back(apply(write, model));
            RC_ASSERT((run_as_group(*fixture.store, writes) == expected));
            RC_ASSERT(notes(*fixture.store) == model);
        }
    }));
}

TEST_CASE("texts and blobs come back as they went in", "[db][model]") {
    NoteStore fixture;
    REQUIRE(fixture.store->write_and_wait([](Transaction& transaction) {
        return transaction.connection().execute(
            "CREATE TABLE pair (text_value TEXT NOT NULL, blob_value BLOB NOT NULL)");
    }));
    CHECK(rc::check("any text, with NUL too, and any bytes", [&] {
        auto const text = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
        auto const blob = to_bytes(*rc::gen::container<std::string>(rc::gen::arbitrary<char>()));
        auto const back = fixture.store->write_and_wait(
            [&](Transaction& transaction) -> Result<std::pair<std::string, Bytes>> {
                auto& connection = transaction.connection();
                if (auto done = connection.execute("INSERT INTO pair VALUES (?, ?)", text, blob); !done) {
                    return std::unexpected(done.error());
                }
                auto row = connection.one("SELECT text_value, blob_value FROM pair",
                                          [](Row const& r) -> Result<std::pair<std::string, Bytes>> {
                                              return std::pair(r.text(0), r.bytes(1));
                                          });
                if (!row) return std::unexpected(row.error());
                if (auto done = connection.execute("DELETE FROM pair"); !done)
                    return std::unexpected(done.error());
                return **row;
            });
        RC_ASSERT(back.has_value());
        RC_ASSERT(back->first == text);
        RC_ASSERT(back->second == blob);
    }));
}

TEST_CASE("eight threads: what was acknowledged is there, what failed is not", "[db][model]") {
    StoreOptions options;
    options.max_group = 16;
    NoteStore fixture(options);
    constexpr int threads = 8;
    constexpr int rounds = 150;
    std::mutex mutex;
    std::set<std::int64_t> acknowledged;
    std::atomic<int> unexpected_answers = 0;
    auto const work = [&](int thread) {
        for (int round = 0; round < rounds; ++round) {
            std::int64_t const id = thread * rounds + round;
            auto const outcome = static_cast<Outcome>(round % 3);
            auto const written = fixture.store->write_and_wait([&](Transaction& transaction) -> Result<void> {
                if (auto done = put(transaction, id, std::to_string(thread)); !done) return done;
                if (outcome == Outcome::throw_exception) throw std::runtime_error("on purpose");
                if (outcome == Outcome::refuse) return fail(Code::outdated, "on purpose");
                return {};
            });
            if (written.has_value() != (outcome == Outcome::keep)) ++unexpected_answers;
            if (written) {
                std::scoped_lock const lock(mutex);
                acknowledged.insert(id);
            }
        }
    };
    {
        std::vector<std::jthread> running;
        for (int thread = 0; thread < threads; ++thread) running.emplace_back(work, thread);
    }
    CHECK(unexpected_answers == 0);
    std::set<std::int64_t> stored;
    for (auto const& [id, content] : notes(*fixture.store)) stored.insert(id);
    CHECK(acknowledged.size() == std::size_t{threads} * rounds / 3);
    CHECK(stored == acknowledged);
    CHECK(fixture.store->counters().writes == acknowledged.size() + 1); // and the table
}

} // namespace pointman::db::test
