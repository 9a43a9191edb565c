// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"
#include "client/inventory/reports.hpp"
#include "endpoints/inventory/reported.hpp"
#include "endpoints/report/report_header.hpp"
#include "tests/unit/client_inventory/support.hpp"

#include <array>

using namespace pointman;
using namespace pointman::test;
using inventory::Asked;
using inventory::Instance;
using inventory::Snapshot;
using inventory::Version;

namespace {

inventory::Occasion occasion() {
    return {.version = {2, 5},
            .date = parse_iso_time("2026-12-01T10:06:18.250Z").value(),
            .policy = parse_iso_time("2026-11-01T12:00:00Z").value()};
}

Instance disk(std::string_view device, std::string_view free) {
    return Instance("Win32_LogicalDisk").key("DeviceID", device).set("FreeSpace", free);
}

std::string instance_xml(std::string_view content, std::string_view device, std::string_view free) {
    return fmt::format(
        R"(<Instance Content="{}" Namespace="\\LAB-PC07\root\cimv2" Class="Win32_LogicalDisk" )"
        R"(ParentClass="Win32_LogicalDisk"><Win32_LogicalDisk><DeviceID>{}</DeviceID>)"
        "<FreeSpace>{}</FreeSpace></Win32_LogicalDisk></Instance>",
        content, device, free);
}

/// The header of the recorded reports, in their order (hardware-inventory.md, schemas/samples).
std::string report_xml(std::string_view type, std::string_view number, std::string_view description,
                       std::string_view body) {
    return fmt::format(
        "<Report><ReportHeader><Identification><Machine><ClientInstalled>1</ClientInstalled>"
        "<ClientType>1</ClientType><ClientID>GUID:5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3</ClientID>"
        "<ClientVersion>5.00.8325.0000</ClientVersion><NetBIOSName>LAB-PC07</NetBIOSName><CodePage>1252</"
        "CodePage>"
        "<SystemDefaultLCID>1033</SystemDefaultLCID><Priority/></Machine></Identification><ReportDetails>"
        "<ReportContent>Inventory Data</ReportContent><ReportType>{}</ReportType>"
        "<Date>20261201100618.250000+000</Date><Version>2.5</Version><Format>1.1</Format></ReportDetails>"
        R"(<InventoryAction ActionType="Predefined"><InventoryActionID>)"
        "{{00000000-0000-0000-0000-00000000000{}}}</InventoryActionID><Description>{}</Description>"
        "<InventoryActionLastUpdateTime>20261101120000.000000+000</InventoryActionLastUpdateTime>"
        "</InventoryAction></ReportHeader><ReportBody>{}</ReportBody></Report>",
        type, number, description, body);
}

constexpr auto hardware_schema = "hardware_inventory_report.xsd";
constexpr auto software_schema = "software_inventory_report.xsd";

} // namespace

TEST_CASE("a full report, a resync, and the copy that is only a header") {
    Snapshot const machine({disk("/b", "2"), disk("/a", "1")});
    auto const body = instance_xml("New", "/a", "1") + instance_xml("New", "/b", "2");
    auto asked = occasion();
    asked.asked = Asked::by_resync;
    struct Case {
        std::string report, expected, schema;
    };
    for (auto const& [report, expected, schema] : std::array{
             Case{hardware_report(sender(), occasion(), machine), report_xml("Full", "1", "Hardware", body),
                  hardware_schema},
             Case{hardware_report(sender(), asked, machine), report_xml("Resync", "1", "Hardware", body),
                  hardware_schema},
             Case{hardware_report(sender(), occasion(), Snapshot()), report_xml("Full", "1", "Hardware", ""),
                  hardware_schema},
             Case{software_report(sender(), occasion(), machine), report_xml("Full", "2", "Software", body),
                  software_schema},
             Case{discovery_report(sender(), asked, {disk("/a", "1")}),
                  report_xml("Full", "3", "Discovery", instance_xml("New", "/a", "1")),
                  "discovery_report.xsd"},
         }) {
        CHECK(report == expected);
        CHECK(faults(schema, report).empty());
    }
}

TEST_CASE("a delta says what is gone, what changed and what is new") {
    inventory::Difference const changes{{disk("/new", "1")}, {disk("/changed", "2")}, {disk("/gone", "3")}};
    auto const body = instance_xml("Deleted", "/gone", "3") + instance_xml("Updated", "/changed", "2") +
                      instance_xml("New", "/new", "1");
    auto const report = hardware_report(sender(), occasion(), changes);
    CHECK(report == report_xml("Delta", "1", "Hardware", body));
    CHECK(faults(hardware_schema, report).empty());
    CHECK(software_report(sender(), occasion(), changes) == report_xml("Delta", "2", "Software", body));
    CHECK(hardware_report(sender(), occasion(), inventory::Difference()) ==
          report_xml("Delta", "1", "Hardware", ""));
}

TEST_CASE("arrays repeat their element, and no text breaks the report") {
    auto const odd = "<&>\"' ]]> \xC3\xBC \xE2\x98\x83";
    Snapshot const machine(
        {Instance("Win32_Service").key("Name", odd).set("List", inventory::Values{"a", odd}),
         Instance("Win32_BaseBoard").key("Tag", "")});
    auto who = sender();
    who.netbios_name = "A&\"<B";
    auto const report = hardware_report(who, occasion(), machine);
    REQUIRE(faults(hardware_schema, report).empty());
    CHECK(report.find("<Win32_BaseBoard><Tag/></Win32_BaseBoard>") != std::string::npos);

    auto const document = schemas::parse(as_bytes(report)).value();
    auto const body = endpoints::report_body(document).value();
    auto const instances = endpoints::inventory::read_instances(body).value();
    REQUIRE(instances.unusable.empty());
    REQUIRE(instances.usable.size() == 2);
    auto const& properties = instances.usable.at(1).properties;
    CHECK(properties.at(0).values.at(0) == odd);
    CHECK(properties.at(1).values.size() == 2);
    CHECK(properties.at(1).values.at(1) == odd);
    CHECK(body.first_child()->attribute("Namespace") == R"(\\A&"<B\root\cimv2)");
}

TEST_CASE("versions of reports") {
    CHECK(Version{}.text() == "1.0");
    CHECK(Version{3, 7}.next_delta() == Version{3, 8});
    CHECK(Version{3, 7}.next_full() == Version{4, 0});
    CHECK(Version::parse("12.34") == Version{12, 34});
    for (auto const* const bad :
         {"", "1", "1.", ".1", "1.0.0", "-1.0", "1.-0", "1.x", " 1.0", "4294967296.0"}) {
        INFO(bad);
        auto const version = Version::parse(bad);
        REQUIRE_FALSE(version);
        CHECK(version.error().code == Code::malformed);
        CHECK(version.error().message ==
              fmt::format("\"{}\" is no version of a report: it has the form 1.0", bad));
    }
}
