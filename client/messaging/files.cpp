// SPDX-License-Identifier: Apache-2.0
#include "client/messaging/files.hpp"

#include "base/file.hpp"
#include "base/ids.hpp"
#include "client/transport/failure.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pointman::client {

namespace {

std::unexpected<Error> failure(std::string_view what, std::filesystem::path const& file) {
    if (errno == ENOENT)
        return fail(Code::not_found, fmt::format("cannot {} {}: it is not there", what, file.string()));
    return storage_failure(system_failure(what, file).error());
}

std::filesystem::path directory_of(std::filesystem::path const& file) {
    return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

/// A file with a name that nobody looks for, gone at the end.
class Draft {
public:
    explicit Draft(std::filesystem::path const& file)
        : path_(directory_of(file) / fmt::format(".{}.{}", file.filename().string(), random_uuid())) {}
    Draft(Draft const&) = delete;
    Draft& operator=(Draft const&) = delete;
    ~Draft() { ::unlink(path_.c_str()); }

    Result<void> write(BytesView content, mode_t mode) const {
        Descriptor const handle(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
        if (handle.get() < 0) return failure("make", path_);
        if (!write_all(handle.get(), content) || ::fsync(handle.get()) != 0) return failure("write", path_);
        return {};
    }

    std::filesystem::path const& path() const { return path_; }

private:
    std::filesystem::path path_;
};

} // namespace

Result<Bytes> read_file(std::filesystem::path const& file, std::size_t limit) {
    Descriptor const handle(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (handle.get() < 0) return failure("open", file);
    Bytes content;
    for (std::size_t used = 0;;) {
        content.resize(used + std::size_t{64} * 1024);
        auto const count = ::read(handle.get(), content.data() + used, content.size() - used);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failure("read", file);
        used += static_cast<std::size_t>(count);
        if (used > limit)
            return fail(Code::invalid_argument,
                        fmt::format("{} is longer than {} bytes", file.string(), limit));
        if (count > 0) continue;
        content.resize(used);
        return content;
    }
}

Result<void> write_file(std::filesystem::path const& file, BytesView content, mode_t mode) {
    Draft const draft(file);
    if (auto const written = draft.write(content, mode); !written) return written;
    if (::rename(draft.path().c_str(), file.c_str()) != 0) return failure("rename a draft to", file);
    if (!sync_directory(directory_of(file))) return failure("sync the directory of", file);
    return {};
}

Result<bool> write_new_file(std::filesystem::path const& file, BytesView content) {
    Draft const draft(file);
    if (auto const written = draft.write(content, private_file); !written)
        return std::unexpected(written.error());
    // Unlike rename, link leaves what another process was first to put there.
    if (::link(draft.path().c_str(), file.c_str()) != 0) {
        if (errno == EEXIST) return false;
        return failure("make", file);
    }
    if (!sync_directory(directory_of(file))) return failure("sync the directory of", file);
    return true;
}

Result<void> make_private_directory(std::filesystem::path const& directory) {
    std::error_code error;
    auto const parent = directory.parent_path();
    if (!parent.empty()) std::filesystem::create_directories(parent, error);
    if (::mkdir(directory.c_str(), 0700) == 0) return {};
    if (errno == EEXIST && std::filesystem::is_directory(directory, error)) return {};
    return failure("make the directory", directory);
}

} // namespace pointman::client
