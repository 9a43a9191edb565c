// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::client::inventory {

/// The tree of files that tells what a machine is: `/`, or a copy of parts of it. What cannot be read is as
/// if it were not there, and no file is read past a limit. Paths are relative to the tree.
class Root {
public:
    explicit Root(std::filesystem::path directory)
        : directory_(std::move(directory)) {}

    static constexpr std::size_t small = std::size_t{64} * 1024;
    static constexpr std::size_t large = std::size_t{32} * 1024 * 1024;

    /// The text of a regular file. Of a longer one the whole lines within the limit.
    std::string text(std::filesystem::path const& path, std::size_t most = small) const;
    /// The text without white space around it.
    std::string value(std::filesystem::path const& path) const;
    /// Names in a directory in their order: the first 100,000 that it has.
    std::vector<std::string> names(std::filesystem::path const& path) const;
    /// Where a symbolic link points; "" for what is none.
    std::string link(std::filesystem::path const& path) const;
    bool exists(std::filesystem::path const& path) const;
    std::optional<TimePoint> modified(std::filesystem::path const& path) const;

    /// The path in the file system.
    std::filesystem::path at(std::filesystem::path const& path) const {
        return directory_ / path.relative_path();
    }
    bool is_running_system() const { return directory_ == "/"; }

private:
    std::filesystem::path directory_;
};

} // namespace pointman::client::inventory
