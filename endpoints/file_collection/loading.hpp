// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "db/collected_files.hpp"
#include "endpoints/file_collection/files.hpp"

namespace pointman::endpoints::inventory {

/// What a report changed.
struct FileCopies {
    std::size_t added = 0;   ///< revisions
    std::size_t same = 0;    ///< files that a full report brought as they were
    std::size_t removed = 0; ///< files
    std::size_t unknown = 0; ///< deleted, and not there
};

/// Where the copies go.
struct FileShelves {
    db::CollectedFileWriter& rows;
    db::ContentFiles const& contents;
    TimePoint received;
};

/// file-collection.md, "Server semantics" 4 and 5. A full report removes what it does not name; what it
/// brings as it was is no new revision. In a delta each file that is not deleted is one.
Result<FileCopies> load_files(FileShelves const& shelves, SentFiles const& files, bool is_full);

} // namespace pointman::endpoints::inventory
