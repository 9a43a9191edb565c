// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/software.hpp"
#include "endpoints/software_inventory/files.hpp"

#include <vector>

namespace pointman::endpoints::inventory {

/// What a report changed.
struct FileChanges {
    std::size_t added = 0;
    std::size_t changed = 0;
    std::size_t removed = 0;
    std::size_t same = 0;
    std::size_t repeated = 0; ///< in place of another of the same report with the same keys
    std::size_t unknown = 0;  ///< deleted, and not there
};

/// The client has the files of the report and no others. Those that it calls deleted are left out.
Result<FileChanges> load_all_files(db::SoftwareWriter& writer, std::vector<ReportedFile> const& files);

/// What is deleted goes before anything comes, so that the order inside the report does not matter. An update
/// of a file that is not there adds it: the result is right either way (software-inventory.md "Malformed
/// messages").
Result<FileChanges> load_changed_files(db::SoftwareWriter& writer, std::vector<ReportedFile> const& files);

} // namespace pointman::endpoints::inventory
