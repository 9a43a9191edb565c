// SPDX-License-Identifier: Apache-2.0
// Controllers on the PCI bus, with the names that a pci.ids has for them.
#include "base/number.hpp"
#include "base/text.hpp"
#include "client/inventory/machine.hpp"
#include "client/inventory/texts.hpp"

#include <array>

namespace pointman::client::inventory {

namespace {

/// Base and sub-class of PCI; the first that fits.
struct DeviceClass {
    std::uint32_t code;
    std::uint32_t mask;
    std::string_view name;
};
constexpr std::array device_classes{
    DeviceClass{0x030000, 0xFF0000, "Win32_VideoController"},
    DeviceClass{0x040100, 0xFFFF00, "Win32_SoundDevice"},
    DeviceClass{0x040300, 0xFFFF00, "Win32_SoundDevice"},
    DeviceClass{0x0C0300, 0xFFFF00, "Win32_USBController"},
    DeviceClass{0x010100, 0xFFFF00, "Win32_IDEController"},
    DeviceClass{0x010000, 0xFF0000, "Win32_SCSIController"}, // all that stores otherwise
};

std::string_view class_of(std::uint32_t code) {
    for (auto const& each : device_classes)
        if ((code & each.mask) == each.code) return each.name;
    return {};
}

struct Device {
    std::string address;
    std::string_view class_name;
    PciId id;
};

/// `0x8086`
std::optional<std::uint32_t> hex(std::string_view text) {
    return text.starts_with("0x") ? number_in<std::uint32_t>(text.substr(2), 16) : std::nullopt;
}

std::optional<Device> device_at(Root const& root, std::string const& address) {
    auto const place = std::filesystem::path("sys/bus/pci/devices") / address;
    auto const code = hex(root.value(place / "class"));
    auto const name = code ? class_of(*code) : std::string_view();
    auto const maker = root.value(place / "vendor");
    auto const product = root.value(place / "device");
    if (name.empty() || !hex(maker) || !hex(product)) return std::nullopt;
    return Device{address, name, {to_lower(maker.substr(2)), to_lower(product.substr(2))}};
}

std::string pci_ids(Root const& root) {
    constexpr std::size_t most = std::size_t{4} * 1024 * 1024;
    auto text = root.text("usr/share/misc/pci.ids", most);
    return text.empty() ? root.text("usr/share/hwdata/pci.ids", most) : text;
}

} // namespace

Instances device_instances(Root const& root) {
    std::vector<Device> devices;
    std::vector<PciId> ids;
    for (auto const& address : root.names("sys/bus/pci/devices")) {
        auto device = device_at(root, address);
        if (!device) continue;
        ids.push_back(device->id);
        devices.push_back(std::move(*device));
    }
    if (devices.empty()) return {};
    auto const names = pci_names_of(pci_ids(root), ids);
    Instances instances;
    for (auto const& device : devices) {
        Instance instance(device.class_name);
        instance.key("DeviceID", device.address);
        if (auto const known = names.find(device.id); known != names.end()) {
            auto const& [maker, name] = known->second;
            if (device.class_name != "Win32_VideoController") instance.set("Manufacturer", maker);
            instance.set("Name", name);
        }
        instances.push_back(std::move(instance));
    }
    return instances;
}

} // namespace pointman::client::inventory
