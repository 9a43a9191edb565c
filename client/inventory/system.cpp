// SPDX-License-Identifier: Apache-2.0
// The computer, its firmware, and the operating system on it.
#include "base/number.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "client/inventory/machine.hpp"
#include "client/inventory/texts.hpp"

namespace pointman::client::inventory {

namespace {

/// What the firmware says of the machine (SMBIOS); serial numbers are for root alone.
std::string firmware(Root const& root, std::string_view name) {
    return root.value(std::filesystem::path("sys/class/dmi/id") / name);
}

std::string_view system_type(std::string_view architecture) {
    if (architecture == "x86_64") return "X64-based PC";
    if (architecture == "aarch64") return "ARM64-based PC";
    if (architecture.size() == 4 && architecture.starts_with('i') && architecture.ends_with("86"))
        return "X86-based PC";
    return {};
}

std::string_view word_size(std::string_view architecture) {
    if (architecture.empty()) return {};
    return architecture.find("64") != std::string_view::npos || architecture == "s390x" ? "64-bit" : "32-bit";
}

std::size_t processors_in(Root const& root) {
    return processor_instances(root).size();
}

std::optional<std::uint64_t> sum(std::optional<std::uint64_t> one, std::optional<std::uint64_t> other) {
    return one && other ? std::optional(*one + *other) : std::nullopt;
}

std::string boot_device(Root const& root) {
    for (auto const& mount : mounts_of(root.text("proc/mounts", Root::large)))
        if (mount.point == "/" && mount.device.starts_with("/dev/")) return mount.device;
    return {};
}

std::string release_text(Root const& root) {
    auto text = root.text("etc/os-release");
    return text.empty() ? root.text("usr/lib/os-release") : text;
}

std::optional<Instance> operating_system(Root const& root, Running const& running, Fields const& memory) {
    auto const release = assignments_of(release_text(root));
    auto const said = [&release](std::string_view name) {
        auto const found = release.find(name);
        return found == release.end() ? std::string_view() : std::string_view(found->second);
    };
    auto const name = said("PRETTY_NAME").empty() ? said("NAME") : said("PRETTY_NAME");
    if (name.empty()) return std::nullopt;
    auto const boot = boot_time(root);
    Instance system("Win32_OperatingSystem");
    system.key("Name", name)
        .set("BootDevice", boot_device(root))
        // The release of the kernel tells builds apart.
        .set("BuildNumber", root.value("proc/sys/kernel/osrelease"))
        .set("Caption", name)
        .set("LastBootUpTime", boot ? cim_time(*boot) : std::string())
        .set("Manufacturer", said("VENDOR_NAME"))
        .set("OSArchitecture", word_size(running.architecture));
    constexpr std::uint64_t is_linux = 36; // as CIM counts operating systems
    if (root.value("proc/sys/kernel/ostype") == "Linux") system.set("OSType", is_linux);
    auto const total = memory.kilobytes("MemTotal");
    system.set("TotalVirtualMemorySize", sum(total, memory.kilobytes("SwapTotal")))
        .set("TotalVisibleMemorySize", total)
        .set("Version", said("VERSION_ID"));
    return system;
}

std::optional<Zone> time_zone(Root const& root) {
    return zone_of(root.text("etc/localtime"));
}

std::optional<Instance> computer(Root const& root, Running const& running, Fields const& memory) {
    auto const name = host_name(root);
    if (name.empty()) return std::nullopt;
    auto const full = full_host_name(root);
    Instance computer("Win32_ComputerSystem");
    computer.key("Name", name);
    // Where clocks are put forward, the offset depends on the day.
    if (auto const zone = time_zone(root); zone && zone->daylight.empty())
        computer.set("CurrentTimeZone", zone->bias);
    computer.set("Domain", full.empty() ? "" : full.substr(full.find('.') + 1))
        .set("Manufacturer", firmware(root, "sys_vendor"))
        .set("Model", firmware(root, "product_name"));
    if (auto const count = processors_in(root); count > 0) computer.set("NumberOfProcessors", count);
    computer.set("SystemType", system_type(running.architecture));
    if (auto const total = memory.kilobytes("MemTotal"); total && *total <= UINT64_MAX / 1024)
        computer.set("TotalPhysicalMemory", *total * 1024);
    return computer;
}

/// `01/31/2024` as a time.
std::string release_date(std::string_view date) {
    if (date.size() != 10 || date[2] != '/' || date[5] != '/') return {};
    auto const iso = std::string(date.substr(6)) + "-" + std::string(date.substr(0, 2)) + "-" +
                     std::string(date.substr(3, 2));
    auto const time = parse_iso_time(iso);
    return time ? cim_time(*time) : std::string();
}

} // namespace

Instances system_instances(Root const& root, Running const& running) {
    auto const text = root.text("proc/meminfo");
    auto const paragraphs = paragraphs_of(text);
    auto const memory = paragraphs.empty() ? Fields() : paragraphs.front();
    Instances instances;
    if (auto system = operating_system(root, running, memory)) instances.push_back(std::move(*system));
    if (auto machine = computer(root, running, memory)) instances.push_back(std::move(*machine));
    if (auto const zone = time_zone(root)) {
        instances.push_back(Instance("Win32_TimeZone")
                                .key("StandardName", zone->standard)
                                .set("Bias", zone->bias)
                                .set("DaylightName", zone->daylight));
    }
    return instances;
}

Instances firmware_instances(Root const& root) {
    auto const said = [&root](std::string_view name) { return firmware(root, name); };
    Instances instances;
    if (auto const version = said("bios_version"); !version.empty()) {
        // It runs, and is made for no operating system in particular.
        instances.push_back(Instance("Win32_BIOS")
                                .key("Name", version)
                                .key("SoftwareElementID", version)
                                .key("SoftwareElementState", "3")
                                .key("TargetOperatingSystem", "0")
                                .key("Version", version)
                                .set("Manufacturer", said("bios_vendor"))
                                .set("ReleaseDate", release_date(said("bios_date")))
                                .set("SerialNumber", said("product_serial"))
                                .set("SMBIOSBIOSVersion", version));
    }
    if (auto const name = said("product_name"); !name.empty()) {
        instances.push_back(Instance("Win32_ComputerSystemProduct")
                                .key("IdentifyingNumber", said("product_serial"))
                                .key("Name", name)
                                .key("Version", said("product_version"))
                                .set("SKUNumber", said("product_sku"))
                                .set("UUID", to_upper(said("product_uuid")))
                                .set("Vendor", said("sys_vendor")));
    }
    if (root.exists("sys/class/dmi/id/board_name")) {
        instances.push_back(Instance("Win32_BaseBoard")
                                .key("Tag", "Base Board")
                                .set("Manufacturer", said("board_vendor"))
                                .set("Product", said("board_name"))
                                .set("SerialNumber", said("board_serial"))
                                .set("Version", said("board_version")));
    }
    if (auto const type = said("chassis_type"); !type.empty()) {
        instances.push_back(Instance("Win32_SystemEnclosure")
                                .key("Tag", "System Enclosure 0")
                                .set("ChassisTypes", type)
                                .set("Manufacturer", said("chassis_vendor"))
                                .set("SerialNumber", said("chassis_serial"))
                                .set("SMBIOSAssetTag", said("chassis_asset_tag")));
    }
    return instances;
}

} // namespace pointman::client::inventory
