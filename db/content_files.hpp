// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::db {

/// A directory of files that are called by the SHA-256 of their bytes, `AB/ABCDEF...` in capital hex digits.
/// A file that is there is whole: it was written elsewhere, synced, and then renamed. Several threads and
/// processes may work on it.
class ContentFiles {
public:
    explicit ContentFiles(std::filesystem::path directory)
        : directory_(std::move(directory)) {}

    /// Durable when it returns. Costs little where it is there already. Fails with storage_full or io.
    Result<void> put(std::string_view sha256, BytesView bytes) const;
    bool has(std::string_view sha256) const;
    /// Fails with not_found, and with io where the bytes are not what the name says.
    Result<Bytes> read(std::string_view sha256) const;
    /// It may be gone already.
    Result<void> remove(std::string_view sha256) const;

    static constexpr unsigned shelves = 256; ///< one for each first byte
    /// The names on a shelf. What else may lie in the directory is none.
    std::vector<std::string> on_shelf(unsigned shelf) const;
    /// What a crash left half written.
    void remove_unfinished() const;
    std::filesystem::path path_of(std::string_view sha256) const;

private:
    std::filesystem::path directory_;
};

} // namespace pointman::db
