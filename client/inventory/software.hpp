// SPDX-License-Identifier: Apache-2.0
// Files of the machine with the packages that they belong to: software inventory.
#pragma once

#include "base/clock.hpp"
#include "client/inventory/root.hpp"
#include "client/inventory/snapshot.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pointman::client::inventory {

/// A file as reports have it. "" where nothing is known.
struct FileFacts {
    std::string name;
    std::string folder; ///< with the separator at its end
    std::uint64_t size = 0;
    TimePoint modified = {};
    std::string company = {};
    std::string product = {};
    std::string product_version = {};
    std::string version = {};
    std::string description = {};
    std::string language = {};
};
/// `FileSystemFile`, with its nine keys (software-inventory.md).
Instance file_instance(FileFacts const& file);

/// Which files are looked for. Symbolic links are not followed, other file systems not entered, and a folder
/// with a file called skpswi.dat is passed over with all that is in it.
struct Scan {
    std::vector<std::filesystem::path> directories = {};
    std::vector<std::string> patterns = {"*"}; ///< of names, in any case: `*`, `?`, `[a-z]`
    bool only_executables = true;
    std::size_t most_files = 100'000;
    std::size_t most_depth = 32; ///< folders below each of `directories`
};

struct Software {
    Snapshot files;
    bool is_complete = true; ///< false where a limit ended the scan
};

Software collect_software(Scan const& scan, std::filesystem::path const& root = "/");

} // namespace pointman::client::inventory
