// SPDX-License-Identifier: Apache-2.0
// Software metering from the report to usages and their monthly sums.
#include "db/metering.hpp"
#include "tests/unit/endpoints/inventory_report.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <stdexcept>

using namespace pointman;
using namespace pointman::test;
using namespace std::chrono_literals;
using endpoints::Note;

namespace {

using Texts = std::vector<std::string>;

/// A usage on a day of November 2026, by hours.
std::string usage(std::string_view id, std::string_view start, std::string_view end, int status = 0) {
    auto const ended = end.empty() ? std::string() : fmt::format(" EndTime=\"202611{}0000.000000+000\"", end);
    return fmt::format("<HistoricalMeterData MeterDataID=\"{}\" UserName=\"LAB\\m\" "
                       "StartTime=\"202611{}0000.000000+000\"{} Status=\"{}\"/>",
                       id, start, ended, status);
}

std::string of_file(std::string_view name, std::string_view usages) {
    return fmt::format("<ProductInfo CompanyName=\"Example\" ProductName=\"Editor\" ProductVersion=\"3\" "
                       "ProductLanguage=\"1031\"><SoftwareFileInfo FileDescription=\"D\" FileVersion=\"3.1\" "
                       "FileName=\"{}\" FileSize=\"100\">{}</SoftwareFileInfo></ProductInfo>",
                       name, usages);
}

std::string report(std::string_view body) {
    return relay_report("Software Metering Data", body);
}

struct Desk : Bench {
    Desk() { enroll(workstation); }

    endpoints::Reply take(std::string_view body) {
        auto reply = deliver(Draft{.endpoint = "MP_RelayEndpoint",
                                   .source_id = std::string(workstation),
                                   .body = report(body),
                                   .file_type = "SWM"});
        if (!reply) throw std::runtime_error(describe(reply.error()));
        return std::move(*reply);
    }
    std::vector<db::ListedUsage> usages() {
        return store().read([](db::Session& session) { return db::Metering(session).list({}); }).value();
    }
    /// "wedit.exe 01T08-01T12 0"
    Texts shown() {
        Texts texts;
        for (auto const& [client, name, usage] : usages()) {
            auto const hour = [](TimePoint time) {
                auto const day = std::chrono::floor<std::chrono::days>(time);
                return fmt::format("{:02}T{:02}",
                                   static_cast<unsigned>(std::chrono::year_month_day(day).day()),
                                   std::chrono::duration_cast<std::chrono::hours>(time - day).count());
            };
            texts.push_back(fmt::format("{} {} {}-{} {}", usage.id, usage.file.name, hour(usage.start),
                                        hour(usage.end), usage.status));
        }
        return texts;
    }
};

} // namespace

TEST_CASE("the usages of the documented report, field by field") {
    Desk desk;
    desk.enroll(lab_pc, "LAB-PC-0042");
    auto const reply =
        desk.deliver(Draft{.endpoint = "MP_RelayEndpoint",
                           .source_id = std::string(lab_pc),
                           .body = sample("relay/valid/software_metering_report.2007_style.xml"),
                           .file_type = "SWM"});
    REQUIRE(reply);
    CHECK_FALSE(reply->unusable_part);
    CHECK(noted(*reply, Note::Kind::info, "2 usages are new, 0 went on"));
    auto const usages = desk.usages();
    REQUIRE(usages.size() == 2);
    constexpr TimePoint day = std::chrono::sys_days{std::chrono::January / 31 / 2024};
    CHECK(usages[0].usage == db::MeteredUsage{.id = "{91D0C5A7-2B64-4E0C-A1F8-0C6B6E3D7F25}",
                                              .file = {.name = "wedit.exe",
                                                       .version = "3.2.0.118",
                                                       .description = "Widget Editor",
                                                       .size = 2406912,
                                                       .company = "Example Tools Ltd",
                                                       .product = "Widget Editor",
                                                       .product_version = "3.2",
                                                       .product_language = "1031"},
                                              .user = "LAB\\mueller",
                                              .start = day + 8h + 15min,
                                              .end = day + 11h + 30min,
                                              .status = 0});
    CHECK(usages[1].usage.status == 9);
    CHECK(desk.reports().empty());
    CHECK(ask(desk, "SELECT MeterDataID, FileName, ProductName, UserName, StartTime, EndTime, StillRunning, "
                    "InTSSession"
                    " FROM v_MeterData WHERE StillRunning = 1") ==
          "{3B1E77F0-5C8D-49A5-8E0B-6A2F9D41C083}|wedit.exe|Widget "
          "Editor|LAB\\mueller|2024-01-31T13:00:00.000Z|"
          "2024-01-31T18:00:00.000Z|1|1\n");
}

