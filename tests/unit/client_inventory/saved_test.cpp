// SPDX-License-Identifier: Apache-2.0
#include "client/inventory/saved.hpp"
#include "client/inventory/synthetic.hpp"
#include "tests/unit/client_inventory/support.hpp"

#include <rapidcheck.h>

#include <sys/stat.h>

using namespace pointman;
using namespace pointman::test;
using inventory::Instance;
using inventory::Reported;
using inventory::Snapshot;

namespace {

constexpr auto good =
    R"({"format":1,"version":"2.5","instances":[{"class":"Win32_LogicalDisk",)"
    R"("namespace":"root\\cimv2","properties":[{"name":"DeviceID","role":"key","values":["/"]},)"
    R"({"name":"Sizes","role":"value","values":["1","2"]}]}]})";

} // namespace

TEST_CASE("what is saved is read again") {
    TemporaryDirectory const directory;
    auto const file = directory.path() / "hardware.json";
    Reported const first{{1, 0}, inventory::SyntheticMachine{.index = 5}.hardware()};
    REQUIRE(inventory::save(first, file));
    CHECK(inventory::load(file).value() == first);
    Reported const second{{7, 3}, inventory::SyntheticMachine{.index = 5, .generation = 9}.software()};
    REQUIRE(inventory::save(second, file));
    CHECK(inventory::load(file).value() == second);
    CHECK(std::distance(std::filesystem::directory_iterator(directory.path()), {}) ==
          1); // nothing left beside
    struct stat status {};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600); // what a machine is, is nobody else's business

    Instance odd("C");
    odd.key("K", "").set("L", inventory::Values{"\xC3\xBC \" \\", "x"});
    odd.key_ignoring_case("N", "Name");
    CHECK(inventory::parse_reported(inventory::text_of({{1, 1}, Snapshot({odd})})).value().snapshot ==
          Snapshot({odd}));
    CHECK(inventory::parse_reported(inventory::text_of({})).value() == Reported{});
    CHECK(inventory::parse_reported(good).value().version == inventory::Version{2, 5});
    CHECK(lines_of(inventory::parse_reported(good).value().snapshot) ==
          Lines{"Win32_LogicalDisk *DeviceID=/ Sizes=1|2"});
}

TEST_CASE("files that are no saved inventory say what is wrong with them") {
    auto const with = [](std::string_view part, std::string_view other) {
        std::string text(good);
        auto const at = text.find(part);
        REQUIRE(at != std::string::npos);
        return text.replace(at, part.size(), other);
    };
    auto const row = GENERATE_COPY(table<std::string, std::string>({
        {"[]", "the whole is no object"},
        {"{}", "the whole has no \"format\""},
        {R"({"format":2})", "format is not 1: another version wrote it"},
        {R"({"format":"1"})", "format is not 1: another version wrote it"},
        {R"({"format":1})", "the whole has no \"version\""},
        {with("\"2.5\"", "2.5"), "version is no text"},
        {with("2.5", "2"), "\"2\" is no version of a report: it has the form 1.0"},
        {R"({"format":1,"version":"1.0","instances":{}})", "instances is no array"},
        {R"({"format":1,"version":"1.0","instances":[1]})", "instances[0] is no object"},
        {with("\"class\"", "\"klass\""), "instances[0] has no \"class\""},
        {with("Win32_LogicalDisk", "a><b"),
         "instances[0] has a \"class\" that is no name of a class or property"},
        {with("Win32_LogicalDisk", ""),
         "instances[0] has a \"class\" that is no name of a class or property"},
        {with("Win32_LogicalDisk", std::string(257, 'x')),
         "instances[0] has a \"class\" that is no name of a class or property"},
        {with("root\\\\cimv2", "root\\\""), "instances[0] has a \"namespace\" that is none"},
        {with("\"Sizes\"", "\"1\""),
         "instances[0].properties[1] has a \"name\" that is no name of a class or property"},
        {with("\"Sizes\"", "\"DeviceID\""), "instances[0].properties[1] is there twice"},
        {with("\"value\"", "\"clue\""), "instances[0].properties[1] has a \"role\" that is none"},
        {with("[\"1\",\"2\"]", "\"1\""), "instances[0].properties[1].values is no array"},
        {with("[\"1\",\"2\"]", "[]"), "instances[0].properties[1] has no values"},
        {with("\"2\"", "null"), "instances[0].properties[1].values[1] is no text"},
        {with("\"2\"", "\"\\u0001\""),
         "instances[0].properties[1].values[1] is no text that can be reported"},
    }));
    auto const& [text, message] = row;
    INFO(text);
    auto const reported = inventory::parse_reported(text);
    REQUIRE_FALSE(reported);
    CHECK(reported.error().code == Code::malformed);
    CHECK(reported.error().message == message);
}

TEST_CASE("a truncated file, wherever it ends, is no saved inventory") {
    std::string const text(good);
    for (std::size_t size = 0; size < text.size(); ++size) {
        auto const reported = inventory::parse_reported(text.substr(0, size));
        REQUIRE_FALSE(reported);
        CHECK(reported.error().message.starts_with("it is no JSON: "));
    }
    CHECK_FALSE(inventory::parse_reported(std::string(100'000, '[')));
    CHECK(rc::check("any byte may be another", [&text] {
        auto changed = text;
        changed[*rc::gen::inRange<std::size_t>(0, text.size())] = *rc::gen::arbitrary<char>();
        auto const reported = inventory::parse_reported(changed);
        RC_ASSERT(reported || !reported.error().message.empty());
    }));
}

TEST_CASE("files that cannot be read say what to do") {
    TemporaryDirectory const directory;
    auto const file = directory.path() / "saved.json";
    auto const refused = [&file] {
        auto const result = inventory::load(file);
        REQUIRE_FALSE(result);
        return result.error();
    };
    CHECK(refused().code == Code::not_found);
    CHECK(refused().message == "there is no saved inventory " + file.string());
    std::ofstream(file) << "{}";
    CHECK(refused().code == Code::malformed);
    CHECK(refused().message ==
          "the saved inventory " + file.string() +
              " cannot be used: the whole has no \"format\"; remove it, and the next report "
              "is a full one");
    std::filesystem::resize_file(file, std::uintmax_t{64} * 1024 * 1024 + 1);
    CHECK(refused().code == Code::limit_exceeded);
    std::filesystem::remove(file);
    std::filesystem::create_directory(file);
    CHECK(refused().code == Code::io);
    std::filesystem::remove(file);
    REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
    CHECK(refused().message == "cannot read the saved inventory " + file.string());

    auto const nowhere = inventory::save({}, directory.path() / "none" / "saved.json");
    REQUIRE_FALSE(nowhere);
    CHECK(nowhere.error().code == Code::io);
    CHECK(nowhere.error().message.starts_with("cannot write "));
}
