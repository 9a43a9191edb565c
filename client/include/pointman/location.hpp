// SPDX-License-Identifier: Apache-2.0
// MP_LocationManager, and the anonymous list of management points.
#pragma once

#include <pointman/session.hpp>

namespace pointman::client {

/// Where the client is.
struct Place {
    struct Address {
        std::string address;
        std::string subnet; ///< "10.77.4.0"; "" = not known
    };
    std::string ad_site{};
    std::vector<Address> addresses{};
    bool on_internet = false;
};

struct ContentQuery {
    std::string package_id;
    std::string version;
    std::string type = "SMSPackage"; ///< or SMSUpdate, SMSWSUS
    Place place{};
};

struct DistributionPoint {
    std::string server;
    std::vector<std::string> urls;
    std::vector<std::string> smb_paths;
    std::string ad_site;
    std::string version;
    std::string type;
    std::string locality; ///< "LOCAL", "REMOTE" ...
};

/// The site that a list belongs to.
struct ContentSite {
    std::string site_code;
    std::string master_site_code;
    std::string locality;
    std::vector<DistributionPoint> points;
};

struct BoundarySite {
    std::string site_code;
    std::string master_site_code;
    std::string locality; ///< "Local", "Remote", "Fallback"
};

struct UpdateServer {
    std::string site_code;
    std::string url;
    std::string server;
    std::string version;
};

struct SiteInformation {
    std::string site_code;
    std::string version;
    std::string build;
};

struct ManagementPoint {
    std::string site_code;
    std::string name;          ///< on the intranet; "" = not reachable there
    std::string internet_name; ///< "" = not reachable there
    std::string version;
};

enum class ManagementPointKind : std::uint8_t { assigned, proxy, local, internet };

// What goes over the wire, and what comes back. Readers fail with bad_reply.

POINTMAN_API std::string content_location_request(ContentQuery const& query, std::string_view site_code);
POINTMAN_API std::string local_mp_request(Place const& place, std::string_view site_code);
/// `content` is the update source's `{guid}`, "" = whatever there is.
POINTMAN_API std::string update_server_request(Place const& place, std::string_view site_code,
                                               std::string_view content, std::string_view version);
POINTMAN_API std::string site_information_request(std::string_view site_code);
POINTMAN_API std::string assigned_site_request(Place const& place);
POINTMAN_API std::string management_points_request(Place const& place, std::string_view site_code,
                                                   ManagementPointKind kind);

POINTMAN_API Result<std::vector<ContentSite>> read_content_locations(std::string_view xml);
POINTMAN_API Result<std::vector<BoundarySite>> read_local_mps(std::string_view xml);
POINTMAN_API Result<std::vector<UpdateServer>> read_update_servers(std::string_view xml);
POINTMAN_API Result<std::vector<SiteInformation>> read_site_information(std::string_view xml);
POINTMAN_API Result<std::vector<SiteInformation>> read_assigned_sites(std::string_view xml);
POINTMAN_API Result<std::vector<ManagementPoint>> read_management_points(std::string_view xml);
POINTMAN_API Result<std::vector<ManagementPoint>> read_management_point_list(std::string_view xml);

// The exchanges. The site is the agent's. No registration is needed.

POINTMAN_API Result<std::vector<ContentSite>> find_content(Session const& session, ContentQuery const& query);
POINTMAN_API Result<std::vector<BoundarySite>> find_local_mps(Session const& session, Place const& place);
POINTMAN_API Result<std::vector<UpdateServer>> find_update_servers(Session const& session, Place const& place,
                                                                   std::string_view content = {},
                                                                   std::string_view version = {});
POINTMAN_API Result<std::vector<SiteInformation>> find_site(Session const& session,
                                                            std::string_view site_code);
POINTMAN_API Result<std::vector<SiteInformation>> find_assigned_site(Session const& session,
                                                                     Place const& place);
POINTMAN_API Result<std::vector<ManagementPoint>>
find_management_points(Session const& session, Place const& place, ManagementPointKind kind);
/// `.sms_aut?MPLIST1`.
POINTMAN_API Result<std::vector<ManagementPoint>> list_management_points(Session const& session);

} // namespace pointman::client