TEST_CASE("of several reports of a usage the one with the latest end counts") {
    struct Row {
        std::string name;
        Texts reports;
        Texts stored;
        std::string told;
    };
    auto const first = of_file("a.exe", usage("{1}", "0108", "0112", 1));
    auto const row =
        GENERATE_COPY(Row{"once more", {first, first}, {"{1} a.exe 01T08-01T12 1"}, "1 are as they were"},
                      Row{"it went on and ended",
                          {first, of_file("a.exe", usage("{1}", "0108", "0115"))},
                          {"{1} a.exe 01T08-01T15 0"},
                          "1 went on"},
                      Row{"the earlier report comes late",
                          {of_file("a.exe", usage("{1}", "0108", "0115")), first},
                          {"{1} a.exe 01T08-01T15 0"},
                          "1 are older"},
                      Row{"the same end, corrected",
                          {first, of_file("a.exe", usage("{1}", "0107", "0112", 2))},
                          {"{1} a.exe 01T07-01T12 2"},
                          "1 went on"},
                      Row{"an id in another spelling",
                          {of_file("a.exe", usage("{ab}", "0108", "0112")),
                           of_file("a.exe", usage("{AB}", "0108", "0113"))},
                          {"{AB} a.exe 01T08-01T13 0"},
                          "1 went on"},
                      Row{"another usage",
                          {first, of_file("a.exe", usage("{2}", "0109", "0110"))},
                          {"{1} a.exe 01T08-01T12 1", "{2} a.exe 01T09-01T10 0"},
                          "1 usages are new"},
                      Row{"several at once",
                          {of_file("a.exe", usage("{1}", "0108", "0112") + usage("{2}", "0109", "0110")) +
                           of_file("b.exe", usage("{3}", "0110", "0111"))},
                          {"{1} a.exe 01T08-01T12 0", "{2} a.exe 01T09-01T10 0", "{3} b.exe 01T10-01T11 0"},
                          "3 usages are new"},
                      Row{"no end: the report's date",
                          {of_file("a.exe", usage("{1}", "0108", "", 1))},
                          {"{1} a.exe 01T08-28T18 1"},
                          "1 usages are new"});
    CAPTURE(row.name);
    Desk desk;
    endpoints::Reply reply;
    for (auto const& each : row.reports) reply = desk.take(each);
    CHECK_FALSE(reply.unusable_part);
    CHECK(desk.shown() == row.stored);
    CHECK(noted(reply, Note::Kind::info, row.told));
}

TEST_CASE("one usage that cannot be used leaves the others as they are") {
    struct Row {
        std::string name;
        std::string usage;
        std::string why;
    };
    auto const good = usage("{2}", "0109", "0110");
    auto const row = GENERATE_COPY(
        Row{"an empty id", replaced(good, "{2}", " "), "without MeterDataID"},
        Row{"a start in ISO form", replaced(good, "20261101090000.000000+000", "2026-11-01T09:00:00Z"),
            "StartTime is \"2026-11-01T09:00:00Z\""},
        Row{"an end in words", replaced(good, "20261101100000.000000+000", "never"), "EndTime is \"never\""},
        Row{"it ends before it begins", usage("{2}", "0109", "0108"), "ends before it begins"},
        Row{"a status in words", replaced(good, "Status=\"0\"", "Status=\"ok\""), "Status is \"ok\""},
        Row{"a status below nothing", replaced(good, "Status=\"0\"", "Status=\"-1\""), "Status is \"-1\""});
    CAPTURE(row.name);
    Desk desk;
    auto const reply =
        desk.take(of_file("a.exe", usage("{1}", "0108", "0112") + row.usage + usage("{3}", "0110", "0111")));
    CHECK_FALSE(reply.refusal);
    REQUIRE(reply.unusable_part);
    CHECK_THAT(reply.unusable_part->message, Catch::Contains(row.why));
    CHECK(reply.unusable_part->line == 1);
    CHECK(desk.usages().size() == 2);
}

TEST_CASE("usages by month and file") {
    Desk desk;
    desk.take(of_file("a.exe", usage("{1}", "0108", "0112") + usage("{2}", "0209", "0210", 8) +
                                   usage("{3}", "0310", "0310")) +
              of_file("b.exe", usage("{4}", "0110", "0111")));
    auto const december =
        replaced(of_file("A.EXE", usage("{5}", "0108", "0112")), "StartTime=\"202611", "StartTime=\"202610");
    desk.take(december);
    auto const months =
        desk.store().read([](db::Session& session) { return db::Metering(session).summary({}); }).value();
    REQUIRE(months.size() == 3);
    CHECK(months[0].month == 10);
    CHECK(months[1].file == "a.exe");
    CHECK(months[1].year == 2026);
    CHECK(months[1].month == 11);
    CHECK(months[1].count == 2);
    CHECK(months[1].terminal_count == 1);
    CHECK(months[1].seconds == 5 * 3600);
    CHECK(months[1].last_usage == "2026-11-03T10:00:00.000Z");
    CHECK(ask(desk, "SELECT FileName, Year, Month, UsageCount, UsageTime FROM v_MonthlyUsageSummary"
                    " WHERE FileName = 'b.exe'") == "b.exe|2026|11|1|3600\n");
}

TEST_CASE("usages are kept for some time, and go with their client") {
    Desk desk;
    desk.settings().relay.history_days = 10;
    desk.take(of_file("a.exe", usage("{1}", "0108", "0112")));
    desk.clock().advance(240h + 1s);
    desk.take(of_file("a.exe", usage("{2}", "0108", "0112")));
    CHECK(desk.shown() == Texts{"{2} a.exe 01T08-01T12 0"});
}

TEST_CASE("metering of a client that nobody has registered is refused, usages or not") {
    auto const body = GENERATE(as<std::string>{}, "", of_file("a.exe", usage("{1}", "0108", "0112")));
    Desk desk;
    auto const reply = desk.deliver(Draft{.endpoint = "MP_RelayEndpoint",
                                          .source_id = std::string(lab_pc),
                                          .body = replaced(report(body), workstation, lab_pc),
                                          .file_type = "SWM"});
    CHECK(refusal_of(reply) == "InvalidMachine");
}
