// SPDX-License-Identifier: Apache-2.0
// Files of the machine for the file collection report.
#pragma once

#include "base/error.hpp"

#include <cstddef>
#include <filesystem>
#include <pointman/collected_files.hpp>

namespace pointman::client::inventory {

/// Reads a regular file of at most that many bytes. Fails with exceed_size_limit, not_found or io.
pointman::Result<CollectedFile> collect_file(std::filesystem::path const& file, std::size_t most);

} // namespace pointman::client::inventory
