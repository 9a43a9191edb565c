// SPDX-License-Identifier: Apache-2.0
// What clients report, and that they report it anew. Classes and properties: InventoryAction,
// InventoryDataItem, FileCollectionAction and CollectableFileItem in the Configuration Manager SDK's
// reference of client classes.
#include "base/text.hpp"
#include "endpoints/policy/template_writing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace pointman::endpoints::policy {

namespace {

constexpr std::string_view cimv2 = R"(root\cimv2)";
constexpr std::string_view cimv2_sms = R"(root\cimv2\sms)";

struct ReportedClass {
    std::string_view wmi_namespace;
    std::string_view name;
    std::string_view properties;
};

/// The groups that reports are kept in (interfaces.md), with the keys and usual properties of
/// hardware-inventory.md. Where the product moved to a class of its own later, the older class stands here:
/// every client has it.
constexpr std::array default_classes{
    ReportedClass{
        cimv2, "Win32_BIOS",
        "Name, SoftwareElementID, SoftwareElementState, TargetOperatingSystem, Version, BIOSVersion, "
        "BuildNumber, Manufacturer, ReleaseDate, SerialNumber, SMBIOSBIOSVersion"},
    ReportedClass{
        cimv2, "CCM_LogicalMemoryConfiguration",
        "Name, AvailableVirtualMemory, TotalPageFileSpace, TotalPhysicalMemory, TotalVirtualMemory"},
    ReportedClass{cimv2, "Win32_OperatingSystem",
                  "Name, BootDevice, BuildNumber, Caption, CSDVersion, InstallDate, LastBootUpTime, Locale, "
                  "Manufacturer, OSLanguage, OSType, ProductType, RegisteredUser, SystemDirectory, "
                  "TotalVisibleMemorySize, Version, WindowsDirectory"},
    ReportedClass{cimv2, "Win32_ComputerSystem",
                  "Name, CurrentTimeZone, Description, Domain, DomainRole, Manufacturer, Model, "
                  "NumberOfProcessors, Roles, Status, SystemType, TotalPhysicalMemory, UserName"},
    ReportedClass{cimv2, "Win32_ComputerSystemProduct", "IdentifyingNumber, Name, Version, UUID, Vendor"},
    ReportedClass{cimv2, "Win32_BaseBoard", "Tag, Manufacturer, Product, SerialNumber, Version"},
    ReportedClass{cimv2, "Win32_SystemEnclosure",
                  "Tag, ChassisTypes, Manufacturer, Model, SerialNumber, SMBIOSAssetTag"},
    ReportedClass{
        cimv2, "Win32_Processor",
        "DeviceID, AddressWidth, CurrentClockSpeed, DataWidth, Family, Manufacturer, MaxClockSpeed, "
        "Name, ProcessorId, SocketDesignation"},
    ReportedClass{
        cimv2, "Win32_PhysicalMemory",
        "CreationClassName, Tag, BankLabel, Capacity, DeviceLocator, FormFactor, MemoryType, Speed"},
    ReportedClass{cimv2, "Win32_DiskDrive",
                  "DeviceID, Index, InterfaceType, MediaType, Model, Partitions, SCSIBus, Size"},
    ReportedClass{cimv2, "Win32_DiskPartition",
                  "DeviceID, Bootable, DiskIndex, Index, PrimaryPartition, Size, StartingOffset, Type"},
    ReportedClass{
        cimv2, "Win32_LogicalDisk",
        "DeviceID, Compressed, Description, DriveType, FileSystem, FreeSpace, Name, Size, SystemName, "
        "VolumeName, VolumeSerialNumber"},
    ReportedClass{cimv2, "Win32_CDROMDrive", "DeviceID, Drive, Manufacturer, MediaType, Name"},
    ReportedClass{cimv2, "Win32_NetworkAdapter",
                  "DeviceID, AdapterType, MACAddress, Manufacturer, Name, ServiceName"},
    ReportedClass{cimv2, "Win32_NetworkAdapterConfiguration",
                  "Index, DefaultIPGateway, DHCPEnabled, DHCPServer, DNSDomain, DNSHostName, "
                  "DNSServerSearchOrder, IPAddress, IPEnabled, IPSubnet, MACAddress, ServiceName"},
    ReportedClass{
        cimv2, "Win32_VideoController",
        "DeviceID, AdapterRAM, CurrentHorizontalResolution, CurrentVerticalResolution, DriverVersion, "
        "Name"},
    ReportedClass{cimv2, "Win32_SoundDevice", "DeviceID, Manufacturer, Name"},
    ReportedClass{cimv2, "Win32_DesktopMonitor",
                  "DeviceID, MonitorManufacturer, Name, ScreenHeight, ScreenWidth"},
    ReportedClass{cimv2, "Win32_Printer", "DeviceID, DriverName, Location, Name, PortName, ShareName"},
    ReportedClass{cimv2, "Win32_Service",
                  "Name, DisplayName, PathName, ServiceType, StartMode, StartName, State, Status"},
    ReportedClass{cimv2, "Win32_QuickFixEngineering",
                  "HotFixID, ServicePackInEffect, Description, FixComments, InstallDate, InstalledBy, "
                  "InstalledOn"},
    ReportedClass{cimv2, "Win32Reg_AddRemovePrograms",
                  "ProdID, DisplayName, InstallDate, Publisher, Version"},
    ReportedClass{cimv2, "Win32Reg_AddRemovePrograms64",
                  "ProdID, DisplayName, InstallDate, Publisher, Version"},
    ReportedClass{
        cimv2_sms, "SMS_InstalledSoftware",
        "SoftwareCode, ARPDisplayName, InstallDate, InstalledLocation, ProductName, ProductVersion, "
        "Publisher, UninstallString"},
    ReportedClass{cimv2_sms, "SMS_AutoStartSoftware",
                  "FilePropertiesHash, FileName, Location, Product, StartupType"},
    ReportedClass{cimv2, "Win32_TimeZone", "StandardName, Bias, DaylightName"},
    ReportedClass{cimv2, "Win32_USBController", "DeviceID, Manufacturer, Name, Status"},
    ReportedClass{cimv2, "Win32_SCSIController", "DeviceID, Manufacturer, Name, Status"},
    ReportedClass{cimv2, "Win32_IDEController", "DeviceID, Manufacturer, Name, Status"},
};

bool is_identifier(std::string_view name) {
    auto const fits = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    return !name.empty() && std::ranges::all_of(name, fits);
}

bool is_namespace(std::string_view path) {
    for (;;) {
        auto const slash = path.find('\\');
        if (!is_identifier(path.substr(0, slash))) return false;
        if (slash == std::string_view::npos) return true;
        path.remove_prefix(slash + 1);
    }
}

/// `A,B` as `A, B`; "" where one of them is no identifier.
std::string property_list(std::string_view text) {
    std::vector<std::string_view> names;
    for (;;) {
        auto const comma = text.find(',');
        names.push_back(trim(text.substr(0, comma)));
        if (!is_identifier(names.back())) return {};
        if (comma == std::string_view::npos) return fmt::format("{}", fmt::join(names, ", "));
        text.remove_prefix(comma + 1);
    }
}

constexpr std::string_view class_form = R"(it is not of the form NAMESPACE:CLASS:PROPERTY,PROPERTY, as in )"
                                        R"(root\cimv2:Win32_BIOS:Name,SerialNumber)";

/// `root\cimv2|Win32_BIOS|Name, SerialNumber`
Result<std::string> as_class(std::string_view text) {
    auto const first = text.find(':');
    auto const second = first == std::string_view::npos ? first : text.find(':', first + 1);
    if (second == std::string_view::npos) return fail(Code::usage, std::string(class_form));
    std::string path(trim(text.substr(0, first)));
    std::ranges::replace(path, '/', '\\'); // shells treat backslashes badly
    if (path.starts_with(R"(\\.\)")) path.erase(0, 4);
    if (path.empty()) path = cimv2;
    auto const name = trim(text.substr(first + 1, second - first - 1));
    auto const properties = property_list(text.substr(second + 1));
    if (!is_namespace(path) || !is_identifier(name) || properties.empty())
        return fail(Code::usage, std::string(class_form));
    return fmt::format("{}|{}|{}", path, name, properties);
}

struct Action {
    std::string_view id;
    std::string_view description;
    std::string_view destination;
};
constexpr Action hardware_action{action::hardware, "Hardware", "mp:MP_HinvEndpoint"};
constexpr Action software_action{action::software, "Software", "mp:MP_SinvEndpoint"};
constexpr Action discovery_action{action::discovery, "Discovery", "mp:MP_DdrEndpoint"};
constexpr std::string_view file_destination = "mp:MP_SinvCollFileEndpoint";

/// Milliseconds for one query: the default that the reference gives for queries of files.
constexpr std::string_view query_timeout = "7200000";

void write_action(PolicyText& policy, Action const& action, std::string_view report_type,
                  std::string_view updated = {}) {
    policy.instance("InventoryAction");
    policy.string("InventoryActionID", action.id);
    policy.string("Description", action.description);
    policy.string("ReportType", report_type);
    policy.string("ReportDestination", action.destination);
    policy.number("DefaultTimeout", query_timeout);
    if (!updated.empty()) policy.string("InventoryActionLastUpdateTime", updated);
}

struct DataItem {
    std::string_view action;
    std::string_view wmi_namespace;
    std::string_view wmi_class;
    std::string_view properties;
    std::string filter = {}; ///< WQL behind WHERE, "" = all instances
};

void write_item(PolicyText& policy, DataItem const& item) {
    policy.instance("InventoryDataItem");
    policy.string("DataItemID",
                  stable_guid(fmt::format("{} {} {} {}", item.action, to_lower(item.wmi_namespace),
                                          to_lower(item.wmi_class), item.filter)));
    policy.string("InventoryActionID", item.action);
    policy.string("Namespace", fmt::format(R"(\\.\{})", item.wmi_namespace));
    policy.string("ItemClass", item.wmi_class);
    policy.string("Properties", item.properties);
    if (!item.filter.empty()) policy.string("Filter", item.filter);
}

constexpr TemplateParameter report_type_parameter{.name = "report-type",
                                                  .help =
                                                      "Delta or Full: what is reported after the first time",
                                                  .fallback = "Delta",
                                                  .reading = as_report_type};

constexpr std::array hardware_inventory_parameters{
    TemplateParameter{
        .name = "class",
        .help = "NAMESPACE:CLASS:PROPERTY,PROPERTY, any number of times; without one the usual classes",
        .repeatable = true,
        .reading = as_class},
    report_type_parameter,
    TemplateParameter{.name = "updated",
                      .help = "time of the last change to the list of classes, which reports carry: "
                              "2026-11-22T23:17:35Z",
                      .reading = as_time},
};

void write_hardware_inventory(TemplateValues const& values, PolicyText& policy) {
    policy.rule();
    write_action(policy, hardware_action, values.text("report-type"), values.text("updated"));
    for (auto const& given : values.all("class")) {
        auto const parts = between_bars(given);
        write_item(policy, {action::hardware, parts[0], parts[1], parts[2]});
    }
    if (values.has("class")) return;
    for (auto const& row : default_classes)
        write_item(policy, {action::hardware, row.wmi_namespace, row.name, row.properties});
}

/// A file name or path with wild cards.
Result<std::string> as_pattern(std::string_view text) {
    auto line = as_line(text);
    if (line && line->find_first_of("<>\"") != std::string::npos)
        return fail(Code::usage, fmt::format("\"{}\" has a character that no file name may have", text));
    return line;
}

constexpr std::string_view everywhere = "*";

/// PATTERN[|PATH[|yes or no]] in full: `*.exe|C:\Program Files\|TRUE`.
Result<std::string> as_software_rule(std::string_view text) {
    auto const given = between_bars(text);
    if (given.size() > 3) return fail(Code::usage, "it is not of the form PATTERN|PATH|yes or no");
    auto const pattern = as_pattern(given[0]);
    if (!pattern) return pattern;
    auto const path = as_pattern(given.size() > 1 ? given[1] : everywhere);
    if (!path) return path;
    auto const below = as_flag(given.size() > 2 ? given[2] : "yes");
    if (!below) return below;
    return fmt::format("{}|{}|{}", *pattern, *path, *below);
}

/// A WQL string.
std::string quoted(std::string_view text) {
    std::string out = "'";
    for (char const c : text) {
        if (c == '\\' || c == '\'') out.push_back('\\');
        out.push_back(c);
    }
    return out + "'";
}

/// How a rule becomes a query is told for CollectableFileItem: a path that ends with `\*` takes in the
/// folders below it. That the same holds for FileSystemFile in software inventory is a judgement.
std::string file_filter(std::string_view pattern, std::string_view path, bool below, bool skip_compressed) {
    auto filter = fmt::format("Name = {}", quoted(pattern));
    if (path != everywhere) {
        std::string folder(path);
        if (!folder.ends_with('\\')) folder.push_back('\\');
        if (below) folder.push_back('*');
        filter += fmt::format(" AND Path = {}", quoted(folder));
    }
    if (skip_compressed) filter += " AND IsCompressed = FALSE AND IsEncrypted = FALSE";
    return filter;
}

constexpr TemplateParameter skip_compressed_parameter{
    .name = "skip-compressed",
    .help = "yes or no: whether compressed and encrypted files are left out",
    .fallback = "yes",
    .reading = as_flag};

constexpr std::array software_inventory_parameters{
    TemplateParameter{
        .name = "rule",
        .help = "PATTERN|PATH|yes or no (folders below too), any number of times; path * is everywhere",
        .fallback = "*.exe",
        .repeatable = true,
        .reading = as_software_rule},
    skip_compressed_parameter,
    report_type_parameter,
};

void write_software_inventory(TemplateValues const& values, PolicyText& policy) {
    // The nine keys and LastWriteDate, which every report of the product has (software-inventory.md).
    constexpr std::string_view properties =
        "CompanyName, FileDescription, FileVersion, LastWriteDate, Name, Path, "
        "ProductLanguage, ProductName, ProductVersion, Size";
    policy.rule();
    write_action(policy, software_action, values.text("report-type"));
    for (auto const& rule : values.all("rule")) {
        auto const parts = between_bars(rule);
        write_item(policy, {action::software, R"(root\ccm\invagt)", "FileSystemFile", properties,
                            file_filter(parts[0], parts[1], parts[2] == "TRUE",
                                        values.text("skip-compressed") == "TRUE")});
    }
}

/// PATTERN[|PATH[|BYTES[|yes or no]]] in full: `*.ini|C:\|131072|FALSE`. The total for a rule is by default
/// the one of the reference's example.
Result<std::string> as_collection_rule(std::string_view text) {
    auto const given = between_bars(text);
    if (given.size() > 4) return fail(Code::usage, "it is not of the form PATTERN|PATH|BYTES|yes or no");
    auto const pattern = as_pattern(given[0]);
    if (!pattern) return pattern;
    auto const path = as_pattern(given.size() > 1 ? given[1] : R"(%windir%\)");
    if (!path) return path;
    auto const size = as_number(given.size() > 2 ? given[2] : "131072");
    if (!size) return size;
    auto const below = as_flag(given.size() > 3 ? given[3] : "no");
    if (!below) return below;
    return fmt::format("{}|{}|{}|{}", *pattern, *path, *size, *below);
}

constexpr std::array file_collection_parameters{
    TemplateParameter{
        .name = "rule",
        .help = "PATTERN|PATH|BYTES|yes or no (size of a rule's files together; folders below too), any "
                "number of times; only the pattern is needed",
        .required = true,
        .repeatable = true,
        .reading = as_collection_rule},
    TemplateParameter{.name = "max-total",
                      .help = "bytes of all files of one report",
                      .fallback = "20971520",
                      .reading = as_number},
    skip_compressed_parameter,
    report_type_parameter,
};

void write_collection_action(PolicyText& policy, std::string_view collection_type) {
    policy.instance("FileCollectionAction");
    policy.string("FileCollectionActionID", action::file_collection);
    policy.string("Description", "File Collection");
    policy.string("CollectionType", collection_type);
    policy.string("FileType", "FILECOLL");
    policy.string("FileDestination", file_destination);
    policy.number("DefaultTimeout", query_timeout);
    policy.flag("DeleteFilesAfterCollection", false);
    policy.flag("ReportFileDetails", true);
    policy.string("SkipScan", "Skpswi.dat");
}

void write_file_collection(TemplateValues const& values, PolicyText& policy) {
    policy.rule();
    write_collection_action(policy, values.text("report-type"));
    policy.number("MaxTotalFileSize", values.text("max-total"));
    for (auto const& rule : values.all("rule")) {
        auto const parts = between_bars(rule);
        policy.instance("CollectableFileItem");
        policy.string("FileItemID", stable_guid(fmt::format("file {}", rule)));
        policy.string("FileCollectionActionID", action::file_collection);
        policy.string("FileSpec", parts[0]);
        policy.string("SearchPath", parts[1]);
        policy.number("MaxItemFileSize", parts[2]);
        policy.flag("ScanSubdirectories", parts[3] == "TRUE");
        policy.flag("ExcludeCompressedEncrypted", values.text("skip-compressed") == "TRUE");
        policy.number("Timeout", query_timeout);
    }
}

constexpr std::array resync_actions{"hardware", "software", "discovery", "files", "state"};

Result<std::string> as_resync_action(std::string_view text) {
    auto const found = std::ranges::find_if(
        resync_actions, [text](std::string_view known) { return equal_ignoring_case(known, text); });
    if (found != resync_actions.end()) return std::string(*found);
    return fail(Code::usage, fmt::format("\"{}\" is none of {}", text, fmt::join(resync_actions, ", ")));
}

constexpr std::array resync_parameters{
    TemplateParameter{.name = "action",
                      .help = "hardware, software, discovery, files or state: what is reported in full",
                      .required = true,
                      .reading = as_resync_action},
};

/// No page has the name that the state system gives its resync; its schedule for unsent messages is the
/// nearest (SMS_Client.TriggerSchedule). A judgement, as is the form of the whole (interfaces.md, "resyncs in
/// policy").
constexpr Action state_action{"{00000000-0000-0000-0000-000000000111}", "State System",
                              "mp:MP_RelayEndpoint"};
constexpr Action files_action{action::file_collection, "File Collection", file_destination};

Action const& resync_action(std::string_view name) {
    if (name == "hardware") return hardware_action;
    if (name == "software") return software_action;
    if (name == "discovery") return discovery_action;
    if (name == "files") return files_action;
    return state_action;
}

void write_resync(TemplateValues const& values, PolicyText& policy) {
    constexpr std::string_view resync = "Resync";
    auto const name = values.text("action");
    policy.rule();
    // Files have an action of their own kind, whose type has another name; the id of theirs is among those of
    // InventoryAction all the same.
    if (name == "files") write_collection_action(policy, resync);
    write_action(policy, resync_action(name), resync);
}

} // namespace

PolicyTemplate const hardware_inventory_template{.name = "hardware-inventory",
                                                 .help = "which classes are reported as hardware",
                                                 .category = "InventoryAction",
                                                 .parameters = hardware_inventory_parameters,
                                                 .write = write_hardware_inventory};

PolicyTemplate const software_inventory_template{.name = "software-inventory",
                                                 .help = "which files are reported as software",
                                                 .category = "InventoryAction",
                                                 .parameters = software_inventory_parameters,
                                                 .write = write_software_inventory};

PolicyTemplate const file_collection_template{.name = "file-collection",
                                              .help = "which files are sent in",
                                              .category = "FileCollectionAction",
                                              .parameters = file_collection_parameters,
                                              .write = write_file_collection};

PolicyTemplate const resync_template{.name = "resync",
                                     .help = "asks for a full report",
                                     .category = "InventoryAction",
                                     .parameters = resync_parameters,
                                     .write = write_resync};

} // namespace pointman::endpoints::policy
