// SPDX-License-Identifier: Apache-2.0
#include "client/inventory/collected_files.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "base/time.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pointman::client::inventory {

namespace {

namespace fs = std::filesystem;

/// A report that is put together.
class Collection {
public:
    void add(std::string_view content, std::vector<CollectedFile> files, bool with_bytes) {
        for (auto& file : files) {
            auto const id = std::to_string(++count_);
            body_ += fmt::format(R"(<CollectedFile Content="{}" ID="{}"><LastWriteDate>{}</LastWriteDate>)"
                                 "<Name>{}</Name><Path>{}</Path><Size>{}</Size></CollectedFile>",
                                 content, id, cim_time(file.modified), escape_xml(reportable(file.name)),
                                 escape_xml(reportable(file.folder)), file.bytes.size());
            if (with_bytes) attachments_.push_back({id, std::move(file.bytes)});
        }
    }

    FileCollection finish(Sender const& sender, Occasion const& occasion, std::string_view type) {
        body_ += fmt::format("<CollectedFileSum>{}</CollectedFileSum>", count_);
        return {report(sender, "FILECOLL", type, occasion.version.text(), occasion.date,
                       file_collection_action(file_collection_action_id), body_),
                std::move(attachments_)};
    }

private:
    std::string body_;
    std::vector<Attachment> attachments_;
    std::size_t count_ = 0;
};

/// What is there, up to the size of `bytes`; errno says why not.
bool read_all(int file, Bytes& bytes) {
    std::size_t have = 0;
    while (have < bytes.size()) {
        auto const count = ::read(file, bytes.data() + have, bytes.size() - have);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        if (count == 0) break; // it has become shorter
        have += static_cast<std::size_t>(count);
    }
    bytes.resize(have);
    return true;
}

} // namespace

Result<CollectedFile> collect_file(fs::path const& file, std::size_t most) {
    Descriptor const in(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (in.get() < 0 && errno == ENOENT)
        return fail(Code::not_found, fmt::format("there is no file {}", file.string()));
    struct stat status {};
    if (in.get() < 0 || ::fstat(in.get(), &status) != 0) return system_failure("open", file);
    if (!S_ISREG(status.st_mode))
        return fail(Code::io, fmt::format("{} is no regular file: only those are collected", file.string()));
    auto const size = static_cast<std::size_t>(status.st_size);
    if (size > most) {
        return fail(Code::exceed_size_limit,
                    fmt::format("{} has {} bytes, and at most {} are collected", file.string(), size, most));
    }
    CollectedFile collected{.name = file.filename().string(),
                            .folder = (file.parent_path() / "").string(),
                            .modified = Time{std::chrono::seconds{status.st_mtim.tv_sec}},
                            .bytes = Bytes(size)};
    if (!read_all(in.get(), collected.bytes)) return system_failure("read", file);
    return collected;
}

FileCollection full_file_collection(Sender const& sender, Occasion const& occasion,
                                    std::vector<CollectedFile> files) {
    Collection collection;
    collection.add("New", std::move(files), true);
    return collection.finish(sender, occasion, occasion.asked == Asked::no ? "Full" : "Resync");
}

FileCollection delta_file_collection(Sender const& sender, Occasion const& occasion, FileChanges changes) {
    Collection collection;
    collection.add("Deleted", std::move(changes.deleted), false);
    collection.add("Updated", std::move(changes.updated), true);
    collection.add("New", std::move(changes.added), true);
    return collection.finish(sender, occasion, "Delta");
}

} // namespace pointman::client::inventory
