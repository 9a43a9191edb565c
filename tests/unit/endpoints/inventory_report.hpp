// SPDX-License-Identifier: Apache-2.0
// Hardware inventory reports for tests, written as hardware-inventory.md has them.
#pragma once

#include "db/inventory.hpp"
#include "tests/unit/endpoints/bench.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pointman::test {

struct ReportedInstance {
    std::string content; ///< New, Updated, Deleted
    std::string class_name;
    db::InventoryProperties properties;
};

/// `<Instance Class="..." ...><CLASS>...</CLASS></Instance>`
std::string instance_xml(ReportedInstance const& instance);

/// A report of the client of the samples. `instances` is XML.
std::string hardware_report(std::string_view type, std::string_view version, std::string_view instances,
                            std::string_view date = "20100315083007.104000+060",
                            std::string_view smsid = workstation);

/// The same of another action, e.g. "0002" for software.
std::string report_of_action(std::string_view action, std::string_view type, std::string_view version,
                             std::string_view instances, std::string_view date = "20100315083007.104000+060",
                             std::string_view smsid = workstation);

/// A report of files: of that `ReportContent`, with a FileCollectionAction.
std::string file_report(std::string_view action, std::string_view content, std::string_view type,
                        std::string_view version, std::string_view files);

/// A report that the relay carries: without an action, of that `ReportContent`.
std::string relay_report(std::string_view content, std::string_view body,
                         std::string_view date = "20261128180000.000000+000");

/// In a message to MP_HinvEndpoint.
Draft hardware_draft(std::string report, std::string_view smsid = workstation);

/// `Win32_LogicalDisk` with DeviceID and FreeSpace.
std::string disk(std::string_view content, std::string_view device, std::string_view free_space);

/// What the client has now; "" = all classes.
std::vector<db::InventoryState> current(Bench& bench, std::string_view class_name = {},
                                        std::string_view smsid = workstation);
std::vector<db::InventoryState> history(Bench& bench, std::string_view class_name = {},
                                        std::string_view smsid = workstation);

/// What the program sqlite3 answers to a query, as an administrator would ask it: `a|b` a line.
std::string ask(Bench& bench, std::string const& query);

/// Names of the reasons of the full reports that were asked for.
std::vector<std::string> resyncs(Bench& bench);

} // namespace pointman::test
