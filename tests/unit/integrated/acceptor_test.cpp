// SPDX-License-Identifier: Apache-2.0
// Reading a keytab and a list of accounts: what is wrong with them, and what an operator is told.
#include "server/integrated/acceptor.hpp"
#include "tests/support/kdc.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <unistd.h>

using namespace pointman;
using namespace pointman::test;
using integrated::Acceptor;
using namespace std::string_view_literals;

namespace {

using std::filesystem::path;
using std::filesystem::perms;

path write(path const& file, std::string_view text) {
    std::ofstream(file, std::ios::binary) << text;
    std::filesystem::permissions(file, perms::owner_read | perms::owner_write);
    return file;
}

} // namespace

TEST_CASE("with neither file nobody is accepted, and nothing is amiss") {
    auto const acceptor = Acceptor::load({{}, {}, "mp.lab.test"});
    REQUIRE(acceptor.has_value());
    CHECK((*acceptor)->summary() == "nobody");
    CHECK((*acceptor)->warnings().empty());
}

TEST_CASE("what is wrong with a file is said by setting, file and cause") {
    TemporaryDirectory const directory;
    auto const file = directory.path() / "secrets";
    struct Row {
        std::string name;
        std::function<void()> make;
        std::string keytab; ///< what is said when the file is the keytab
        std::string users;
    };
    std::vector<Row> const rows{
        {"no such file", [] {}, "cannot read {}: No such file or directory",
         "cannot read {}: No such file or directory"},
        {"a directory", [&] { std::filesystem::create_directory(file); }, "cannot read {}: it is a directory",
         "cannot read {}: it is a directory"},
        {"an empty file", [&] { write(file, ""); },
         "{} is no keytab: ", "{}: no line DOMAIN:USER:PASSWORD in it"},
        {"a text", [&] { write(file, "hello\n"); },
         "{} is no keytab: Unsupported key table format version number",
         "{}: line 1: expected DOMAIN:USER:PASSWORD"},
        {"a keytab without keys", [&] { write(file, "\x05\x02"); }, "{} holds no key that can be used",
         "{}: line 1: not UTF-8"},
        {"a keytab whose only key is of a dead cipher",
         [&] {
             // One entry: size, 1 component, realm R, component h, name type, time, version 1, cipher 1
             // (DES).
             write(file, "\x05\x02\x00\x00\x00\x1D\x00\x01\x00\x01R\x00\x01h\x00\x00\x00\x01"
                         "\x00\x00\x00\x00\x01\x00\x01\x00\x08"
                         "abcdefgh"sv);
         },
         "{} holds no key that can be used", "{}: line 1: not UTF-8"},
    };
    for (auto const& row : rows) {
        CAPTURE(row.name);
        std::filesystem::remove_all(file);
        row.make();
        auto const expected = [&](std::string const& setting, std::string const& form) {
            return setting + ": " + fmt::format(fmt::runtime(form), file.string());
        };
        auto const keytab = Acceptor::load({file, {}, "mp.lab.test"});
        REQUIRE_FALSE(keytab.has_value());
        CHECK(keytab.error().code == Code::usage);
        CHECK_THAT(keytab.error().message, Catch::StartsWith(expected("security.keytab", row.keytab)));
        auto const users = Acceptor::load({{}, file, "mp.lab.test"});
        REQUIRE_FALSE(users.has_value());
        CHECK(users.error().code == Code::usage);
        CHECK_THAT(users.error().message, Catch::StartsWith(expected("security.ntlm_users", row.users)));
    }
}

TEST_CASE("a file that must not be read is no missing one") {
    if (geteuid() == 0) return; // nothing is forbidden to root
    TemporaryDirectory const directory;
    auto const file = write(directory.path() / "users", "LAB:LABPC01$:x\n");
    std::filesystem::permissions(file, perms::none);
    auto const users = Acceptor::load({{}, file, "mp.lab.test"});
    REQUIRE_FALSE(users.has_value());
    CHECK(users.error().message ==
          "security.ntlm_users: cannot read " + file.string() + ": Permission denied");
}

TEST_CASE("secrets that others can read are warned of") {
    TemporaryDirectory const directory;
    auto const file = write(directory.path() / "users", "LAB:LABPC01$:x\n");
    struct Row {
        perms permissions;
        bool warned;
    };
    for (auto const& row : {Row{perms::owner_read, false}, Row{perms::owner_read | perms::group_read, false},
                            Row{perms::owner_read | perms::others_read, true},
                            Row{perms::owner_read | perms::others_write, true}}) {
        std::filesystem::permissions(file, row.permissions);
        auto const acceptor = Acceptor::load({{}, file, "mp.lab.test"});
        REQUIRE(acceptor.has_value());
        std::vector<std::string> expected;
        if (row.warned) {
            expected.push_back(
                fmt::format("security.ntlm_users: {} is open to every user of this machine: chmod o= {}",
                            file.string(), file.string()));
        }
        CHECK((*acceptor)->warnings() == expected);
        CHECK((*acceptor)->summary() == "NTLM for 1 account");
    }
}

TEST_CASE("a keytab says whose keys it holds") {
    Kdc kdc;
    auto const keytab = kdc.add("HTTP/mp.lab.test");
    auto const acceptor = Acceptor::load({keytab, {}, "mp.lab.test"});
    REQUIRE(acceptor.has_value());
    CHECK((*acceptor)->summary() == "Kerberos as HTTP/mp.lab.test@LAB.TEST");
    CHECK((*acceptor)->warnings().empty());
}
