// SPDX-License-Identifier: Apache-2.0
// The texts in which Linux tells what a machine is. Pure functions: whatever a text holds, they take what
// they can read of it and pass over the rest. Views are of the text that was given.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pointman::client::inventory {

std::vector<std::string_view> lines_of(std::string_view text);
/// What white space parts.
std::vector<std::string_view> words_of(std::string_view text);

/// `Name: value`, as /proc/cpuinfo, /proc/meminfo and dpkg's status have it.
class Fields {
public:
    void add(std::string_view name, std::string_view value) { all_.emplace_back(name, value); }
    bool empty() const { return all_.empty(); }
    /// Of the first of that name; "" where there is none.
    std::string_view operator[](std::string_view name) const;
    /// A value like `24683584 kB`, in kilobytes.
    std::optional<std::uint64_t> kilobytes(std::string_view name) const;

private:
    std::vector<std::pair<std::string_view, std::string_view>> all_;
};

/// Blocks of fields with blank lines between them. Of a value in several lines the first is taken.
std::vector<Fields> paragraphs_of(std::string_view text);

using Assignments = std::map<std::string, std::string, std::less<>>;
/// `NAME=value`, quoted as for a shell (os-release). Of several the last counts.
Assignments assignments_of(std::string_view text);

/// Files of systemd: what the sections `[Unit]`, `[Service]` ... say, as `Unit.Description`. Lines that end
/// with `\` go on. Of several values the first is taken; an empty one takes back what was said before it.
Assignments unit_settings_of(std::string_view text);

/// A line of /proc/mounts.
struct Mount {
    std::string device;
    std::string point;
    std::string type;
};
std::vector<Mount> mounts_of(std::string_view text);

/// Default gateways in /proc/net/route: name of the interface, address.
std::vector<std::pair<std::string, std::string>> gateways_of(std::string_view text);

/// resolv.conf.
struct Resolver {
    std::vector<std::string> servers;
    std::string domain; ///< `domain`, or the first of `search`
};
Resolver resolver_of(std::string_view text);

/// The full name that /etc/hosts knows of a machine; "" where it has none with a domain.
std::string full_name_of(std::string_view hosts, std::string_view name);

/// /proc/PID/stat: when the process began, in ticks since the kernel did. The program's name, which stands in
/// brackets, may hold anything.
std::optional<std::uint64_t> start_of_process(std::string_view stat);

/// The rule at the end of a compiled time zone: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct Zone {
    std::string standard;
    std::string daylight; ///< "" = none
    int bias = 0;         ///< minutes that standard time is ahead of UTC
};
std::optional<Zone> zone_of(std::string_view compiled);

/// What the firmware says of one memory module (SMBIOS, structure of type 17 with its strings).
struct MemoryModule {
    std::uint64_t capacity = 0;               ///< bytes; 0 = the slot is empty, or nobody knows
    std::optional<unsigned> form_factor = {}; ///< as CIM counts them
    std::optional<unsigned> type = {};        ///< as CIM counts them
    std::optional<unsigned> speed = {};       ///< MT/s
    std::string locator = {};
    std::string bank = {};
};
std::optional<MemoryModule> memory_module_of(std::string_view structure);

/// Maker and device, four hex digits each.
using PciId = std::pair<std::string, std::string>;
/// Their names in a pci.ids, of those that are asked for. Where only the maker is known, the second is "".
std::map<PciId, std::pair<std::string, std::string>> pci_names_of(std::string_view pci_ids,
                                                                  std::vector<PciId> const& wanted);

/// `Jane Doe <jane@example.org>` without the address.
std::string_view without_address(std::string_view person);

} // namespace pointman::client::inventory
