// SPDX-License-Identifier: Apache-2.0
#include "client/inventory/machine.hpp"
#include "client/inventory/packages.hpp"
#include "tests/unit/client_inventory/support.hpp"

#include <chrono>
#include <sys/stat.h>

using namespace pointman;
using namespace pointman::test;
using namespace std::chrono_literals;
using inventory::Running;

namespace {

Running running() {
    return {.architecture = "x86_64",
            .addresses = {{"lo", "127.0.0.1", "255.0.0.0"},
                          {"enp0s31f6", "192.0.2.41", "255.255.255.0"},
                          {"enp0s31f6", "fe80::5c1d:8aff:fe21:77b0", "64"},
                          {"br0", "198.51.100.1", "255.255.255.128"}},
            .space = [](std::string const& point) -> std::optional<inventory::Space> {
                if (point == "/") return inventory::Space{500'000'000'000, 200'000'000'000};
                return std::nullopt;
            }};
}

} // namespace

TEST_CASE("the computer and its operating system") {
    Tree const tree;
    CHECK(lines_of(inventory::system_instances(tree.root(), running())) ==
          Lines{"Win32_OperatingSystem *Name=Debian GNU/Linux 12 (bookworm) BootDevice=/dev/sda2 "
                "BuildNumber=6.1.0-18-amd64 Caption=Debian GNU/Linux 12 (bookworm) "
                "LastBootUpTime=20261201100029.000000+000 OSArchitecture=64-bit OSType=36 "
                "TotalVirtualMemorySize=18254080 TotalVisibleMemorySize=16254080 Version=12",
                "Win32_ComputerSystem *Name=lab-pc07 Domain=lab.example Manufacturer=Example Computers "
                "Model=Bench 2000 NumberOfProcessors=2 SystemType=X64-based PC "
                "TotalPhysicalMemory=16644177920",
                "Win32_TimeZone *StandardName=CET Bias=60 DaylightName=CEST"});
}

TEST_CASE("the computer where less is known") {
    Tree const tree;
    for (auto const* const gone :
         {"etc/os-release", "proc/meminfo", "sys/class", "proc/cpuinfo", "etc/hosts"})
        tree.remove(gone);
    tree.write("usr/lib/os-release", "NAME=Other\n");
    tree.write("etc/localtime", "TZif2\nUTC0\n");
    tree.write("proc/stat", "btime x\nbtime 99999999999\n");
    tree.write("proc/sys/kernel/hostname", "pc.lab.example\n");
    CHECK(lines_of(inventory::system_instances(tree.root(), {})) ==
          Lines{"Win32_OperatingSystem *Name=Other BootDevice=/dev/sda2 BuildNumber=6.1.0-18-amd64 "
                "Caption=Other OSType=36",
                "Win32_ComputerSystem *Name=pc CurrentTimeZone=0 Domain=lab.example",
                "Win32_TimeZone *StandardName=UTC Bias=0"});
}

TEST_CASE("the firmware") {
    Tree const tree;
    CHECK(lines_of(inventory::firmware_instances(tree.root())) ==
          Lines{"Win32_BIOS *Name=2.11.1 *SoftwareElementID=2.11.1 *SoftwareElementState=3 "
                "*TargetOperatingSystem=0 *Version=2.11.1 Manufacturer=Example Firmware "
                "ReleaseDate=20230731000000.000000+000 SerialNumber=EX0007 SMBIOSBIOSVersion=2.11.1",
                "Win32_ComputerSystemProduct *IdentifyingNumber=EX0007 *Name=Bench 2000 *Version=rev 2 "
                "SKUNumber=B2K-16 UUID=4C4C4544-0051-4B10-8038-B5C04F54344A Vendor=Example Computers",
                "Win32_BaseBoard *Tag=Base Board Manufacturer=Example Computers Product=0X8DXD "
                "SerialNumber=/EX0007/CN1/ Version=A01",
                "Win32_SystemEnclosure *Tag=System Enclosure 0 ChassisTypes=3 Manufacturer=Example Computers "
                "SerialNumber=EX0007 SMBIOSAssetTag=LAB-7"});
    // Serial numbers are for root alone: keys are sent all the same.
    for (auto const* const name : {"product_serial", "product_version", "bios_vendor"})
        tree.remove(std::filesystem::path("sys/class/dmi/id") / name);
    tree.write("sys/class/dmi/id/bios_date", "2023-07-31");
    auto const known = lines_of(inventory::firmware_instances(tree.root()));
    CHECK(known.at(0) == "Win32_BIOS *Name=2.11.1 *SoftwareElementID=2.11.1 *SoftwareElementState=3 "
                         "*TargetOperatingSystem=0 *Version=2.11.1 SMBIOSBIOSVersion=2.11.1");
    CHECK(known.at(1).starts_with(
        "Win32_ComputerSystemProduct *IdentifyingNumber= *Name=Bench 2000 *Version= "));
    tree.remove("sys/class/dmi");
    CHECK(inventory::firmware_instances(tree.root()).empty());
}

