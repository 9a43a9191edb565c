// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/software.hpp"
#include "endpoints/inventory/instance.hpp"

#include <vector>

namespace pointman::endpoints::inventory {

/// A file with what became of it, for a delta.
struct ReportedFile {
    Content content = Content::added;
    db::SoftwareFile file;
};

struct ReportedFiles {
    std::vector<ReportedFile> usable;
    std::vector<Error> unusable; ///< with their places
};

/// The files that instances speak of (software-inventory.md "body", "Keys"). One is unusable where it is no
/// `FileSystemFile`, has no name, or a size that is no number. A folder ends with its separator, whichever
/// way it was sent.
ReportedFiles read_files(Instances instances);

} // namespace pointman::endpoints::inventory
