// SPDX-License-Identifier: Apache-2.0
// The services that systemd knows.
#include "client/inventory/machine.hpp"
#include "client/inventory/texts.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace pointman::client::inventory {

namespace {

using Path = std::filesystem::path;

/// Where units lie; the first that has one of that name decides.
constexpr std::array unit_directories{"etc/systemd/system", "run/systemd/system",
                                      "usr/local/lib/systemd/system", "usr/lib/systemd/system",
                                      "lib/systemd/system"};
constexpr std::string_view suffix = ".service";

/// Names of what is started with something else: `multi-user.target.wants/cron.service`.
std::set<std::string> wanted_units(Root const& root) {
    std::set<std::string> wanted;
    for (auto const* const directory : unit_directories) {
        for (auto const& name : root.names(directory)) {
            if (!name.ends_with(".wants") && !name.ends_with(".requires")) continue;
            for (auto& unit : root.names(Path(directory) / name)) wanted.insert(std::move(unit));
        }
    }
    return wanted;
}

/// By name with the place of its file. Templates are none, and what only points to another unit is no second
/// one.
std::map<std::string, Path> units(Root const& root) {
    std::map<std::string, Path> units;
    for (auto const* const directory : unit_directories) {
        for (auto const& name : root.names(directory)) {
            auto const file = Path(directory) / name;
            if (!name.ends_with(suffix) || name.find('@') != std::string::npos) continue;
            auto const target = Path(root.link(file)).filename();
            if (!target.empty() && target != name && target != "null") continue;
            units.emplace(name, file);
        }
    }
    return units;
}

/// Whether processes of the service run; nothing where the system does not tell.
std::optional<bool> runs(Root const& root, std::string const& unit) {
    if (!root.exists("sys/fs/cgroup/system.slice")) return std::nullopt;
    auto const events = root.text(Path("sys/fs/cgroup/system.slice") / unit / "cgroup.events");
    return events.find("populated 1") != std::string::npos;
}

Instance service(Root const& root, std::string const& unit, Path const& file, bool is_wanted) {
    bool const masked = root.link(file) == "/dev/null";
    auto const settings = unit_settings_of(root.text(file));
    auto const said = [&settings](std::string_view name) {
        auto const found = settings.find(name);
        return found == settings.end() ? std::string_view() : std::string_view(found->second);
    };
    Instance service("Win32_Service");
    service.key("Name", unit.substr(0, unit.size() - suffix.size()))
        .set("DisplayName", said("Unit.Description"))
        .set("PathName", said("Service.ExecStart"))
        .set("StartMode", masked      ? "Disabled"
                          : is_wanted ? "Auto"
                                      : "Manual");
    if (!masked) service.set("StartName", said("Service.User").empty() ? "root" : said("Service.User"));
    if (auto const running = runs(root, unit)) service.set("State", *running ? "Running" : "Stopped");
    return service;
}

} // namespace

Instances service_instances(Root const& root) {
    auto const wanted = wanted_units(root);
    Instances instances;
    for (auto const& [name, file] : units(root))
        instances.push_back(service(root, name, file, wanted.contains(name)));
    return instances;
}

} // namespace pointman::client::inventory