TEST_CASE("processors by socket") {
    Tree const tree;
    constexpr auto common = "AddressWidth=64 DataWidth=64 CurrentClockSpeed=2095 Is64Bit=1 "
                            "Manufacturer=GenuineIntel {}Name=Example(R) CPU 4110 @ 2.10GHz NumberOfCores={} "
                            "NumberOfLogicalProcessors=2";
    CHECK(
        lines_of(inventory::processor_instances(tree.root())) ==
        Lines{"Win32_Processor *DeviceID=CPU0 " + fmt::format(fmt::runtime(common), "MaxClockSpeed=3000 ", 1),
              "Win32_Processor *DeviceID=CPU1 " + fmt::format(fmt::runtime(common), "", 2)});
    auto const row = GENERATE(table<std::string_view, Lines>({
        {"", {}},
        {"nonsense", {}},
        {"Hardware : board\n", {}},
        // As a processor of another kind tells of itself.
        {"processor\t: 0\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd\n\nprocessor\t: 1\n\nHardware\t: Board\n",
         {"Win32_Processor *DeviceID=CPU0 NumberOfLogicalProcessors=2"}},
        {"processor: 0\nflags: fpu\nphysical id: x\ncpu MHz: fast\n",
         {"Win32_Processor *DeviceID=CPU0 AddressWidth=32 DataWidth=32 NumberOfLogicalProcessors=1"}},
    }));
    auto const& [text, expected] = row;
    INFO(text);
    tree.write("proc/cpuinfo", text);
    tree.remove("sys/devices/system");
    CHECK(lines_of(inventory::processor_instances(tree.root())) == expected);
}

TEST_CASE("memory") {
    Tree const tree;
    CHECK(lines_of(inventory::memory_instances(tree.root())) ==
          Lines{"CCM_LogicalMemoryConfiguration *Name=Memory AvailableVirtualMemory=13500000 "
                "TotalPageFileSpace=2000000 TotalPhysicalMemory=16254080 TotalVirtualMemory=18254080",
                "Win32_PhysicalMemory *CreationClassName=Win32_PhysicalMemory *Tag=Physical Memory 0 "
                "BankLabel=BANK 0 Capacity=8589934592 DeviceLocator=DIMM A1 FormFactor=8 MemoryType=26 "
                "Speed=2666",
                "Win32_PhysicalMemory *CreationClassName=Win32_PhysicalMemory *Tag=Physical Memory 2 "
                "BankLabel=BANK 2 Capacity=68719476736 DeviceLocator=DIMM B1 FormFactor=8 MemoryType=26 "
                "Speed=2666"});
    tree.remove("sys/firmware");
    tree.write("proc/meminfo", "MemTotal: many kB\nSwapTotal: 5 kB\n");
    CHECK(lines_of(inventory::memory_instances(tree.root())) ==
          Lines{"CCM_LogicalMemoryConfiguration *Name=Memory TotalPageFileSpace=5"});
    tree.write("proc/meminfo", "");
    CHECK(inventory::memory_instances(tree.root()).empty());
}

