// SPDX-License-Identifier: Apache-2.0
#include "client/inventory/collected_files.hpp"

#include "base/file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pointman::client::inventory {

namespace {

namespace fs = std::filesystem;

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

pointman::Result<CollectedFile> collect_file(fs::path const& file, std::size_t most) {
    Descriptor const in(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (in.get() < 0 && errno == ENOENT)
        return pointman::fail(pointman::Code::not_found, fmt::format("there is no file {}", file.string()));
    struct stat status{};
    if (in.get() < 0 || ::fstat(in.get(), &status) != 0) return system_failure("open", file);
    if (!S_ISREG(status.st_mode))
        return pointman::fail(pointman::Code::io,
                              fmt::format("{} is no regular file: only those are collected", file.string()));
    auto const size = static_cast<std::size_t>(status.st_size);
    if (size > most) {
        return pointman::fail(
            pointman::Code::exceed_size_limit,
            fmt::format("{} has {} bytes, and at most {} are collected", file.string(), size, most));
    }
    CollectedFile collected{.name = file.filename().string(),
                            .path = (file.parent_path() / "").string(),
                            .modified = Time{std::chrono::seconds{status.st_mtim.tv_sec}},
                            .content = Bytes(size)};
    if (!read_all(in.get(), collected.content)) return system_failure("read", file);
    return collected;
}

} // namespace pointman::client::inventory
