// SPDX-License-Identifier: Apache-2.0
// Who is offered what, and why: data in, data out. What is known comes from the store (lookup.hpp); what is
// decided goes into replies (replies.hpp), the log, and `pointman location explain`.
#pragma once

#include "base/network.hpp"
#include "db/locations.hpp"
#include "endpoints/location/request.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::endpoints::location {

/// Where a client is, as far as it can be used: entries that are no addresses are left out (location.md 8).
struct Where {
    struct Spot {
        std::optional<IpAddress> address = {};
        std::optional<IpAddress> subnet = {}; ///< network address, as the client computed it
    };
    std::vector<Spot> spots = {};
    std::vector<std::string> ad_sites = {};
    bool on_internet = false; ///< only what can be reached from there is of use (location.md 2.3 rule 11)
};

/// The first `most_spots` addresses and `most_ad_sites` sites: no computer has more.
Where where_of(ClientLocation const& location);
inline constexpr std::size_t most_spots = 64;
inline constexpr std::size_t most_ad_sites = 16;

/// Of the client in `where`, what lies in the area: "address 10.77.4.31", "subnet 10.77.4.0" or "AD site
/// Plant-North"; nullopt where nothing does. One hit is enough (rule 8). An address is compared with subnets,
/// ranges and IPv6 prefixes. The client's SubnetAddress hits the subnet whose network address it is, as in
/// 2007, where boundaries had no mask; and where the client tells no usable address, whatever subnet or
/// prefix it lies in.
std::optional<std::string> hit(Area const& area, Where const& where);

/// Of a site: local inside a fast boundary, remote inside slow ones only, fallback where none of the site's
/// boundaries contains the client. Of a point: local or remote.
enum class Locality { local, remote, fallback };
/// "LOCAL", "REMOTE", "FALLBACK": as in content replies. (The local management point reply writes "Local".)
std::string_view name_of(Locality locality);

struct SiteHere {
    std::string code;
    Locality locality = Locality::fallback;
    std::string why; ///< "address 10.77.4.31 is in the fast boundary 10.77.4.0/24"
};

/// What is known around a client.
struct Surroundings {
    std::string own_site;
    std::vector<db::Boundary> boundaries; ///< at least those that contain the client
};

/// Sites in whose boundaries the client is, local ones first, else in the order of their boundaries. All
/// boundaries count where they overlap; fast wins over slow.
std::vector<SiteHere> sites_around(Surroundings const& known, Where const& where);
/// The same with this site as fallback where there is none.
std::vector<SiteHere> sites_or_fallback(Surroundings const& known, Where const& where);

struct ContentQuestion {
    std::string version = {};       ///< as the client wrote it
    std::string assigned_site = {}; ///< "" = not told
    Where where = {};
};

/// A distribution point that the client is told of.
struct OfferedPoint {
    db::DistributionPoint point = {};
    std::string package = {}; ///< as its folder on the point is named
    std::int64_t version = 0;
    Locality locality = Locality::remote;
    std::string why = {};
};

/// One that holds the package and that the client is not told of.
struct WithheldPoint {
    std::string name;
    std::string why;
};

struct SiteWithPoints {
    SiteHere site;
    std::vector<OfferedPoint> points; ///< best first
};

struct ContentAnswer {
    /// The sites around the client, its assigned site where that is one of ours, and this site; never empty.
    std::vector<SiteWithPoints> sites;
    std::vector<WithheldPoint> withheld;
};

/// location.md 2.3. A point is offered when it has exactly the version asked for (a version that is no number
/// matches none), belongs to one of the sites of the answer or has the client in a boundary of its own, and,
/// for a client on the Internet, can be reached from there. Protected points serve only clients in their own
/// boundaries; where one does, only protected points are offered. A client of a site that is not ours, and
/// outside all boundaries, gets only points whose own boundaries contain it (location.md 8).
///
/// A point is local inside a fast boundary, remote inside slow ones or none; where it has boundaries of its
/// own, those say whether it is near: outside them it is remote, inside them local unless the client is in
/// slow boundaries only. Order: local before remote, then own boundary by address, own AD site, the rest,
/// then the name.
ContentAnswer decide_content(ContentQuestion const& question, Surroundings const& known,
                             std::vector<db::Holder> const& holders);

struct SiteWithServers {
    SiteHere site;
    std::vector<db::WsusServer> servers; ///< in the order in which they were added
};

/// location.md 4: servers of the sites around the client, of its assigned site and of this site whose
/// catalogue is at least the one asked for. No version asked for is any; one that is no number matches none.
std::vector<SiteWithServers> decide_wsus(ContentQuestion const& question, Surroundings const& known,
                                         std::vector<db::WsusServer> const& servers);

struct SiteWithManagementPoint {
    SiteHere site;
    bool has_this = false; ///< whether this management point is listed under the site
};

/// location.md 5. `Assigned`, and any type that is not known: this management point for its own site.
/// `Local`: the sites around the client, this site as fallback. `Proxy`: the other sites around the client;
/// their management points are not known here, the client asks for the list of that site. `Internet`: none,
/// since this management point has no name there.
std::vector<SiteWithManagementPoint> decide_management_points(std::string_view request_type,
                                                              std::string_view site_code,
                                                              Surroundings const& known, Where const& where);

/// A version as clients write it: digits only. nullopt for anything else, and past 2^63 - 1.
std::optional<std::int64_t> version_number(std::string_view text);

} // namespace pointman::endpoints::location
