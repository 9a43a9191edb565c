// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "endpoints/location/request.hpp"

#include <string>
#include <string_view>

namespace pointman::endpoints {

/// The answer of a site that knows no boundary, distribution point or update server (location.md 2.3 rule 9,
/// 4, 8): the site's own record with Fallback locality and no location records. Its own site code is told
/// whatever site was asked for. SchemaVersion mirrors the request's.
std::string nothing_found(LocationRequest const& request, std::string_view site_code);

} // namespace pointman::endpoints
