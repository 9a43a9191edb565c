// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/paths.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace pointman::test {

/// One file of schemas/samples.
struct Sample {
    std::filesystem::path path;
    std::string schema; ///< file name of the schema that it belongs to
    bool valid = false;
};

inline std::vector<Sample> all_samples() {
    std::vector<Sample> samples;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(source_file("schemas/samples"))) {
        if (!entry.is_regular_file()) continue;
        auto const file = entry.path().filename().string();
        samples.push_back({entry.path(), file.substr(0, file.find('.')) + ".xsd",
                           entry.path().parent_path().filename() == "valid"});
    }
    std::ranges::sort(samples, {}, &Sample::path);
    return samples;
}

} // namespace pointman::test
