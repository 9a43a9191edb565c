// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"
#include "client/inventory/discovery.hpp"
#include "client/inventory/machine.hpp"
#include "tests/unit/client_inventory/support.hpp"

using namespace pointman;
using namespace pointman::test;
using inventory::AgentFacts;
using inventory::Instance;
using inventory::Snapshot;

TEST_CASE("the discovery record of a machine") {
    Tree const tree;
    auto const machine =
        inventory::collect(tree.root(), {.architecture = "x86_64",
                                         .addresses = {{"enp0s31f6", "192.0.2.41", "255.255.255.192"},
                                                       {"enp0s31f6", "2001:db8::41", "64"},
                                                       {"br0", "198.51.100.1", "255.255.255.0"}}});
    AgentFacts const agent{.version = "5.00.9128.1007",
                           .site = "LAB",
                           .ad_site = "Hall 3",
                           .previous_id = "GUID:00000000-0000-4000-8000-000000000001",
                           .id_changed = parse_iso_time("2026-02-11T09:42:10Z").value()};
    CHECK(
        lines_of(inventory::discovery_record(machine, agent)) ==
        Lines{
            "CCM_ComputerSystem Domain=lab.example",
            "CCM_Client ClientIdChangeDate=02/11/2026 09:42:10 ClientVersion=5.00.9128.1007 "
            "PreviousClientId=GUID:00000000-0000-4000-8000-000000000001",
            "SMS_Authority Name=SMS:LAB", "CCM_ADSiteInfo ADSiteName=Hall 3",
            "CCM_ExtNetworkAdapterConfiguration FQDN=lab-pc07.lab.example",
            "Win32_ComputerSystemProduct IdentifyingNumber=EX0007 Name=Bench 2000 "
            "UUID=4C4C4544-0051-4B10-8038-B5C04F54344A Version=rev 2",
            "CCM_DiscoveryData PlatformID=Debian GNU/Linux 12 (bookworm)",
            "CCM_NetworkAdapterConfiguration IPSubnet=192.0.2.0|198.51.100.0",
            "Win32_NetworkAdapterConfiguration IPAddress=192.0.2.41|2001:db8::41 Index=2 "
            "MACAddress=00:1E:C9:3A:51:D2",
            "Win32_NetworkAdapterConfiguration IPAddress=198.51.100.1 Index=3 MACAddress=02:00:5E:00:53:01"});
    for (auto const& instance : inventory::discovery_record(machine, agent))
        CHECK((instance.name_space == inventory::ccm) == !instance.class_name.starts_with("Win32_"));
}

TEST_CASE("the discovery record of a machine of which little is known") {
    CHECK(lines_of(inventory::discovery_record({}, {})) == Lines{"CCM_Client PreviousClientId=Unknown"});
    Snapshot const machine({Instance("Win32_NetworkAdapterConfiguration")
                                .key("Index", "1")
                                .set("MACAddress", "00:00:5E:00:53:01"),
                            Instance("Win32_NetworkAdapterConfiguration")
                                .key("Index", "2")
                                .set("IPAddress", inventory::Values{"192.0.2.1", "no address", "192.0.2.3"})
                                .set("IPSubnet", inventory::Values{"255.0.255.0", "255.0.0.0"})});
    CHECK(lines_of(inventory::discovery_record(machine, {.platform = "Another System 1.0"})) ==
          Lines{"CCM_Client PreviousClientId=Unknown", "CCM_DiscoveryData PlatformID=Another System 1.0",
                "CCM_NetworkAdapterConfiguration IPSubnet=192.0.2.0",
                "Win32_NetworkAdapterConfiguration IPAddress=192.0.2.1|no address|192.0.2.3 Index=2"});
}
