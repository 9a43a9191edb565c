// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"

#include <filesystem>
#include <string>

namespace pointman::integrated {

/// The whole of a file that an operator names. Fails with usage and a message that names the file and the
/// cause: missing, unreadable, no file, over 16 MB.
Result<std::string> read_secret_file(std::filesystem::path const& file);

/// Whether others than owner and group may do anything with the file.
bool is_open_to_others(std::filesystem::path const& file);

/// A file without a name, in memory alone, for libraries that want to be given a path.
class MemoryFile {
public:
    /// Fails with io.
    static Result<MemoryFile> make(std::string_view content);
    MemoryFile(MemoryFile&& other) noexcept;
    MemoryFile& operator=(MemoryFile&& other) noexcept;
    ~MemoryFile();

    /// Opens it within this process, as long as the object lives.
    std::string path() const;

private:
    explicit MemoryFile(int descriptor)
        : descriptor_(descriptor) {}
    int descriptor_;
};

} // namespace pointman::integrated
