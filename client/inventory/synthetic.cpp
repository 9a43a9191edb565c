// SPDX-License-Identifier: Apache-2.0
#include "client/inventory/synthetic.hpp"

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "client/inventory/software.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace pointman::client::inventory {

namespace {

using Text = std::string_view;
constexpr std::uint64_t mega = 1024 * 1024;
constexpr std::uint64_t giga = 1024 * mega;

// --- What there is to choose from ---

struct Model {
    Text maker, name, processor;
    unsigned cores, megahertz, chassis;
};
constexpr std::array models{
    Model{"Boreal Systems", "Aurora 6200", "Corvus X5 5240 @ 2.90GHz", 4, 2900, 3},
    Model{"Boreal Systems", "Aurora 7400", "Corvus X7 7420 @ 3.40GHz", 8, 3400, 3},
    Model{"Boreal Systems", "Zephyr 14 G3", "Corvus X5 5210U @ 1.70GHz", 4, 1700, 10},
    Model{"Halden Computer", "ThinStation M90", "Corvus X3 3110 @ 2.60GHz", 2, 2600, 35},
    Model{"Halden Computer", "WorkBook 15", "Corvus X7 7450H @ 2.80GHz", 8, 2800, 10},
    Model{"Halden Computer", "RackServer R220", "Corvus E2 2288 @ 2.40GHz", 16, 2400, 23},
};

struct Edition {
    Text caption, version, build;
    unsigned sku;
    bool is_server = false;
};
constexpr std::array workstations{Edition{"Microsoft Windows 11 Enterprise", "10.0.22631", "22631", 4},
                                  Edition{"Microsoft Windows 10 Enterprise", "10.0.19045", "19045", 4},
                                  Edition{"Microsoft Windows 11 Pro", "10.0.26100", "26100", 48}};
constexpr Edition server{"Microsoft Windows Server 2022 Standard", "10.0.20348", "20348", 7, true};

constexpr std::array vendors{"Tidewater Software AB", "Lumen & Falk GmbH", "Quillworks Ltd", "Norrsken Data",
                             "Pine Street Labs",      "Kestrel Systems",   "Ostrava Soft",   "Blue Fjord"};
constexpr std::array subjects{"Harbour",  "Ledger",  "Atlas",    "Beacon", "Cobalt", "Drift",
                              "Ember",    "Fathom",  "Grove",    "Helix",  "Inlet",  "Juniper",
                              "Keystone", "Lattice", "Meridian", "Nimbus"};
constexpr std::array purposes{"CAD",  "Editor", "Viewer",  "Backup", "Sync",
                              "Mail", "Studio", "Runtime", "Planner"};

struct Service {
    Text name, title, path, account;
    bool is_automatic;
};
constexpr std::array services{
    Service{"BITS", "Background Intelligent Transfer Service", "svchost.exe -k netsvcs", "LocalSystem",
            false},
    Service{"CcmExec", "SMS Agent Host", "CcmExec.exe", "LocalSystem", true},
    Service{"CryptSvc", "Cryptographic Services", "svchost.exe -k NetworkService", "NetworkService", true},
    Service{"Dhcp", "DHCP Client", "svchost.exe -k LocalService", "LocalService", true},
    Service{"Dnscache", "DNS Client", "svchost.exe -k NetworkService", "NetworkService", true},
    Service{"EventLog", "Windows Event Log", "svchost.exe -k LocalService", "LocalService", true},
    Service{"gpsvc", "Group Policy Client", "svchost.exe -k netsvcs", "LocalSystem", true},
    Service{"LanmanServer", "Server", "svchost.exe -k netsvcs", "LocalSystem", true},
    Service{"LanmanWorkstation", "Workstation", "svchost.exe -k NetworkService", "NetworkService", true},
    Service{"MpsSvc", "Windows Defender Firewall", "svchost.exe -k LocalService", "LocalService", true},
    Service{"Netlogon", "Netlogon", "lsass.exe", "LocalSystem", true},
    Service{"PlugPlay", "Plug and Play", "svchost.exe -k DcomLaunch", "LocalSystem", false},
    Service{"RemoteRegistry", "Remote Registry", "svchost.exe -k LocalService", "LocalService", false},
    Service{"RpcSs", "Remote Procedure Call (RPC)", "svchost.exe -k rpcss", "NetworkService", true},
    Service{"Schedule", "Task Scheduler", "svchost.exe -k netsvcs", "LocalSystem", true},
    Service{"Spooler", "Print Spooler", "spoolsv.exe", "LocalSystem", true},
    Service{"TermService", "Remote Desktop Services", "svchost.exe -k NetworkService", "NetworkService",
            false},
    Service{"W32Time", "Windows Time", "svchost.exe -k LocalService", "LocalService", true},
    Service{"WinRM", "Windows Remote Management (WS-Management)", "svchost.exe -k NetworkService",
            "NetworkService", false},
    Service{"wuauserv", "Windows Update", "svchost.exe -k netsvcs", "LocalSystem", false},
};

// --- Chance that repeats itself ---

/// What is drawn for. Two purposes draw independently.
enum class Of : std::uint64_t {
    model,
    edition,
    memory,
    disk,
    disk_fill,
    monitor,
    printer,
    program,
    lag,
    release,
    presence,
    period,
    hotfix,
    service,
    user,
    boot,
    serial,
    uuid,
    volume,
    product_code,
    file,
    firmware,
    adapter,
};

/// All bits of the result depend on all bits of the input.
std::uint64_t mixed(std::uint64_t x) {
    x += 0x9E3779B97F4A7C15ULL;
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31U);
}

