// SPDX-License-Identifier: Apache-2.0
#include "endpoints/inventory/classes.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace pointman::endpoints::inventory {

namespace {

using Key = std::string_view;

constexpr std::array name_key{Key("Name")};
constexpr std::array device_key{Key("DeviceID")};
constexpr std::array tag_key{Key("Tag")};
constexpr std::array index_key{Key("Index")};
constexpr std::array product_key{Key("ProdID")};
constexpr std::array system_product_key{Key("IdentifyingNumber"), Key("Name"), Key("Version")};
constexpr std::array bios_key{Key("Name"), Key("SoftwareElementID"), Key("SoftwareElementState"),
                              Key("TargetOperatingSystem"), Key("Version")};
constexpr std::array memory_module_key{Key("CreationClassName"), Key("Tag")};
constexpr std::array hotfix_key{Key("HotFixID"), Key("ServicePackInEffect")};
constexpr std::array software_key{Key("SoftwareCode")};
constexpr std::array executable_key{Key("ExecutableName"), Key("ProductCode")};
constexpr std::array autostart_key{Key("FilePropertiesHash")};
constexpr std::array variable_key{Key("Name"), Key("UserName")};
constexpr std::array account_key{Key("Domain"), Key("Name")};
constexpr std::array zone_key{Key("StandardName")};
constexpr std::array console_user_key{Key("SystemConsoleUser")};

// Keys: hardware-inventory.md "Keys"; groups: the names of views that administrators' reports use.
constexpr std::array classes{
    KnownClass{"Win32_OperatingSystem", "OPERATING_SYSTEM", name_key},
    KnownClass{"Win32_ComputerSystem", "COMPUTER_SYSTEM", name_key},
    KnownClass{"Win32_ComputerSystemProduct", "COMPUTER_SYSTEM_PRODUCT", system_product_key},
    KnownClass{"Win32_BIOS", "PC_BIOS", bios_key},
    KnownClass{"Win32_BaseBoard", "BASEBOARD", tag_key},
    KnownClass{"Win32_SystemEnclosure", "SYSTEM_ENCLOSURE", tag_key},
    KnownClass{"Win32_Processor", "PROCESSOR", device_key},
    KnownClass{"SMS_Processor", "PROCESSOR", device_key},
    KnownClass{"CCM_LogicalMemoryConfiguration", "X86_PC_MEMORY", name_key},
    KnownClass{"Win32_PhysicalMemory", "PHYSICAL_MEMORY", memory_module_key},
    KnownClass{"Win32_DiskDrive", "DISK", device_key},
    KnownClass{"Win32_DiskPartition", "PARTITION", device_key},
    KnownClass{"Win32_LogicalDisk", "LOGICAL_DISK", device_key},
    KnownClass{"SMS_LogicalDisk", "LOGICAL_DISK", device_key},
    KnownClass{"Win32_Volume", "VOLUME", device_key},
    KnownClass{"Win32_CDROMDrive", "CDROM", device_key},
    KnownClass{"Win32_NetworkAdapter", "NETWORK_ADAPTER", device_key},
    KnownClass{"Win32_NetworkAdapterConfiguration", "NETWORK_ADAPTER_CONFIGURATION", index_key},
    KnownClass{"Win32_VideoController", "VIDEO_CONTROLLER", device_key},
    KnownClass{"Win32_SoundDevice", "SOUND_DEVICE", device_key},
    KnownClass{"Win32_DesktopMonitor", "DESKTOP_MONITOR", device_key},
    KnownClass{"Win32_Printer", "PRINTER_DEVICE", device_key},
    KnownClass{"Win32_Service", "SERVICE", name_key},
    KnownClass{"Win32_QuickFixEngineering", "QUICK_FIX_ENGINEERING", hotfix_key},
    KnownClass{"Win32Reg_AddRemovePrograms", "ADD_REMOVE_PROGRAMS", product_key},
    KnownClass{"Win32Reg_AddRemovePrograms64", "ADD_REMOVE_PROGRAMS_64", product_key},
    KnownClass{"SMS_InstalledSoftware", "INSTALLED_SOFTWARE", software_key},
    KnownClass{"SMS_InstalledExecutable", "INSTALLED_EXECUTABLE", executable_key},
    KnownClass{"SMS_AutoStartSoftware", "AUTOSTART_SOFTWARE", autostart_key},
    KnownClass{"Win32_Environment", "ENVIRONMENT", variable_key},
    KnownClass{"Win32_SystemAccount", "SYSTEM_ACCOUNT", account_key},
    KnownClass{"Win32_TimeZone", "TIME_ZONE", zone_key},
    KnownClass{"Win32_USBController", "USB_CONTROLLER", device_key},
    KnownClass{"Win32_SCSIController", "SCSI_CONTROLLER", device_key},
    KnownClass{"Win32_IDEController", "IDE_CONTROLLER", device_key},
    KnownClass{"CCM_InstalledComponent", "", name_key},
    // What its key is, the pages are not certain of: one row, the latest.
    KnownClass{"SMS_SystemConsoleUsage", "SYSTEM_CONSOLE_USAGE", {}},
    KnownClass{"SMS_SystemConsoleUser", "SYSTEM_CONSOLE_USER", console_user_key},
};

std::string general_group(std::string_view name) {
    for (std::string_view const prefix : {"Win32Reg_", "Win32_", "CCM_", "SMS_"}) {
        if (starts_with_ignoring_case(name, prefix) && name.size() > prefix.size()) {
            name.remove_prefix(prefix.size());
            break;
        }
    }
    return to_upper(name);
}

} // namespace

std::span<KnownClass const> known_classes() {
    return classes;
}

KnownClass const* find_known_class(std::string_view name) {
    auto const* const found = std::ranges::find_if(
        classes, [name](KnownClass const& known) { return equal_ignoring_case(known.name, name); });
    return found == classes.end() ? nullptr : found;
}

db::InventoryGroup group_of(std::string_view class_name) {
    auto const* const known = find_known_class(class_name);
    if (known != nullptr && !known->group.empty()) return {std::string(known->group), true};
    return {general_group(class_name), false};
}

} // namespace pointman::endpoints::inventory
