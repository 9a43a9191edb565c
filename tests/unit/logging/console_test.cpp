// SPDX-License-Identifier: Apache-2.0
// The same records on standard error, or structured in the journal.
#include "server/logging.hpp"
#include "tests/unit/logging/records.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <map>
#include <mutex>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

using namespace pointman;
using namespace std::chrono_literals;
using log::Level;
using log::Logs;

namespace {

std::vector<std::map<std::string, std::string>> journal; // NOLINT: filled by the function below

} // namespace

/// Stands before the one of libsystemd, so that the test needs no journal.
extern "C" int sd_journal_sendv(iovec const* parts, int count) {
    std::map<std::string, std::string> fields;
    for (int i = 0; i < count; ++i) {
        std::string const field(static_cast<char const*>(parts[i].iov_base), parts[i].iov_len);
        auto const equals = field.find('=');
        fields[field.substr(0, equals)] = field.substr(equals + 1);
    }
    journal.push_back(std::move(fields));
    return 0;
}

namespace {

constexpr TimePoint start =
    std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 23h + 17min + 35s + 42ms;

/// Standard error goes to a file while this lives.
class CapturedStandardError {
public:
    explicit CapturedStandardError(std::filesystem::path const& path)
        : saved_(::dup(STDERR_FILENO)) {
        int const file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        REQUIRE(file >= 0);
        ::dup2(file, STDERR_FILENO);
        ::close(file);
    }
    ~CapturedStandardError() {
        ::dup2(saved_, STDERR_FILENO);
        ::close(saved_);
    }
    CapturedStandardError(CapturedStandardError const&) = delete;
    CapturedStandardError& operator=(CapturedStandardError const&) = delete;

private:
    int saved_;
};

std::string standard_error_as_stream() {
    struct stat status {};
    ::fstat(STDERR_FILENO, &status);
    return fmt::format("{}:{}", status.st_dev, status.st_ino);
}

void write_three(Clock const& clock) {
    auto const logs = std::move(Logs::open({.directory = "", .level = Level::info}, clock).value());
    auto const log = logs->get("MP_Ddr");
    log.debug({}, "not shown");
    log.info({}, "plain");
    log.warning({.request = "r1", .client = "GUID:A"}, "two\nlines \x1b[31m");
    log.error({.request = "r2", .client = ""}, "bad");
}

} // namespace

TEST_CASE("the console shows one readable line a record, without colours where it is no terminal",
          "[logging]") {
    ::unsetenv("JOURNAL_STREAM");
    journal.clear();
    test::TemporaryDirectory const directory;
    ManualClock const clock{start};
    {
        CapturedStandardError const captured(directory.path() / "stderr");
        write_three(clock);
    }
    CHECK(
        test::lines_of(test::read_text(directory.path() / "stderr")) ==
        std::vector<std::string>{"2026-11-22T23:17:35.042Z info MP_Ddr: plain",
                                 "2026-11-22T23:17:35.042Z warning MP_Ddr: [r1 GUID:A] two\\nlines \\x1B[31m",
                                 "2026-11-22T23:17:35.042Z error MP_Ddr: [r2] bad"});
    CHECK(journal.empty());
}

TEST_CASE("the journal gets structured fields", "[logging]") {
    journal.clear();
    test::TemporaryDirectory const directory;
    ManualClock const clock{start};
    {
        CapturedStandardError const captured(directory.path() / "stderr");
        ::setenv("JOURNAL_STREAM", standard_error_as_stream().c_str(), 1);
        write_three(clock);
        ::unsetenv("JOURNAL_STREAM");
    }
    CHECK(test::read_text(directory.path() / "stderr").empty());
    REQUIRE(journal.size() == 3);
    CHECK(journal[0]["MESSAGE"] == "plain");
    CHECK(journal[0]["PRIORITY"] == "6");
    CHECK(journal[0]["POINTMAN_LOG"] == "MP_Ddr");
    CHECK(journal[0].count("POINTMAN_REQUEST") == 0);
    CHECK(journal[0].count("POINTMAN_CLIENT") == 0);
    CHECK(journal[1]["MESSAGE"] == "two\\nlines \\x1B[31m");
    CHECK(journal[1]["PRIORITY"] == "4");
    CHECK(journal[1]["POINTMAN_REQUEST"] == "r1");
    CHECK(journal[1]["POINTMAN_CLIENT"] == "GUID:A");
    CHECK(std::filesystem::path(journal[1]["CODE_FILE"]).filename() == "console_test.cpp");
    CHECK(journal[1]["CODE_LINE"] != "0");
    CHECK(journal[2]["PRIORITY"] == "3");
}

TEST_CASE("a JOURNAL_STREAM that is not standard error is not believed", "[logging]") {
    journal.clear();
    test::TemporaryDirectory const directory;
    ManualClock const clock{start};
    ::setenv("JOURNAL_STREAM", "1:1", 1);
    {
        CapturedStandardError const captured(directory.path() / "stderr");
        write_three(clock);
    }
    ::unsetenv("JOURNAL_STREAM");
    CHECK(journal.empty());
    CHECK(test::lines_of(test::read_text(directory.path() / "stderr")).size() == 3);
}
