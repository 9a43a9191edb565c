// SPDX-License-Identifier: Apache-2.0
#include "client/agent/home.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <sys/stat.h>

using namespace pointman::client::agent;
using pointman::client::Code;
using pointman::test::TemporaryDirectory;

namespace {

mode_t mode_of(std::filesystem::path const& file) {
    struct stat status{};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    return status.st_mode & 0777;
}

} // namespace

TEST_CASE("what is kept is there the next time, for its owner alone") {
    TemporaryDirectory const directory;
    auto const path = directory.path() / "agent";
    {
        auto const home = Home::open(path).value();
        CHECK(home.read("x.json")->empty());
        REQUIRE(home.write("x.json", {{"a", "1"}}));
    }
    auto const home = Home::open(path).value();
    CHECK(text_in(*home.read("x.json"), "a") == "1");
    CHECK(mode_of(path) == 0700);
    CHECK(mode_of(path / "x.json") == 0600);
    REQUIRE(home.remove("x.json"));
    REQUIRE(home.remove("x.json"));
    CHECK(home.read("x.json")->empty());
}

TEST_CASE("one process works in a directory") {
    TemporaryDirectory const directory;
    auto const first = Home::open(directory.path());
    auto const second = Home::open(directory.path());
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Code::busy);
    CHECK(second.error().message == "another pointman-agent works in " + directory.path().string() +
                                        ": wait until it has ended, or give another --directory");
}

TEST_CASE("a damaged file is told of with what to do") {
    TemporaryDirectory const directory;
    auto const home = Home::open(directory.path()).value();
    auto const text = GENERATE("", "{", "[]", "{\"a\":1}x", "\xFF");
    std::ofstream(home.file("x.json")) << text;
    auto const read = home.read("x.json");
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Code::storage);
    CHECK(read.error().message ==
          home.file("x.json").string() + " is damaged: remove it, and what it held is made anew");
}

TEST_CASE("members of another type count as missing") {
    boost::json::object const object{
        {"text", 1},           {"number", "1"},
        {"negative", -1},      {"large", 5'000'000'000},
        {"time", "yesterday"}, {"list", {1, "a", boost::json::object{{"b", 2}}}}};
    CHECK(text_in(object, "text") == "");
    CHECK(count_in(object, "number") == 0);
    CHECK(count_in(object, "negative") == 0);
    CHECK(count_in(object, "large") == 0);
    CHECK_FALSE(time_in(object, "time"));
    CHECK(texts_in(object, "list") == std::vector<std::string>{"a"});
    CHECK(objects_in(object, "list").size() == 1);
    CHECK(objects_in(object, "text").empty());
    CHECK(texts_in(object, "none").empty());
}

TEST_CASE("no directory") {
    CHECK(Home::open("").error().code == Code::invalid_argument);
}
