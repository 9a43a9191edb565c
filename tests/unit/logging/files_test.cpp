// SPDX-License-Identifier: Apache-2.0
// Files, rotation and what happens when they cannot be written: logging.md 3, 4 and 7.
#include "server/logging.hpp"
#include "tests/unit/logging/records.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace pointman;
using namespace std::chrono_literals;
using log::Logs;

namespace {

constexpr TimePoint start = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 23h + 17min + 35s;

std::unique_ptr<Logs> open(log::Options const& options, Clock const& clock) {
    return std::move(Logs::open(options, clock).value());
}

std::set<std::string> names_in(std::filesystem::path const& directory) {
    std::set<std::string> names;
    for (auto const& entry : std::filesystem::directory_iterator(directory)) {
        names.insert(entry.path().filename().string());
    }
    return names;
}

std::string messages_in(std::filesystem::path const& path) {
    std::string all;
    for (auto const& record : test::read_records(path)) all += record.message.substr(0, 1);
    return all;
}

/// Records of about 700 bytes: one fits a file of 1000 bytes, two do not.
void write_long(log::Log const& log, char letter) {
    log.info({}, "{}", std::string(500, letter));
}

} // namespace

TEST_CASE("a file is made with mode 0640, its directory with 0750", "[logging]") {
    test::TemporaryDirectory const top;
    ManualClock const clock{start};
    auto const directory = top.path() / "a" / "logs";
    auto const logs = open({.directory = directory, .console = false}, clock);
    logs->get("MP_Ddr").info({}, "text");
    struct stat status {};
    REQUIRE(::stat((directory / "MP_Ddr.log").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0640U);
    REQUIRE(::stat(directory.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0750U);
}

TEST_CASE("a log's file continues after a restart", "[logging]") {
    test::TemporaryDirectory const directory;
    ManualClock const clock{start};
    for (char const letter : {'a', 'b'}) {
        auto const logs = open({.directory = directory.path(), .console = false}, clock);
        logs->get("MP_Ddr").info({}, "{}", letter);
    }
    CHECK(messages_in(directory.path() / "MP_Ddr.log") == "ab");
}

TEST_CASE("registration is recorded under both of its names", "[logging]") {
    test::TemporaryDirectory const directory;
    ManualClock const clock{start};
    auto const logs = open({.directory = directory.path(), .console = false}, clock);
    logs->get("MP_ClientRegistration").info({}, "a");
    logs->get("MP_RegistrationManager").info({}, "b");
    auto const first = test::read_text(directory.path() / "MP_ClientRegistration.log");
    CHECK(messages_in(directory.path() / "MP_ClientRegistration.log") == "ab");
    CHECK(first == test::read_text(directory.path() / "MP_RegistrationManager.log"));
}

TEST_CASE("a name cannot leave the directory or break the component", "[logging]") {
    test::TemporaryDirectory const directory;
    ManualClock const clock{start};
    auto const logs = open({.directory = directory.path(), .console = false}, clock);
    logs->get("../x\"y").info({}, "a");
    logs->get("").info({}, "b");
    logs->get(std::string(300, 'n')).info({}, "c");
    auto const longest = std::string(100, 'n');
    CHECK(names_in(directory.path()) ==
          std::set<std::string>{"___x_y.log", "pointman.log", longest + ".log"});
    CHECK(test::read_records(directory.path() / (longest + ".log")).at(0).component == longest);
}

TEST_CASE("what is recorded together reaches each file in one piece, at the end", "[logging]") {
    test::TemporaryDirectory const directory;
    ManualClock const clock{start};
    auto const logs = open({.directory = directory.path(), .console = false}, clock);
    auto const ddr = directory.path() / "MP_Ddr.log";
    auto const hinv = directory.path() / "MP_Hinv.log";
    logs->get("MP_Ddr").info({}, "a");
    {
        log::Together const together;
        logs->get("MP_Ddr").info({}, "b");
        logs->get("MP_Hinv").info({}, "c");
        {
            log::Together const inner;
            logs->get("MP_Ddr").warning({}, "d");
        }
        CHECK(messages_in(ddr) == "a");
        CHECK(names_in(directory.path()).contains("MP_Hinv.log") == false);
        std::thread([&] { logs->get("MP_Ddr").info({}, "e"); }).join();
        CHECK(messages_in(ddr) == "ae");
    }
    CHECK(messages_in(ddr) == "aebd");
    CHECK(messages_in(hinv) == "c");
    logs->get("MP_Ddr").info({}, "f");
    CHECK(messages_in(ddr) == "aebdf");
}

TEST_CASE("what is recorded together and cannot be written is counted record by record", "[logging]") {
    test::TemporaryDirectory const directory;
    ManualClock const clock{start};
    auto const logs = open({.directory = directory.path(), .console = false}, clock);
    std::filesystem::create_directory(directory.path() / "MP_Ddr.log");
    {
        log::Together const together;
        for (int i = 0; i < 3; ++i) logs->get("MP_Ddr").info({}, "lost");
        logs->get("MP_Hinv").info({}, "kept");
    }
    CHECK(logs->lost_records() == 3);
    CHECK(messages_in(directory.path() / "MP_Hinv.log") == "k");
}

TEST_CASE("rotation", "[logging]") {
    test::TemporaryDirectory const directory;
    auto const file = [&](std::string_view name) { return directory.path() / name; };
    ManualClock clock{start};

    SECTION("happens before the record that would exceed the size; the older copy is replaced") {
        auto const logs = open({.directory = directory.path(), .max_size = 1000, .console = false}, clock);
        auto const log = logs->get("MP_Ddr");
        write_long(log, 'a');
        CHECK(names_in(directory.path()) == std::set<std::string>{"MP_Ddr.log"});
        write_long(log, 'b');
        CHECK(messages_in(file("MP_Ddr.log")) == "b");
        CHECK(messages_in(file("MP_Ddr.lo_")) == "a");
        write_long(log, 'c');
        CHECK(messages_in(file("MP_Ddr.log")) == "c");
        CHECK(messages_in(file("MP_Ddr.lo_")) == "b");
        CHECK(names_in(directory.path()) == std::set<std::string>{"MP_Ddr.log", "MP_Ddr.lo_"});
    }
    SECTION("does not happen when the record fits exactly") {
        { open({.directory = directory.path(), .console = false}, clock)->get("MP_Ddr").info({}, "a"); }
        auto const size = std::filesystem::file_size(file("MP_Ddr.log"));
        // The second record differs only in its line number's digits, so it is padded to the same length by
        // the message.
        auto const logs =
            open({.directory = directory.path(), .max_size = 2 * size + 20, .console = false}, clock);
        auto const log = logs->get("MP_Ddr");
        log.info({}, "b");
        auto const second = std::filesystem::file_size(file("MP_Ddr.log")) - size;
        auto const exact =
            open({.directory = directory.path(), .max_size = size + 2 * second, .console = false}, clock);
        for (char const letter : {'c', 'd'}) exact->get("MP_Ddr").info({}, "{}", letter);
        CHECK(std::filesystem::exists(file("MP_Ddr.lo_")));
        CHECK(messages_in(file("MP_Ddr.lo_")) == "abc");
        CHECK(messages_in(file("MP_Ddr.log")) == "d");
    }
    SECTION("keeps older copies by their time where the history is longer, and no more than that") {
        auto const logs = open(
            {.directory = directory.path(), .max_size = 1000, .max_history = 3, .console = false}, clock);
        auto const log = logs->get("MP_Ddr");
        std::ofstream(file("MP_Ddr-notes.log")) << "not ours";
        std::ofstream(file("MP_DdrX-20200101-000000.log")) << "of another log";
        for (char const letter : {'a', 'b', 'c', 'd', 'e'}) {
            write_long(log, letter);
            clock.advance(61s);
        }
        // Rotations at 23:18:36 (a), 23:19:37 (b), 23:20:38 (c), 23:21:39 (d).
        CHECK(names_in(directory.path()) ==
              std::set<std::string>{"MP_Ddr.log", "MP_Ddr.lo_", "MP_Ddr-20261122-232038.log",
                                    "MP_Ddr-20261122-232139.log", "MP_Ddr-notes.log",
                                    "MP_DdrX-20200101-000000.log"});
        CHECK(messages_in(file("MP_Ddr.log")) == "e");
        CHECK(messages_in(file("MP_Ddr.lo_")) == "d");
        CHECK(messages_in(file("MP_Ddr-20261122-232139.log")) == "c");
        CHECK(messages_in(file("MP_Ddr-20261122-232038.log")) == "b");
    }
    SECTION("twice in a second loses no copy") {
        auto const logs = open(
            {.directory = directory.path(), .max_size = 1000, .max_history = 9, .console = false}, clock);
        auto const log = logs->get("MP_Ddr");
        for (char const letter : {'a', 'b', 'c', 'd'}) write_long(log, letter);
        CHECK(messages_in(file("MP_Ddr-20261122-231735.log")) == "a");
        CHECK(messages_in(file("MP_Ddr-20261122-231736.log")) == "b");
        CHECK(messages_in(file("MP_Ddr.lo_")) == "c");
        CHECK(messages_in(file("MP_Ddr.log")) == "d");
    }
    SECTION("keeps nothing where there is no history") {
        auto const logs = open(
            {.directory = directory.path(), .max_size = 1000, .max_history = 0, .console = false}, clock);
        write_long(logs->get("MP_Ddr"), 'a');
        write_long(logs->get("MP_Ddr"), 'b');
        CHECK(names_in(directory.path()) == std::set<std::string>{"MP_Ddr.log"});
        CHECK(messages_in(file("MP_Ddr.log")) == "b");
    }
    SECTION("lets a record that is longer than a file have one of its own") {
        auto const logs = open({.directory = directory.path(), .max_size = 1000, .console = false}, clock);
        auto const log = logs->get("MP_Ddr");
        log.info({}, "{}", std::string(5000, 'a'));
        write_long(log, 'b');
        CHECK(messages_in(file("MP_Ddr.lo_")) == "a");
        CHECK(messages_in(file("MP_Ddr.log")) == "b");
    }
}

TEST_CASE("a file that an administrator deleted is made anew", "[logging]") {
    test::TemporaryDirectory const directory;
    ManualClock clock{start};
    auto const logs = open({.directory = directory.path(), .console = false}, clock);
    auto const log = logs->get("MP_Ddr");
    log.info({}, "a");
    std::filesystem::remove(directory.path() / "MP_Ddr.log");
    clock.advance(std::chrono::seconds{1});
    log.info({}, "b");
    CHECK(messages_in(directory.path() / "MP_Ddr.log") == "b");
    CHECK(logs->lost_records() == 0);
}

TEST_CASE("records of many threads stay whole", "[logging]") {
    constexpr unsigned threads = 8;
    constexpr unsigned each = 1000;
    test::TemporaryDirectory const directory;
    SystemClock const clock;
    // Small enough to rotate many times, with a history that keeps everything.
    auto const logs = open(
        {.directory = directory.path(), .max_size = 100'000, .max_history = 1000, .console = false}, clock);
    {
        std::vector<std::jthread> running;
        for (unsigned t = 0; t < threads; ++t) {
            running.emplace_back([t, log = logs->get("MP_Framework")] {
                auto const client = fmt::format("c{}", t);
                for (unsigned i = 0; i < each; ++i) {
                    log.info({.request = "r", .client = client}, "{}:{} {}", t, i, std::string(i % 97, 'x'));
                }
            });
        }
    }
    CHECK(logs->lost_records() == 0);
    std::set<std::string> seen;
    std::map<std::string, std::set<unsigned>> thread_ids;
    std::size_t files = 0;
    for (auto const& name : names_in(directory.path())) {
        ++files;
        CHECK(std::filesystem::file_size(directory.path() / name) <= 100'000);
        for (auto const& record : test::read_records(directory.path() / name)) {
            seen.insert(record.message.substr(0, record.message.find(' ')));
            thread_ids[record.context].insert(record.thread);
            REQUIRE(record.context == "r c" + record.message.substr(0, record.message.find(':')));
        }
    }
    CHECK(files > 5);
    CHECK(seen.size() == threads * each);
    for (auto const& [context, ids] : thread_ids) CHECK(ids.size() == 1);
}

TEST_CASE("a directory that cannot be is an error", "[logging]") {
    test::TemporaryDirectory const directory;
    ManualClock const clock{start};
    std::ofstream(directory.path() / "file") << "x";
    for (auto const* const where : {"file", "file/logs"}) {
        INFO(where);
        auto const logs = Logs::open({.directory = directory.path() / where, .console = false}, clock);
        REQUIRE_FALSE(logs.has_value());
        CHECK(logs.error().code == Code::io);
        CHECK(logs.error().message.find(directory.path().string()) == std::string::npos);
        CHECK(logs.error().detail.find((directory.path() / where).string()) != std::string::npos);
    }
}

TEST_CASE("a log whose file cannot be opened is counted, the others go on", "[logging]") {
    test::TemporaryDirectory const directory;
    ManualClock const clock{start};
    auto const logs = open({.directory = directory.path(), .console = false}, clock);
    std::filesystem::create_directory(directory.path() / "MP_RegistrationManager.log");
    logs->get("MP_ClientRegistration").info({}, "a");
    logs->get("MP_ClientRegistration").info({}, "b");
    logs->get("MP_Ddr").info({}, "c");
    CHECK(logs->lost_records() == 2);
    CHECK(messages_in(directory.path() / "MP_ClientRegistration.log") == "ab");
    CHECK(messages_in(directory.path() / "MP_Ddr.log") == "c");
}

namespace {

/// Runs in a child whose files may not grow beyond 2000 bytes; that is a full disk as far as write() goes.
/// Exit status: 0 = the logs went on and counted.
int write_to_a_full_disk(std::filesystem::path const& directory) try {
    static_cast<void>(std::signal(SIGXFSZ, SIG_IGN));
    rlimit const limit{2000, 2000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 2;
    ManualClock const clock{start};
    auto const logs = open({.directory = directory, .console = false}, clock);
    auto const log = logs->get("MP_Ddr");
    for (int i = 0; i < 50; ++i) log.info({}, "{} {}", i, std::string(100, 'x'));
    auto const lost = logs->lost_records();
    auto const kept = test::read_records(directory / "MP_Ddr.log").size();
    if (lost == 0 || kept == 0 || lost + kept != 50) return 3;
    std::filesystem::resize_file(directory / "MP_Ddr.log", 0); // room again
    log.info({}, "after");
    return logs->lost_records() == lost && messages_in(directory / "MP_Ddr.log") == "a" ? 0 : 4;
} catch (std::exception const&) {
    return 6;
}

} // namespace

TEST_CASE("a full disk costs records, never the daemon", "[logging]") {
    test::TemporaryDirectory const directory;
    auto const errors = directory.path() / "stderr";
    auto const child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        if (std::freopen(errors.c_str(), "w", stderr) == nullptr) ::_exit(5);
        ::_exit(write_to_a_full_disk(directory.path()));
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    auto const told = test::lines_of(test::read_text(errors));
    REQUIRE(told.size() == 1); // once, not fifty times
    CHECK(told[0].starts_with("pointman: a log record was lost"));
}
