// SPDX-License-Identifier: Apache-2.0
// The views that administrators' reports ask, and the names of their groups.
#include "endpoints/inventory/classes.hpp"
#include "tests/unit/endpoints/inventory_report.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <stdexcept>

using namespace pointman;
using namespace pointman::test;

namespace {

void load(Bench& bench, std::string_view version, std::string const& instances, bool full = true) {
    auto const reply =
        bench.deliver(hardware_draft(hardware_report(full ? "Full" : "Delta", version, instances)));
    if (!reply || reply->refusal) throw std::runtime_error("the report was refused");
}

} // namespace

TEST_CASE("the group of a class") {
    struct Row {
        std::string class_name;
        std::string group;
    };
    auto const row = GENERATE(values<Row>({
        {"Win32_BIOS", "PC_BIOS"},
        {"WIN32_BIOS", "PC_BIOS"},
        {"CCM_LogicalMemoryConfiguration", "X86_PC_MEMORY"},
        {"Win32_Processor", "PROCESSOR"},
        {"SMS_Processor", "PROCESSOR"},
        {"Win32_DiskDrive", "DISK"},
        {"SMS_LogicalDisk", "LOGICAL_DISK"},
        {"Win32Reg_AddRemovePrograms", "ADD_REMOVE_PROGRAMS"},
        {"Win32Reg_AddRemovePrograms64", "ADD_REMOVE_PROGRAMS_64"},
        {"CCM_InstalledComponent", "INSTALLEDCOMPONENT"},
        {"Vendor_Thing", "VENDOR_THING"},
        {"Win32_Tape", "TAPE"},
        {"Win32Reg_Tape", "TAPE"},
        {"SMS_Tape", "TAPE"},
        {"CCM_Tape", "TAPE"},
        {"Win32_", "WIN32_"},
        {"MyWin32_Tape", "MYWIN32_TAPE"},
    }));
    CAPTURE(row.class_name);
    CHECK(endpoints::inventory::group_of(row.class_name).name == row.group);
}

TEST_CASE("every documented class has a view of its group") {
    Bench bench;
    bench.enroll(workstation);
    std::string instances;
    for (auto const& known : endpoints::inventory::known_classes()) {
        db::InventoryProperties properties;
        for (auto const key : known.keys) properties.push_back({std::string(key), {"k"}});
        properties.push_back({"Remark", {"of " + std::string(known.name)}});
        instances += instance_xml({"New", std::string(known.name), properties});
    }
    REQUIRE(endpoints::inventory::known_classes().size() >= 35);
    load(bench, "1.0", instances);
    for (auto const& known : endpoints::inventory::known_classes()) {
        CAPTURE(known.name);
        auto const query = fmt::format("SELECT Remark0 FROM v_GS_{} WHERE Remark0 = 'of {}'",
                                       endpoints::inventory::group_of(known.name).name, known.name);
        CHECK(ask(bench, query) == fmt::format("of {}\n", known.name));
    }
}

TEST_CASE("columns of a view, arrays, and what an instance does not have") {
    Bench bench;
    bench.enroll(workstation);
    load(
        bench, "1.0",
        instance_xml({"New", "Vendor_Thing", {{"Name", {"a"}}, {"List", {"x", "y", "z"}}, {"Empty", {""}}}}) +
            instance_xml({"New", "Vendor_Thing", {{"Name", {"b"}}, {"Other", {"it's \"quoted\""}}}}));
    CHECK(ask(bench, "SELECT ResourceID, RevisionID, AgentID, TimeStamp, Name0, List0, Empty0, Other0 FROM "
                     "v_GS_VENDOR_THING ORDER BY GroupID") ==
          "16777217|1|1|20100315083007.104000+060|a|x, y, z||\n"
          "16777217|1|1|20100315083007.104000+060|b|||it's \"quoted\"\n");
    CHECK(ask(bench, "SELECT count(*) FROM v_HS_VENDOR_THING") == "0\n");
    // A property that is new makes a column, in the view of history too.
    load(bench, "1.1", instance_xml({"Updated", "Vendor_Thing", {{"Name", {"a"}}, {"Later", {"1"}}}}), false);
    CHECK(ask(bench, "SELECT RevisionID, Name0, List0, Later0 FROM v_GS_VENDOR_THING ORDER BY GroupID") ==
          "2|a||1\n1|b||\n");
    CHECK(ask(bench, "SELECT RevisionID, Name0, List0, Later0 FROM v_HS_VENDOR_THING") == "1|a|x, y, z|\n");
}

TEST_CASE("two classes of one documented group share its view") {
    Bench bench;
    bench.enroll(workstation);
    load(bench, "1.0",
         instance_xml({"New", "Win32_Processor", {{"DeviceID", {"CPU0"}}, {"Family", {"6"}}}}) +
             instance_xml({"New", "SMS_Processor", {{"DeviceID", {"CPU0"}}, {"Is64Bit", {"1"}}}}));
    CHECK(ask(bench, "SELECT DeviceID0, Family0, Is64Bit0 FROM v_GS_PROCESSOR ORDER BY GroupID") ==
          "CPU0|6|\nCPU0||1\n");
}

TEST_CASE("names that clash get a number, for good") {
    Bench bench;
    bench.enroll(workstation);
    auto const of = [](std::string const& class_name, std::string const& property) {
        return instance_xml({"New", class_name, {{property, {class_name}}}});
    };
    load(bench, "1.0",
         of("CCM_Tape", "Name") + of("SMS_Tape", "Name") + of("CCM_Processor", "Name") +
             instance_xml({"New", "Win32_Processor", {{"DeviceID", {"CPU0"}}}}) +
             instance_xml({"New", "V", {{"a.b", {"1"}}, {"a-b", {"2"}}, {"A_B", {"3"}}}}));
    CHECK(ask(bench, "SELECT Name0 FROM v_GS_TAPE") == "CCM_Tape\n");
    CHECK(ask(bench, "SELECT Name0 FROM v_GS_TAPE_2") == "SMS_Tape\n");
    CHECK(ask(bench, "SELECT Name0 FROM v_GS_PROCESSOR") == "CCM_Processor\n"); // it was there first
    CHECK(ask(bench, "SELECT DeviceID0 FROM v_GS_PROCESSOR_2") == "CPU0\n");
    // Which of the three has which name depends on their order, and stays.
    CHECK(ask(bench, "SELECT A_B0 + a_b_20 + a_b_30 FROM v_GS_V") == "6\n");
    load(bench, "2.0", of("SMS_Tape", "Name"));
    CHECK(ask(bench, "SELECT Name0 FROM v_GS_TAPE_2") == "SMS_Tape\n");
    CHECK(ask(bench, "SELECT count(*) FROM v_GS_TAPE") == "0\n");
}

TEST_CASE("names from clients are no SQL") {
    Bench bench;
    bench.enroll(workstation);
    load(bench, "1.0", instance_xml({"New", "Vendor.Thing-\u00C4", {{"N\u00E4me.x", {"1"}}}}));
    CHECK(ask(bench, "SELECT N_me_x0 FROM v_GS_VENDOR_THING__") == "1\n");
}
