// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "db/reports.hpp"
#include "schemas/document.hpp"

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pointman::endpoints::inventory {

/// The attachments of a message, each for one `CollectedFile`.
class FileAttachments {
public:
    explicit FileAttachments(std::vector<db::StoredAttachment> attachments)
        : all_(std::move(attachments)) {}

    /// The bytes of a file that is listed as `name`, "" = without one: of the attachment that is called like
    /// its ID, of several the last, else of the only one that is called like the file. Nothing where none is;
    /// what is wrong with the ID.
    std::expected<std::optional<Bytes>, std::string> take(schemas::Element const& file,
                                                          std::string_view name);
    std::size_t left() const { return all_.size(); }

private:
    template <class F>
    std::optional<Bytes> take_if(F const& fits);
    std::optional<Bytes> take_by_id(std::uint64_t id);
    std::optional<Bytes> take_by_name(std::string_view name);

    std::vector<db::StoredAttachment> all_;
    std::set<std::uint64_t> ids_; ///< of files that were asked for
};

/// Calls `read` for each `CollectedFile` of a `ReportBody`. Returns what is odd about all of them together
/// and does no harm: another number than `CollectedFileSum`, attachments of no file. Fails with
/// limit_exceeded for too many files.
Result<std::vector<std::string>> read_file_list(schemas::Element const& body,
                                                FileAttachments const& attachments,
                                                std::function<void(schemas::Element const&)> const& read);

} // namespace pointman::endpoints::inventory
