// SPDX-License-Identifier: Apache-2.0
#include "base/file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace pointman {

Descriptor::~Descriptor() {
    if (number_ >= 0) ::close(number_);
}

bool write_all(int descriptor, BytesView content) {
    while (!content.empty()) {
        auto const count = ::write(descriptor, content.data(), content.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        content = content.subspan(static_cast<std::size_t>(count));
    }
    return true;
}

Result<void> ensure_private_directory(std::filesystem::path const& directory) {
    constexpr mode_t owner_alone = 0700;
    if (::mkdir(directory.c_str(), owner_alone) == 0) {
        if (!sync_directory(directory.parent_path())) return system_failure("sync", directory.parent_path());
        return {};
    }
    if (errno == EEXIST) return {};
    return system_failure("make", directory);
}

bool sync_directory(std::filesystem::path const& directory) {
    Descriptor const handle(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return handle.get() >= 0 && ::fsync(handle.get()) == 0;
}

std::unexpected<Error> system_failure(std::string_view what, std::filesystem::path const& file) {
    auto const cause = std::error_code(errno, std::generic_category());
    bool const full = cause == std::errc::no_space_on_device || cause.value() == EDQUOT;
    return fail(full ? Code::storage_full : Code::io,
                fmt::format("cannot {} {}: {}", what, file.string(), cause.message()));
}

} // namespace pointman
