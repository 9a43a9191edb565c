// SPDX-License-Identifier: Apache-2.0
// What the policies of an agent want it to do.
#pragma once

#include "client/agent/policies.hpp"
#include "client/agent/schedule.hpp"
#include "client/inventory/snapshot.hpp"

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace pointman::client::agent {

/// What is reported. Names of the templates' parameters.
enum class Task : std::uint8_t { discovery, hardware, software, files, states, metering };
std::string_view name_of(Task task);

/// Of hardware inventory: a class, and which of its properties (keys always are).
struct ReportedClass {
    std::string name;
    std::set<std::string> properties; ///< in lower case
};

/// Files that are looked for. Paths are those of this machine: `/` parts folders.
struct FileRule {
    std::string pattern;        ///< of the name: `*`, `?`
    std::string directory;      ///< absolute
    bool below = false;         ///< in the folders below, too
    std::size_t most_bytes = 0; ///< of all files of the rule together; 0 = any
    bool operator==(FileRule const&) const = default;
};

/// A program whose runs are reported.
struct MeterRule {
    std::string product;
    std::string file; ///< its name, without a folder
    bool operator==(MeterRule const&) const = default;
};

struct Instructions {
    std::chrono::minutes polling{60}; ///< how often policy is asked for
    /// When each task is due. A task without a trigger is never.
    std::map<Task, std::vector<Trigger>> triggers{};
    std::set<Task> only_full{}; ///< report in full each time
    /// Requests of a full report, by assignment and version of its policy.
    std::map<Task, std::set<std::string>> resyncs{};
    std::vector<ReportedClass> classes{}; ///< none = all that are known
    std::vector<FileRule> software{};
    std::vector<FileRule> files{};
    std::vector<MeterRule> metering{};
    std::size_t most_file_bytes = std::size_t{20} * 1024 * 1024; ///< of a report of collected files
    std::map<Task, Time> changed{}; ///< when the site last changed what the task reports
    /// What could not be understood, a line each.
    std::vector<std::string> remarks{};
};

/// Without any policy that has schedules: discovery, hardware and software every seven days, and metering
/// where there are rules for it. `facts`: what conditions are judged by (condition.hpp); what they cannot
/// judge does not apply, and is remarked.
Instructions read_instructions(KeptPolicy const& policy, inventory::Snapshot const& facts);
/// On the client's machine.
Instructions read_instructions(LocalClient const& client, KeptPolicy const& policy);

/// What of the machine is reported by the classes.
inventory::Snapshot reported_part(inventory::Snapshot const& machine,
                                  std::vector<ReportedClass> const& classes);

} // namespace pointman::client::agent
