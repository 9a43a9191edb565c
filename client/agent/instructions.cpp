// SPDX-License-Identifier: Apache-2.0
#include "client/agent/instructions.hpp"

#include "base/number.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "client/agent/condition.hpp"
#include "client/agent/policy_body.hpp"
#include "client/inventory/reports.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace pointman::client::agent {

namespace {

/// The names of tasks, and the ids that actions and schedules have for them (reports.hpp; that of the state
/// system is the one the daemon's policy uses).
struct KnownTask {
    Task task;
    std::string_view name;
    std::string_view id;
};
constexpr std::array known_tasks{
    KnownTask{Task::discovery, "discovery", inventory::discovery_action},
    KnownTask{Task::hardware, "hardware", inventory::hardware_action},
    KnownTask{Task::software, "software", inventory::software_action},
    KnownTask{Task::files, "files", inventory::file_collection_action_id},
    KnownTask{Task::metering, "metering", "{00000000-0000-0000-0000-000000000031}"},
    KnownTask{Task::states, "states", "{00000000-0000-0000-0000-000000000111}"},
};
constexpr std::string_view policy_schedule = "{00000000-0000-0000-0000-000000000021}";

std::optional<Task> task_of(std::string_view id) {
    auto const found = std::ranges::find_if(
        known_tasks, [id](KnownTask const& known) { return equal_ignoring_case(known.id, id); });
    return found == known_tasks.end() ? std::nullopt : std::optional(found->task);
}

bool is_true(std::string_view text) {
    return equal_ignoring_case(text, "TRUE");
}

/// Comma-separated names, in lower case.
std::set<std::string> names_in(std::string_view list) {
    std::set<std::string> names;
    while (!list.empty()) {
        auto const part = list.substr(0, list.find(','));
        list.remove_prefix(std::min(part.size() + 1, list.size()));
        if (auto const name = trim(part); !name.empty()) names.insert(to_lower(name));
    }
    return names;
}

/// The text behind `NAME =` in a filter, its backslashes undone; nothing where it is not there.
std::optional<std::string> value_in_filter(std::string_view filter, std::string_view name) {
    for (auto rest = filter; !rest.empty();) {
        auto const word = rest.substr(0, rest.find_first_of(" ='"));
        auto const quote = rest.find('\'');
        if (quote == std::string_view::npos) return std::nullopt;
        bool const is_it = equal_ignoring_case(word, name);
        std::string value;
        std::size_t at = quote + 1;
        for (; at < rest.size() && rest[at] != '\''; ++at) {
            if (rest[at] == '\\' && at + 1 < rest.size()) ++at;
            value.push_back(rest[at]);
        }
        if (is_it) return value;
        rest.remove_prefix(std::min(at + 1, rest.size()));
        rest = trim(rest);
        if (starts_with_ignoring_case(rest, "AND ")) rest = trim(rest.substr(4));
    }
    return std::nullopt;
}

/// A folder of this machine; nothing for one of another system (`C:\`, `%windir%\`).
std::optional<std::string> folder_of(std::string path) {
    std::ranges::replace(path, '\\', '/');
    if (path == "*") path = "/";
    if (!path.starts_with('/')) return std::nullopt;
    return path;
}

class Reader {
public:
    void read(KeptAssignment const& kept, inventory::Snapshot const& facts) {
        if (kept.body.empty()) return;
        auto const applies = holds(kept.assignment.condition, facts);
        if (!applies)
            remark(kept, "it is not applied, since its condition is not understood here: " +
                             text_of(kept.assignment.condition));
        if (!applies.value_or(false)) return;
        auto const body = read_policy_instances(kept.body, facts);
        if (!body) {
            remark(kept, body.error().message);
            return;
        }
        for (auto const& condition : body->unknown_conditions)
            remark(kept, "a rule is left out, since its condition is not understood here: " + condition);
        for (auto const& instance : body->instances) take(kept, instance);
    }

    Instructions finish() {
        if (!has_schedules_) use_usual_schedules();
        for (auto const task : switched_off_) out_.triggers.erase(task);
        if (out_.metering.empty()) out_.triggers.erase(Task::metering); // by rules only
        return std::move(out_);
    }

private:
    void take(KeptAssignment const& kept, PolicyInstance const& instance) {
        auto const is = [&instance](std::string_view name) {
            return equal_ignoring_case(instance.class_name, name);
        };
        if (is("CCM_Scheduler_ScheduledMessage")) take_schedule(kept, instance);
        if (is("InventoryAction"))
            take_action(kept, instance, instance.value("InventoryActionID"), instance.value("ReportType"));
        if (is("FileCollectionAction")) take_collection(kept, instance);
        if (is("InventoryDataItem")) take_item(kept, instance);
        if (is("CollectableFileItem")) take_file_item(kept, instance);
        if (is("CCM_HardwareInventoryClientConfig")) take_switch(instance, {Task::hardware});
        if (is("CCM_SoftwareInventoryClientConfig")) take_switch(instance, {Task::software});
        if (is("CCM_SoftwareMeteringRule")) take_meter_rule(kept, instance);
        if (is("CCM_SoftwareMeteringClientConfig")) take_switch(instance, {Task::metering});
        if (is("CCM_InventoryClientConfig")) take_switch(instance, {Task::hardware, Task::software});
    }

    void take_schedule(KeptAssignment const& kept, PolicyInstance const& instance) {
        auto const id = instance.value("ScheduledMessageID");
        bool const is_policy = equal_ignoring_case(id, policy_schedule);
        auto const task = task_of(id);
        if (!is_policy && !task) return;
        has_schedules_ = true;
        for (auto const& text : instance.values("Triggers")) {
            auto const trigger = Trigger::parse(text);
            if (!trigger) {
                remark(kept, trigger.error().message);
            } else if (task) {
                out_.triggers[*task].push_back(*trigger);
            } else if (auto const* const every = std::get_if<std::chrono::minutes>(&trigger->what())) {
                out_.polling = *every;
            }
        }
    }

