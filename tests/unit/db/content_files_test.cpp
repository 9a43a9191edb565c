// SPDX-License-Identifier: Apache-2.0
#include "base/hex.hpp"
#include "db/content_files.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

using namespace pointman;
using namespace pointman::db;
using test::TemporaryDirectory;

namespace {

std::string sha256_of(std::string_view text) {
    return sha256_hex(as_bytes(text));
}

std::size_t files_below(std::filesystem::path const& directory) {
    std::size_t count = 0;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(directory)) {
        if (entry.is_regular_file()) ++count;
    }
    return count;
}

} // namespace

TEST_CASE("what was put under its hash is read back", "[db][content]") {
    auto const text = GENERATE(as<std::string>{}, "", "hello", std::string(300'000, 'x'));
    TemporaryDirectory const directory;
    ContentFiles const files(directory.path() / "files");
    auto const name = sha256_of(text);
    CHECK_FALSE(files.has(name));
    CHECK(files.read(name).error().code == Code::not_found);
    for (int i = 0; i < 2; ++i) { // the second time it is there already
        REQUIRE(files.put(name, as_bytes(text)));
        CHECK(files.has(name));
        CHECK(as_chars(files.read(name).value()) == text);
    }
    CHECK(files_below(directory.path()) == 1);
    for (int i = 0; i < 2; ++i) { // the second time it is gone already
        REQUIRE(files.remove(name));
        CHECK_FALSE(files.has(name));
    }
}

TEST_CASE("bytes that changed on the disk are told, not given out", "[db][content]") {
    TemporaryDirectory const directory;
    ContentFiles const files(directory.path());
    auto const name = sha256_of("hello");
    REQUIRE(files.put(name, as_bytes("hello")));
    std::ofstream(files.path_of(name)) << "hellO";
    auto const read = files.read(name);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Code::io);
}

TEST_CASE("a shelf holds the names that begin like it, and nothing else", "[db][content]") {
    TemporaryDirectory const directory;
    ContentFiles const files(directory.path());
    auto const name = sha256_of("hello"); // 2CF24D...
    REQUIRE(files.put(name, as_bytes("hello")));
    auto const shelf = directory.path() / "2C";
    for (auto const& other : std::vector<std::string>{"README", "3" + name.substr(1), name.substr(1),
                                                      name + "0", "2c" + name.substr(2)})
        std::ofstream(shelf / other) << "x";
    CHECK(files.on_shelf(0x2C) == std::vector<std::string>{name});
    CHECK(files.on_shelf(0x2D).empty());
}

TEST_CASE("what a crash left half written goes when it is old", "[db][content]") {
    TemporaryDirectory const directory;
    ContentFiles const files(directory.path());
    REQUIRE(files.put(sha256_of("hello"), as_bytes("hello")));
    auto const beside = directory.path() / "unfinished";
    std::ofstream(beside / "old") << "x";
    std::ofstream(beside / "young") << "x";
    std::filesystem::last_write_time(beside / "old",
                                     std::filesystem::file_time_type::clock::now() - std::chrono::hours(2));
    files.remove_unfinished();
    CHECK_FALSE(std::filesystem::exists(beside / "old"));
    CHECK(std::filesystem::exists(beside / "young"));
}

TEST_CASE("a directory that is none is told", "[db][content]") {
    TemporaryDirectory const directory;
    std::ofstream(directory.path() / "files") << "x";
    ContentFiles const files(directory.path() / "files");
    auto const put = files.put(sha256_of("hello"), as_bytes("hello"));
    REQUIRE_FALSE(put);
    CHECK(put.error().code == Code::io);
    CHECK(files.on_shelf(0x2C).empty());
    files.remove_unfinished();
}

TEST_CASE("many threads put the same bytes", "[db][content]") {
    TemporaryDirectory const directory;
    ContentFiles const files(directory.path());
    std::string const text(100'000, 'x');
    auto const name = sha256_of(text);
    std::vector<std::jthread> threads;
    std::atomic<int> failures{0};
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            for (int round = 0; round < 20; ++round) {
                if (!files.put(name, as_bytes(text))) ++failures;
                if (round % 5 == 4) static_cast<void>(files.remove(name));
            }
        });
    }
    threads.clear();
    CHECK(failures == 0);
    REQUIRE(files.put(name, as_bytes(text)));
    CHECK(as_chars(files.read(name).value()) == text);
    CHECK(files_below(directory.path()) == 1);
}