class Chance {
public:
    explicit Chance(std::uint64_t start)
        : start_(mixed(start)) {}
    std::uint64_t number(Of purpose, std::uint64_t slot = 0) const {
        return mixed(start_ ^ mixed(static_cast<std::uint64_t>(purpose) << 40U ^ slot));
    }
    /// From 0 to end - 1.
    std::uint64_t below(std::uint64_t end, Of purpose, std::uint64_t slot = 0) const {
        return number(purpose, slot) % end;
    }
    template <class T>
    T const& one_of(std::span<T const> choices, Of purpose, std::uint64_t slot = 0) const {
        return choices[below(choices.size(), purpose, slot)];
    }
    std::string uuid(Of purpose, std::uint64_t slot = 0) const {
        auto const high = number(purpose, slot);
        auto const low = mixed(high);
        return fmt::format("{:08X}-{:04X}-4{:03X}-{:04X}-{:012X}", high >> 32U, high >> 16U & 0xFFFFU,
                           high & 0xFFFU, 0x8000U | (low >> 48U & 0x3FFFU), low & 0xFFFFFFFFFFFFULL);
    }

private:
    std::uint64_t start_;
};

// --- Programs ---

/// A program that is sold: the same on all machines of the fleet.
struct Program {
    std::uint64_t number = 0;
    std::string name;
    Text vendor;
    unsigned release = 0; ///< that the machine has now
    std::string version() const {
        return fmt::format("{}.{}.{}", 1 + release / 10, release % 10, 100 + number % 900);
    }
};

/// How often something of the fleet, or of a machine, takes its next step.
std::uint64_t steps(Chance const& chance, std::uint64_t least, std::uint64_t most, Of purpose,
                    std::uint64_t slot, std::uint64_t generation) {
    auto const period =
        least + chance.below(most - least + 1, Of::period, slot << 8U ^ static_cast<std::uint64_t>(purpose));
    return (generation + chance.below(period, purpose, slot)) / period;
}

/// Everything that is written of one machine.
class Writer {
public:
    explicit Writer(SyntheticMachine const& machine)
        : machine_(machine)
        , fleet_(machine.seed)
        , own_(mixed(machine.seed) + machine.index)
        , model_(own_.one_of<Model>(models, Of::model))
        , edition_(model_.chassis == 23 ? server : own_.one_of<Edition>(workstations, Of::edition)) {}

    Model const& model() const { return model_; }
    Edition const& edition() const { return edition_; }
    Chance const& own() const { return own_; }

    std::vector<Instance> hardware() {
        computer();
        firmware();
        processors();
        memory();
        disks();
        network();
        devices();
        for (std::size_t i = 0; i < services.size(); ++i) service(i);
        auto const rest = machine_.instances > all_.size() ? machine_.instances - all_.size() : 0;
        hotfixes(rest / 4);
        for (auto const& each : programs(rest - rest / 4)) program(each);
        return std::move(all_);
    }

