// SPDX-License-Identifier: Apache-2.0
// Reports of inventory and discovery as XML, in the form of the recorded ones.
#pragma once

#include "base/error.hpp"
#include "client/inventory/difference.hpp"
#include "client/inventory/snapshot.hpp"

#include <pointman/report.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::client::inventory {

/// Of the sequence of reports of one action: a full report begins a major version, each delta adds one to the
/// minor (hardware-inventory.md "Version sequencing").
struct Version {
    unsigned major = 1;
    unsigned minor = 0;

    Version next_full() const { return {major + 1, 0}; }
    Version next_delta() const { return {major, minor + 1}; }
    std::string text() const; ///< `1.0`
    /// Fails with malformed.
    static pointman::Result<Version> parse(std::string_view text);

    bool operator==(Version const&) const = default;
};

/// Of a full report: whether the site has asked for it.
enum class Asked { no, by_resync };

/// When a report is made.
struct Occasion {
    Version version = {};
    Time date = {};
    Time policy = {}; ///< of the policy that asks for such reports: InventoryActionLastUpdateTime
    Asked asked = Asked::no;
};

/// Ids of the actions. The attachment that holds a report is called like its action.
inline constexpr std::string_view hardware_action = "{00000000-0000-0000-0000-000000000001}";
inline constexpr std::string_view software_action = "{00000000-0000-0000-0000-000000000002}";
inline constexpr std::string_view discovery_action = "{00000000-0000-0000-0000-000000000003}";
inline constexpr std::string_view file_collection_action_id = "{00000000-0000-0000-0000-000000000010}";

// A snapshot makes a full report, a difference a delta. Empty ones make the copy that is only a header, which
// clients send along as the body of the message. UTF-8 without declaration.
std::string hardware_report(Sender const& sender, Occasion const& occasion, Snapshot const& machine);
std::string hardware_report(Sender const& sender, Occasion const& occasion, Difference const& changes);
std::string software_report(Sender const& sender, Occasion const& occasion, Snapshot const& files);
std::string software_report(Sender const& sender, Occasion const& occasion, Difference const& changes);
/// Always full, and no version follows another (ddr.md).
std::string discovery_report(Sender const& sender, Occasion const& occasion,
                             std::vector<Instance> const& record);

} // namespace pointman::client::inventory
