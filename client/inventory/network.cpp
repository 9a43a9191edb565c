// SPDX-License-Identifier: Apache-2.0
// Network adapters and how they are configured.
#include "base/number.hpp"
#include "base/text.hpp"
#include "client/inventory/machine.hpp"
#include "client/inventory/texts.hpp"

#include <algorithm>

namespace pointman::client::inventory {

namespace {

using Path = std::filesystem::path;

struct Interface {
    std::string name;
    std::string index;
    std::string mac = {};
    std::string driver = {};
    bool is_ethernet = false;
    std::optional<std::uint64_t> speed = {}; ///< bits a second
};

std::optional<Interface> interface_of(Root const& root, std::string const& name) {
    auto const place = Path("sys/class/net") / name;
    auto index = root.value(place / "ifindex");
    if (!number_in<unsigned>(index)) return std::nullopt;
    Interface result{name, std::move(index)};
    result.is_ethernet = root.value(place / "type") == "1";
    if (result.is_ethernet) result.mac = to_upper(root.value(place / "address"));
    result.driver = Path(root.link(place / "device/driver")).filename().string();
    constexpr std::uint64_t mega = 1'000'000;
    if (auto const speed = number_in<std::uint32_t>(root.value(place / "speed")); speed && *speed > 0)
        result.speed = *speed * mega; // -1 where there is no link
    return result;
}

Values addresses_on(std::string_view interface, Running const& running, std::string InterfaceAddress::*part) {
    Values values;
    for (auto const& address : running.addresses)
        if (address.interface == interface) values.push_back(address.*part);
    return values;
}

Instance adapter(Interface const& interface) {
    return Instance("Win32_NetworkAdapter")
        .key("DeviceID", interface.index)
        .set("AdapterType", interface.is_ethernet ? "Ethernet 802.3" : "")
        .set("MACAddress", interface.mac)
        .set("Name", interface.name)
        .set("ServiceName", interface.driver)
        .set("Speed", interface.speed);
}

Instance configuration(Root const& root, Running const& running, Interface const& interface) {
    auto const resolver = resolver_of(root.text("etc/resolv.conf"));
    auto const addresses = addresses_on(interface.name, running, &InterfaceAddress::address);
    Values gateways;
    for (auto const& [name, address] : gateways_of(root.text("proc/net/route", Root::large)))
        if (name == interface.name) gateways.push_back(address);
    Instance result("Win32_NetworkAdapterConfiguration");
    result.key("Index", interface.index).set("DefaultIPGateway", std::move(gateways));
    if (!addresses.empty()) {
        result.set("DNSDomain", resolver.domain)
            .set("DNSHostName", host_name(root))
            .set("DNSServerSearchOrder", Values(resolver.servers.begin(), resolver.servers.end()))
            .set("IPAddress", addresses)
            .set("IPEnabled", "1")
            .set("IPSubnet", addresses_on(interface.name, running, &InterfaceAddress::mask));
    }
    return result.set("MACAddress", interface.mac).set("ServiceName", interface.driver);
}

/// The adapters of the machine, and what is made in software where it has an address: a bridge for example,
/// but not one end of a container's cable.
bool is_told_of(Root const& root, Running const& running, std::string const& name) {
    if (root.value(Path("sys/class/net") / name / "type") == "772") return false; // the machine itself
    if (root.exists(Path("sys/class/net") / name / "device")) return true;
    return !addresses_on(name, running, &InterfaceAddress::address).empty();
}

} // namespace

Instances network_instances(Root const& root, Running const& running) {
    Instances instances;
    for (auto const& name : root.names("sys/class/net")) {
        if (!is_told_of(root, running, name)) continue;
        auto const interface = interface_of(root, name);
        if (!interface) continue;
        instances.push_back(adapter(*interface));
        instances.push_back(configuration(root, running, *interface));
    }
    return instances;
}

} // namespace pointman::client::inventory
