// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

namespace pointman::test {

/// A file below tests/data.
inline std::filesystem::path test_data(std::string_view relative) {
    return std::filesystem::path(POINTMAN_TEST_DATA) / relative;
}

/// A file of the source tree.
inline std::filesystem::path source_file(std::string_view relative) {
    return std::filesystem::path(POINTMAN_SOURCE_DIR) / relative;
}

inline std::string read_text(std::filesystem::path const& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + path.string());
    return {std::istreambuf_iterator<char>(in), {}};
}

inline Bytes read_bytes(std::filesystem::path const& path) { return to_bytes(read_text(path)); }

/// A directory of its own, removed at the end.
class TemporaryDirectory {
public:
    TemporaryDirectory() {
        auto name = (std::filesystem::temp_directory_path() / "pointman-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary directory");
        path_ = name;
    }
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryDirectory(TemporaryDirectory const&) = delete;
    TemporaryDirectory& operator=(TemporaryDirectory const&) = delete;

    std::filesystem::path const& path() const { return path_; }

private:
    std::filesystem::path path_;
};

} // namespace pointman::test
