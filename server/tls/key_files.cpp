// SPDX-License-Identifier: Apache-2.0
#include "server/tls/key_files.hpp"

#include "base/file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace pointman::tls {

Result<DirectoryLock> DirectoryLock::take(std::filesystem::path const& directory) {
    auto const file = directory / ".lock";
    DirectoryLock lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (lock.descriptor_ < 0) return system_failure("open", file);
    while (::flock(lock.descriptor_, LOCK_EX) != 0) {
        if (errno != EINTR) return system_failure("lock", file);
    }
    return lock;
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

DirectoryLock::~DirectoryLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> create_file(std::filesystem::path const& file, std::string_view content, mode_t mode) {
    auto const directory = file.parent_path();
    auto const temporary = directory / fmt::format(".{}.new", file.filename().string());
    ::unlink(temporary.c_str()); // of an interrupted start; under the lock it is nobody else's
    {
        Descriptor const out(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
        bool const written = out.get() >= 0 && ::fchmod(out.get(), mode) == 0 &&
                             write_all(out.get(), as_bytes(content)) && ::fsync(out.get()) == 0;
        if (!written) {
            auto failure = system_failure("write", temporary);
            ::unlink(temporary.c_str());
            return failure;
        }
    }
    if (::link(temporary.c_str(), file.c_str()) != 0) {
        auto failure = system_failure("create", file);
        ::unlink(temporary.c_str());
        return failure;
    }
    ::unlink(temporary.c_str());
    if (!sync_directory(directory)) return system_failure("sync", directory);
    return {};
}

} // namespace pointman::tls
