// SPDX-License-Identifier: Apache-2.0
#include "client/inventory/software.hpp"

#include "base/time.hpp"
#include "client/inventory/packages.hpp"

#include <algorithm>
#include <fnmatch.h>
#include <optional>
#include <sys/stat.h>

namespace pointman::client::inventory {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_entries = 5'000'000; ///< looked at in one scan
constexpr std::string_view agent_namespace = R"(root\ccm\invagt)";

struct Folder {
    fs::path path; ///< in the tree
    std::size_t depth = 0;
    dev_t device = 0;
};

class Scanner {
public:
    Scanner(Root const& root, Scan const& scan)
        : root_(root)
        , scan_(scan)
        , owners_(root) {}

    Software run() {
        for (auto const& directory : scan_.directories) start(("/" / directory).lexically_normal());
        return {Snapshot(std::move(files_)), is_complete_};
    }

private:
    void start(fs::path const& directory) {
        struct stat status {};
        if (::stat(root_.at(directory).c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return;
        std::vector<Folder> waiting{{directory, 0, status.st_dev}};
        while (!waiting.empty() && is_complete_) {
            auto const folder = std::move(waiting.back());
            waiting.pop_back();
            look_into(folder, waiting);
        }
    }

    void look_into(Folder const& folder, std::vector<Folder>& waiting) {
        auto const names = root_.names(folder.path);
        bool const is_excluded = std::ranges::any_of(
            names, [](std::string const& name) { return ::strcasecmp(name.c_str(), "skpswi.dat") == 0; });
        if (is_excluded) return;
        for (auto const& name : names) {
            if (++entries_ > most_entries || files_.size() == scan_.most_files) {
                is_complete_ = false;
                return;
            }
            struct stat status {};
            if (::lstat(root_.at(folder.path / name).c_str(), &status) != 0) continue;
            if (S_ISDIR(status.st_mode) && status.st_dev == folder.device &&
                folder.depth < scan_.most_depth) {
                waiting.push_back({folder.path / name, folder.depth + 1, folder.device});
            } else if (S_ISREG(status.st_mode) && is_wanted(name, status)) {
                add(folder.path, name, status);
            }
        }
    }

    bool is_wanted(std::string const& name, struct stat const& status) const {
        constexpr mode_t executable = S_IXUSR | S_IXGRP | S_IXOTH;
        if (scan_.only_executables && (status.st_mode & executable) == 0) return false;
        return std::ranges::any_of(scan_.patterns, [&name](std::string const& pattern) {
            return ::fnmatch(pattern.c_str(), name.c_str(), FNM_CASEFOLD) == 0;
        });
    }

    void add(fs::path const& folder, std::string const& name, struct stat const& status) {
        if (reportable(name).empty()) return; // nobody could tell it from others
        FileFacts file{.name = name,
                       .folder = (folder / "").string(),
                       .size = static_cast<std::uint64_t>(status.st_size),
                       .modified = TimePoint{std::chrono::seconds{status.st_mtim.tv_sec}}};
        if (auto const* const package = owners_.of((folder / name).string())) {
            file.company = package->maintainer;
            file.product = package->name;
            file.product_version = package->version;
        }
        files_.push_back(file_instance(file));
    }

    Root const& root_;
    Scan const& scan_;
    Owners owners_;
    std::vector<Instance> files_;
    std::size_t entries_ = 0;
    bool is_complete_ = true;
};

} // namespace

Instance file_instance(FileFacts const& file) {
    return Instance("FileSystemFile", agent_namespace)
        .key("CompanyName", file.company)
        .key("FileDescription", file.description)
        .key("FileVersion", file.version)
        .set("LastWriteDate", cim_time(file.modified))
        .key_ignoring_case("Name", file.name)
        .key_ignoring_case("Path", file.folder)
        .key("ProductLanguage", file.language)
        .key("ProductName", file.product)
        .key("ProductVersion", file.product_version)
        .key("Size", std::to_string(file.size));
}

Software collect_software(Scan const& scan, fs::path const& root) {
    Root const files(root);
    return Scanner(files, scan).run();
}

} // namespace pointman::client::inventory
