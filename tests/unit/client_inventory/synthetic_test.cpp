// SPDX-License-Identifier: Apache-2.0
#include "client/inventory/difference.hpp"
#include "client/inventory/synthetic.hpp"
#include "tests/unit/client_inventory/support.hpp"

#include <map>
#include <set>

using namespace pointman;
using namespace pointman::test;
using inventory::SyntheticMachine;

TEST_CASE("a synthetic machine is the same each time, and no other") {
    SyntheticMachine const machine{.seed = 7, .index = 42, .generation = 3};
    CHECK(machine.hardware() == SyntheticMachine{.seed = 7, .index = 42, .generation = 3}.hardware());
    CHECK(machine.software() == SyntheticMachine{.seed = 7, .index = 42, .generation = 3}.software());
    for (auto const& other : {SyntheticMachine{.seed = 8, .index = 42, .generation = 3},
                              SyntheticMachine{.seed = 7, .index = 43, .generation = 3},
                              SyntheticMachine{.seed = 7, .index = 42, .generation = 4}}) {
        CHECK(machine.hardware() != other.hardware());
    }
}

TEST_CASE("synthetic reports are what the site takes") {
    for (std::uint64_t index : {0U, 1U, 2U, 3U, 4U, 5U, 249U, 250U, 99'999U, 9'999'999U}) {
        SyntheticMachine const machine{.index = index, .generation = static_cast<std::uint32_t>(index % 100)};
        INFO(machine.name());
        auto const hardware = machine.hardware();
        CHECK(wrongly_keyed(hardware).empty());
        CHECK(faults("hardware_inventory_report.xsd", hardware_report(sender(), {}, hardware)).empty());
        CHECK(faults("software_inventory_report.xsd", software_report(sender(), {}, machine.software()))
                  .empty());
        CHECK(faults("discovery_report.xsd", discovery_report(sender(), {}, machine.discovery())).empty());
        CHECK(faults("file_collection_report.xsd", file_collection_report(sender(), {}, {}, machine.files()))
                  .empty());
        CHECK(machine.name().size() <= 15);
    }
}

TEST_CASE("a synthetic machine has about as many instances as it is asked for") {
    for (std::size_t const asked : {100U, 230U, 1000U}) {
        for (std::uint64_t index = 0; index < 50; ++index) {
            auto const size =
                SyntheticMachine{.index = index, .generation = 17, .instances = asked}.hardware().size();
            CHECK(size <= asked);
            CHECK(size >= asked * 8 / 10);
        }
    }
    CHECK(SyntheticMachine{.instances = 0}.hardware().size() >= 40);
}

TEST_CASE("each day something changes, and over the days something comes and goes") {
    std::size_t added = 0;
    std::size_t updated = 0;
    std::size_t deleted = 0;
    constexpr std::uint32_t days = 60;
    for (std::uint64_t index = 0; index < 20; ++index) {
        SyntheticMachine machine{.index = index};
        auto before = machine.hardware();
        for (machine.generation = 1; machine.generation <= days; ++machine.generation) {
            auto const now = machine.hardware();
            auto const changes = inventory::difference(before, now);
            CHECK_FALSE(changes.empty());
            CHECK(changes.size() <= now.size() / 4);
            CHECK(apply(changes, before) == now);
            added += changes.added.size();
            updated += changes.updated.size();
            deleted += changes.deleted.size();
            before = now;
        }
    }
    CHECK(added > 20 * days / 30);
    CHECK(updated > 20 * days);
    CHECK(deleted > 20 * days / 30);
}

TEST_CASE("a fleet differs in what tells machines apart, and is alike in what many have") {
    std::set<std::string> names;
    std::set<std::string, std::less<>> uuids;
    std::set<std::string, std::less<>> addresses;
    std::set<std::string, std::less<>> adapters;
    std::map<std::string, int, std::less<>> systems;
    std::map<std::string, int, std::less<>> programs;
    constexpr int machines = 600;
    for (std::uint64_t index = 0; index < machines; ++index) {
        SyntheticMachine const machine{.index = index * 166}; // up to 99,600
        auto const hardware = machine.hardware();
        names.insert(machine.name());
        CHECK(hardware.first("Win32_ComputerSystem")->value("Name") == machine.name());
        uuids.emplace(hardware.first("Win32_ComputerSystemProduct")->value("UUID"));
        auto const* const network = hardware.first("Win32_NetworkAdapterConfiguration");
        addresses.emplace(network->value("IPAddress"));
        adapters.emplace(network->value("MACAddress"));
        ++systems[std::string(hardware.first("Win32_OperatingSystem")->value("Caption"))];
        for (auto const* program : hardware.of("Win32Reg_AddRemovePrograms64"))
            ++programs[std::string(program->value("ProdID"))];
    }
    CHECK(names.size() == machines);
    CHECK(uuids.size() == machines);
    CHECK(addresses.size() == machines);
    CHECK(adapters.size() == machines);
    CHECK(systems.size() == 4);
    CHECK(programs.size() < 600); // the fleet shares them
    CHECK(std::ranges::count_if(programs, [](auto const& each) { return each.second > 30; }) > 50);
}

TEST_CASE("software and files of a synthetic machine change too") {
    std::size_t changes = 0;
    std::size_t revisions = 0;
    SyntheticMachine machine{.index = 9};
    for (std::uint32_t day = 0; day < 60; ++day) {
        auto const before = machine;
        ++machine.generation;
        changes += inventory::difference(before.software(), machine.software()).size();
        revisions += before.files().at(1).content != machine.files().at(1).content ? 1U : 0U;
        CHECK(before.files().at(0).content == machine.files().at(0).content);
    }
    CHECK(changes > 10);
    CHECK(revisions >= 3);
}
