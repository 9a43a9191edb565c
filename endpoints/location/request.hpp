// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"
#include "schemas/document.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pointman::endpoints {

/// The requests of the location endpoint, by their root elements (location.md 1).
enum class LocationKind { content, local_mp, wsus, site_information, assigned_site, enumerate_mp };

struct LocationKindRow {
    LocationKind kind;
    std::string_view root;
    std::string_view schema;
};
/// Row of a root element; nullptr where the endpoint does not know it.
LocationKindRow const* location_kind(std::string_view root);
LocationKindRow const& location_kind(LocationKind kind);

/// `ClientLocationInfo`: where the client is (location.md 2.1). "" where absent.
struct ClientLocation {
    struct Address {
        std::string subnet;
        std::string address;
    };
    std::vector<std::string> ad_sites; ///< without empty ones
    std::vector<Address> addresses;
    std::string location_type;
    bool on_internet = false; ///< OnInternet, or UseInternetDP of a content request
};

struct WantedPackage {
    std::string id;
    std::string version;
    std::string deployment_flags;
};

/// One request of any kind; what a kind does not have is empty.
struct LocationRequest {
    LocationKind kind = LocationKind::content;
    std::string schema_version; ///< as sent, "1.00" where absent
    std::string site_code;      ///< AssignedSite/@SiteCode or SiteCode/@Name
    std::vector<WantedPackage> packages;
    bool wants_client_package = false; ///< ClientPackage in place of a Package
    WantedPackage catalogue;           ///< Content of a WSUS request
    std::string request_type;          ///< of a list of management points: Assigned, Proxy, Local, Internet
    ClientLocation where;
};

/// Fails with schema_violation for a root that is not known, and for a content request that names no content
/// (location.md 8).
Result<LocationRequest> read_location_request(schemas::Element const& root);

} // namespace pointman::endpoints
