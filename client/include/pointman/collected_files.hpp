// SPDX-License-Identifier: Apache-2.0
// MP_SinvCollFileEndpoint, and MP_RelayEndpoint with FileType IDMIF: copies of files.
#pragma once

#include <pointman/session.hpp>

namespace pointman::client {

enum class FileChange : std::uint8_t { added, updated, deleted };

struct CollectedFile {
    FileChange change = FileChange::added;
    std::string name;
    std::string path; ///< the folder, as the machine writes it
    Time modified{};  ///< LastWriteDate
    Bytes content{};  ///< none of a deleted file
};

/// What a report of collected files is in the sequence of them.
struct ReportSequence {
    std::string type = "Full";   ///< or "Delta", "Resync"
    std::string version = "1.0"; ///< MAJOR.MINOR
};

/// Files are numbered from 1 in their order; the number is the name of a file's attachment.
POINTMAN_API std::string file_collection_report(Sender const& sender, Time date,
                                                ReportSequence const& sequence,
                                                std::span<CollectedFile const> files);
/// Returns the tracking id.
POINTMAN_API Result<std::string> post_collected_files(Session const& session, ReportSequence const& sequence,
                                                      std::span<CollectedFile const> files);

/// One MIF file; its text is not looked at here.
struct MifFile {
    FileChange change = FileChange::added;
    Bytes content{}; ///< none of a deleted file
};

POINTMAN_API std::string idmif_report(Sender const& sender, Time date, ReportSequence const& sequence,
                                      std::span<MifFile const> files);
/// Returns the tracking id.
POINTMAN_API Result<std::string> post_idmif(Session const& session, ReportSequence const& sequence,
                                            std::span<MifFile const> files);

} // namespace pointman::client
