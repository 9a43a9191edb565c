// SPDX-License-Identifier: Apache-2.0
#include "client/inventory/machine.hpp"

#include "base/number.hpp"
#include "client/inventory/texts.hpp"

#include <arpa/inet.h>
#include <array>
#include <bit>
#include <ifaddrs.h>
#include <iterator>
#include <memory>
#include <netinet/in.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>

namespace pointman::client::inventory {

namespace {

/// The address in text, and its mask as reports have it. Nothing for what is no internet address.
std::optional<InterfaceAddress> address_of(ifaddrs const& entry) {
    if (entry.ifa_addr == nullptr || entry.ifa_netmask == nullptr) return std::nullopt;
    auto const family = entry.ifa_addr->sa_family;
    std::array<char, INET6_ADDRSTRLEN> text{};
    InterfaceAddress result{entry.ifa_name, {}, {}};
    if (family == AF_INET) {
        auto const* const address = reinterpret_cast<sockaddr_in const*>(entry.ifa_addr);
        auto const* const mask = reinterpret_cast<sockaddr_in const*>(entry.ifa_netmask);
        result.address = inet_ntop(family, &address->sin_addr, text.data(), text.size());
        result.mask = inet_ntop(family, &mask->sin_addr, text.data(), text.size());
        return result;
    }
    if (family != AF_INET6) return std::nullopt;
    auto const* const address = reinterpret_cast<sockaddr_in6 const*>(entry.ifa_addr);
    auto const* const mask = reinterpret_cast<sockaddr_in6 const*>(entry.ifa_netmask);
    result.address = inet_ntop(family, &address->sin6_addr, text.data(), text.size());
    int bits = 0;
    for (auto const byte : mask->sin6_addr.s6_addr) bits += std::popcount(byte);
    result.mask = std::to_string(bits);
    return result;
}

std::vector<InterfaceAddress> interface_addresses() {
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0) return {};
    std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> const owner(list, &freeifaddrs);
    std::vector<InterfaceAddress> addresses;
    for (auto const* entry = list; entry != nullptr; entry = entry->ifa_next)
        if (auto address = address_of(*entry)) addresses.push_back(std::move(*address));
    return addresses;
}

std::optional<Space> space_of(std::string const& mount_point) {
    struct statvfs status {};
    if (::statvfs(mount_point.c_str(), &status) != 0) return std::nullopt;
    return Space{std::uint64_t{status.f_blocks} * status.f_frsize,
                 std::uint64_t{status.f_bavail} * status.f_frsize};
}

void append(Instances& all, Instances some) {
    all.insert(all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
}

} // namespace

Running running_system() {
    utsname names{};
    bool const known = ::uname(&names) == 0;
    return {known ? names.machine : "", interface_addresses(), space_of};
}

Snapshot collect(std::filesystem::path const& root) {
    Root const files(root);
    return collect(files, files.is_running_system() ? running_system() : Running{});
}

Snapshot collect(Root const& root, Running const& running) {
    auto all = system_instances(root, running);
    append(all, firmware_instances(root));
    append(all, processor_instances(root));
    append(all, memory_instances(root));
    append(all, disk_instances(root, running));
    append(all, network_instances(root, running));
    append(all, device_instances(root));
    append(all, service_instances(root));
    append(all, package_instances(root));
    return Snapshot(std::move(all));
}

std::optional<TimePoint> boot_time(Root const& root) {
    auto const text = root.text("proc/stat", Root::large);
    for (auto const line : lines_of(text)) {
        auto const words = words_of(line);
        if (words.size() != 2 || words[0] != "btime") continue;
        auto const seconds = number_in<std::uint32_t>(words[1]);
        return seconds ? std::optional(TimePoint{std::chrono::seconds{*seconds}}) : std::nullopt;
    }
    return std::nullopt;
}

std::string host_name(Root const& root) {
    auto const full = root.value("proc/sys/kernel/hostname");
    return full.substr(0, full.find('.'));
}

std::string full_host_name(Root const& root) {
    auto name = root.value("proc/sys/kernel/hostname");
    return name.find('.') != std::string::npos ? name : full_name_of(root.text("etc/hosts"), name);
}

} // namespace pointman::client::inventory
