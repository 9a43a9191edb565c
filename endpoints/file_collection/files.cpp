// SPDX-License-Identifier: Apache-2.0
#include "endpoints/file_collection/files.hpp"

#include "base/hex.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "endpoints/inventory/file_list.hpp"
#include "endpoints/inventory/folder.hpp"
#include "endpoints/report/fault.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace pointman::endpoints::inventory {

namespace {

using schemas::Element;

class Reading {
public:
    Reading(std::vector<db::StoredAttachment> attachments, FileLimits const& limits)
        : attachments_(std::move(attachments))
        , limits_(limits) {}

    Result<SentFiles> run(Element const& body) {
        auto const remarks = read_file_list(body, attachments_, [this](Element const& file) { read(file); });
        if (!remarks) return std::unexpected(remarks.error());
        files_.remarks.insert(files_.remarks.end(), remarks->begin(), remarks->end());
        return std::move(files_);
    }

private:
    void refuse(Element const& element, std::string message) {
        files_.unusable.push_back(fault_at(element, Code::unusable_instance, std::move(message)));
    }

    void read(Element const& element) {
        SentFile file;
        file.of = {folder_of(element.child_text("Path")), std::string(trim(element.child_text("Name")))};
        if (file.of.name.empty()) return refuse(element, "a file without a name");
        if (file.of.path.empty()) return refuse(element, fmt::format("{} without a path", file.of.name));
        if (file.of.name.size() > longest_value || file.of.path.size() > longest_value)
            return refuse(element, fmt::format("a name or path of more than {} bytes", longest_value));
        file.modified = trim(element.child_text("LastWriteDate"));
        auto usable = complete(element, file);
        if (!usable.empty()) {
            files_.unknown.push_back(file.of);
            return refuse(element, std::move(usable));
        }
        files_.usable.push_back(std::move(file));
    }

    /// Why it cannot be used; "" = it can.
    std::string complete(Element const& element, SentFile& file) {
        auto const content = content_of(element.attribute_or("Content", ""));
        if (!content) {
            return fmt::format("Content of {} is \"{}\": neither New, Updated nor Deleted", file.of.name,
                               element.attribute_or("Content", ""));
        }
        file.content = *content;
        if (file.content == Content::deleted) return {};
        auto const size = number_in<std::int64_t>(trim(element.child_text("Size")));
        auto bytes = attachments_.take(element, file.of.name);
        if (!bytes) return std::move(bytes.error());
        // An empty file needs no attachment.
        if (!*bytes && size != 0) return fmt::format("the bytes of {} did not come", file.of.name);
        keep(file, *bytes ? std::move(**bytes) : Bytes{}, size);
        return {};
    }

    void keep(SentFile& file, Bytes bytes, std::optional<std::int64_t> declared) {
        file.size = static_cast<std::int64_t>(bytes.size());
        // It may have changed while the client read it: what came is what counts.
        if (declared && *declared != file.size) {
            files_.remarks.push_back(
                fmt::format("{} has {} bytes, and its Size is {}", file.of.name, file.size, *declared));
        }
        auto const why = over_limit(bytes.size());
        if (!why.empty()) {
            file.remark = fmt::format("truncated by policy: {}", why);
            files_.remarks.push_back(fmt::format("the bytes of {} are not kept: {}", file.of.name, why));
            return;
        }
        kept_ += bytes.size();
        ++kept_files_;
        file.sha256 = sha256_hex(bytes);
        file.bytes = std::move(bytes);
    }

    std::string over_limit(std::uint64_t size) const {
        if (kept_files_ == limits_.files)
            return fmt::format("the report has more than {} files", limits_.files);
        if (size > limits_.file)
            return fmt::format("{} bytes are more than file_collection.max_file ({})", size, limits_.file);
        if (size > limits_.cycle - kept_)
            return fmt::format("with {} bytes the report has more than file_collection.max_cycle ({})", size,
                               limits_.cycle);
        return {};
    }

    FileAttachments attachments_;
    FileLimits limits_;
    SentFiles files_;
    std::uint64_t kept_ = 0; ///< bytes
    std::size_t kept_files_ = 0;
};

} // namespace

Result<SentFiles> read_sent_files(Element const& body, std::vector<db::StoredAttachment> attachments,
                                  FileLimits const& limits) {
    return Reading(std::move(attachments), limits).run(body);
}

} // namespace pointman::endpoints::inventory
