// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "endpoints/location/decision.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pointman::endpoints::location {

// The answers as XML. `schema_version` is the request's: 2007 clients write 1.0 to some messages and 1.00 to
// others, later ones 1.00 to all (location.md 7), and each reads what it wrote. Sites without records are the
// well-formed "nothing found" (location.md 2.3 rule 9).

/// Where a package lies below a root of a point: one of its URLs. HTTP gets `ROOT/FOLDER`, with the URL of
/// the delta signatures where the root is named as the product names it; a UNC path `ROOT\FOLDER\`. FOLDER is
/// the package id without prefix and braces, for `Content_` ids with `.VERSION` (location.md 2.2).
struct ContentUrl {
    std::string url;
    std::string signature = {}; ///< "" = none is known
    bool is_unc = false;
};
ContentUrl content_url(std::string_view root, std::string_view package, std::int64_t version);

std::string content_reply(std::string_view schema_version, ContentAnswer const& answer,
                          std::string_view own_site);
std::string local_mp_reply(std::string_view schema_version, std::vector<SiteHere> const& sites,
                           std::string_view own_site);
std::string wsus_reply(std::string_view schema_version, std::vector<SiteWithServers> const& sites);
/// Without a site where `is_known` is false: there is no record for a site that is not this one.
std::string site_information_reply(std::string_view schema_version, std::string_view own_site, bool is_known);
/// Without a site where `is_inside` is false: no site is near. The later library cannot read a reply with a
/// Site in it (wire.md 9); other clients can.
std::string assigned_site_reply(std::string_view schema_version, std::string_view own_site,
                                std::string_view host, bool is_inside);
std::string management_points_reply(std::string_view schema_version,
                                    std::vector<SiteWithManagementPoint> const& sites,
                                    std::string_view own_site, std::string_view host);

/// Host of a URL, e.g. "sus1.plant.example" of "http://sus1.plant.example:8530/"; brackets of IPv6 stay.
std::string_view host_of(std::string_view url);

} // namespace pointman::endpoints::location
