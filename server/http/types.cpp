// SPDX-License-Identifier: Apache-2.0
#include "server/http/types.hpp"

#include <algorithm>

namespace pointman::http {

std::string_view Request::header(std::string_view name) const {
    auto const found = std::ranges::find(headers, name, &std::pair<std::string, std::string>::first);
    return found == headers.end() ? std::string_view{} : std::string_view{found->second};
}

} // namespace pointman::http
