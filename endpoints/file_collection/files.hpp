// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "db/collected_files.hpp"
#include "db/reports.hpp"
#include "endpoints/inventory/instance.hpp"
#include "schemas/document.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace pointman::endpoints::inventory {

/// A file of a report, with its bytes.
struct SentFile {
    Content content = Content::added;
    db::CollectedFileName of;
    std::int64_t size = 0; ///< of what was sent; where that was not kept, as the report says
    std::string modified;  ///< LastWriteDate
    Bytes bytes;
    std::string sha256; ///< "" = the bytes are not kept, or there are none
    std::string remark; ///< why they are not kept
};

struct SentFiles {
    std::vector<SentFile> usable;
    std::vector<Error> unusable;                ///< with their places
    std::vector<db::CollectedFileName> unknown; ///< those of `unusable` whose names are known all the same
    std::vector<std::string> remarks;           ///< for the log: what was odd and did no harm
};

/// Each file that is kept costs the disk a wait or two, however small it is.
constexpr std::size_t most_kept_files = 1'000;

struct FileLimits {
    std::uint64_t file = 0;              ///< bytes of one
    std::uint64_t cycle = 0;             ///< of all that a report brings
    std::size_t files = most_kept_files; ///< of a report that have bytes which are kept
};

/// The `CollectedFile`s of a `ReportBody` with the attachments that hold their bytes (file-collection.md,
/// "Consistency checks" and "Malformed messages"). One is unusable where it has no name or folder, an ID that
/// is no number or is another's, nobody can tell what `Content` asks for, or its bytes did not come. Over a
/// limit the bytes are not kept, and the rest is. Fails with limit_exceeded for too many files.
Result<SentFiles> read_sent_files(schemas::Element const& body, std::vector<db::StoredAttachment> attachments,
                                  FileLimits const& limits);

} // namespace pointman::endpoints::inventory
