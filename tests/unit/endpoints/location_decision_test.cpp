// SPDX-License-Identifier: Apache-2.0
// Who is offered what, in which order, and why: expectations from location.md 2.3, 3, 4, 5 and 8.
#include "endpoints/location/decision.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <sstream>

using namespace pointman;
using namespace pointman::endpoints;
using namespace pointman::endpoints::location;

namespace {

/// "10.77.4.0/24", "10.77.4.1-10.77.4.9", "2001:db8::/32", "@Plant" for an AD site.
Area area(std::string const& text) {
    auto const kind = text.starts_with('@')                 ? Area::Kind::ad_site
                      : text.find(':') != std::string::npos ? Area::Kind::ipv6
                      : text.find('/') != std::string::npos ? Area::Kind::subnet
                                                            : Area::Kind::range;
    return parse_area(kind, text.starts_with('@') ? text.substr(1) : text).value();
}

std::vector<std::string> words(std::string const& text) {
    std::istringstream stream(text);
    return {std::istream_iterator<std::string>(stream), std::istream_iterator<std::string>()};
}

/// "AREA[=SITE][~] ...", ~ for slow. The site is this one, Q7T, unless told.
Surroundings boundaries(std::string const& text) {
    Surroundings known{"Q7T", {}};
    for (auto word : words(text)) {
        db::Boundary boundary{.boundary_id = static_cast<std::int64_t>(known.boundaries.size()) + 1};
        if (word.ends_with('~')) {
            boundary.slow = true;
            word.pop_back();
        }
        if (auto const at = word.find('='); at != std::string::npos) {
            boundary.site_code = word.substr(at + 1);
            word.resize(at);
        }
        boundary.area = area(word);
        known.boundaries.push_back(std::move(boundary));
    }
    return known;
}

/// "NAME[!][^][=SITE][:AREA,AREA] ...": ! protected, ^ on the Internet. Each has version 3 of Q7T0000F.
std::vector<db::Holder> points(std::string const& text) {
    std::vector<db::Holder> holders;
    for (auto word : words(text)) {
        db::Holder holder{.package = "Q7T0000F", .versions = {3}};
        auto& point = holder.point;
        if (auto const at = word.find(':'); at != std::string::npos) {
            std::istringstream list(word.substr(at + 1));
            for (std::string one; std::getline(list, one, ',');) point.areas.push_back(area(one));
            word.resize(at);
        }
        if (auto const at = word.find('='); at != std::string::npos) {
            point.site_code = word.substr(at + 1);
            word.resize(at);
        }
        for (; word.ends_with('!') || word.ends_with('^'); word.pop_back()) {
            (word.ends_with('!') ? point.is_protected : point.internet) = true;
        }
        point.name = word;
        holders.push_back(std::move(holder));
    }
    return holders;
}

/// "ADDRESS[/SUBNET] @ADSITE ^ ...": a subnet address alone as "/SUBNET"; ^ = on the Internet.
Where client(std::string const& text) {
    ClientLocation told;
    for (auto const& word : words(text)) {
        if (word.starts_with('@')) {
            told.ad_sites.push_back(word.substr(1));
        } else if (word == "^") {
            told.on_internet = true;
        } else {
            auto const at = word.find('/');
            told.addresses.push_back(
                {at == std::string::npos ? "" : word.substr(at + 1), word.substr(0, at)});
        }
    }
    return where_of(told);
}

std::string_view letter(Locality locality) {
    return name_of(locality).substr(0, 1);
}

/// "SITE-L(dp1-L dp2-R) ...", L, R and F for the localities.
std::string shown(ContentAnswer const& answer) {
    std::string text;
    for (auto const& [site, offers] : answer.sites) {
        text += fmt::format("{}{}-{}(", text.empty() ? "" : " ", site.code, letter(site.locality));
        for (std::size_t i = 0; i < offers.size(); ++i) {
            text +=
                fmt::format("{}{}-{}", i == 0 ? "" : " ", offers[i].point.name, letter(offers[i].locality));
        }
        text += ")";
    }
    return text;
}

struct Row {
    std::string name;
    std::string boundaries;
    std::string points;
    std::string client;
    std::string answer;
    std::string assigned = "Q7T";
    std::string version = "3";
};

std::vector<Row> const rows{
    // Where the client is (rules 5 and 8; section 8).
    {"inside a fast subnet", "10.77.4.0/24", "dp1", "10.77.4.31", "Q7T-L(dp1-L)"},
    {"first address of a subnet", "10.77.4.0/24", "dp1", "10.77.4.0", "Q7T-L(dp1-L)"},
    {"last address of a subnet", "10.77.4.0/24", "dp1", "10.77.4.255", "Q7T-L(dp1-L)"},
    {"one past a subnet", "10.77.4.0/24", "dp1", "10.77.5.0", "Q7T-F(dp1-R)"},
    {"one before a subnet", "10.77.4.0/24", "dp1", "10.77.3.255", "Q7T-F(dp1-R)"},
    {"inside a slow subnet", "10.77.4.0/24~", "dp1", "10.77.4.31", "Q7T-R(dp1-R)"},
    {"first of a range", "10.77.4.10-10.77.4.20", "dp1", "10.77.4.10", "Q7T-L(dp1-L)"},
    {"last of a range", "10.77.4.10-10.77.4.20", "dp1", "10.77.4.20", "Q7T-L(dp1-L)"},
    {"one past a range", "10.77.4.10-10.77.4.20", "dp1", "10.77.4.21", "Q7T-F(dp1-R)"},
    {"AD site in another case", "@Plant-North", "dp1", "@PLANT-north", "Q7T-L(dp1-L)"},
    {"AD site by part of its name", "@Plant-North", "dp1", "@Plant", "Q7T-F(dp1-R)"},
    {"slow AD site", "@Plant-North~", "dp1", "@Plant-North", "Q7T-R(dp1-R)"},
    {"IPv6", "2001:db8::/32", "dp1", "2001:db8:4::31", "Q7T-L(dp1-L)"},
    {"another IPv6", "2001:db8::/32", "dp1", "2001:db9::1", "Q7T-F(dp1-R)"},
    {"IPv6 of one host", "2001:db8::1/128", "dp1", "2001:db8::1", "Q7T-L(dp1-L)"},
    {"IPv6 with zone", "fe80::/10", "dp1", "fe80::1%12", "Q7T-L(dp1-L)"},
    {"IPv4 mapped into IPv6", "10.77.4.0/24", "dp1", "::ffff:10.77.4.31", "Q7T-L(dp1-L)"},
    {"all of IPv6 holds no IPv4", "::/0", "dp1", "10.77.4.31", "Q7T-F(dp1-R)"},
    {"all of IPv4 holds no IPv6", "0.0.0.0/0", "dp1", "2001:db8::1", "Q7T-F(dp1-R)"},
    {"one of several addresses", "10.77.4.0/24", "dp1", "192.168.0.9 10.77.4.31", "Q7T-L(dp1-L)"},
    {"IPv6 beside IPv4", "2001:db8::/32", "dp1", "10.99.0.1 2001:db8::7", "Q7T-L(dp1-L)"},
    {"AD site beside a foreign address", "@Plant", "dp1", "10.99.0.1 @Plant", "Q7T-L(dp1-L)"},
    {"address beside a foreign AD site", "10.77.4.0/24", "dp1", "10.77.4.31 @Elsewhere", "Q7T-L(dp1-L)"},
    {"the second of two AD sites", "@Plant", "dp1", "@Elsewhere @Plant", "Q7T-L(dp1-L)"},
    {"the subnet address alone", "10.77.4.0/24", "dp1", "/10.77.4.0", "Q7T-L(dp1-L)"},
    {"a subnet address inside a larger boundary", "10.77.0.0/16", "dp1", "/10.77.4.0", "Q7T-L(dp1-L)"},
    {"the subnet's own address counts beside the address", "10.77.4.0/24", "dp1", "10.99.0.1/10.77.4.0",
     "Q7T-L(dp1-L)"},
    {"another subnet address inside does not, beside an address", "10.77.0.0/16", "dp1",
     "10.99.0.1/10.77.4.0", "Q7T-F(dp1-R)"},
    {"a subnet address is no address of a range", "10.77.4.0-10.77.4.9", "dp1", "/10.77.4.0", "Q7T-F(dp1-R)"},
    {"no location at all", "10.77.4.0/24", "dp1 dp2", "", "Q7T-F(dp1-R dp2-R)"},
    {"an address that is none is skipped", "10.77.4.0/24", "dp1", "nonsense 10.77.4.31", "Q7T-L(dp1-L)"},
    {"only addresses that are none", "0.0.0.0/0", "dp1", "nonsense 10.77.4.999 1::2::3", "Q7T-F(dp1-R)"},
    {"no boundaries", "", "dp1", "10.77.4.31", "Q7T-F(dp1-R)"},
    // Overlaps: all count, fast wins.
    {"fast and slow", "10.77.0.0/16~ 10.77.4.0/24", "dp1", "10.77.4.31", "Q7T-L(dp1-L)"},
    {"fast and slow the other way round", "10.77.0.0/16 10.77.4.0/24~", "dp1", "10.77.4.31", "Q7T-L(dp1-L)"},
    {"the slow one alone contains it", "10.77.0.0/16~ 10.77.4.0/24", "dp1", "10.77.5.31", "Q7T-R(dp1-R)"},
    {"slow subnet, fast AD site", "10.77.4.0/24~ @Plant", "dp1", "10.77.4.31 @Plant", "Q7T-L(dp1-L)"},
    {"two slow ones", "10.77.4.0/24~ @Plant~", "dp1", "10.77.4.31 @Plant", "Q7T-R(dp1-R)"},
    {"fast by the second address", "10.77.4.0/24~ 10.78.0.0/16", "dp1", "10.77.4.31 10.78.0.1",
     "Q7T-L(dp1-L)"},
    // Points with boundaries of their own, and the order (rule 6; sample in 9).
    {"one near, one elsewhere", "10.77.0.0/16", "dp1:10.77.9.0/24 dp2:10.77.4.0/24", "10.77.4.31",
     "Q7T-L(dp2-L dp1-R)"},
    {"near without any boundary of the site", "", "dp1 dp2:10.77.4.0/24", "10.77.4.31", "Q7T-F(dp2-L dp1-R)"},
    {"near, but the connection is slow", "10.77.4.0/24~", "dp1 dp2:10.77.4.0/24", "10.77.4.31",
     "Q7T-R(dp2-R dp1-R)"},
    {"address before AD site before the rest", "10.0.0.0/8", "a b:@Plant c:10.77.4.0/24", "10.77.4.31 @Plant",
     "Q7T-L(c-L b-L a-L)"},
    {"local before remote whatever the names", "10.0.0.0/8", "a:10.9.0.0/16 z", "10.77.4.31",
     "Q7T-L(z-L a-R)"},
    {"by name where all else is equal", "10.0.0.0/8", "DPb dpA dpc", "10.77.4.31",
     "Q7T-L(dpA-L DPb-L dpc-L)"},
    {"one of a point's boundaries is enough", "", "dp1:10.9.0.0/16,@Plant", "10.77.4.31 @Plant",
     "Q7T-F(dp1-L)"},
    {"its address counts more than its AD site", "", "a:@Plant b:@Plant,10.77.4.0/24", "10.77.4.31 @Plant",
     "Q7T-F(b-L a-L)"},
    {"near by IPv6", "", "dp1 dp2:2001:db8::/32", "10.77.4.31 2001:db8::9", "Q7T-F(dp2-L dp1-R)"},
    {"near by range", "", "dp1 dp2:10.77.4.30-10.77.4.31", "10.77.4.31", "Q7T-F(dp2-L dp1-R)"},
    // Protected points (rules 3 and 4).
    {"a protected point alone where it serves", "10.0.0.0/8", "dp1 dp2!:10.77.4.0/24", "10.77.4.31",
     "Q7T-L(dp2-L)"},
    {"a protected point not where it does not", "10.0.0.0/8", "dp1 dp2!:10.77.9.0/24", "10.77.4.31",
     "Q7T-L(dp1-L)"},
    {"two protected points", "10.0.0.0/8", "dp1 dp2!:10.77.4.0/24 dp3!:@Plant", "10.77.4.31 @Plant",
     "Q7T-L(dp2-L dp3-L)"},
    {"protected elsewhere, and nothing else", "10.0.0.0/8", "dp2!:10.77.9.0/24", "10.77.4.31", "Q7T-L()"},
    {"protected over a slow boundary", "10.77.4.0/24~", "dp1 dp2!:10.77.4.0/24", "10.77.4.31",
     "Q7T-R(dp2-R)"},
    {"protected outside the site's boundaries", "", "dp1 dp2!:10.77.4.0/24", "10.77.4.31", "Q7T-F(dp2-L)"},
    {"protected, client without location", "", "dp1 dp2!:10.77.4.0/24", "", "Q7T-F(dp1-R)"},
    // Versions (rule 1; section 8).
    {"another version", "10.0.0.0/8", "dp1", "10.77.4.31", "Q7T-L()", "Q7T", "4"},
    {"leading zeros are the same number", "10.0.0.0/8", "dp1", "10.77.4.31", "Q7T-L(dp1-L)", "Q7T", "003"},
    {"a version that is no number", "10.0.0.0/8", "dp1", "10.77.4.31", "Q7T-L()", "Q7T", "three"},
    {"a version with a dot", "10.0.0.0/8", "dp1", "10.77.4.31", "Q7T-L()", "Q7T", "3.0"},
    {"a version with a sign", "10.0.0.0/8", "dp1", "10.77.4.31", "Q7T-L()", "Q7T", "+3"},
    {"an empty version", "10.0.0.0/8", "dp1", "10.77.4.31", "Q7T-L()", "Q7T", ""},
    {"a version past all numbers", "10.0.0.0/8", "dp1", "10.77.4.31", "Q7T-L()", "Q7T",
     "99999999999999999999"},
    {"no point holds it", "10.0.0.0/8", "", "10.77.4.31", "Q7T-L()"},
    // Sites (rule 2; 2.2; section 8).
    {"boundary of a secondary site", "10.77.4.0/24=Q8T", "dp1", "10.77.4.31", "Q8T-L() Q7T-F(dp1-L)"},
    {"a point of the secondary site", "10.77.4.0/24=Q8T", "dp1 dp2=Q8T", "10.77.4.31",
     "Q8T-L(dp2-L) Q7T-F(dp1-L)"},
    {"a point of a secondary site elsewhere", "10.77.4.0/24", "dp1 dp2=Q8T", "10.77.4.31", "Q7T-L(dp1-L)"},
    {"a point of a secondary site nearby", "10.77.4.0/24", "dp1 dp2=Q8T:10.77.4.0/25", "10.77.4.31",
     "Q7T-L(dp1-L) Q8T-F(dp2-L)"},
    {"in two sites, the local one first", "10.77.4.0/24~ 10.77.0.0/16=Q8T", "dp1", "10.77.4.31",
     "Q8T-L() Q7T-R(dp1-L)"},
    {"in two local sites, in the order of the boundaries", "10.77.0.0/16=Q8T 10.77.4.0/24", "dp1",
     "10.77.4.31", "Q8T-L() Q7T-L(dp1-L)"},
    {"site codes have no case", "10.77.4.0/24=q7t", "dp1=Q7t", "10.77.4.31", "q7t-L(dp1-L)", "q7T"},
    {"assigned to a secondary site of ours", "10.77.4.0/24", "dp1 dp2=Q8T", "10.99.0.1",
     "Q8T-F(dp2-R) Q7T-F(dp1-R)", "q8t"},
    {"a foreign client inside", "10.77.4.0/24", "dp1", "10.77.4.31", "Q7T-L(dp1-L)", "ZZZ"},
    {"a foreign client outside", "10.77.4.0/24", "dp1 dp2:10.77.4.0/24", "10.99.0.1", "Q7T-F()", "ZZZ"},
    {"a foreign client near a point", "", "dp1 dp2:10.77.4.0/24", "10.77.4.31", "Q7T-F(dp2-L)", "ZZZ"},
    {"a client that tells no site", "", "dp1", "10.99.0.1", "Q7T-F(dp1-R)", ""},
    // The Internet (rule 11).
    {"from the Internet", "10.0.0.0/8", "dp1 dp2^", "10.77.4.31 ^", "Q7T-L(dp2-L)"},
    {"from the Internet, nothing there", "10.0.0.0/8", "dp1", "10.77.4.31 ^", "Q7T-L()"},
    {"what can be reached from the Internet serves others too", "10.0.0.0/8", "dp1 dp2^", "10.77.4.31",
     "Q7T-L(dp1-L dp2-L)"},
    {"protected does not serve the Internet", "10.0.0.0/8", "dp1^ dp2!:10.77.4.0/24", "10.77.4.31 ^",
     "Q7T-L(dp1-L)"},
};

ContentAnswer decided(Row const& row) {
    return decide_content({row.version, row.assigned, client(row.client)}, boundaries(row.boundaries),
                          points(row.points));
}

} // namespace

