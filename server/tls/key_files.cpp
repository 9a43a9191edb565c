// SPDX-License-Identifier: Apache-2.0
#include "server/tls/key_files.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace pointman::tls {
namespace {

std::unexpected<Error> system_failure(std::string_view what, std::filesystem::path const& file) {
    auto const cause = std::error_code(errno, std::generic_category());
    return fail(Code::io, fmt::format("cannot {} {}: {}", what, file.string(), cause.message()));
}

class Descriptor {
public:
    explicit Descriptor(int number)
        : number_(number) {}
    Descriptor(Descriptor const&) = delete;
    Descriptor& operator=(Descriptor const&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    int get() const { return number_; }

private:
    int number_;
};

bool write_all(int descriptor, std::string_view content) {
    while (!content.empty()) {
        auto const count = ::write(descriptor, content.data(), content.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        content.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

bool sync_directory(std::filesystem::path const& directory) {
    Descriptor const handle(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return handle.get() >= 0 && ::fsync(handle.get()) == 0;
}

} // namespace

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
                             write_all(out.get(), content) && ::fsync(out.get()) == 0;
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
