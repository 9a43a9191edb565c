// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/reports.hpp"
#include "endpoints/inventory/reported.hpp"
#include "schemas/document.hpp"

#include <string>
#include <vector>

namespace pointman::endpoints::idmif {

/// A file of a report, read.
struct SentMif {
    std::string name; ///< for the log: as the report lists it, else "file ID"
    std::vector<inventory::ReportedClass> classes;
};

struct SentMifs {
    std::vector<SentMif> usable;
    std::vector<Error> unusable;      ///< bad_mif with its place in the file, unusable_instance in the report
    std::vector<std::string> remarks; ///< for the log: what was odd and did no harm
    std::size_t attachments = 0;      ///< of the message
    std::size_t deleted = 0;          ///< files that are gone: what they said stays
};

/// The `CollectedFile`s of a `ReportBody` with the attachments that hold their text (relay.md 5). One is
/// unusable where its bytes did not come, they are more than `max_file` (exceed_size_limit, unread), or they
/// are no MIF. Fails with limit_exceeded for too many files.
Result<SentMifs> read_mifs(schemas::Element const& body, std::vector<db::StoredAttachment> attachments,
                           std::uint64_t max_file);

} // namespace pointman::endpoints::idmif
