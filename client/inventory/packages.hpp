// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/inventory/root.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pointman::client::inventory {

/// A package that dpkg has installed.
struct Package {
    std::string name;
    std::string
        id; ///< `libc6:amd64` where several architectures may be there beside each other, else the name
    std::string version;
    std::string architecture;
    std::string maintainer; ///< without address
};

std::vector<Package> packages_of(std::string_view status);
std::vector<Package> installed_packages(Root const& root);

/// Which package a file belongs to.
class Owners {
public:
    explicit Owners(Root const& root);
    /// nullptr where it is of none.
    Package const* of(std::string const& path) const;

private:
    std::vector<Package> packages_;
    std::unordered_map<std::string, std::size_t> by_file_;
};

} // namespace pointman::client::inventory
