// SPDX-License-Identifier: Apache-2.0
#include "tests/support/paths.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace pointman::test {

std::filesystem::path test_data(std::string_view relative) { return std::filesystem::path(POINTMAN_TEST_DATA) / relative; }

std::filesystem::path source_file(std::string_view relative) {
    return std::filesystem::path(POINTMAN_SOURCE_DIR) / relative;
}

std::string read_text(std::filesystem::path const& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + path.string());
    return {std::istreambuf_iterator<char>(in), {}};
}

Bytes read_bytes(std::filesystem::path const& path) { return to_bytes(read_text(path)); }

TemporaryDirectory::TemporaryDirectory() {
    auto name = (std::filesystem::temp_directory_path() / "pointman-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary directory");
    path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

} // namespace pointman::test
