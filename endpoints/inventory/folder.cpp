// SPDX-License-Identifier: Apache-2.0
#include "endpoints/inventory/folder.hpp"

#include "base/text.hpp"

namespace pointman::endpoints::inventory {

std::string folder_of(std::string_view path) {
    std::string folder(trim(path));
    if (folder.empty()) return folder;
    // Clients on other systems send paths of theirs.
    auto const separator = folder.starts_with('/') ? '/' : '\\';
    while (folder.size() > 1 && folder.back() == separator) folder.pop_back();
    if (folder.back() != separator) folder += separator;
    return folder;
}

} // namespace pointman::endpoints::inventory