TEST_CASE("content is offered by site, best point first", "[location]") {
    REQUIRE(rows.size() >= 60);
    for (auto const& row : rows) {
        CAPTURE(row.name);
        auto const answer = decided(row);
        CHECK(shown(answer) == row.answer);
        std::size_t told = answer.withheld.size();
        for (auto const& [site, offers] : answer.sites) {
            CHECK_FALSE(site.why.empty());
            told += offers.size();
            for (auto const& offer : offers) CHECK_FALSE(offer.why.empty());
        }
        CHECK(told == words(row.points).size());
    }
}

TEST_CASE("the boundaries that do not contain the client make no difference", "[location]") {
    for (auto const& row : rows) {
        CAPTURE(row.name);
        auto known = boundaries(row.boundaries);
        auto const where = client(row.client);
        std::erase_if(known.boundaries, [&](db::Boundary const& b) { return !hit(b.area, where); });
        CHECK(shown(decide_content({row.version, row.assigned, where}, known, points(row.points))) ==
              row.answer);
    }
}

TEST_CASE("every point has its reason", "[location]") {
    struct Reason {
        std::string boundaries;
        std::string points;
        std::string client;
        std::string why;
        std::string assigned = "Q7T";
        std::string version = "3";
    };
    std::vector<Reason> const reasons{
        {"10.0.0.0/8", "dp1", "10.77.4.31", "address 10.77.4.31 is in the fast boundary 10.0.0.0/8"},
        {"@Plant~", "dp1", "@plant", "AD site plant is in the slow boundary Plant"},
        {"", "dp1", "10.77.4.31", "no boundary contains the client"},
        {"10.0.0.0/8", "dp1:10.77.4.0/24", "10.77.4.31",
         "address 10.77.4.31 is in its boundary 10.77.4.0/24"},
        {"10.77.4.0/24", "dp1", "/10.77.4.0", "subnet 10.77.4.0 is in the fast boundary 10.77.4.0/24"},
        {"10.0.0.0/8", "dp1:10.9.0.0/16", "10.77.4.31", "none of its boundaries contains the client"},
        {"10.0.0.0/8~", "dp1:@Plant", "10.77.4.31 @Plant",
         "AD site Plant is in its boundary Plant, but address 10.77.4.31 is in the slow boundary 10.0.0.0/8"},
        {"", "dp1", "", "it has version 3, not 4", "Q7T", "4"},
        {"", "dp1", "", "the version asked for, \"x\", is no number", "Q7T", "x"},
        {"", "dp1!:@Plant", "", "it is protected, and none of its boundaries contains the client"},
        {"", "dp1", "^", "it cannot be reached from the Internet"},
        {"", "dp1", "10.99.0.1", "the client belongs to another site and is in no boundary", "ZZZ"},
        {"", "dp1=Q8T", "", "it belongs to site Q8T, in none of whose boundaries the client is"},
    };
    for (auto const& row : reasons) {
        auto const answer =
            decided({"", row.boundaries, row.points, row.client, "", row.assigned, row.version});
        auto const& offers = answer.sites.back().points;
        CHECK((offers.empty() ? answer.withheld.at(0).why : offers.front().why) == row.why);
    }
    auto const beside = decided({"", "", "dp1 dp2!:@Plant", "@Plant", ""});
    CHECK(beside.withheld.at(0).name == "dp1");
    CHECK(beside.withheld.at(0).why == "a protected point serves the client");
}

