// SPDX-License-Identifier: Apache-2.0
// Copies of files: the file collection report with its attachments (file-collection.md).
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "client/inventory/reports.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace pointman::client::inventory {

struct CollectedFile {
    std::string name;
    std::string folder; ///< with the separator at its end
    Time modified = {};
    Bytes bytes = {};
};

/// Reads a regular file of at most that many bytes. Fails with exceed_size_limit, not_found or io.
Result<CollectedFile> collect_file(std::filesystem::path const& file, std::size_t most);

/// `deleted` ones have no bytes.
struct FileChanges {
    std::vector<CollectedFile> added = {};
    std::vector<CollectedFile> updated = {};
    std::vector<CollectedFile> deleted = {};
};

struct Attachment {
    std::string name;
    Bytes bytes;
};

/// The body of the message and the attachments that it names.
struct FileCollection {
    std::string report;
    std::vector<Attachment> attachments;
};
/// All the files that a client collects, whatever the site has.
FileCollection full_file_collection(Sender const& sender, Occasion const& occasion,
                                    std::vector<CollectedFile> files);
FileCollection delta_file_collection(Sender const& sender, Occasion const& occasion, FileChanges changes);

} // namespace pointman::client::inventory
