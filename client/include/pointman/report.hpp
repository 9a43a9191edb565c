// SPDX-License-Identifier: Apache-2.0
// The header that all reports share: discovery, inventory, file collection, state messages, metering, IDMIF.
#pragma once

#include <chrono>
#include <pointman/export.hpp>
#include <pointman/time.hpp>
#include <string>
#include <string_view>

namespace pointman::client {

/// Who a report is from: `Identification/Machine` of its header.
struct Sender {
    std::string id;      ///< `GUID:` and the UUID, as registration gave it
    std::string version; ///< of the agent, e.g. "5.00.8325.0000"
    std::string netbios_name;
    unsigned code_page = 1252;
    unsigned lcid = 1033; ///< of the system
};

/// A whole report as XML in UTF-8, without declaration.
/// `content` is "Inventory Data", "FILECOLL", "State Message Data" ...; `type` is "Full", "Delta" or
/// "Resync"; `version` is MAJOR.MINOR of the sequence of reports. `action` is the element that names the
/// action which made the report ("" where the kind has none), and `body` what stands inside `ReportBody`:
/// both XML that is ready to be sent. All other texts are escaped here.
POINTMAN_API std::string report(Sender const& sender, std::string_view content, std::string_view type,
                                std::string_view version, Time date, std::string_view action,
                                std::string_view body);

/// `FileCollectionAction` for that id, e.g. "{00000000-0000-0000-0000-000000000010}".
POINTMAN_API std::string file_collection_action(std::string_view id);

} // namespace pointman::client