TEST_CASE("a client cannot make the reasons long", "[location]") {
    auto const answer = decided({"", "", "dp1 dp2", "", "", "Q7T", std::string(100'000, 'x')});
    REQUIRE(answer.withheld.size() == 2);
    for (auto const& withheld : answer.withheld) CHECK(withheld.why.size() < 100);
}

TEST_CASE("only so many addresses and AD sites are looked at", "[location]") {
    std::string text;
    for (std::size_t i = 0; i < most_spots; ++i) text += fmt::format("192.168.{}.1 nonsense ", i);
    for (std::size_t i = 0; i < most_ad_sites; ++i) text += fmt::format("@S{} ", i);
    auto const where = client(text + "10.77.4.31 @Plant");
    CHECK(where.spots.size() == most_spots);
    CHECK(where.ad_sites.size() == most_ad_sites);
    CHECK_FALSE(hit(area("10.77.4.0/24"), where));
    CHECK(hit(area("192.168.63.0/24"), where));
}

TEST_CASE("the local management point is told by site", "[location]") {
    struct SiteRow {
        std::string boundaries;
        std::string client;
        std::string sites;
    };
    for (auto const& row : std::vector<SiteRow>{
             {"10.77.8.0/24=Q8T", "10.77.8.14", "Q8T-L"},
             {"10.77.8.0/24=Q8T~", "10.77.8.14", "Q8T-R"},
             {"10.77.8.0/24=Q8T", "10.77.9.14", "Q7T-F"},
             {"", "", "Q7T-F"},
             {"10.77.8.0/24~ @Plant=Q8T", "10.77.8.14 @Plant", "Q8T-L Q7T-R"},
             {"10.77.8.0/24 10.77.8.0/25~", "10.77.8.14", "Q7T-L"},
         }) {
        CAPTURE(row.boundaries, row.client);
        std::string sites;
        for (auto const& site : sites_or_fallback(boundaries(row.boundaries), client(row.client))) {
            sites += fmt::format("{}{}-{}", sites.empty() ? "" : " ", site.code, letter(site.locality));
        }
        CHECK(sites == row.sites);
    }
}

TEST_CASE("update servers are told by site, catalogue and reach", "[location]") {
    std::vector<db::WsusServer> const servers{{.wsus_id = 1, .url = "sus1", .version = 12},
                                              {.wsus_id = 2, .url = "sus2", .version = 9, .site_code = "Q8T"},
                                              {.wsus_id = 3, .url = "sus3", .version = 20, .internet = true}};
    struct ServerRow {
        std::string boundaries;
        std::string client;
        std::string version;
        std::string answer;
        std::string assigned = "Q7T";
    };
    for (auto const& row : std::vector<ServerRow>{
             {"", "10.77.4.31", "12", "Q7T(sus1 sus3)"},
             {"", "10.77.4.31", "13", "Q7T(sus3)"},
             {"", "10.77.4.31", "0", "Q7T(sus1 sus3)"},
             {"", "10.77.4.31", "", "Q7T(sus1 sus3)"},
             {"", "10.77.4.31", "21", "Q7T()"},
             {"", "10.77.4.31", "twelve", "Q7T()"},
             {"", "10.77.4.31 ^", "", "Q7T(sus3)"},
             {"10.77.4.0/24=Q8T", "10.77.4.31", "9", "Q8T(sus2) Q7T(sus1 sus3)"},
             {"10.77.4.0/24=Q8T", "10.77.4.31", "10", "Q8T() Q7T(sus1 sus3)"},
             {"", "", "", "Q8T(sus2) Q7T(sus1 sus3)", "Q8T"},
             {"", "10.77.4.31", "", "Q7T()", "ZZZ"},
             {"10.77.4.0/24", "10.77.4.31", "", "Q7T(sus1 sus3)", "ZZZ"},
         }) {
        CAPTURE(row.boundaries, row.client, row.version, row.assigned);
        std::string text;
        for (auto const& [site, found] : decide_wsus({row.version, row.assigned, client(row.client)},
                                                     boundaries(row.boundaries), servers)) {
            text += fmt::format("{}{}(", text.empty() ? "" : " ", site.code);
            for (auto const& server : found) text += (text.ends_with('(') ? "" : " ") + server.url;
            text += ")";
        }
        CHECK(text == row.answer);
    }
}

TEST_CASE("management points are told by the type of the request", "[location]") {
    struct TypeRow {
        std::string type;
        std::string site;
        std::string boundaries;
        std::string client;
        std::string answer; ///< + = this management point is listed
    };
    for (auto const& row : std::vector<TypeRow>{
             {"Assigned", "Q7T", "", "", "Q7T-F+"},
             {"assigned", "q7t", "10.77.4.0/24", "10.77.4.31", "Q7T-L+"},
             {"Assigned", "ZZZ", "", "", "Q7T-F"},
             {"Assigned", "", "", "", "Q7T-F+"},
             {"Local", "Q7T", "10.77.4.0/24=Q8T 10.77.4.0/25~", "10.77.4.31", "Q8T-L Q7T-R+"},
             {"Local", "Q7T", "", "10.77.4.31", "Q7T-F+"},
             {"Local", "ZZZ", "", "10.77.4.31", "Q7T-F"},
             {"Proxy", "Q7T", "10.77.4.0/24=Q8T 10.77.4.0/25", "10.77.4.31", "Q8T-L"},
             {"Proxy", "Q7T", "10.77.4.0/24", "10.77.4.31", "Q7T-L"},
             {"Internet", "Q7T", "", "", "Q7T-F"},
             {"Later", "Q7T", "", "", "Q7T-F+"},
         }) {
        CAPTURE(row.type, row.site, row.boundaries);
        std::string text;
        for (auto const& [site, has_this] :
             decide_management_points(row.type, row.site, boundaries(row.boundaries), client(row.client))) {
            text += fmt::format("{}{}-{}{}", text.empty() ? "" : " ", site.code, letter(site.locality),
                                has_this ? "+" : "");
        }
        CHECK(text == row.answer);
    }
}
