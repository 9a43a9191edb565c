// SPDX-License-Identifier: Apache-2.0
// Software inventory from the report to what is stored of it.
#include "db/software.hpp"
#include "tests/unit/endpoints/inventory_report.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>

using namespace pointman;
using namespace pointman::test;
using namespace std::chrono_literals;
using endpoints::Note;

namespace {

std::string software(std::string const& name) {
    return sample("software_inventory/valid/software_inventory_report." + name + ".xml");
}

std::string file_xml(std::string_view content, db::InventoryProperties properties) {
    return instance_xml({std::string(content), "FileSystemFile", std::move(properties)});
}

/// A file of a product, told apart by its version.
std::string tool(std::string_view content, std::string_view version,
                 std::string_view date = "20091204101530") {
    return file_xml(content, {{"CompanyName", {"Tidewater"}},
                              {"FileDescription", {"A tool"}},
                              {"FileVersion", {std::string(version)}},
                              {"LastWriteDate", {std::string(date)}},
                              {"Name", {"tool.exe"}},
                              {"Path", {"C:\\Tools\\"}},
                              {"ProductLanguage", {"1033"}},
                              {"ProductName", {"Tools"}},
                              {"ProductVersion", {std::string(version)}},
                              {"Size", {"100"}}});
}

struct Desk : Bench {
    Desk() { enroll(workstation); }

