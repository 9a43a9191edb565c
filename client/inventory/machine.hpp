// SPDX-License-Identifier: Apache-2.0
// The machine as it is: read from /proc, /sys, dpkg, systemd's units and os-release. Only what can be read is
// told; what nobody can tell of a Linux machine is left out.
#pragma once

#include "client/inventory/root.hpp"
#include "client/inventory/snapshot.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::client::inventory {

/// An address of a network interface.
struct InterfaceAddress {
    std::string interface;
    std::string address; ///< without a zone
    std::string mask;    ///< IPv4: dotted; IPv6: length of the prefix
};

/// Bytes of a file system.
struct Space {
    std::uint64_t size = 0;
    std::uint64_t free = 0;
};

/// What no file tells: answers of the running system. Of a copied tree nobody knows them.
struct Running {
    std::string architecture = {}; ///< `x86_64`
    std::vector<InterfaceAddress> addresses = {};
    std::function<std::optional<Space>(std::string const& mount_point)> space = {};
};
Running running_system();

/// The hardware inventory of the machine whose files lie below `root`.
Snapshot collect(std::filesystem::path const& root = "/");
Snapshot collect(Root const& root, Running const& running);

// What collect() puts together.
using Instances = std::vector<Instance>;
Instances system_instances(Root const& root, Running const& running);
Instances firmware_instances(Root const& root);
Instances processor_instances(Root const& root);
Instances memory_instances(Root const& root);
Instances disk_instances(Root const& root, Running const& running);
Instances network_instances(Root const& root, Running const& running);
Instances device_instances(Root const& root);
Instances service_instances(Root const& root);
Instances package_instances(Root const& root);

/// The second in which the kernel began to run.
std::optional<TimePoint> boot_time(Root const& root);

/// As the machine is called: its host name, "" where nobody knows.
std::string host_name(Root const& root);
/// Its full name; "" where it has no domain.
std::string full_host_name(Root const& root);

} // namespace pointman::client::inventory
