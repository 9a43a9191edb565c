// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"

#include <filesystem>
#include <string_view>
#include <sys/types.h>

namespace pointman::tls {

/// Holds off other processes that work on the same directory, until the end of its life. The lock goes with
/// the process: none is left behind by a crash.
class DirectoryLock {
public:
    /// Waits for the lock.
    static Result<DirectoryLock> take(std::filesystem::path const& directory);
    DirectoryLock(DirectoryLock&& other) noexcept;
    DirectoryLock& operator=(DirectoryLock&&) = delete;
    ~DirectoryLock();

private:
    explicit DirectoryLock(int descriptor)
        : descriptor_(descriptor) {}
    int descriptor_;
};

/// Makes a file that appears whole or not at all: written and synced under another name, then linked to its
/// own, which fails where a file of that name has come meanwhile. Under a DirectoryLock.
Result<void> create_file(std::filesystem::path const& file, std::string_view content, mode_t mode);

} // namespace pointman::tls
