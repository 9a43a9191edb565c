// SPDX-License-Identifier: Apache-2.0
// What an agent reports of its machine: discovery, hardware, software. Each is put into the queue; what was
// reported is kept for the next difference.
#pragma once

#include "client/agent/instructions.hpp"
#include "client/agent/local_client.hpp"
#include "client/inventory/saved.hpp"
#include "client/inventory/software.hpp"

namespace pointman::client::agent {

enum class ReportType : std::uint8_t {
    next, ///< the first time full, then deltas
    full,
    delta,  ///< fails with not_found where nothing was reported before
    resync, ///< full, because the site has asked for it
};

struct Reported {
    std::string type;      ///< as the report says: "Full", "Delta", "Resync"
    std::string version;   ///< MAJOR.MINOR
    std::size_t items = 0; ///< instances or files in it
};

Result<Reported> report_discovery(LocalClient& client, Instructions const& instructions);
Result<Reported> report_hardware(LocalClient& client, Instructions const& instructions, ReportType type);
Result<Reported> report_software(LocalClient& client, Instructions const& instructions, ReportType type);

/// How a report goes on from the one before it.
struct Sequel {
    inventory::Version version = {};
    bool is_delta = false;
    inventory::Snapshot before{}; ///< of a delta
    inventory::Asked asked = inventory::Asked::no;

    std::string type() const; ///< as the report says it
};
/// From what is kept in that file; a damaged one is told of, and a full report follows.
Result<Sequel> next_in_sequence(LocalClient const& client, std::string_view file, ReportType type);
/// After the report is in the queue.
Result<void> keep_reported(LocalClient const& client, std::string_view file, Sequel const& sequel,
                           inventory::Snapshot now);

inventory::Scan scan_of(FileRule const& rule);

} // namespace pointman::client::agent
