// SPDX-License-Identifier: Apache-2.0
#include "endpoints/location/decision.hpp"

#include "base/number.hpp"
#include "base/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

namespace pointman::endpoints::location {

namespace {

/// How near a point's own boundaries are; the order is the order of preference (rule 6).
enum class Nearness { by_address, by_ad_site, not_near };

struct Near {
    Nearness nearness = Nearness::not_near;
    std::string why = {}; ///< "address 10.77.4.31 is in its boundary 10.77.4.0/24"
};

Near nearest(std::vector<Area> const& areas, Where const& where) {
    Near best;
    for (auto const& area : areas) {
        auto const found = hit(area, where);
        if (!found) continue;
        auto const nearness = area.kind == Area::Kind::ad_site ? Nearness::by_ad_site : Nearness::by_address;
        if (nearness < best.nearness) {
            best = {nearness, fmt::format("{} is in its boundary {}", *found, area.value)};
        }
    }
    return best;
}

std::string site_of(std::string const& code, Surroundings const& known) {
    return code.empty() ? known.own_site : code;
}

bool same_site(std::string_view a, std::string_view b) {
    return equal_ignoring_case(a, b);
}

/// Text of a client inside a reason, of which there is one for each point: the beginning will do.
std::string_view shown(std::string_view text) {
    constexpr std::size_t most = 40;
    return text.substr(0, most);
}

/// Which sites answer a client, and how it is connected to the network of all of them.
class Scope {
public:
    /// `members` are the sites of what is asked for: an assigned site among them is ours.
    Scope(ContentQuestion const& question, Surroundings const& known, std::vector<std::string> const& members)
        : sites_(sites_around(known, question.where)) {
        outside_ = sites_.empty();
        // Sorted: the first is a local one if any is.
        if (!outside_) connection_ = sites_.front();
        auto const& assigned = question.assigned_site;
        auto const is_assigned = [&](std::string const& code) { return same_site(code, assigned); };
        foreign_ = !assigned.empty() && !is_assigned(known.own_site) &&
                   std::ranges::none_of(members, is_assigned) &&
                   std::ranges::none_of(sites_, is_assigned, &SiteHere::code);
        if (auto const member = std::ranges::find_if(members, is_assigned); member != members.end()) {
            list(*member);
        }
        list(known.own_site);
    }

    bool outside() const { return outside_; }
    bool fast() const { return !outside_ && connection_.locality == Locality::local; }
    std::string const& connection() const { return connection_.why; }
    std::vector<SiteHere> const& sites() const { return sites_; }