TEST_CASE("disks, partitions and file systems") {
    Tree const tree;
    CHECK(
        lines_of(inventory::disk_instances(tree.root(), running())) ==
        Lines{"Win32_DiskDrive *DeviceID=/dev/sda Index=0 InterfaceType=IDE MediaType=Fixed hard disk media "
              "Model=EXAMPLE SSD 512 Partitions=2 Size=512110190592",
              "Win32_DiskPartition *DeviceID=/dev/sda1 DiskIndex=0 Index=0 Size=536870912 "
              "StartingOffset=1048576",
              "Win32_DiskPartition *DeviceID=/dev/sda2 DiskIndex=0 Index=1 Size=511571205632 "
              "StartingOffset=537919488",
              "Win32_DiskDrive *DeviceID=/dev/sdb Index=1 InterfaceType=USB "
              "MediaType=Removable media other than floppy Model=Example Stick Partitions=1 Size=30752000000",
              "Win32_DiskPartition *DeviceID=/dev/sdb1 DiskIndex=1 Index=0 Size=30750951424 "
              "StartingOffset=1048576",
              "Win32_CDROMDrive *DeviceID=/dev/sr0 Manufacturer=EXAMPLE Name=Example DVD",
              "Win32_LogicalDisk *DeviceID=/ Description=Local Fixed Disk DriveType=3 FileSystem=ext4 "
              "FreeSpace=200000000000 Name=/ Size=500000000000 SystemName=lab-pc07",
              "Win32_LogicalDisk *DeviceID=/boot/efi Description=Local Fixed Disk DriveType=3 "
              "FileSystem=vfat Name=/boot/efi SystemName=lab-pc07",
              "Win32_LogicalDisk *DeviceID=/srv/two words Description=Local Fixed Disk DriveType=3 "
              "FileSystem=xfs Name=/srv/two words SystemName=lab-pc07"});
    tree.remove("proc/mounts");
    tree.remove("sys/block/sdb");
    tree.remove("sys/block/sr0");
    tree.write("sys/block/sda/size", "36893488147419103232"); // more than can be counted
    tree.write("sys/block/sda/sda1/partition", "0");
    tree.write("sys/block/sda/sda2/start", "");
    tree.remove("sys/block/sda/removable");
    CHECK(
        lines_of(inventory::disk_instances(tree.root(), running())) ==
        Lines{
            "Win32_DiskDrive *DeviceID=/dev/sda Index=0 InterfaceType=IDE Model=EXAMPLE SSD 512 Partitions=1",
            "Win32_DiskPartition *DeviceID=/dev/sda2 DiskIndex=0 Index=1 Size=511571205632"});
}

TEST_CASE("network adapters") {
    Tree const tree;
    CHECK(lines_of(inventory::network_instances(tree.root(), running())) ==
          Lines{"Win32_NetworkAdapter *DeviceID=3 AdapterType=Ethernet 802.3 MACAddress=02:00:5E:00:53:01 "
                "Name=br0",
                "Win32_NetworkAdapterConfiguration *Index=3 DNSDomain=lab.example DNSHostName=lab-pc07 "
                "DNSServerSearchOrder=192.0.2.53|2001:db8::53 IPAddress=198.51.100.1 IPEnabled=1 "
                "IPSubnet=255.255.255.128 MACAddress=02:00:5E:00:53:01",
                "Win32_NetworkAdapter *DeviceID=2 AdapterType=Ethernet 802.3 MACAddress=00:1E:C9:3A:51:D2 "
                "Name=enp0s31f6 ServiceName=e1000e Speed=1000000000",
                "Win32_NetworkAdapterConfiguration *Index=2 DefaultIPGateway=192.0.2.1 DNSDomain=lab.example "
                "DNSHostName=lab-pc07 DNSServerSearchOrder=192.0.2.53|2001:db8::53 "
                "IPAddress=192.0.2.41|fe80::5c1d:8aff:fe21:77b0 IPEnabled=1 IPSubnet=255.255.255.0|64 "
                "MACAddress=00:1E:C9:3A:51:D2 ServiceName=e1000e"});
    // Nobody knows the addresses of a copied tree.
    tree.write("sys/class/net/enp0s31f6/speed", "");
    CHECK(lines_of(inventory::network_instances(tree.root(), {})) ==
          Lines{"Win32_NetworkAdapter *DeviceID=2 AdapterType=Ethernet 802.3 MACAddress=00:1E:C9:3A:51:D2 "
                "Name=enp0s31f6 ServiceName=e1000e",
                "Win32_NetworkAdapterConfiguration *Index=2 DefaultIPGateway=192.0.2.1 "
                "MACAddress=00:1E:C9:3A:51:D2 ServiceName=e1000e"});
    tree.write("sys/class/net/enp0s31f6/ifindex", "two");
    CHECK(inventory::network_instances(tree.root(), {}).empty());
}

TEST_CASE("devices on the PCI bus") {
    Tree const tree;
    CHECK(lines_of(inventory::device_instances(tree.root())) ==
          Lines{"Win32_VideoController *DeviceID=0000:00:02.0 Name=Example Graphics 630",
                "Win32_USBController *DeviceID=0000:00:14.0 Manufacturer=Example Semiconductors "
                "Name=Example xHCI Controller",
                "Win32_SCSIController *DeviceID=0000:00:17.0 Manufacturer=Example Semiconductors "
                "Name=Example SATA Controller",
                "Win32_SoundDevice *DeviceID=0000:00:1f.3 Manufacturer=Example Semiconductors"});
    tree.remove("usr/share/misc");
    tree.write("sys/bus/pci/devices/0000:00:02.0/class", "030000");
    tree.write("sys/bus/pci/devices/0000:00:14.0/vendor", "0xzz");
    CHECK(lines_of(inventory::device_instances(tree.root())) ==
          Lines{"Win32_SCSIController *DeviceID=0000:00:17.0", "Win32_SoundDevice *DeviceID=0000:00:1f.3"});
    tree.remove("sys/bus");
    CHECK(inventory::device_instances(tree.root()).empty());
}

