// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <pointman/credentials.hpp>
#include <sys/types.h>

namespace pointman::client {

inline constexpr mode_t private_file = 0600;

/// The whole file. Fails with not_found, storage; with invalid_argument where it is longer than `limit`.
Result<Bytes> read_file(std::filesystem::path const& file, std::size_t limit = std::size_t{1} << 31U);

/// Appears whole or not at all, and stays after a crash: written beside, synced, renamed. `mode` is subject
/// to the umask.
Result<void> write_file(std::filesystem::path const& file, BytesView content, mode_t mode);

/// As write_file with mode 0600, but an existing file stays: false then.
Result<bool> write_new_file(std::filesystem::path const& file, BytesView content);

/// Makes the directory with mode 0700 where it is missing, parents too. One that is there stays as it is.
Result<void> make_private_directory(std::filesystem::path const& directory);

} // namespace pointman::client