    endpoints::Reply take(std::string report, std::string_view smsid = workstation) {
        auto reply = deliver(Draft{"MP_SinvEndpoint", std::string(smsid), std::move(report)});
        if (!reply) throw std::runtime_error(describe(reply.error()));
        return std::move(*reply);
    }
    /// The reason of the refusal; "" = taken.
    std::string refused(std::string report) {
        auto const reply = take(std::move(report));
        return reply.refusal ? std::string(name_of(reply.refusal->code)) : "";
    }
    std::vector<db::InstalledFile> files(std::string_view smsid = workstation) {
        return store()
            .read([smsid](db::Session& session) {
                return db::SoftwareInventory(session).files(ClientId::parse(smsid).value());
            })
            .value();
    }
    /// "C:\Tools\tool.exe 1.0", sorted.
    std::vector<std::string> names(std::string_view smsid = workstation) {
        std::vector<std::string> all;
        for (auto const& each : files(smsid))
            all.push_back(fmt::format("{}{} {}", each.file.path, each.file.name, each.file.version));
        return all;
    }
    std::string rows(std::string const& table) { return ask(*this, "SELECT count(*) FROM " + table); }
};

/// Of action 0002.
std::string report(std::string_view type, std::string_view version, std::string_view instances,
                   std::string_view smsid = workstation) {
    return report_of_action("0002", type, version, instances, "20100316020014.221000+060", smsid);
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("a full report of files, and the delta after it") {
    Desk desk;
    auto const full = desk.take(software("2007_full"));
    REQUIRE_FALSE(full.refusal);
    CHECK(noted(full, Note::Kind::info, "4 added, 0 changed, 0 removed, 0 as they were"));
    CHECK(desk.names() == Names{"C:\\Program Files\\Tidewater\\Harbour CAD 2009\\harbour.exe 9.2.114.0",
                                "C:\\Program Files\\Tidewater\\Harbour CAD 2009\\bin\\hcplot.exe 9.2.114.0",
                                "C:\\Windows\\notepad.exe 6.1.7600.16385 (win7_rtm.090713-1255)",
                                "D:\\tools\\mkindex.exe "});
    auto const first = desk.files().front();
    CHECK(first.file == db::SoftwareFile{.company = "Tidewater Software AB",
                                         .product = "Harbour CAD",
                                         .product_version = "9.2.114.0",
                                         .product_language = "1033",
                                         .name = "harbour.exe",
                                         .version = "9.2.114.0",
                                         .description = "Harbour CAD main program",
                                         .size = 18432512,
                                         .path = "C:\\Program Files\\Tidewater\\Harbour CAD 2009\\",
                                         .modified = "20091204101530.000000+000",
                                         .others = {}});
    CHECK(first.reported == bench_time);
    CHECK(desk.files().back().product_id == 0); // mkindex.exe says nothing of a product

    desk.clock().advance(24h);
    auto const delta = desk.take(software("2007_delta"));
    REQUIRE_FALSE(delta.refusal);
    CHECK(noted(delta, Note::Kind::info, "1 added, 0 changed, 2 removed, 0 as they were"));
    CHECK(desk.names() == Names{"C:\\Program Files\\Tidewater\\Harbour CAD 2009\\harbour.exe 9.2.120.0",
                                "C:\\Program Files\\Tidewater\\Harbour CAD 2009\\bin\\hcplot.exe 9.2.114.0",
                                "C:\\Windows\\notepad.exe 6.1.7600.16385 (win7_rtm.090713-1255)"});
    CHECK(desk.files().front().reported == bench_time + 24h);
}

TEST_CASE("a file is told from others by nine keys") {
    struct Row {
        std::string property;
        std::string value;
        bool is_another;
    };
    auto const row =
        GENERATE(Row{"CompanyName", "Other", true}, Row{"FileDescription", "Other", true},
                 Row{"FileVersion", "2", true}, Row{"Name", "other.exe", true},
                 Row{"Name", "TOOL.EXE", false}, Row{"Path", "D:\\", true}, Row{"Path", "c:\\tools", false},
                 Row{"ProductLanguage", "1031", true}, Row{"ProductName", "Other", true},
                 Row{"ProductVersion", "2", true}, Row{"Size", "101", true}, Row{"Size", " 100 ", false},
                 Row{"LastWriteDate", "20200101000000", false}, Row{"ShortName", "TOOL~1.EXE", false});
    CAPTURE(row.property, row.value);
    db::InventoryProperties properties{{"CompanyName", {"Tidewater"}}, {"FileDescription", {"A tool"}},
                                       {"FileVersion", {"1"}},         {"LastWriteDate", {"20091204"}},
                                       {"Name", {"tool.exe"}},         {"Path", {"C:\\Tools\\"}},
                                       {"ProductLanguage", {"1033"}},  {"ProductName", {"Tools"}},
                                       {"ProductVersion", {"1"}},      {"Size", {"100"}},
                                       {"ShortName", {"TOOL.EXE"}}};
    Desk desk;
    REQUIRE(desk.refused(report("Full", "1.0", file_xml("New", properties))) == "");
    std::ranges::find(properties, row.property, &db::InventoryProperty::name)->values = {row.value};
    REQUIRE(desk.refused(report("Delta", "1.1", file_xml("New", properties))) == "");
    CHECK(desk.files().size() == (row.is_another ? 2 : 1));
    if (row.property == "LastWriteDate") CHECK(desk.files().front().file.modified == row.value);
    if (row.property == "ShortName")
        CHECK(desk.files().front().file.others == db::InventoryProperties{{"ShortName", {row.value}}});
}

TEST_CASE("empty and absent are one, and so are the forms of a folder and of no language") {
    struct Row {
        std::string name;
        db::InventoryProperties one;
        db::InventoryProperties same;
    };
    auto const row = GENERATE(Row{"absent texts",
                                  {{"Name", {"a.exe"}}, {"Path", {"D:\\"}}, {"Size", {"1"}}},
                                  {{"CompanyName", {""}},
                                   {"FileDescription", {""}},
                                   {"FileVersion", {""}},
                                   {"Name", {"a.exe"}},
                                   {"Path", {"D:\\"}},
                                   {"ProductLanguage", {""}},
                                   {"ProductName", {""}},
                                   {"ProductVersion", {""}},
                                   {"Size", {"1"}}}},
                              Row{"language 0",
                                  {{"Name", {"a.exe"}}, {"Size", {"1"}}, {"ProductLanguage", {"0"}}},
                                  {{"Name", {"a.exe"}}, {"Size", {"1"}}}},
                              Row{"folder without its end",
                                  {{"Name", {"a.exe"}}, {"Size", {"1"}}, {"Path", {"D:\\tools"}}},
                                  {{"Name", {"a.exe"}}, {"Size", {"1"}}, {"Path", {"D:\\tools\\"}}}},
                              Row{"folder of another system",
                                  {{"Name", {"a"}}, {"Size", {"1"}}, {"Path", {"/usr/bin"}}},
                                  {{"Name", {"a"}}, {"Size", {"1"}}, {"Path", {"/usr/bin/"}}}});
    CAPTURE(row.name);
    Desk desk;
    REQUIRE(desk.refused(report("Full", "1.0", file_xml("New", row.one))) == "");
    auto const before = desk.files();
    REQUIRE(before.size() == 1);
    REQUIRE(desk.refused(report("Delta", "1.1", file_xml("Deleted", row.same))) == "");
    CHECK(desk.files().empty());
}

TEST_CASE("what a delta says of a file, whatever the order inside") {
    struct Row {
        std::string name;
        std::string instances;
        Names then;
        std::string told;
    };
    auto const first = std::string("C:\\Tools\\tool.exe 1");
    auto const second = std::string("C:\\Tools\\tool.exe 2");
    auto const row = GENERATE_COPY(
        Row{"nothing", "", {first}, "0 added, 0 changed, 0 removed, 0 as they were"},
        Row{"the same", tool("New", "1"), {first}, "0 added, 0 changed, 0 removed, 1 as they were"},
        Row{"touched", tool("Updated", "1", "20260101000000"), {first}, "1 changed"},
        Row{"an update of what is not there", tool("uPDATED", "2"), {first, second}, "1 added"},
        Row{"deleted", tool("deleted", "1"), {}, "1 removed"},
        Row{"deleted, and not there", tool("Deleted", "2"), {first}, "0 removed"},
        Row{"replaced", tool("Deleted", "1") + tool("New", "2"), {second}, "1 added, 0 changed, 1 removed"},
        Row{"replaced, the new first",
            tool("New", "2") + tool("Deleted", "1"),
            {second},
            "1 added, 0 changed, 1 removed"},
        Row{"deleted and there again",
            tool("New", "1") + tool("Deleted", "1"),
            {first},
            "1 added, 0 changed, 1 removed"},
        Row{"twice in one report",
            tool("New", "2", "a") + tool("Updated", "2", "b"),
            {first, second},
            "1 added"});
    CAPTURE(row.name);
    Desk desk;
    REQUIRE(desk.refused(report("Full", "1.0", tool("New", "1"))) == "");
    auto const reply = desk.take(report("Delta", "1.1", row.instances));
    REQUIRE_FALSE(reply.refusal);
    CHECK(desk.names() == row.then);
    CHECK(noted(reply, Note::Kind::info, row.told));
    if (row.name == "deleted, and not there")
        CHECK(noted(reply, Note::Kind::warning, "1 files are deleted that were not there"));
    if (row.name == "twice in one report") CHECK(desk.files().back().file.modified == "b");
}

TEST_CASE("a full report leaves nothing of before") {
    Desk desk;
    REQUIRE(desk.refused(report("Full", "1.0", tool("New", "1") + tool("New", "2"))) == "");
    auto const reply =
        desk.take(report("Resync", "2.0", tool("New", "2") + tool("New", "3") + tool("Deleted", "4")));
    CHECK(noted(reply, Note::Kind::info, "1 added, 0 changed, 1 removed, 1 as they were"));
    CHECK(desk.names() == Names{"C:\\Tools\\tool.exe 2", "C:\\Tools\\tool.exe 3"});
    REQUIRE(desk.refused(report("Full", "3.0", "")) == "");
    CHECK(desk.files().empty());
}

TEST_CASE("the versions of software are in a sequence of their own") {
    Desk desk;
    CHECK(desk.refused(report("Delta", "1.1", tool("New", "1"))) == "NoBaseline");
    CHECK(desk.refused(report("Delta", "1.1", tool("New", "1"))) == "ResyncPending");
    REQUIRE(desk.refused(report("Full", "4.0", tool("New", "1"))) == "");
    // A hardware report moves nothing here.
    REQUIRE(desk.deliver(hardware_draft(hardware_report("Full", "9.0", disk("New", "C:", "1")))));
    CHECK(desk.refused(report("Delta", "3.1", "")) == "MajorMismatch");
    CHECK(resyncs(desk) == Names{"MajorMismatch"});
    REQUIRE(desk.refused(report("Full", "5.0", tool("New", "1"))) == "");
    CHECK(resyncs(desk).empty());
    CHECK(desk.refused(report("Delta", "5.2", "")) == "DeltaMismatch");
    REQUIRE(desk.refused(report("Full", "6.0", tool("New", "1"))) == "");
    REQUIRE(desk.refused(report("Delta", "6.1", tool("New", "2"))) == "");
    auto const again = desk.take(report("Delta", "6.1", tool("New", "2")));
    CHECK(noted(again, Note::Kind::info, "once more"));
    CHECK(desk.names() == Names{"C:\\Tools\\tool.exe 1", "C:\\Tools\\tool.exe 2"});
    CHECK(desk.reports().size() == 5); // with the one of hardware
}

TEST_CASE("reported files that cannot be used are left out, or their report is refused") {
    struct Row {
        std::string name;
        std::string instance;
        std::string why;
    };
    auto const bad_size = [](std::string_view size) {
        return file_xml("New", {{"Name", {"a.exe"}}, {"Size", {std::string(size)}}});
    };
    auto const row = GENERATE_COPY(
        Row{"no name", file_xml("New", {{"Size", {"1"}}}), "a file without a name"},
        Row{"an empty name", file_xml("New", {{"Name", {" "}}, {"Size", {"1"}}}), "a file without a name"},
        Row{"no size", file_xml("New", {{"Name", {"a.exe"}}}), "the size of a.exe is \"\""},
        Row{"a size in words", bad_size("much"), "\"much\": no number of bytes"},
        Row{"a size below nothing", bad_size("-1"), "\"-1\""},
        Row{"a size with a unit", bad_size("1 KB"), "\"1 KB\""},
        Row{"a size beyond numbers", bad_size("99999999999999999999"), "no number of bytes"},
        Row{"another class", instance_xml({"New", "Win32_BIOS", {{"Name", {"a.exe"}}, {"Size", {"1"}}}}),
            "Win32_BIOS is no FileSystemFile"},
        Row{"no element inside", R"(<Instance Class="FileSystemFile" Content="New"/>)",
            "no element FileSystemFile inside"},
        Row{"nobody knows what became of it", file_xml("Moved", {{"Name", {"a.exe"}}, {"Size", {"1"}}}),
            "Content is \"Moved\""});
    auto const type = GENERATE(as<std::string>{}, "Full", "Delta");
    CAPTURE(row.name, type);
    bool const is_delta = type == "Delta";

    Desk lenient;
    REQUIRE(lenient.refused(report("Full", "1.0", tool("New", "1"))) == "");
    auto const reply = lenient.take(report(type, is_delta ? "1.1" : "2.0", row.instance + tool("New", "2")));
    CHECK_FALSE(reply.refusal);
    REQUIRE(reply.unusable_part);
    CHECK(reply.unusable_part->code == Code::unusable_instance);
    CHECK_THAT(reply.unusable_part->message, Catch::Contains(row.why));
    CHECK(reply.unusable_part->line == 1);
    CHECK(lenient.names().back() == "C:\\Tools\\tool.exe 2");
    CHECK(resyncs(lenient) == (is_delta ? Names{"UnusableInstance"} : Names{}));

    Desk strict;
    strict.settings().software_inventory.mode = config::ReportMode::strict;
    REQUIRE(strict.refused(report("Full", "1.0", tool("New", "1"))) == "");
    CHECK(strict.refused(report(type, is_delta ? "1.1" : "2.0", row.instance + tool("New", "2"))) ==
          "UnusableInstance");
    CHECK(strict.names() == Names{"C:\\Tools\\tool.exe 1"});
    CHECK(resyncs(strict) == (is_delta ? Names{"UnusableInstance"} : Names{}));
}

TEST_CASE("what many clients have is stored once, and goes with the last") {
    Desk desk;
    desk.enroll(lab_pc, "LAB-PC");
    REQUIRE(desk.refused(report("Full", "1.0", tool("New", "1") + tool("New", "2"))) == "");
    desk.take(report("Full", "1.0", tool("New", "1"), lab_pc), lab_pc);
    CHECK(desk.rows("software_file") == "2\n");
    CHECK(desk.rows("software_product WHERE product_id <> 0") == "2\n");
    CHECK(desk.rows("software_company WHERE company_id <> 0") == "1\n");
    CHECK(desk.files(lab_pc).front().file_id == desk.files().front().file_id);

    // The number of a file is not given to another one later.
    auto const second = desk.files().back().file_id;
    REQUIRE(desk.refused(report("Delta", "1.1", tool("Deleted", "2"))) == "");
    CHECK(desk.rows("software_file") == "1\n");
    CHECK(desk.rows("software_product WHERE product_id <> 0") == "1\n");
    REQUIRE(desk.refused(report("Delta", "1.2", tool("New", "2"))) == "");
    CHECK(desk.files().back().file_id != second);

    REQUIRE(desk.refused(report("Full", "2.0", "")) == "");
    CHECK(desk.names(lab_pc) == Names{"C:\\Tools\\tool.exe 1"});
    auto const removed = desk.store().write_and_wait([](db::Transaction& transaction) {
        return db::Clients::remove(transaction, ClientId::parse(lab_pc).value());
    });
    REQUIRE(removed);
    CHECK(desk.rows("software_file") == "0\n");
    CHECK(desk.rows("software_product") == "1\n"); // the one of files without product
    CHECK(desk.rows("software_company") == "1\n");
}

TEST_CASE("reports find files and products in the views that they know") {
    Desk desk;
    REQUIRE(desk.refused(software("2007_full")) == "");
    CHECK(ask(desk,
              "SELECT FileName, FileDescription, FileVersion, FileSize, FilePath, FileModifiedDate, r.Name0"
              " FROM v_GS_SoftwareFile f JOIN v_R_System r ON r.ResourceID = f.ResourceID"
              " WHERE ProductId = 0") ==
          "mkindex.exe|||40960|D:\\tools\\|20050302184500.000000+000|WS-0417\n");
    CHECK(ask(desk, "SELECT FileName FROM v_GS_UnknownFile") == "mkindex.exe\n");
    CHECK(ask(desk, "SELECT p.CompanyName, p.ProductName, p.ProductVersion, p.ProductLanguage, f.FileName"
                    " FROM v_GS_SoftwareProduct p JOIN v_GS_SoftwareFile f"
                    " ON f.ResourceID = p.ResourceID AND f.ProductId = p.ProductID ORDER BY f.FileName") ==
          "Tidewater Software AB|Harbour CAD|9.2.114.0|1033|harbour.exe\n"
          "Tidewater Software AB|Harbour CAD|9.2.114.0|1033|hcplot.exe\n"
          "Microsoft Corporation|Microsoft® Windows® Operating System|6.1.7600.16385|1033|notepad.exe\n");
    CHECK(ask(desk, "SELECT count(*) FROM v_GS_SoftwareProduct") == "2\n");
    CHECK(ask(desk, "SELECT LastScanDate FROM v_GS_LastSoftwareScan") == "20100316020014.221000+060\n");
}
