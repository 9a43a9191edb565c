// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/db/support.hpp"

#include <csignal>
#include <filesystem>
#include <random>
#include <set>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace pointman::db::test {

namespace {

/// Both ends of a pipe.
struct Pipe {
    Pipe() { REQUIRE(::pipe(ends) == 0); }
    ~Pipe() {
        close_end(0);
        close_end(1);
    }
    Pipe(Pipe const&) = delete;
    Pipe& operator=(Pipe const&) = delete;
    void close_end(std::size_t end) {
        if (ends[end] >= 0) ::close(ends[end]);
        ends[end] = -1;
    }
    /// The next number that the other side wrote; none at its end.
    std::optional<std::int64_t> read() const {
        std::int64_t value = 0;
        if (::read(ends[0], &value, sizeof value) != ssize_t{sizeof value}) return std::nullopt;
        return value;
    }
    bool write(std::int64_t value) const { // so short that it goes as a whole
        return ::write(ends[1], &value, sizeof value) == ssize_t{sizeof value};
    }
    int ends[2] = {-1, -1};
};

/// A child that runs `work() -> exit status` and never returns into the test program.
template <class F>
pid_t start_child(F const& work) {
    auto const pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid == 0) ::_exit(work());
    return pid;
}

int exit_status(pid_t child) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return status;
}

/// Writes as fast as it can from four threads and reports each number that was acknowledged, until it is
/// killed.
int write_until_killed(std::filesystem::path const& path, std::int64_t first, Pipe const& acknowledged) {
    auto const store = Store::open(options_for(path));
    if (!store) return 1;
    std::atomic<std::int64_t> next = first;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (;;) {
                auto const id = next++;
                auto const written = (*store)->write_and_wait(
                    [id](Transaction& transaction) { return put(transaction, id, std::to_string(id)); });
                if (!written || !acknowledged.write(id)) ::_exit(2);
            }
        });
    }
    return 0;
}

} // namespace

TEST_CASE("a killed process loses nothing that it acknowledged", "[db][processes]") {
    TemporaryDirectory const directory;
    auto const path = directory.path() / "pointman.db";
    required(open_store(options_for(path))->write_and_wait(make_notes));
    std::mt19937 random(20260101); // NOLINT(cert-msc32-c,cert-msc51-cpp): the same points in each run
    std::uniform_int_distribution<int> acknowledgements(0, 150);
    std::set<std::int64_t> acknowledged;
    for (int round = 0; round < 20; ++round) {
        Pipe pipe;
        std::int64_t const first = 1'000'000 * (round + 1);
        auto const child = start_child([&] { return write_until_killed(path, first, pipe); });
        pipe.close_end(1);
        for (auto wanted = acknowledgements(random); wanted > 0; --wanted) {
            auto const id = pipe.read();
            REQUIRE(id);
            acknowledged.insert(*id);
        }
        REQUIRE(::kill(child, SIGKILL) == 0);
        while (auto const id = pipe.read()) acknowledged.insert(*id);
        auto const status = exit_status(child);
        REQUIRE(WIFSIGNALED(status));
        auto const store = open_store(options_for(path));
        auto const stored = notes(*store);
        for (auto const id : acknowledged) {
            if (!stored.contains(id)) FAIL("lost " << id << " in round " << round);
        }
        // No half-written row either.
        for (auto const& [id, content] : stored) {
            if (content != std::to_string(id)) FAIL("broken " << id);
        }
        CHECK(outsider(path)
                  ->one("PRAGMA integrity_check",
                        [](Row const& row) -> Result<std::string> { return row.text(0); })
                  ->value() == "ok");
    }
    CHECK(acknowledged.size() > 500);
}

TEST_CASE("processes that open a fresh database at once share it", "[db][processes]") {
    TemporaryDirectory const directory;
    for (int round = 0; round < 10; ++round) {
        INFO(round);
        auto const path = directory.path() / ("fresh-" + std::to_string(round) + ".db");
        Pipe start;
        std::vector<pid_t> children;
        for (int number = 0; number < 4; ++number) {
            children.push_back(start_child([&] {
                start.close_end(1);
                (void)start.read(); // all are let go by the end of the pipe
                auto const store = Store::open(options_for(path));
                if (!store) return 1;
                auto const made = (*store)->write_and_wait([&](Transaction& transaction) -> Result<void> {
                    if (auto done = make_notes(transaction); !done) return done;
                    return put(transaction, number, "here");
                });
                return made ? 0 : 2;
            }));
        }
        start.close_end(1);
        for (auto const child : children) CHECK(exit_status(child) == 0);
        CHECK(notes(*open_store(options_for(path))).size() == 4);
    }
}

} // namespace pointman::db::test
