// SPDX-License-Identifier: Apache-2.0
#include "tests/support/paths.hpp"
#include "tests/unit/client/support.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <pointman/identity.hpp>
#include <sys/stat.h>
#include <thread>

namespace pointman::client {

namespace {

mode_t mode_of(std::filesystem::path const& file) {
    struct stat status{};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    return status.st_mode & 0777U;
}

} // namespace

TEST_CASE("an identity is made once, for its owner alone") {
    test::TemporaryDirectory const directory;
    auto const where = directory.path() / "deep" / "identity";
    auto const made = Identity::open(where, {.common_name = "PC1", .now = test_time});
    REQUIRE(made);
    CHECK(mode_of(where) == 0700);
    CHECK(mode_of(made->credentials().key_file()) == 0600);
    CHECK(made->smsid().empty());
    CHECK(made->is_self_signed());
    auto const again = Identity::open(where, {.now = test_time});
    CHECK(again->credentials().certificate() == made->credentials().certificate());
}

TEST_CASE("who makes an identity at the same time gets the same one") {
    test::TemporaryDirectory const directory;
    auto const where = directory.path() / "identity";
    std::vector<Bytes> certificates(4);
    {
        std::vector<std::jthread> threads;
        for (auto& certificate : certificates) {
            threads.emplace_back([&certificate, &where] {
                certificate = Identity::open(where, {.key_bits = 1024, .now = test_time})
                                  .value()
                                  .credentials()
                                  .certificate();
            });
        }
    }
    for (auto const& certificate : certificates) CHECK(certificate == certificates.front());
    for (auto const& entry : std::filesystem::directory_iterator(where))
        CHECK(entry.path().filename() == "identity.pem"); // no drafts are left
}

TEST_CASE("the SMSID is remembered") {
    test::TemporaryDirectory const directory;
    auto const where = directory.path() / "identity";
    {
        auto identity = Identity::open(where, {.now = test_time}).value();
        CHECK(identity.remember("GUID:nonsense").error().code == Code::invalid_argument);
        REQUIRE(identity.remember("{5b0c7a52-3f61-4e0a-9d11-27a8c4e0f1b3}"));
    }
    auto identity = Identity::open(where, {.now = test_time}).value();
    CHECK(identity.smsid() == "GUID:5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3");
    REQUIRE(identity.forget());
    CHECK(Identity::open(where, {.now = test_time})->smsid().empty());
}

TEST_CASE("serial numbers are given once, whatever happens between") {
    test::TemporaryDirectory const directory;
    auto const where = directory.path() / "identity";
    auto identity = Identity::open(where, {.now = test_time}).value();
    CHECK(identity.take_serials(3) == 1);
    CHECK(identity.take_serials(1) == 4);
    CHECK(Identity::open(where, {.now = test_time})->take_serials(1) == 5);
}

TEST_CASE("a damaged identity is named, and not replaced") {
    struct Row {
        std::string file;
        std::string text;
        Code code;
    };
    auto const row = GENERATE(values<Row>({{"identity.pem", "nonsense", Code::invalid_argument},
                                           {"identity.pem", "", Code::invalid_argument},
                                           {"smsid", "nonsense\n", Code::storage}}));
    INFO(row.file << ": " << row.text);
    test::TemporaryDirectory const directory;
    auto const where = directory.path() / "identity";
    REQUIRE(Identity::open(where, {.now = test_time}));
    std::ofstream(where / row.file) << row.text;
    auto const opened = Identity::open(where, {.now = test_time});
    REQUIRE_FALSE(opened);
    CHECK(name_of(opened.error().code) == name_of(row.code));
    CHECK(opened.error().message.find((where / row.file).string()) != std::string::npos);
    CHECK(test::read_text(where / row.file) == row.text);
}

TEST_CASE("credentials belong together") {
    test::TemporaryDirectory const directory;
    auto const one = Identity::open(directory.path() / "one", {.now = test_time}).value();
    auto const two = Identity::open(directory.path() / "two", {.now = test_time}).value();
    auto const mixed =
        Credentials::from_files(one.credentials().certificate_file(), two.credentials().key_file());
    CHECK(name_of(mixed.error().code) == "invalid_argument");
    CHECK(
        name_of(Credentials::from_files(directory.path() / "none", directory.path() / "none").error().code) ==
        "not_found");
}

} // namespace pointman::client
