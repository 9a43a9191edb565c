// SPDX-License-Identifier: Apache-2.0
#include "client/inventory/packages.hpp"

#include "client/inventory/machine.hpp"
#include "client/inventory/texts.hpp"

#include <fmt/format.h>

#include <utility>

namespace pointman::client::inventory {

namespace {

constexpr std::size_t most_owned_files = 2'000'000;

std::filesystem::path list_of(Package const& package) {
    return std::filesystem::path("var/lib/dpkg/info") / (package.id + ".list");
}

/// `20260509`: the day on which dpkg wrote the list of its files.
std::string install_date(Root const& root, Package const& package) {
    auto const time = root.modified(list_of(package));
    if (!time) return {};
    std::chrono::year_month_day const date(std::chrono::floor<std::chrono::days>(*time));
    return fmt::format("{:04}{:02}{:02}", int{date.year()}, unsigned{date.month()}, unsigned{date.day()});
}

} // namespace

std::vector<Package> packages_of(std::string_view status) {
    std::vector<Package> packages;
    for (auto const& each : paragraphs_of(status)) {
        auto const state = words_of(each["Status"]);
        if (state.empty() || state.back() != "installed" || each["Package"].empty()) continue;
        Package package{.name = std::string(each["Package"]),
                        .id = std::string(each["Package"]),
                        .version = std::string(each["Version"]),
                        .architecture = std::string(each["Architecture"]),
                        .maintainer = std::string(without_address(each["Maintainer"]))};
        if (each["Multi-Arch"] == "same") package.id += ":" + package.architecture;
        packages.push_back(std::move(package));
    }
    return packages;
}

std::vector<Package> installed_packages(Root const& root) {
    return packages_of(root.text("var/lib/dpkg/status", Root::large));
}

Owners::Owners(Root const& root)
    : packages_(installed_packages(root)) {
    for (std::size_t i = 0; i < packages_.size(); ++i) {
        auto const text = root.text(list_of(packages_[i]), Root::large);
        for (auto const line : lines_of(text)) {
            if (by_file_.size() == most_owned_files) return;
            by_file_.emplace(line, i);
        }
    }
}

Package const* Owners::of(std::string const& path) const {
    auto found = by_file_.find(path);
    // Packages may say /bin/ls of what lies in /usr/bin since the two became one.
    if (found == by_file_.end() && path.starts_with("/usr/")) found = by_file_.find(path.substr(4));
    return found == by_file_.end() ? nullptr : &packages_[found->second];
}

Instances package_instances(Root const& root) {
    Instances instances;
    for (auto const& package : installed_packages(root)) {
        instances.push_back(Instance("Win32Reg_AddRemovePrograms64")
                                .key("ProdID", package.id)
                                .set("DisplayName", package.name)
                                .set("InstallDate", install_date(root, package))
                                .set("Publisher", package.maintainer)
                                .set("Version", package.version));
    }
    return instances;
}

} // namespace pointman::client::inventory
