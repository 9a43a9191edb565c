// SPDX-License-Identifier: Apache-2.0
#include "endpoints/file_collection/files.hpp"

#include "base/hex.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "endpoints/inventory/folder.hpp"
#include "endpoints/report/fault.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace pointman::endpoints::inventory {

namespace {

using schemas::Element;

std::optional<std::uint64_t> id_in(std::string_view text) {
    text = trim(text);
    if (text.size() >= 2 && text.front() == '{' && text.back() == '}') text = text.substr(1, text.size() - 2);
    return number_in<std::uint64_t>(text);
}

/// The attachments of a message, each for one file.
class Attachments {
public:
    explicit Attachments(std::vector<db::StoredAttachment> attachments)
        : all_(std::move(attachments)) {}

    /// The one that is called like the ID. Of several of one name the last counts.
    std::optional<Bytes> take(std::uint64_t id) {
        return take_if([id](db::StoredAttachment const& each) { return id_in(each.name) == id; });
    }
    /// The one that is called like the file, where just one is.
    std::optional<Bytes> take(std::string_view name) {
        auto const is_called = [name](db::StoredAttachment const& each) {
            return equal_ignoring_case(each.name, name);
        };
        return std::ranges::count_if(all_, is_called) == 1 ? take_if(is_called) : std::nullopt;
    }
    std::size_t left() const { return all_.size(); }

private:
    template <class F>
    std::optional<Bytes> take_if(F const& fits) {
        auto const found = std::find_if(all_.rbegin(), all_.rend(), fits);
        if (found == all_.rend()) return std::nullopt;
        auto bytes = std::move(found->bytes);
        std::erase_if(all_, fits);
        return bytes;
    }

    std::vector<db::StoredAttachment> all_;
};

class Reading {
public:
    Reading(std::vector<db::StoredAttachment> attachments, FileLimits const& limits)
        : attachments_(std::move(attachments))
        , limits_(limits) {}

    Result<SentFiles> run(Element const& body) {
        std::size_t count = 0;
        std::optional<std::string> sum;
        for (Element const child : body.children()) {
            if (child.name() == "CollectedFileSum") sum = trim(child.text());
            if (child.name() != "CollectedFile") continue;
            if (++count > most_instances) {
                return std::unexpected(
                    fault_at(child, Code::limit_exceeded, fmt::format("more than {} files", most_instances)));
            }
            read(child);
        }
        // A count in spite of its name.
        if (sum && number_in<std::size_t>(*sum) != count)
            files_.remarks.push_back(fmt::format("{} files, and CollectedFileSum is \"{}\"", count, *sum));
        if (attachments_.left() != 0)
            files_.remarks.push_back(fmt::format("{} attachments are of no file", attachments_.left()));
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
        auto bytes = bytes_of(element, file.of.name);
        if (!bytes) return std::move(bytes.error());
        // An empty file needs no attachment.
        if (!*bytes && size != 0) return fmt::format("the bytes of {} did not come", file.of.name);
        keep(file, *bytes ? std::move(**bytes) : Bytes{}, size);
        return {};
    }

    /// Nothing where no attachment has them; the fault of an ID.
    std::expected<std::optional<Bytes>, std::string> bytes_of(Element const& element,
                                                              std::string const& name) {
        auto const text = trim(element.attribute_or("ID", ""));
        if (text.empty()) return attachments_.take(name);
        auto const id = id_in(text);
        if (!id) return std::unexpected(fmt::format("ID of {} is \"{}\": no number", name, text));
        if (!ids_.insert(*id).second)
            return std::unexpected(fmt::format("ID {} of {} is that of another file too", *id, name));
        if (auto bytes = attachments_.take(*id)) return bytes;
        return attachments_.take(name);
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

    Attachments attachments_;
    FileLimits limits_;
    SentFiles files_;
    std::set<std::uint64_t> ids_;
    std::uint64_t kept_ = 0; ///< bytes
    std::size_t kept_files_ = 0;
};

} // namespace

Result<SentFiles> read_sent_files(Element const& body, std::vector<db::StoredAttachment> attachments,
                                  FileLimits const& limits) {
    return Reading(std::move(attachments), limits).run(body);
}

} // namespace pointman::endpoints::inventory
