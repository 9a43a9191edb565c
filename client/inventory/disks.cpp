// SPDX-License-Identifier: Apache-2.0
// Disks, what they are divided into, and the file systems on them.
#include "base/number.hpp"
#include "client/inventory/machine.hpp"
#include "client/inventory/texts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace pointman::client::inventory {

namespace {

using Path = std::filesystem::path;

constexpr std::uint64_t sector = 512; ///< in which the kernel counts, whatever the disk has

std::optional<std::uint64_t> number(Root const& root, Path const& path) {
    return number_in<std::uint64_t>(root.value(path));
}

std::optional<std::uint64_t> bytes(Root const& root, Path const& path) {
    auto const sectors = number(root, path);
    return sectors && *sectors <= UINT64_MAX / sector ? std::optional(*sectors * sector) : std::nullopt;
}

/// How the disk is connected, as far as the place of the device tells.
std::string_view interface_of(std::string_view device) {
    if (device.find("/usb") != std::string_view::npos) return "USB";
    if (device.find("/ata") != std::string_view::npos) return "IDE";
    if (device.find("/host") != std::string_view::npos) return "SCSI";
    return {};
}

struct Partition {
    std::string name;
    std::uint64_t number = 0;
};

std::vector<Partition> partitions_of(Root const& root, Path const& disk) {
    std::vector<Partition> partitions;
    for (auto const& name : root.names(disk))
        if (auto const index = number(root, disk / name / "partition"); index && *index > 0)
            partitions.push_back({name, *index});
    std::ranges::sort(partitions, {}, &Partition::number);
    return partitions;
}

std::string model_of(Root const& root, Path const& disk) {
    return root.value(disk / "device/model");
}

Instance drive(Root const& root, Path const& disk, std::uint64_t index, std::size_t partitions) {
    auto const removable = number(root, disk / "removable");
    Instance drive("Win32_DiskDrive");
    drive.key("DeviceID", "/dev/" + disk.filename().string())
        .set("Index", index)
        .set("InterfaceType", interface_of(root.link(disk)));
    if (removable)
        drive.set("MediaType",
                  *removable == 0 ? "Fixed hard disk media" : "Removable media other than floppy");
    return drive.set("Model", model_of(root, disk))
        .set("Partitions", partitions)
        .set("Size", bytes(root, disk / "size"));
}

Instance partition_instance(Root const& root, Path const& disk, std::uint64_t disk_index,
                            Partition const& partition) {
    auto const place = disk / partition.name;
    return Instance("Win32_DiskPartition")
        .key("DeviceID", "/dev/" + partition.name)
        .set("DiskIndex", disk_index)
        .set("Index", partition.number - 1)
        .set("Size", bytes(root, place / "size"))
        .set("StartingOffset", bytes(root, place / "start"));
}

Instance optical_drive(Root const& root, Path const& disk) {
    auto const model = model_of(root, disk);
    return Instance("Win32_CDROMDrive")
        .key("DeviceID", "/dev/" + disk.filename().string())
        .set("Manufacturer", root.value(disk / "device/vendor"))
        .set("Name", model);
}

/// File systems on devices of this machine. Others may not answer for hours, and are no disks of its own;
/// loop devices hold packed programs.
bool is_local(Mount const& mount) {
    return mount.device.starts_with("/dev/") && !mount.device.starts_with("/dev/loop") &&
           !mount.type.starts_with("fuse");
}

Instances logical_disks(Root const& root, Running const& running) {
    constexpr std::uint64_t local_disk = 3;
    Instances instances;
    std::set<std::string> devices; // parts of a file system may be mounted again elsewhere
    for (auto const& mount : mounts_of(root.text("proc/mounts", Root::large))) {
        if (!is_local(mount) || !devices.insert(mount.device).second) continue;
        auto const space = running.space ? running.space(mount.point) : std::nullopt;
        Instance disk("Win32_LogicalDisk");
        disk.key("DeviceID", mount.point)
            .set("Description", "Local Fixed Disk")
            .set("DriveType", local_disk)
            .set("FileSystem", mount.type);
        if (space) disk.set("FreeSpace", space->free);
        disk.set("Name", mount.point);
        if (space) disk.set("Size", space->size);
        instances.push_back(std::move(disk.set("SystemName", host_name(root))));
    }
    return instances;
}

} // namespace

Instances disk_instances(Root const& root, Running const& running) {
    Instances instances;
    std::uint64_t index = 0;
    for (auto const& name : root.names("sys/block")) {
        auto const disk = Path("sys/block") / name;
        if (!root.exists(disk / "device")) continue; // made of memory, of files, or of other disks
        if (name.starts_with("sr")) {
            instances.push_back(optical_drive(root, disk));
            continue;
        }
        auto const partitions = partitions_of(root, disk);
        instances.push_back(drive(root, disk, index, partitions.size()));
        for (auto const& each : partitions) instances.push_back(partition_instance(root, disk, index, each));
        ++index;
    }
    for (auto& disk : logical_disks(root, running)) instances.push_back(std::move(disk));
    return instances;
}

} // namespace pointman::client::inventory
