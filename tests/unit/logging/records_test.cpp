// SPDX-License-Identifier: Apache-2.0
// The grammar of a record: logging.md 1 and the rule "log lines".
#include "server/logging.hpp"
#include "tests/unit/logging/records.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <filesystem>
#include <sys/syscall.h>
#include <unistd.h>

using namespace pointman;
using namespace std::chrono_literals;
using log::Level;
using log::Logs;

namespace {

// 2026-02-03 04:05:06.007 UTC: every number needs its leading zeros.
constexpr TimePoint early = std::chrono::sys_days{std::chrono::year{2026} / 2 / 3} + 4h + 5min + 6s + 7ms;

struct Fixture {
    test::TemporaryDirectory directory;
    ManualClock clock{early};
    std::unique_ptr<Logs> logs = open(Level::debug);

    std::unique_ptr<Logs> open(Level level) const {
        return std::move(
            Logs::open(
                {.directory = directory.path(), .level = level, .max_size = 50'000'000, .console = false},
                clock)
                .value());
    }
    std::filesystem::path file(std::string_view name) const { return directory.path() / name; }
};

} // namespace

TEST_CASE_METHOD(Fixture, "a record has the fields it was given", "[logging]") {
    auto const line = __LINE__ + 1;
    logs->get("MP_Ddr").warning({.request = "r17", .client = "GUID:X"}, "took {} of {}", 3, "four");

    auto const text = test::read_text(file("MP_Ddr.log"));
    auto const tid = ::syscall(SYS_gettid);
    CHECK(text == fmt::format("<![LOG[took 3 of four]LOG]!><time=\"04:05:06.007+000\" date=\"02-03-2026\" "
                              "component=\"MP_Ddr\" context=\"r17 GUID:X\" type=\"2\" thread=\"{}\" "
                              "file=\"records_test.cpp:{}\">\n",
                              tid, line));
    auto const records = test::read_records(file("MP_Ddr.log"));
    REQUIRE(records.size() == 1);
    auto const& r = records[0];
    CHECK(std::tuple(r.hour, r.minute, r.second, r.millisecond, r.bias) == std::tuple(4U, 5U, 6U, 7U, 0));
    CHECK(std::tuple(r.month, r.day, r.year) == std::tuple(2U, 3U, 2026U));
    CHECK(r.thread == tid);
}

TEST_CASE_METHOD(Fixture, "the type follows the level", "[logging]") {
    auto const log = logs->get("MP_Hinv");
    log.debug({}, "d");
    log.info({}, "i");
    log.warning({}, "w");
    log.error({}, "e");
    auto const records = test::read_records(file("MP_Hinv.log"));
    REQUIRE(records.size() == 4);
    std::string all;
    for (auto const& r : records) all += fmt::format("{}{} ", r.message, r.type);
    CHECK(all == "d1 i1 w2 e3 ");
}

TEST_CASE_METHOD(Fixture, "the context is request and client", "[logging]") {
    struct Row {
        char const* name;
        log::Context context;
        char const* expected;
    };
    auto const row = GENERATE(values<Row>({
        {"neither", {}, ""},
        {"request only", {.request = "r1", .client = ""}, "r1"},
        {"client only", {.request = "", .client = "GUID:A"}, "GUID:A"},
        {"both", {.request = "r1", .client = "GUID:A"}, "r1 GUID:A"},
        {"quotes", {.request = "r1", .client = "A\" type=\"3"}, "r1 A' type='3"},
        {"angles", {.request = "<r1>", .client = "]LOG]!><x>"}, "(r1) ]LOG]!)(x)"},
        {"line break", {.request = "r1", .client = "A\r\nB"}, "r1 A\\r\\nB"},
    }));
    INFO(row.name);
    logs->get("MP_Ddr").info(row.context, "text");
    auto const records = test::read_records(file("MP_Ddr.log"));
    REQUIRE(records.size() == 1);
    CHECK(records[0].context == row.expected);
    CHECK(records[0].type == 1);
}

