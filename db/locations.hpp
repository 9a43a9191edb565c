// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/network.hpp"
#include "db/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::db {

/// An area of the network that belongs to a site.
struct Boundary {
    std::int64_t boundary_id = 0; ///< given by the store when added
    std::string name = {};
    std::string site_code = {}; ///< "" = this site
    bool slow = false; ///< a slow or unreliable connection: what is there is remote (location.md 2.2)
    Area area = {};
};

class Boundaries {
public:
    explicit Boundaries(Session& session)
        : session_(&session) {}

    /// In the order in which they were added.
    Result<std::vector<Boundary>> list() const;
    Result<std::optional<Boundary>> find(std::int64_t boundary_id) const;
    /// Those that contain the address. In the order in which they were added.
    Result<std::vector<Boundary>> around(IpAddress const& address) const;
    Result<std::vector<Boundary>> around_ad_site(std::string_view name) const;

    /// Returns the id. The same area of the same site is one boundary: name and speed become the given ones.
    static Result<std::int64_t> add(Transaction&, Boundary const& boundary);
    /// Fails with not_found where there is none.
    static Result<void> remove(Transaction&, std::int64_t boundary_id);

private:
    Session* session_;
};

struct DistributionPoint {
    std::int64_t dp_id = 0; ///< given by the store when added
    std::string name = {};  ///< of the server, as clients resolve it; unique without regard to case
    std::vector<std::string> urls = {}; ///< http, https or UNC roots below which the packages lie
    std::vector<Area> areas = {};       ///< where it is near
    std::string site_code = {};         ///< "" = this site
    bool is_protected = false;          ///< serves nobody outside its areas
    bool internet = false;              ///< can be reached from the Internet
};

class DistributionPoints {
public:
    explicit DistributionPoints(Session& session)
        : session_(&session) {}

    /// By name.
    Result<std::vector<DistributionPoint>> list() const;
    /// By name, or by id where no point has that name. Fails with not_found.
    Result<DistributionPoint> resolve(std::string_view who) const;

    /// Returns the id. A point whose name is known becomes the given one and keeps its content.
    static Result<std::int64_t> add(Transaction&, DistributionPoint const& point);
    /// Its copies of content are forgotten with it. Fails with not_found where there is none.
    static Result<void> remove(Transaction&, std::int64_t dp_id);

private:
    Session* session_;
};

/// The form in which package ids are compared: lower case, without the prefix `UID:` and the braces with
/// which the same id comes from one client and not from another (location.md 2.1).
std::string package_key(std::string_view package);

/// One version of a package.
struct Content {
    std::int64_t content_id = 0;       ///< given by the store when added
    std::string package = {};          ///< as given first
    std::int64_t version = 0;          ///< not negative
    std::int64_t size_kb = 0;          ///< 0 = not told
    std::vector<std::string> dps = {}; ///< names of the points that hold it, sorted
};

/// A point that holds some version of a package.
struct Holder {
    DistributionPoint point = {};
    std::string package = {};                ///< the id as it was given with the content
    std::vector<std::int64_t> versions = {}; ///< ascending
};

class Contents {
public:
    explicit Contents(Session& session)
        : session_(&session) {}

    /// By package and version.
    Result<std::vector<Content>> list() const;
    /// All versions of a package, ascending; empty where it is not known.
    Result<std::vector<Content>> versions_of(std::string_view package) const;
    /// Points that hold any version of the package, by name.
    Result<std::vector<Holder>> holders_of(std::string_view package) const;

    /// Returns the id. Where package and version are known, the points are added to those that hold it, and a
    /// size other than 0 replaces the one that was told. Fails with not_found for a point that is not known.
    static Result<std::int64_t> add(Transaction&, Content const& content);
    /// One version, or all; returns how many there were. Fails with not_found where there is none.
    static Result<std::int64_t> remove(Transaction&, std::string_view package,
                                       std::optional<std::int64_t> version);

private:
    Session* session_;
};

struct WsusServer {
    std::int64_t wsus_id = 0;   ///< given by the store when added
    std::string url = {};       ///< "http://sus1.plant.example:8530"
    std::int64_t version = 1;   ///< of its catalogue
    std::string site_code = {}; ///< "" = this site
    bool internet = false;      ///< can be reached from the Internet
};

class WsusServers {
public:
    explicit WsusServers(Session& session)
        : session_(&session) {}

    /// In the order in which they were added.
    Result<std::vector<WsusServer>> list() const;
    /// By URL or id. Fails with not_found.
    Result<WsusServer> resolve(std::string_view which) const;

    /// Returns the id. A server whose URL is known becomes the given one.
    static Result<std::int64_t> add(Transaction&, WsusServer const& server);
    /// Fails with not_found where there is none.
    static Result<void> remove(Transaction&, std::int64_t wsus_id);

private:
    Session* session_;
};

} // namespace pointman::db
