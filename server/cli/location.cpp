// SPDX-License-Identifier: Apache-2.0
#include "endpoints/location/lookup.hpp"
#include "endpoints/location/replies.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/output.hpp"
#include "server/cli/places.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

namespace pointman::cli {

namespace {

namespace location = endpoints::location;

struct Asked {
    std::vector<std::string> addresses;
    std::vector<std::string> ad_sites;
    std::string package;
    std::string version;
    std::string site;
    bool internet = false;
};

struct Explanation {
    std::string package;
    std::string version;
    location::ContentAnswer answer;
};

Result<location::Where> where_from(Asked const& asked) {
    location::Where where;
    for (auto const& text : asked.addresses) {
        auto const address = IpAddress::parse(text);
        if (!address) return fail(Code::usage, fmt::format("--ip takes an address, \"{}\" is none", text));
        where.spots.push_back({.address = address});
    }
    where.ad_sites = asked.ad_sites;
    where.on_internet = asked.internet;
    return where;
}

Result<Explanation> explain_in(db::Session& session, Asked const& asked, location::Where where,
                               std::string const& own) {
    auto const versions = db::Contents(session).versions_of(asked.package);
    if (!versions) return std::unexpected(versions.error());
    if (versions->empty()) return fail(Code::not_found, fmt::format("no content {}", asked.package));
    auto const& newest = versions->back();
    Explanation found{
        newest.package, asked.version.empty() ? std::to_string(newest.version) : asked.version, {}};
    auto answer =
        location::find_content(session, asked.package, {found.version, asked.site, std::move(where)}, own);
    if (!answer) return std::unexpected(answer.error());
    found.answer = std::move(*answer);
    return found;
}

boost::json::object to_json(location::OfferedPoint const& offer, std::string const& site) {
    boost::json::array urls;
    for (auto const& root : offer.point.urls) {
        urls.emplace_back(location::content_url(root, offer.package, offer.version).url);
    }
    boost::json::object object;
    object["dp_id"] = offer.point.dp_id;
    object["name"] = offer.point.name;
    object["site"] = site;
    object["locality"] = location::name_of(offer.locality);
    object["protected"] = offer.point.is_protected;
    object["urls"] = std::move(urls);
    object["why"] = offer.why;
    return object;
}

boost::json::object to_json(Explanation const& found) {
    boost::json::array sites;
    boost::json::array points;
    for (auto const& [site, offers] : found.answer.sites) {
        sites.emplace_back(boost::json::object{
            {"site", site.code}, {"locality", location::name_of(site.locality)}, {"why", site.why}});
        for (auto const& offer : offers) points.emplace_back(to_json(offer, site.code));
    }
    boost::json::array withheld;
    for (auto const& [name, why] : found.answer.withheld) {
        withheld.emplace_back(boost::json::object{{"name", name}, {"why", why}});
    }
    boost::json::object object;
    object["package"] = found.package;
    object["version"] = found.version;
    object["sites"] = std::move(sites);
    object["points"] = std::move(points);
    object["withheld"] = std::move(withheld);
    return object;
}

void print(Explanation const& found) {
    std::vector<std::vector<std::string>> rows;
    rows.reserve(found.answer.sites.size());
    for (auto const& [site, offers] : found.answer.sites) {
        rows.push_back({"", "site " + site.code, std::string(location::name_of(site.locality)), site.why});
    }
    std::size_t number = 0;
    for (auto const& [site, offers] : found.answer.sites) {
        for (auto const& offer : offers) {
            rows.push_back({std::to_string(++number), offer.point.name,
                            std::string(location::name_of(offer.locality)), offer.why});
        }
    }
    for (auto const& [name, why] : found.answer.withheld) rows.push_back({"-", name, "no", why});
    fmt::print("{} version {}\n", found.package, found.version);
    print_table({"#", "WHAT", "LOCALITY", "WHY"}, rows);
}

int explain(Target const& target, Asked const& asked) {
    auto const where = where_from(asked);
    if (!where) return report(where.error());
    auto store = target.open();
    if (!store) return report(store.error());
    auto const own = own_site(target, **store);
    if (!own) return report(own.error());
    auto const found =
        (*store)->read([&](db::Session& session) { return explain_in(session, asked, *where, *own); });
    if (!found) return report(found.error());
    if (target.json) {
        print_json(to_json(*found));
    } else {
        print(*found);
    }
    return done;
}

} // namespace

void add_location_command(CLI::App& program, Action& action) {
    Commands const commands(program, action, "location", "what clients are told of where content lies");
    auto const& target = commands.target();
    auto asked = std::make_shared<Asked>();
    auto* sub = commands.add("explain", "which distribution points a client would get, and why",
                             [target, asked] { return explain(*target, *asked); });
    add_repeatable(*sub, "--ip", asked->addresses, "address of the client")->type_name("A");
    add_repeatable(*sub, "--ad-site", asked->ad_sites, "its AD site")->type_name("NAME");
    sub->add_option("--package", asked->package, "what it asks for")->required()->type_name("PACKAGE");
    sub->add_option("--version", asked->version, "of the package, the newest if not given")->type_name("N");
    sub->add_option("--site", asked->site, "the client's assigned site, where it is not this one")
        ->type_name("CODE");
    sub->add_flag("--internet", asked->internet, "the client is on the Internet");
}

} // namespace pointman::cli
