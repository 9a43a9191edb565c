// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"
#include "base/file.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <sys/stat.h>

namespace pointman::http {

/// The name of a Unix socket in the file system. One process at a time has it: whoever holds the lock of the
/// file PATH.lock, which stays there. Of two that start at once neither takes the other's fresh socket for
/// one that a dead process left.
class SocketFile {
public:
    /// Takes the name, and removes the socket of a dead process. Fails with io where the directory is not
    /// there, where another has the name or answers on it, and where something else than a socket has it.
    static Result<std::unique_ptr<SocketFile>> claim(std::filesystem::path path);

    SocketFile(std::filesystem::path path, std::unique_ptr<Descriptor> lock)
        : path_(std::move(path))
        , lock_(std::move(lock)) {}
    SocketFile(SocketFile const&) = delete;
    SocketFile& operator=(SocketFile const&) = delete;
    /// Removes the socket that was opened, unless another stands in its place.
    ~SocketFile();

    /// Once a socket is bound to the name: whom it is for. Before it listens, so that nobody finds it closed.
    Result<void> open_to_everybody();

private:
    std::filesystem::path path_;
    std::unique_ptr<Descriptor> lock_;
    std::optional<struct stat> made_;
};

} // namespace pointman::http
