// SPDX-License-Identifier: Apache-2.0
// The machine that runs the test, whatever it is.
#include "client/inventory/difference.hpp"
#include "client/inventory/discovery.hpp"
#include "client/inventory/machine.hpp"
#include "client/inventory/saved.hpp"
#include "client/inventory/software.hpp"
#include "endpoints/inventory/reported.hpp"
#include "endpoints/report/report_header.hpp"
#include "tests/unit/client_inventory/support.hpp"

#include <sys/statvfs.h>
#include <thread>
#include <unistd.h>

using namespace pointman;
using namespace pointman::test;

TEST_CASE("the inventory of this machine is true, and the site takes it") {
    auto const machine = inventory::collect();
    CHECK(wrongly_keyed(machine).empty());

    std::array<char, 256> name{};
    REQUIRE(::gethostname(name.data(), name.size() - 1) == 0);
    std::string_view const host(name.data());
    REQUIRE(machine.first("Win32_ComputerSystem") != nullptr);
    CHECK(machine.first("Win32_ComputerSystem")->value("Name") == host.substr(0, host.find('.')));
    auto const pages = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES));
    auto const page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    // A container may be told of less than there is.
    auto const memory =
        std::stoull(std::string(machine.first("Win32_OperatingSystem")->value("TotalVisibleMemorySize")));
    CHECK(memory > 0);
    CHECK(memory <= pages * page / 1024);
    std::uint64_t processors = 0;
    for (auto const* each : machine.of("Win32_Processor"))
        processors += std::stoull(std::string(each->value("NumberOfLogicalProcessors")));
    CHECK(processors == static_cast<std::uint64_t>(::sysconf(_SC_NPROCESSORS_ONLN)));
    CHECK(machine.first("Win32_OperatingSystem")->value("OSType") == "36");
    CHECK(machine.of("Win32Reg_AddRemovePrograms64").size() > 50);

    auto const report = hardware_report(sender(), {}, machine);
    REQUIRE(faults("hardware_inventory_report.xsd", report).empty());
    auto const document = schemas::parse(as_bytes(report)).value();
    auto const classes = endpoints::inventory::read_classes(
        endpoints::inventory::read_instances(endpoints::report_body(document).value()).value(), true);
    CHECK(classes.unusable.empty());
    CHECK(classes.repeated == 0);
    CHECK(classes.instances == machine.size());

    CHECK(faults("discovery_report.xsd",
                 discovery_report(sender(), {}, inventory::discovery_record(machine, {.site = "LAB"})))
              .empty());
    CHECK(inventory::parse_reported(inventory::text_of({{1, 0}, machine})).value().snapshot == machine);
    // A moment later the same instances are there, whatever their figures are now.
    auto const later = inventory::difference(machine, inventory::collect());
    CHECK(later.added.empty());
    CHECK(later.deleted.empty());
}

TEST_CASE("the programs of this machine") {
    auto const software = inventory::collect_software({.directories = {"/usr/bin"}, .most_files = 300});
    CHECK(software.files.size() > 50);
    CHECK(std::ranges::any_of(software.files.entries(), [](auto const& entry) {
        return !entry.instance.value("ProductVersion").empty();
    }));
    CHECK(faults("software_inventory_report.xsd", software_report(sender(), {}, software.files)).empty());
}
