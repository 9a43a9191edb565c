// SPDX-License-Identifier: Apache-2.0
// Processors and memory.
#include "base/number.hpp"
#include "client/inventory/machine.hpp"
#include "client/inventory/texts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace pointman::client::inventory {

namespace {

/// The logical processors of one socket.
struct Socket {
    Fields first;
    std::set<std::string_view> cores;
    std::uint64_t logical = 0;
};

/// By `physical id`. Machines that know no sockets have one.
std::map<unsigned, Socket> sockets_of(std::vector<Fields> const& processors) {
    std::map<unsigned, Socket> sockets;
    for (auto const& each : processors) {
        if (each["processor"].empty()) continue;
        auto& socket = sockets[number_in<unsigned>(each["physical id"]).value_or(0)];
        if (socket.logical == 0) socket.first = each;
        if (auto const core = each["core id"]; !core.empty()) socket.cores.insert(core);
        ++socket.logical;
    }
    return sockets;
}

/// `2100.000`, in MHz.
std::optional<std::uint64_t> clock_speed(std::string_view text) {
    return number_in<std::uint32_t>(text.substr(0, text.find('.')));
}

std::optional<std::uint64_t> most_clock_speed(Root const& root, std::string_view processor) {
    auto const text =
        root.value(fmt::format("sys/devices/system/cpu/cpu{}/cpufreq/cpuinfo_max_freq", processor));
    auto const kilohertz = number_in<std::uint64_t>(text);
    return kilohertz ? std::optional(*kilohertz / 1000) : std::nullopt;
}

bool has_flag(Fields const& processor, std::string_view flag) {
    auto const flags = words_of(processor["flags"]);
    return std::ranges::find(flags, flag) != flags.end();
}

Instance processor_of(Root const& root, unsigned number, Socket const& socket) {
    auto const& said = socket.first;
    Instance processor("Win32_Processor");
    processor.key("DeviceID", fmt::format("CPU{}", number));
    if (!said["flags"].empty()) { // x86 tells of 64 bits as of everything that it can do
        bool const is_64_bit = has_flag(said, "lm");
        processor.set("AddressWidth", is_64_bit ? 64 : 32).set("DataWidth", is_64_bit ? 64 : 32);
    }
    processor.set("CurrentClockSpeed", clock_speed(said["cpu MHz"]));
    if (has_flag(said, "lm")) processor.set("Is64Bit", "1");
    processor.set("Manufacturer", said["vendor_id"])
        .set("MaxClockSpeed", most_clock_speed(root, said["processor"]))
        .set("Name", said["model name"]);
    if (!socket.cores.empty()) processor.set("NumberOfCores", socket.cores.size());
    processor.set("NumberOfLogicalProcessors", socket.logical);
    return processor;
}

std::optional<Instance> module_of(Root const& root, std::string const& entry) {
    auto const module =
        memory_module_of(root.text(std::filesystem::path("sys/firmware/dmi/entries") / entry / "raw"));
    if (!module || module->capacity == 0) return std::nullopt;
    Instance instance("Win32_PhysicalMemory");
    instance.key("CreationClassName", "Win32_PhysicalMemory")
        .key("Tag", fmt::format("Physical Memory {}", entry.substr(entry.find('-') + 1)))
        .set("BankLabel", module->bank)
        .set("Capacity", module->capacity)
        .set("DeviceLocator", module->locator)
        .set("FormFactor", module->form_factor)
        .set("MemoryType", module->type)
        .set("Speed", module->speed);
    return instance;
}

} // namespace

Instances processor_instances(Root const& root) {
    auto const text = root.text("proc/cpuinfo", Root::large);
    auto const processors = paragraphs_of(text);
    Instances instances;
    for (auto const& [number, socket] : sockets_of(processors))
        instances.push_back(processor_of(root, number, socket));
    return instances;
}

Instances memory_instances(Root const& root) {
    Instances instances;
    auto const text = root.text("proc/meminfo");
    auto const paragraphs = paragraphs_of(text);
    if (!paragraphs.empty()) {
        auto const said = [&paragraphs](std::string_view name) { return paragraphs.front().kilobytes(name); };
        auto const together = [&said](std::string_view one, std::string_view other) {
            auto const first = said(one);
            auto const second = said(other);
            return first && second ? std::optional(*first + *second) : std::nullopt;
        };
        instances.push_back(Instance("CCM_LogicalMemoryConfiguration")
                                .key("Name", "Memory")
                                .set("AvailableVirtualMemory", together("MemAvailable", "SwapFree"))
                                .set("TotalPageFileSpace", said("SwapTotal"))
                                .set("TotalPhysicalMemory", said("MemTotal"))
                                .set("TotalVirtualMemory", together("MemTotal", "SwapTotal")));
    }
    for (auto const& entry : root.names("sys/firmware/dmi/entries")) {
        if (!entry.starts_with("17-")) continue;
        if (auto module = module_of(root, entry)) instances.push_back(std::move(*module));
    }
    return instances;
}

} // namespace pointman::client::inventory