TEST_CASE_METHOD(Fixture, "no message can forge a record", "[logging]") {
    struct Row {
        char const* name;
        std::string message;
        std::string expected;
    };
    std::string const fake =
        "<![LOG[owned]LOG]!><time=\"00:00:00.000+000\" date=\"01-01-2020\" component=\"X\" "
        "context=\"\" type=\"3\" thread=\"1\" file=\"f:1\">";
    std::string fake_shown = fake;
    fake_shown.replace(0, 7, "<! [LOG[").replace(fake_shown.find("]LOG]!>"), 7, "]LOG] !>");
    auto const row = GENERATE_COPY(values<Row>({
        {"empty", "", ""},
        {"plain", "C:\\Windows\\system32 100% {}", "C:\\Windows\\system32 100% {}"},
        {"fake record", fake, fake_shown},
        {"end of record, line break, fake record", "x]LOG]!>\n" + fake, "x]LOG] !>\\n" + fake_shown},
        {"end mark", "]LOG]!>", "]LOG] !>"},
        {"end mark twice", "]LOG]!>]LOG]!>", "]LOG] !>]LOG] !>"},
        {"nested end mark", "]LOG]LOG]!>!>", "]LOG]LOG] !>!>"},
        {"begins like the end mark", "x]LOG]!", "x]LOG]!"},
        {"half the end mark", "x]LOG", "x]LOG"},
        {"quotes", R"(a="b" 'c')", R"(a="b" 'c')"},
        {"NUL", std::string("a\0b", 3), "a\\x00b"},
        {"CRLF", "a\r\nb", "a\\r\\nb"},
        {"line breaks of Unicode", "a\u2028b\u2029c\u0085d", "a\\u2028b\\u2029c\\u0085d"},
        {"tab, vertical tab, form feed", "a\tb\vc\fd", "a\\tb\\x0Bc\\x0Cd"},
        {"terminal escape", "\x1b[31mred", "\\x1B[31mred"},
        {"8-bit terminal escape", "\u009b31m", "\\u009B31m"},
        {"turned direction", "a\u202eb", "a\\u202Eb"},
        {"UTF-8", "Grüße, 東京 \U0001F600", "Grüße, 東京 \U0001F600"},
        {"stray continuation byte", "a\x80z", "a\\x80z"},
        {"cut sequence", "a\xe6\x9d", "a\\xE6\\x9D"},
        {"overlong slash", "a\xc0\xafz", "a\\xC0\\xAFz"},
        {"overlong of three", "a\xe0\x80\xafz", "a\\xE0\\x80\\xAFz"},
        {"surrogate", "a\xed\xa0\x80z", "a\\xED\\xA0\\x80z"},
        {"past the last character", "a\xf4\x90\x80\x80z", "a\\xF4\\x90\\x80\\x80z"},
        {"bytes never in UTF-8", "\xff\xfe", "\\xFF\\xFE"},
        {"1 MB", std::string(1'000'000, 'x'), std::string(65'536, 'x') + " ... (934464 bytes more)"},
    }));
    INFO(row.name);
    logs->get("MP_Relay").error({.request = "r1", .client = ""}, "{}", row.message);
    auto const records = test::read_records(file("MP_Relay.log"));
    REQUIRE(records.size() == 1);
    CHECK(records[0].message == row.expected);
    CHECK(records[0].component == "MP_Relay");
    CHECK(records[0].context == "r1");
    CHECK(records[0].type == 3);
}

TEST_CASE_METHOD(Fixture, "any message gives exactly one record with the other fields intact", "[logging]") {
    auto const log = logs->get("MP_Status");
    // Pieces that matter to the grammar come up often, arbitrary bytes in between.
    auto const piece = rc::gen::oneOf(
        rc::gen::element<std::string>("]LOG]!>", "<![LOG[", "]LOG]", "!>", "\n", "\r\n", "\"", "<", ">",
                                      "type=\"3\"", std::string(1, '\0'), "\xc3", "\xa4", "\u2028", "\\n"),
        rc::gen::container<std::string>(rc::gen::arbitrary<char>()));
    auto const text =
        rc::gen::map(rc::gen::container<std::vector<std::string>>(piece), [](auto const& pieces) {
            std::string joined;
            for (auto const& p : pieces) joined += p;
            return joined;
        });
    std::size_t read = 0;
    bool const holds = rc::check([&] {
        auto const message = *text;
        auto const request = *text;
        auto const client = *text;
        clock.advance(1ms);
        log.warning({.request = request, .client = client}, "{}", message);
        auto const all = test::read_text(file("MP_Status.log"));
        auto const fresh = all.substr(read);
        read = all.size();
        RC_ASSERT(std::ranges::count(fresh, '\n') == 1);
        auto const record = test::read_record(fresh.substr(0, fresh.size() - 1));
        RC_ASSERT(record.has_value());
        RC_ASSERT(record->component == "MP_Status");
        RC_ASSERT(record->type == 2U);
        RC_ASSERT(record->bias == 0);
        RC_ASSERT(record->thread == static_cast<unsigned>(::gettid()));
        RC_ASSERT(record->file.starts_with("records_test.cpp:"));
        RC_ASSERT(record->millisecond ==
                  static_cast<unsigned>((clock.now().time_since_epoch() % 1s).count()));
        RC_ASSERT(std::ranges::none_of(fresh.substr(0, fresh.size() - 1), [](char c) {
            return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
        }));
        bool const plain = std::ranges::all_of(message, [](char c) { return c >= 0x20 && c < 0x7F; });
        if (plain && message.find("]LOG]!>") == std::string::npos &&
            message.find("<![LOG[") == std::string::npos) {
            RC_ASSERT(record->message == message);
        }
    });
    CHECK(holds);
}

TEST_CASE("level names", "[logging]") {
    CHECK(log::level_of("debug") == Level::debug);
    CHECK(log::level_of("info") == Level::info);
    CHECK(log::level_of("warning") == Level::warning);
    CHECK(log::level_of("error") == Level::error);
    for (auto const* const bad : {"", "Info", "warn", "trace", "9"}) {
        auto const level = log::level_of(bad);
        REQUIRE_FALSE(level.has_value());
        CHECK(level.error().code == Code::usage);
        CHECK(level.error().message ==
              fmt::format("unknown log level '{}': it is one of debug, info, warning, error", bad));
    }
}

TEST_CASE_METHOD(Fixture, "records below the level are not written", "[logging]") {
    logs = open(Level::warning);
    auto const log = logs->get("MP_Sinv");
    auto const write_all = [&] {
        log.debug({}, "debug");
        log.info({}, "info");
        log.warning({}, "warning");
        log.error({}, "error");
    };
    auto const messages = [&] {
        std::string all;
        for (auto const& r : test::read_records(file("MP_Sinv.log"))) all += r.message + " ";
        return all;
    };
    write_all();
    CHECK(messages() == "warning error ");
    CHECK_FALSE(log.enabled(Level::info));

    logs->set_level(Level::error); // reaches logs that are already given out
    write_all();
    CHECK(messages() == "warning error error ");

    logs->set_level(Level::debug); // and those that come later
    CHECK(log.enabled(Level::debug));
    CHECK(logs->get("MP_Later").enabled(Level::debug));
}

TEST_CASE("a default log writes nowhere", "[logging]") {
    log::Log const log;
    CHECK_FALSE(log.enabled(Level::error));
    log.error({}, "text");
}