    /// Every fourth is there for some time, and then not.
    std::vector<Program> programs(std::uint64_t count) const {
        std::vector<Program> programs;
        constexpr std::uint64_t spread = 7; // machines have different ones
        for (std::uint64_t slot = 0; slot < count; ++slot) {
            if (slot % 4 == 3 && steps(own_, 15, 60, Of::presence, slot, machine_.generation) % 2 == 1)
                continue;
            programs.push_back(program_of(slot * spread + own_.below(spread, Of::program, slot), slot));
        }
        return programs;
    }

private:
    Instance& add(Text class_name) { return all_.emplace_back(class_name); }
    std::string serial() const { return fmt::format("{:07X}", own_.number(Of::serial) & 0xFFFFFFFU); }
    std::uint64_t memory_modules() const { return 1U << own_.below(3, Of::memory); }
    std::uint64_t module_size() const { return (4 * giga) << own_.below(3, Of::memory, 1); }

    Program program_of(std::uint64_t number, std::uint64_t slot) const {
        auto const subject = number % subjects.size();
        auto const purpose = number / subjects.size() % purposes.size();
        auto const series = number / (subjects.size() * purposes.size());
        Program program{number, fmt::format("{} {}", subjects.at(subject), purposes.at(purpose)),
                        vendors.at(fleet_.below(vendors.size(), Of::program, number)), 0};
        if (series > 0) program.name += fmt::format(" {}", series + 1);
        // A release reaches the machines one after another.
        auto const since = machine_.generation + 10 - own_.below(10, Of::lag, slot);
        program.release = static_cast<unsigned>(steps(fleet_, 20, 120, Of::release, number, since));
        return program;
    }

    void computer() {
        auto const name = machine_.name();
        auto const visible = memory_modules() * module_size() / 1024 - 260'000;
        auto const boot = machine_.date() - std::chrono::days(1 + own_.below(3, Of::boot)) -
                          std::chrono::days(machine_.generation % (2 + own_.below(6, Of::boot, 1)));
        add("Win32_OperatingSystem")
            .key("Name", fmt::format(R"({}|C:\Windows|\Device\Harddisk0\Partition3)", edition_.caption))
            .set("BootDevice", R"(\Device\HarddiskVolume1)")
            .set("BuildNumber", edition_.build)
            .set("Caption", edition_.caption)
            .set("LastBootUpTime", cim_time(boot))
            .set("Locale", "0409")
            .set("Manufacturer", "Microsoft Corporation")
            .set("OperatingSystemSKU", edition_.sku)
            .set("OSArchitecture", "64-bit")
            .set("OSLanguage", 1033)
            .set("OSType", 18)
            .set("ProductType", edition_.is_server ? 3 : 1)
            .set("SystemDirectory", R"(C:\Windows\system32)")
            .set("TotalVirtualMemorySize", visible + visible / 4)
            .set("TotalVisibleMemorySize", visible)
            .set("Version", edition_.version)
            .set("WindowsDirectory", R"(C:\Windows)");
        auto const user = own_.below(4, Of::user, steps(own_, 5, 30, Of::user, 0, machine_.generation));
        auto& computer = add("Win32_ComputerSystem");
        computer.key("Name", name)
            .set("CurrentTimeZone", 60)
            .set("Domain", machine_.domain())
            .set("DomainRole", edition_.is_server ? 3 : 1)
            .set("Manufacturer", model_.maker)
            .set("Model", model_.name)
            .set("NumberOfProcessors", 1)
            .set("Roles", Values{"LM_Workstation", "LM_Server", "NT"})
            .set("Status", "OK")
            .set("SystemType", "x64-based PC")
            .set("TotalPhysicalMemory", visible * 1024);
        if (!edition_.is_server)
            computer.set("UserName", fmt::format(R"(NORDHOLM\u{:05}{})", machine_.index, user));
        add("Win32_TimeZone")
            .key("StandardName", "W. Europe Standard Time")
            .set("Bias", 60)
            .set("DaylightName", "W. Europe Daylight Time");
        add("CCM_LogicalMemoryConfiguration")
            .key("Name", "Memory")
            .set("AvailableVirtualMemory",
                 visible / 2 + own_.below(visible / 4, Of::memory, machine_.generation))
            .set("TotalPageFileSpace", visible / 4)
            .set("TotalPhysicalMemory", visible)
            .set("TotalVirtualMemory", visible + visible / 4);
    }