TEST_CASE("services of systemd") {
    Tree const tree;
    CHECK(lines_of(inventory::service_instances(tree.root())) ==
          Lines{"Win32_Service *Name=backup DisplayName=Nightly copies PathName=/usr/local/bin/backup "
                "StartMode=Manual StartName=backup State=Stopped",
                "Win32_Service *Name=cron DisplayName=Regular background program processing daemon "
                "PathName=/usr/sbin/cron -f -P StartMode=Auto StartName=root State=Running",
                "Win32_Service *Name=old StartMode=Disabled State=Stopped"});
    tree.remove("sys/fs");
    tree.write("etc/systemd/system/backup.service", "");
    tree.remove("etc/systemd/system/old.service");
    tree.remove("usr/lib/systemd/system/cron.service");
    CHECK(lines_of(inventory::service_instances(tree.root())) ==
          Lines{"Win32_Service *Name=backup StartMode=Manual StartName=root",
                "Win32_Service *Name=old DisplayName=Not wanted any more StartMode=Manual StartName=root"});
}

TEST_CASE("packages of dpkg") {
    Tree const tree;
    tree.touch("var/lib/dpkg/info/cron.list", std::chrono::sys_days(2026y / 5 / 9) + 7h);
    tree.remove("var/lib/dpkg/info/libexample1:amd64.list");
    CHECK(lines_of(inventory::package_instances(tree.root())) ==
          Lines{"Win32Reg_AddRemovePrograms64 *ProdID=cron DisplayName=cron InstallDate=20260509 "
                "Publisher=Javier Example Version=3.0pl1-162",
                "Win32Reg_AddRemovePrograms64 *ProdID=libexample1:amd64 DisplayName=libexample1 "
                "Publisher=The Example Team Version=1:2.0-3"});
    auto const row = GENERATE(table<std::string_view, std::size_t>({
        {"", 0},
        {"Package: a\n", 0}, // in what state?
        {"Package: a\nStatus: install ok half-installed\n", 0},
        {"Status: install ok installed\n", 0},
        {"Package: a\nStatus: hold ok installed\n", 1},
        {"Package: a\nStatus: install ok installed\n\n\n\nPackage: b\nStatus: install ok installed", 2},
    }));
    auto const& [text, count] = row;
    INFO(text);
    CHECK(inventory::packages_of(text).size() == count);
}

TEST_CASE("everything together, and the keys that the site knows") {
    Tree const tree;
    auto const machine = inventory::collect(tree.root(), running());
    CHECK(machine.size() == 34);
    CHECK(wrongly_keyed(machine).empty());
    CHECK(machine == inventory::collect(tree.root(), running()));
    CHECK(machine.first("Win32_BIOS")->value("SerialNumber") == "EX0007");
    CHECK(machine.of("Win32_Service").size() == 3);

    TemporaryDirectory const empty;
    CHECK(inventory::collect(empty.path()).empty());
    CHECK(inventory::collect(empty.path() / "nowhere").empty());
}

TEST_CASE("files are read within bounds, and nothing but files") {
    Tree const tree;
    auto const root = tree.root();
    CHECK(root.text("nowhere").empty());
    CHECK(root.text("etc").empty());
    CHECK(root.text("/etc/resolv.conf") == root.text("etc/resolv.conf")); // paths are of the tree
    tree.write("long", "one\ntwo\nthree\n");
    CHECK(root.text("long", 14) == "one\ntwo\nthree\n");
    CHECK(root.text("long", 13) == "one\ntwo\n");
    CHECK(root.text("long", 3).empty());
    CHECK(root.text("long", 0).empty());
    // A pipe that nobody writes to must not make us wait.
    REQUIRE(::mkfifo((tree.path() / "pipe").c_str(), 0600) == 0);
    CHECK(root.text("pipe").empty());
    std::filesystem::create_symlink("circle", tree.path() / "circle");
    CHECK(root.text("circle").empty());
    CHECK(root.names("nowhere").empty());
    CHECK(root.link("etc/resolv.conf").empty());
    CHECK(root.modified("nowhere") == std::nullopt);

    // What is larger than anything that is true.
    tree.write("proc/meminfo", std::string(2 * inventory::Root::small, 'x'));
    tree.write("sys/class/dmi/id/product_name", std::string(inventory::Root::small - 1, 'x') + "\n");
    auto const machine = inventory::collect(root, running());
    CHECK(machine.first("CCM_LogicalMemoryConfiguration") == nullptr);
    CHECK(machine.first("Win32_ComputerSystemProduct")->value("Name") == std::string(4096, 'x'));
}
