// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace pointman::test {

/// A file below tests/data.
std::filesystem::path test_data(std::string_view relative);
/// A file of the source tree.
std::filesystem::path source_file(std::string_view relative);

/// The whole file. Throws std::runtime_error when it cannot be read.
std::string read_text(std::filesystem::path const& path);
Bytes read_bytes(std::filesystem::path const& path);

/// A directory of its own, removed at the end.
class TemporaryDirectory {
public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(TemporaryDirectory const&) = delete;
    TemporaryDirectory& operator=(TemporaryDirectory const&) = delete;

    std::filesystem::path const& path() const { return path_; }

private:
    std::filesystem::path path_;
};

} // namespace pointman::test