    void firmware() {
        auto const release = steps(own_, 90, 300, Of::firmware, 0, machine_.generation);
        auto const version = fmt::format("A{:02}", 4 + release);
        add("Win32_BIOS")
            .key("Name", version)
            .key("SoftwareElementID", version)
            .key("SoftwareElementState", "3")
            .key("TargetOperatingSystem", "0")
            .key("Version", fmt::format("BOREAL - {:x}", 0x1072009 + release))
            .set("Manufacturer", model_.maker)
            .set("SerialNumber", serial())
            .set("SMBIOSBIOSVersion", version);
        add("Win32_ComputerSystemProduct")
            .key("IdentifyingNumber", serial())
            .key("Name", model_.name)
            .key("Version", "01")
            .set("UUID", own_.uuid(Of::uuid))
            .set("Vendor", model_.maker);
        add("Win32_BaseBoard")
            .key("Tag", "Base Board")
            .set("Manufacturer", model_.maker)
            .set("Product", fmt::format("0{:05X}", mixed(model_.megahertz + model_.cores) & 0xFFFFFU))
            .set("SerialNumber",
                 fmt::format("/{}/CN{:010X}/", serial(), own_.number(Of::serial, 1) & 0xFFFFFFFFFFU));
        add("Win32_SystemEnclosure")
            .key("Tag", "System Enclosure 0")
            .set("ChassisTypes", model_.chassis)
            .set("Manufacturer", model_.maker)
            .set("SerialNumber", serial())
            .set("SMBIOSAssetTag", fmt::format("NH-{:07}", machine_.index));
    }

    void processors() {
        add("Win32_Processor")
            .key("DeviceID", "CPU0")
            .set("AddressWidth", 64)
            .set("CurrentClockSpeed", model_.megahertz)
            .set("DataWidth", 64)
            .set("Is64Bit", 1)
            .set("Manufacturer", "Corvus")
            .set("MaxClockSpeed", model_.megahertz)
            .set("Name", model_.processor)
            .set("NumberOfCores", model_.cores)
            .set("NumberOfLogicalProcessors", model_.cores * 2)
            .set("SocketDesignation", "U3E1");
    }

    void memory() {
        for (std::uint64_t i = 0; i < memory_modules(); ++i) {
            add("Win32_PhysicalMemory")
                .key("CreationClassName", "Win32_PhysicalMemory")
                .key("Tag", fmt::format("Physical Memory {}", i))
                .set("BankLabel", fmt::format("BANK {}", i))
                .set("Capacity", module_size())
                .set("DeviceLocator", fmt::format("DIMM_{}", i + 1))
                .set("FormFactor", model_.chassis == 10 ? 12 : 8)
                .set("MemoryType", 26)
                .set("Speed", 2666);
        }
    }

    void disks() {
        auto const size = (256 * giga) << own_.below(3, Of::disk);
        add("Win32_DiskDrive")
            .key("DeviceID", R"(\\.\PHYSICALDRIVE0)")
            .set("Index", 0)
            .set("InterfaceType", "SCSI")
            .set("MediaType", "Fixed hard disk media")
            .set("Model",
                 fmt::format("Glacier NV{} {}GB", 100 + own_.below(4, Of::disk, 1) * 50, size / giga))
            .set("Partitions", 3)
            .set("SCSIBus", 0)
            .set("Size", size);
        std::array const sizes{100 * mega, 16 * mega, size - 116 * mega};
        std::uint64_t offset = mega;
        for (std::size_t i = 0; i < sizes.size(); ++i) {
            add("Win32_DiskPartition")
                .key("DeviceID", fmt::format("Disk #0, Partition #{}", i))
                .set("Bootable", i == 0 ? 1 : 0)
                .set("DiskIndex", 0)
                .set("Index", i)
                .set("PrimaryPartition", 1)
                .set("Size", sizes.at(i))
                .set("StartingOffset", offset)
                .set("Type", i == 0 ? "GPT: System" : "GPT: Basic Data");
            offset += sizes.at(i);
        }
        logical_disk("C:", size - 116 * mega);
    }

    /// Fills slowly and is cleared now and then.
    void logical_disk(Text letter, std::uint64_t size) {
        auto const filled = 20 + own_.below(50, Of::disk_fill) + machine_.generation % 20;
        auto const today = own_.below(giga, Of::disk_fill, machine_.generation + 1) / 4096 * 4096;
        add("Win32_LogicalDisk")
            .key("DeviceID", letter)
            .set("Compressed", 0)
            .set("Description", "Local Fixed Disk")
            .set("DriveType", 3)
            .set("FileSystem", "NTFS")
            .set("FreeSpace", size - size / 100 * filled - today)
            .set("Name", letter)
            .set("Size", size)
            .set("SystemName", machine_.name())
            .set("VolumeName", "System")
            .set("VolumeSerialNumber", fmt::format("{:08X}", own_.number(Of::volume) & 0xFFFFFFFFU));
    }

