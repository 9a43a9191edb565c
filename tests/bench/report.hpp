// SPDX-License-Identifier: Apache-2.0
// A hardware inventory report as a computer of today sends it.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace pointman::bench {

inline constexpr std::string_view hardware_action =
    "<InventoryAction ActionType=\"Predefined\"><InventoryActionID>{00000000-0000-0000-0000-000000000001}"
    "</InventoryActionID><Description>Hardware</Description><InventoryActionLastUpdateTime>"
    "20261101120000.000000+000</InventoryActionLastUpdateTime></InventoryAction>";

inline constexpr int instances_of_report = 230;

/// 230 instances of six classes with nine properties each, about 250 KB in UTF-16. Of another `state` each
/// instance differs from the same of this one.
inline std::string hardware_instances(int state) {
    struct Class {
        std::string_view name;
        std::string_view key;
        int instances;
    };
    constexpr Class classes[]{
        {"Win32_Service", "Name", 90},        {"Win32Reg_AddRemovePrograms", "ProdID", 60},
        {"Win32_PnPEntity", "DeviceID", 40},  {"Win32_SystemDriver", "Name", 30},
        {"Win32_LogicalDisk", "DeviceID", 6}, {"Win32_NetworkAdapter", "DeviceID", 4}};
    std::string text;
    for (auto const& [name, key, instances] : classes) {
        for (int i = 0; i < instances; ++i) {
            text += fmt::format(
                R"(<Instance ParentClass="{0}" Class="{0}" Namespace="\\PC1\root\cimv2" Content="New"><{0}>)"
                "<{1}>{0}-{2:04}</{1}><Caption>The instance number {2}</Caption><DisplayName>Display name of "
                "{0} {2}"
                "</DisplayName><PathName>C:\\Windows\\system32\\svchost.exe -k group{2}</PathName>"
                "<StartMode>Auto</StartMode><StartName>NT AUTHORITY\\LocalService</StartName><State>Running"
                "</State><ProcessId>{3}</ProcessId><ServiceType>Share Process</ServiceType></{0}></Instance>",
                name, key, i, 1000 + i + state);
        }
    }
    return text;
}

} // namespace pointman::bench