    /// Why a site has nothing to say to a client that is not near; "" where it has.
    std::string refusal(std::string const& code) const {
        if (foreign_ && outside_) return "the client belongs to another site and is in no boundary";
        bool const listed =
            std::ranges::any_of(sites_, [&](SiteHere const& site) { return same_site(site.code, code); });
        return listed ? ""
                      : fmt::format("it belongs to site {}, in none of whose boundaries the client is", code);
    }
    /// Adds the site as fallback where it is not there.
    void list(std::string const& code) {
        if (std::ranges::any_of(sites_, [&](SiteHere const& site) { return same_site(site.code, code); }))
            return;
        sites_.push_back({code, Locality::fallback, "no boundary of the site contains the client"});
    }

private:
    std::vector<SiteHere> sites_;
    SiteHere connection_ = {};
    bool outside_ = true;
    bool foreign_ = false;
};

/// Why a holder cannot be offered, whatever the others are; "" where it can.
std::string obstacle(ContentQuestion const& question, Scope const& scope, db::Holder const& holder,
                     Near const& near, std::string const& site) {
    auto const& point = holder.point;
    auto const version = version_number(question.version);
    if (!version) return fmt::format("the version asked for, \"{}\", is no number", shown(question.version));
    if (std::ranges::find(holder.versions, *version) == holder.versions.end()) {
        return fmt::format("it has version {}, not {}", fmt::join(holder.versions, ", "), *version);
    }
    if (question.where.on_internet && !point.internet) return "it cannot be reached from the Internet";
    bool const is_near = near.nearness != Nearness::not_near;
    if (point.is_protected && !is_near)
        return "it is protected, and none of its boundaries contains the client";
    return is_near ? "" : scope.refusal(site);
}

struct Judgement {
    Locality locality = Locality::remote;
    std::string why;
};

Judgement judge(db::DistributionPoint const& point, Near const& near, Scope const& scope) {
    if (near.nearness != Nearness::not_near) {
        if (scope.outside() || scope.fast()) return {Locality::local, near.why};
        return {Locality::remote, fmt::format("{}, but {}", near.why, scope.connection())};
    }
    if (!point.areas.empty()) return {Locality::remote, "none of its boundaries contains the client"};
    if (scope.outside()) return {Locality::remote, "no boundary contains the client"};
    return {scope.fast() ? Locality::local : Locality::remote, scope.connection()};
}

struct Candidate {
    OfferedPoint offer;
    Nearness nearness = Nearness::not_near;
    std::string site;
};

auto preference(Candidate const& candidate) {
    return std::tuple(candidate.offer.locality, candidate.nearness, to_lower(candidate.offer.point.name));
}

} // namespace

Where where_of(ClientLocation const& location) {
    Where where;
    where.on_internet = location.on_internet;
    for (auto const& [subnet, address] : location.addresses) {
        Where::Spot const spot{IpAddress::parse(address), IpAddress::parse(subnet)};
        if (!spot.address && !spot.subnet) continue;
        if (where.spots.size() == most_spots) break;
        where.spots.push_back(spot);
    }
    auto const count = std::min(location.ad_sites.size(), most_ad_sites);
    where.ad_sites.assign(location.ad_sites.begin(),
                          location.ad_sites.begin() + static_cast<std::ptrdiff_t>(count));
    return where;
}

std::optional<std::string> hit(Area const& area, Where const& where) {
    for (auto const& [address, subnet] : where.spots) {
        if (address && area.contains(*address)) return fmt::format("address {}", address->text());
        if (!subnet || area.kind == Area::Kind::range) continue;
        bool const same = area.kind == Area::Kind::subnet && area.first == subnet->key();
        if (same || (!address && area.contains(*subnet))) return fmt::format("subnet {}", subnet->text());
    }
    for (auto const& site : where.ad_sites) {
        if (area.is_ad_site(site)) return fmt::format("AD site {}", site);
    }
    return {};
}

std::string_view name_of(Locality locality) {
    switch (locality) {
    case Locality::local:
        return "LOCAL";
    case Locality::remote:
        return "REMOTE";
    case Locality::fallback:
        return "FALLBACK";
    }
    return {};
}

std::vector<SiteHere> sites_around(Surroundings const& known, Where const& where) {
    std::vector<SiteHere> sites;
    for (auto const& boundary : known.boundaries) {
        auto const found = hit(boundary.area, where);
        if (!found) continue;
        SiteHere here{site_of(boundary.site_code, known), boundary.slow ? Locality::remote : Locality::local,
                      fmt::format("{} is in the {} boundary {}", *found, boundary.slow ? "slow" : "fast",
                                  boundary.area.value)};
        auto const listed = std::ranges::find_if(
            sites, [&here](SiteHere const& site) { return same_site(site.code, here.code); });
        if (listed == sites.end()) {
            sites.push_back(std::move(here));
        } else if (here.locality < listed->locality) {
            listed->locality = here.locality;
            listed->why = std::move(here.why);
        }
    }
    std::ranges::stable_sort(sites, {}, &SiteHere::locality);
    return sites;
}

std::vector<SiteHere> sites_or_fallback(Surroundings const& known, Where const& where) {
    auto sites = sites_around(known, where);
    if (sites.empty()) {
        sites.push_back({known.own_site, Locality::fallback, "no boundary contains the client"});
    }
    return sites;
}

ContentAnswer decide_content(ContentQuestion const& question, Surroundings const& known,
                             std::vector<db::Holder> const& holders) {
    std::vector<std::string> members;
    members.reserve(holders.size());
    for (auto const& holder : holders) members.push_back(site_of(holder.point.site_code, known));
    Scope scope(question, known, members);

    ContentAnswer answer;
    std::vector<Candidate> candidates;
    for (auto const& holder : holders) {
        auto const site = site_of(holder.point.site_code, known);
        auto const near = nearest(holder.point.areas, question.where);
        if (auto why = obstacle(question, scope, holder, near, site); !why.empty()) {
            answer.withheld.push_back({holder.point.name, std::move(why)});
            continue;
        }
        auto judgement = judge(holder.point, near, scope);
        candidates.push_back({{holder.point, holder.package, *version_number(question.version),
                               judgement.locality, std::move(judgement.why)},
                              near.nearness,
                              site});
    }
    bool const only_protected = std::ranges::any_of(
        candidates, [](Candidate const& candidate) { return candidate.offer.point.is_protected; });
    std::erase_if(candidates, [&](Candidate const& candidate) {
        bool const goes = only_protected && !candidate.offer.point.is_protected;
        if (goes) {
            answer.withheld.push_back({candidate.offer.point.name, "a protected point serves the client"});
        }
        return goes;
    });
    std::ranges::stable_sort(candidates, {}, preference);

    for (auto const& candidate : candidates) scope.list(candidate.site);
    for (auto const& site : scope.sites()) answer.sites.push_back({site, {}});
    for (auto& candidate : candidates) {
        auto const under = std::ranges::find_if(answer.sites, [&candidate](SiteWithPoints const& listed) {
            return same_site(listed.site.code, candidate.site);
        });
        under->points.push_back(std::move(candidate.offer));
    }
    return answer;
}

std::vector<SiteWithServers> decide_wsus(ContentQuestion const& question, Surroundings const& known,
                                         std::vector<db::WsusServer> const& servers) {
    std::vector<std::string> members;
    members.reserve(servers.size());
    for (auto const& server : servers) members.push_back(site_of(server.site_code, known));
    Scope const scope(question, known, members);
    auto const wanted =
        question.version.empty() ? std::optional<std::int64_t>(0) : version_number(question.version);

    std::vector<SiteWithServers> answer;
    for (auto const& site : scope.sites()) {
        answer.push_back({site, {}});
        for (auto const& server : servers) {
            auto const code = site_of(server.site_code, known);
            if (!same_site(code, site.code) || !scope.refusal(code).empty()) continue;
            if (!wanted || server.version < *wanted) continue;
            if (question.where.on_internet && !server.internet) continue;
            answer.back().servers.push_back(server);
        }
    }
    return answer;
}

std::vector<SiteWithManagementPoint> decide_management_points(std::string_view request_type,
                                                              std::string_view site_code,
                                                              Surroundings const& known, Where const& where) {
    auto const around = sites_around(known, where);
    auto const is_own = [&known](SiteHere const& site) { return same_site(site.code, known.own_site); };
    auto const own_here = std::ranges::find_if(around, is_own);
    auto const own = own_here != around.end() ? *own_here
                                              : SiteHere{known.own_site, Locality::fallback,
                                                         "no boundary of the site contains the client"};
    bool const asks_for_own = site_code.empty() || same_site(site_code, known.own_site);

    std::vector<SiteWithManagementPoint> answer;
    if (equal_ignoring_case(request_type, "Local")) {
        for (auto const& site : around) answer.push_back({site, is_own(site)});
        if (answer.empty()) answer.push_back({own, asks_for_own});
    } else if (equal_ignoring_case(request_type, "Proxy")) {
        for (auto const& site : around) {
            if (!is_own(site)) answer.push_back({site, false});
        }
        if (answer.empty()) answer.push_back({own, false});
    } else {
        answer.push_back({own, asks_for_own && !equal_ignoring_case(request_type, "Internet")});
    }
    return answer;
}

std::optional<std::int64_t> version_number(std::string_view text) {
    return text.starts_with('-') ? std::nullopt : number_in<std::int64_t>(text);
}

} // namespace pointman::endpoints::location