    void network() {
        constexpr std::uint64_t in_subnet = 250;
        auto const subnet = machine_.index / in_subnet;
        auto const network = fmt::format("10.{}.{}", subnet >> 8U & 0xFFU, subnet & 0xFFU);
        auto const mac = fmt::format("02:{:02X}:{:02X}:{:02X}:{:02X}:{:02X}", machine_.seed & 0xFFU,
                                     machine_.index >> 24U & 0xFFU, machine_.index >> 16U & 0xFFU,
                                     machine_.index >> 8U & 0xFFU, machine_.index & 0xFFU);
        constexpr Text title = "Corvus Ethernet Connection I219-LM";
        add("Win32_NetworkAdapter")
            .key("DeviceID", "1")
            .set("AdapterType", "Ethernet 802.3")
            .set("MACAddress", mac)
            .set("Manufacturer", "Corvus")
            .set("Name", title)
            .set("ServiceName", "e1dexpress")
            .set("Speed", std::uint64_t{1'000'000'000});
        add("Win32_NetworkAdapterConfiguration")
            .key("Index", "1")
            .set("DefaultIPGateway", network + ".1")
            .set("DHCPEnabled", 1)
            .set("DHCPServer", "10.255.0.5")
            .set("DNSDomain", machine_.domain())
            .set("DNSHostName", machine_.name())
            .set("DNSServerSearchOrder", Values{"10.255.0.5", "10.255.0.6"})
            .set("IPAddress", Values{fmt::format("{}.{}", network, 2 + machine_.index % in_subnet)})
            .set("IPEnabled", 1)
            .set("IPSubnet", Values{"255.255.255.0"})
            .set("MACAddress", mac)
            .set("ServiceName", "e1dexpress");
    }

    void devices() {
        add("Win32_VideoController")
            .key("DeviceID", "VideoController1")
            .set("AdapterRAM", giga)
            .set("CurrentHorizontalResolution", 1920)
            .set("CurrentVerticalResolution", 1080)
            .set("DriverVersion",
                 fmt::format("31.0.101.{}", 2100 + steps(own_, 60, 200, Of::adapter, 0, machine_.generation)))
            .set("Name", "Corvus UHD Graphics");
        add("Win32_SoundDevice")
            .key("DeviceID", R"(HDAUDIO\FUNC_01&VEN_10EC)")
            .set("Manufacturer", "Fennel Audio")
            .set("Name", "Fennel High Definition Audio");
        add("Win32_USBController")
            .key("DeviceID", R"(PCI\VEN_8086&DEV_A12F)")
            .set("Manufacturer", "Generic USB xHCI Host Controller")
            .set("Name", "USB xHCI Compliant Host Controller");
        for (std::uint64_t i = 0; i < 1 + own_.below(2, Of::monitor); ++i) {
            add("Win32_DesktopMonitor")
                .key("DeviceID", fmt::format("DesktopMonitor{}", i + 1))
                .set("Name", "Generic PnP Monitor")
                .set("ScreenHeight", 1080)
                .set("ScreenWidth", 1920);
        }
        for (std::uint64_t i = 0; i < own_.below(3, Of::printer); ++i) {
            auto const number = own_.below(200, Of::printer, i + 1) * 3 + i;
            add("Win32_Printer")
                .key("DeviceID", fmt::format(R"(\\print{:02}\LP{:04})", number % 7, number))
                .set("DriverName", "Halden Universal Printing PCL 6")
                .set("PortName", fmt::format("IP_10.254.{}.{}", number % 7, number % 250))
                .set("ShareName", fmt::format("LP{:04}", number));
        }
    }

    void service(std::size_t slot) {
        auto const& service = services.at(slot);
        auto const phase = steps(own_, 3, 40, Of::service, slot, machine_.generation);
        bool const runs = service.is_automatic || phase % 2 == 0;
        add("Win32_Service")
            .key("Name", service.name)
            .set("DisplayName", service.title)
            .set("PathName", fmt::format(R"(C:\Windows\system32\{})", service.path))
            .set("ServiceType", service.path.starts_with("svchost") ? "Share Process" : "Own Process")
            .set("StartMode", service.is_automatic ? "Auto" : "Manual")
            .set("StartName", service.account)
            .set("State", runs ? "Running" : "Stopped")
            .set("Status", "OK");
    }

    /// The newest ones: each week brings one and supersedes another.
    void hotfixes(std::uint64_t count) {
        auto const newest = 1000 + (machine_.generation + own_.below(7, Of::hotfix)) / 7;
        for (auto number = newest - count; number < newest; ++number) {
            add("Win32_QuickFixEngineering")
                .key("HotFixID", fmt::format("KB{}", 5'000'000 + number * 37))
                .key("ServicePackInEffect", "")
                .set("Description", number % 3 == 0 ? "Update" : "Security Update")
                .set("InstalledBy", R"(NT AUTHORITY\SYSTEM)");
        }
    }

    void program(Program const& program) {
        add("Win32Reg_AddRemovePrograms64")
            .key("ProdID", fmt::format("{{{}}}", fleet_.uuid(Of::product_code, program.number)))
            .set("DisplayName", program.name)
            .set("InstallDate",
                 fmt::format("2024{:02}{:02}", 1 + program.release % 12, 1 + program.number % 28))
            .set("Publisher", program.vendor)
            .set("Version", program.version());
    }

    SyntheticMachine const& machine_;
    Chance fleet_;
    Chance own_;
    Model const& model_;
    Edition const& edition_;
    std::vector<Instance> all_;
};

/// `harbour.exe`
std::string file_name_of(Program const& program) {
    std::string name = program.name.substr(0, program.name.find(' '));
    name.front() = static_cast<char>(name.front() - 'A' + 'a');
    return name + ".exe";
}

FileFacts file_of(Program const& program, std::string name, std::uint64_t size) {
    auto const built = TimePoint(std::chrono::sys_days(std::chrono::year(2024) / 1 / 1)) +
                       std::chrono::hours(program.release * 17 + program.number);
    return {.name = std::move(name),
            .folder = fmt::format(R"(C:\Program Files\{}\)", program.name),
            .size = size / 512 * 512,
            .modified = built,
            .company = std::string(program.vendor),
            .product = program.name,
            .product_version = program.version(),
            .version = program.version() + ".0",
            .description = program.name + " main program",
            .language = "1033"};
}

constexpr std::uint64_t programs_with_files = 40;

} // namespace

std::string SyntheticMachine::name() const {
    auto const chassis = Writer(*this).model().chassis;
    return fmt::format("{}-{:07}", chassis == 10 ? "NB" : chassis == 23 ? "SRV" : "WS", index);
}

std::string SyntheticMachine::domain() const {
    return "nordholm.example";
}

Time SyntheticMachine::date() const {
    return Time(std::chrono::sys_days(std::chrono::year(2026) / 1 / 5)) + std::chrono::days(generation);
}

Snapshot SyntheticMachine::hardware() const {
    return Snapshot(Writer(*this).hardware());
}

Snapshot SyntheticMachine::software() const {
    Writer const writer(*this);
    std::vector<Instance> files;
    for (auto const& program : writer.programs(programs_with_files)) {
        auto const size = 40'000 + mixed(program.number << 16U ^ program.release) % 20'000'000;
        files.push_back(file_instance(file_of(program, file_name_of(program), size)));
        files.push_back(file_instance(file_of(program, "setup.exe", size / 3)));
    }
    return Snapshot(std::move(files));
}

AgentFacts SyntheticMachine::agent() const {
    Writer const writer(*this);
    auto const kind = writer.edition().is_server ? "Server" : "Workstation";
    return {.version = "5.00.9128.1007",
            .ad_site = fmt::format("Nordholm-{:02}", index / 250 % 40),
            .id_changed =
                Time(std::chrono::sys_days(std::chrono::year(2025) / 3 / 1)) + std::chrono::minutes(index),
            .platform = fmt::format("Microsoft Windows NT {} 10.0", kind)};
}

std::vector<CollectedFile> SyntheticMachine::files() const {
    Writer const writer(*this);
    auto const text = [](std::string const& content) { return to_bytes(content); };
    auto const revision = steps(writer.own(), 4, 20, Of::file, 0, generation);
    auto const early = Time(std::chrono::sys_days(std::chrono::year(2025) / 3 / 1));
    return {{.name = "hosts",
             .path = R"(C:\Windows\System32\drivers\etc\)",
             .modified = early,
             .content = text("127.0.0.1 localhost\r\n")},
            {.name = "harbour.ini",
             .path = R"(C:\ProgramData\Tidewater\)",
             .modified = early + std::chrono::days(revision),
             .content = text(fmt::format("[recent]\r\nmachine={}\r\nrevision={}\r\n", name(), revision))}};
}

} // namespace pointman::client::inventory