    void take_action(KeptAssignment const& kept, PolicyInstance const& instance, std::string_view id,
                     std::string_view type) {
        auto const task = task_of(id);
        if (!task) return;
        if (equal_ignoring_case(type, "Resync"))
            out_.resyncs[*task].insert(
                fmt::format("{} {}", kept.assignment.id, kept.assignment.policy_version));
        if (equal_ignoring_case(type, "Full")) out_.only_full.insert(*task);
        if (auto const time = parse_cim_time(instance.value("InventoryActionLastUpdateTime")))
            out_.changed[*task] = *time;
    }

    void take_collection(KeptAssignment const& kept, PolicyInstance const& instance) {
        take_action(kept, instance, instance.value("FileCollectionActionID"),
                    instance.value("CollectionType"));
        if (auto const most = number_in<std::size_t>(instance.value("MaxTotalFileSize")))
            out_.most_file_bytes = *most;
    }

    void take_item(KeptAssignment const& kept, PolicyInstance const& instance) {
        auto const task = task_of(instance.value("InventoryActionID"));
        if (task == Task::hardware)
            out_.classes.push_back({instance.value("ItemClass"), names_in(instance.value("Properties"))});
        if (task != Task::software) return;
        auto const filter = instance.value("Filter");
        auto path = value_in_filter(filter, "Path").value_or("*");
        bool const below = path.ends_with('*');
        if (below && path.size() > 1) path.pop_back();
        add_rule(
            kept, out_.software,
            {.pattern = value_in_filter(filter, "Name").value_or("*"), .directory = path, .below = below});
    }

    void take_file_item(KeptAssignment const& kept, PolicyInstance const& instance) {
        auto const path = instance.value("SearchPath");
        add_rule(kept, out_.files,
                 {.pattern = instance.value("FileSpec"),
                  .directory = path,
                  .below = path == "*" || is_true(instance.value("ScanSubdirectories")),
                  .most_bytes = number_in<std::size_t>(instance.value("MaxItemFileSize")).value_or(0)});
    }

    void add_rule(KeptAssignment const& kept, std::vector<FileRule>& rules, FileRule rule) {
        auto const folder = folder_of(rule.directory);
        if (!folder) {
            remark(kept, fmt::format("{} in {} is passed over: no folder of this machine", rule.pattern,
                                     rule.directory));
            return;
        }
        rule.directory = *folder;
        rules.push_back(std::move(rule));
    }

    /// Files of this machine tell neither version nor language: who asks for one of these means none of them.
    void take_meter_rule(KeptAssignment const& kept, PolicyInstance const& instance) {
        if (!is_true(instance.value("Enabled"))) return;
        auto const or_any = [&instance](std::string_view name, std::string_view any) {
            auto const value = instance.value(name);
            return value.empty() || value == any;
        };
        MeterRule rule{.product = instance.value("ProductName"), .file = instance.value("FileName")};
        if (rule.file.empty() || !or_any("FileVersion", "*") || !or_any("LanguageID", "65535")) {
            remark(kept, fmt::format("the usage of {} is not metered: no program of this machine tells its "
                                     "version or its language",
                                     rule.file));
            return;
        }
        out_.metering.push_back(std::move(rule));
    }

    void take_switch(PolicyInstance const& instance, std::initializer_list<Task> tasks) {
        if (!is_true(instance.value("Enabled"))) switched_off_.insert(tasks);
    }

    /// The daemon's own defaults (policy template client-settings).
    void use_usual_schedules() {
        constexpr std::chrono::days week{7};
        for (auto const task : {Task::discovery, Task::hardware, Task::software, Task::files, Task::metering})
            out_.triggers[task].emplace_back(week);
    }

    void remark(KeptAssignment const& kept, std::string_view what) {
        out_.remarks.push_back(fmt::format("policy {}: {}", kept.assignment.policy_id, what));
    }

    Instructions out_;
    std::set<Task> switched_off_;
    bool has_schedules_ = false;
};

/// Keys, and the properties that are wanted.
inventory::Instance reduced(inventory::Instance instance, std::set<std::string> const& wanted) {
    std::erase_if(instance.properties, [&wanted](inventory::Property const& property) {
        return property.role == inventory::Role::value && !wanted.contains(to_lower(property.name));
    });
    return instance;
}

} // namespace

std::string_view name_of(Task task) {
    return std::ranges::find(known_tasks, task, &KnownTask::task)->name;
}

Instructions read_instructions(KeptPolicy const& policy, inventory::Snapshot const& facts) {
    Reader reader;
    for (auto const& kept : policy.assignments) reader.read(kept, facts);
    return reader.finish();
}

Instructions read_instructions(LocalClient const& client, KeptPolicy const& policy) {
    return read_instructions(policy,
                             facts_of(client.session().agent.version, inventory::Root(client.root())));
}

inventory::Snapshot reported_part(inventory::Snapshot const& machine,
                                  std::vector<ReportedClass> const& classes) {
    if (classes.empty()) return machine;
    std::map<std::string, std::set<std::string>> wanted;
    for (auto const& [name, properties] : classes)
        wanted[to_lower(name)].insert(properties.begin(), properties.end());
    std::vector<inventory::Instance> instances;
    for (auto const& [identity, instance] : machine.entries()) {
        auto const found = wanted.find(to_lower(instance.class_name));
        if (found != wanted.end()) instances.push_back(reduced(instance, found->second));
    }
    return inventory::Snapshot(std::move(instances));
}

} // namespace pointman::client::agent
