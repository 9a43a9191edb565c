// SPDX-License-Identifier: Apache-2.0
#include "db/locations.hpp"
#include "tests/unit/db/support.hpp"

namespace pointman::db::test {

namespace {

using Kind = Area::Kind;

Area area(Kind kind, std::string_view text) {
    return required(parse_area(kind, text));
}

/// Repositories on a store of their own: every call is a transaction or a read session.
struct Places {
    std::int64_t boundary(Boundary const& given) {
        return required(store->write_and_wait([&](Transaction& t) { return Boundaries::add(t, given); }));
    }
    std::int64_t point(DistributionPoint const& given) {
        return required(
            store->write_and_wait([&](Transaction& t) { return DistributionPoints::add(t, given); }));
    }
    Result<std::int64_t> content(Content const& given) {
        return store->write_and_wait([&](Transaction& t) { return Contents::add(t, given); });
    }
    std::int64_t wsus(WsusServer const& given) {
        return required(store->write_and_wait([&](Transaction& t) { return WsusServers::add(t, given); }));
    }
    template <class F>
    auto read(F const& work) {
        return required(store->read(work));
    }
    std::vector<std::string> around(std::string_view address) {
        auto const found = read(
            [&](Session& session) { return Boundaries(session).around(IpAddress::parse(address).value()); });
        return values(found);
    }
    std::vector<std::string> around_ad_site(std::string_view name) {
        return values(read([&](Session& session) { return Boundaries(session).around_ad_site(name); }));
    }
    static std::vector<std::string> values(std::vector<Boundary> const& boundaries) {
        std::vector<std::string> values;
        for (auto const& boundary : boundaries) values.push_back(boundary.area.value);
        return values;
    }
    std::vector<Content> contents() {
        return read([](Session& session) { return Contents(session).list(); });
    }
    std::vector<Holder> holders(std::string_view package) {
        return read([&](Session& session) { return Contents(session).holders_of(package); });
    }

    TemporaryDirectory directory;
    std::unique_ptr<Store> store = open_store(options_for(directory.path() / "pointman.db"));
};

/// Whether `work(Transaction&) -> Result<T>` found nothing to do it to.
template <class F>
bool finds_nothing(Places& places, F const& work) {
    auto const result = places.store->write_and_wait([&](Transaction& transaction) -> Result<bool> {
        if (auto done = work(transaction); !done) return std::unexpected(done.error());
        return true;
    });
    return !result && result.error().code == Code::not_found;
}

} // namespace

TEST_CASE("a boundary comes back whole, and the same area of a site is one", "[db][locations]") {
    Places places;
    auto const subnet = area(Kind::subnet, "10.77.4.31/24");
    auto const first = places.boundary({.name = "Plant", .site_code = "Q8T", .slow = true, .area = subnet});
    CHECK(places.boundary({.name = "Works", .site_code = "Q8T", .area = subnet}) == first);
    auto const other = places.boundary({.name = "Plant", .area = subnet});
    CHECK(other > first);

    auto const known = places.read([](Session& session) { return Boundaries(session).list(); });
    REQUIRE(known.size() == 2);
    CHECK(known[0].boundary_id == first);
    CHECK(known[0].name == "Works");
    CHECK(known[0].site_code == "Q8T");
    CHECK_FALSE(known[0].slow);
    CHECK(known[0].area == subnet);
    CHECK(known[1].site_code.empty());

    auto const gone = [first](Transaction& t) { return Boundaries::remove(t, first); };
    CHECK_FALSE(finds_nothing(places, gone));
    CHECK(finds_nothing(places, gone));
    CHECK(places.boundary({.site_code = "Q8T", .area = subnet}) > other);
    CHECK_FALSE(places.read([first](Session& session) { return Boundaries(session).find(first); }));
}

TEST_CASE("the store finds the boundaries around an address", "[db][locations]") {
    Places places;
    for (auto const& [kind, text] :
         {std::pair(Kind::subnet, "10.77.4.0/24"), std::pair(Kind::subnet, "10.0.0.0/8"),
          std::pair(Kind::range, "10.77.4.10-10.77.4.20"), std::pair(Kind::ad_site, "Plant-North"),
          std::pair(Kind::ipv6, "2001:db8::/32"), std::pair(Kind::ipv6, "2001:db8:4::/48"),
          // Its key sorts between those of addresses, and must not be taken for one.
          std::pair(Kind::ad_site, "0a4d0410")}) {
        places.boundary({.area = area(kind, text)});
    }
    struct Row {
        std::string address;
        std::vector<std::string> found;
    };
    for (auto const& row :
         std::vector<Row>{{"10.77.4.9", {"10.77.4.0/24", "10.0.0.0/8"}},
                          {"10.77.4.10", {"10.77.4.0/24", "10.0.0.0/8", "10.77.4.10-10.77.4.20"}},
                          {"10.77.4.16", {"10.77.4.0/24", "10.0.0.0/8", "10.77.4.10-10.77.4.20"}},
                          {"10.77.4.20", {"10.77.4.0/24", "10.0.0.0/8", "10.77.4.10-10.77.4.20"}},
                          {"10.77.5.0", {"10.0.0.0/8"}},
                          {"10.77.3.255", {"10.0.0.0/8"}},
                          {"11.0.0.0", {}},
                          {"9.255.255.255", {}},
                          {"2001:db8:4::1", {"2001:db8::/32", "2001:db8:4::/48"}},
                          {"2001:db8:5::1", {"2001:db8::/32"}},
                          {"2001:db9::", {}},
                          {"a4d:410::", {}},
                          {"::ffff:10.77.5.1", {"10.0.0.0/8"}}}) {
        CAPTURE(row.address);
        CHECK(places.around(row.address) == row.found);
    }
    CHECK(places.around_ad_site("plant-NORTH") == std::vector<std::string>{"Plant-North"});
    CHECK(places.around_ad_site("Plant").empty());
    CHECK(places.around_ad_site("20010db8000000000000000000000000").empty());
}

TEST_CASE("a distribution point comes back whole, and changes under its name", "[db][locations]") {
    Places places;
    auto const id = places.point({.name = "DP1.plant.example",
                                  .urls = {"http://dp1/SMS_DP_SMSPKG$", R"(\\dp1\SMSPKGD$)"},
                                  .areas = {area(Kind::subnet, "10.77.4.0/24"), area(Kind::ad_site, "Plant")},
                                  .site_code = "Q8T",
                                  .is_protected = true,
                                  .internet = true});
    places.point({.name = "dp0", .urls = {"http://dp0"}});
    auto const find = [&](std::string const& who) {
        return places.store->read([&](Session& session) { return DistributionPoints(session).resolve(who); });
    };
    auto const found = required(find("dp1.PLANT.example"));
    CHECK(found.dp_id == id);
    CHECK(found.name == "DP1.plant.example");
    CHECK(found.urls == std::vector<std::string>{"http://dp1/SMS_DP_SMSPKG$", R"(\\dp1\SMSPKGD$)"});
    CHECK(found.areas == std::vector{area(Kind::subnet, "10.77.4.0/24"), area(Kind::ad_site, "Plant")});
    CHECK(found.site_code == "Q8T");
    CHECK(found.is_protected);
    CHECK(found.internet);
    CHECK(required(find(std::to_string(id))).name == found.name);
    CHECK(find("dp9").error().code == Code::not_found);

    required(places.content({.package = "Q7T0000F", .version = 3, .dps = {"dp1.plant.example"}}));
    CHECK(places.point({.name = "dp1.plant.example", .urls = {"https://dp1"}}) == id);
    auto const list = places.read([](Session& session) { return DistributionPoints(session).list(); });
    REQUIRE(list.size() == 2);
    CHECK(list[0].name == "dp0");
    CHECK(list[0].urls == std::vector<std::string>{"http://dp0"});
    CHECK(list[1].urls == std::vector<std::string>{"https://dp1"});
    CHECK(list[1].areas.empty());
    CHECK_FALSE(list[1].is_protected);
    CHECK(places.holders("Q7T0000F").size() == 1);

    auto const gone = [id](Transaction& t) { return DistributionPoints::remove(t, id); };
    CHECK_FALSE(finds_nothing(places, gone));
    CHECK(finds_nothing(places, gone));
    CHECK(places.holders("Q7T0000F").empty());
    CHECK(places.contents().at(0).dps.empty());
}

TEST_CASE("content is known by package and version, on more and more points", "[db][locations]") {
    Places places;
    places.point({.name = "dp1", .urls = {"http://dp1"}, .areas = {area(Kind::subnet, "10.77.4.0/24")}});
    places.point({.name = "dp2", .urls = {"http://dp2"}});
    auto const third =
        required(places.content({.package = "Q7T0000F", .version = 3, .size_kb = 90, .dps = {"dp2"}}));
    auto const again = required(places.content({.package = "q7t0000f", .version = 3, .dps = {"DP1", "dp2"}}));
    CHECK(again == third);
    required(places.content({.package = "Q7T0000F", .version = 4, .dps = {"dp2"}}));
    required(places.content({.package = "Q7T00010", .version = 1}));

    auto const contents = places.contents();
    REQUIRE(contents.size() == 3);
    CHECK(contents[0].package == "Q7T0000F");
    CHECK(contents[0].version == 3);
    CHECK(contents[0].size_kb == 90);
    CHECK(contents[0].dps == std::vector<std::string>{"dp1", "dp2"});
    CHECK(contents[1].version == 4);
    CHECK(contents[2].dps.empty());

    auto const holders = places.holders("Q7T0000F");
    REQUIRE(holders.size() == 2);
    CHECK(holders[0].point.name == "dp1");
    CHECK(holders[0].point.areas.size() == 1);
    CHECK(holders[0].package == "Q7T0000F");
    CHECK(holders[0].versions == std::vector<std::int64_t>{3});
    CHECK(holders[1].versions == std::vector<std::int64_t>{3, 4});
    CHECK(places.holders("Q7T00010").empty());

    auto const remove = [](std::string const& package, std::optional<std::int64_t> version) {
        return [=](Transaction& t) { return Contents::remove(t, package, version); };
    };
    CHECK(finds_nothing(places, remove("Q7T0000F", 5)));
    CHECK_FALSE(finds_nothing(places, remove("Q7T0000F", 3)));
    CHECK(places.holders("Q7T0000F").size() == 1);
    CHECK_FALSE(finds_nothing(places, remove("q7t0000f", {})));
    CHECK(finds_nothing(places, remove("Q7T0000F", {})));
}

TEST_CASE("content on a point that is not known is not kept at all", "[db][locations]") {
    Places places;
    places.point({.name = "dp1", .urls = {"http://dp1"}});
    auto const refused = places.content({.package = "Q7T0000F", .version = 3, .dps = {"dp1", "dp9"}});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::not_found);
    CHECK(refused.error().message == "no distribution point \"dp9\"");
    CHECK(places.contents().empty());
}

TEST_CASE("one package is one in all spellings of its id", "[db][locations]") {
    CHECK(package_key(" Q7T0000F ") == "q7t0000f");
    CHECK(package_key("UID:7F3B1C90-5a2e-4d0b-8e6f-20c94d51ab37") == "7f3b1c90-5a2e-4d0b-8e6f-20c94d51ab37");
    CHECK(package_key("uid:{7f3b1c90-5a2e-4d0b-8e6f-20c94d51ab37}") ==
          "7f3b1c90-5a2e-4d0b-8e6f-20c94d51ab37");
    CHECK(package_key("UID:Content_AB") == "content_ab");
    CHECK(package_key("Content_ab") == "content_ab");
    CHECK(package_key("{x") == "{x");
    CHECK(package_key("UID:") == "");
    CHECK(package_key("{") == "{");
}

TEST_CASE("an update server is known by its URL", "[db][locations]") {
    Places places;
    auto const first = places.wsus({.url = "http://sus1:8530", .version = 12, .site_code = "Q8T"});
    auto const second = places.wsus({.url = "http://sus2:8530", .internet = true});
    CHECK(places.wsus({.url = "http://sus1:8530", .version = 13}) == first);
    auto const servers = places.read([](Session& session) { return WsusServers(session).list(); });
    REQUIRE(servers.size() == 2);
    CHECK(servers[0].version == 13);
    CHECK(servers[0].site_code.empty());
    CHECK_FALSE(servers[0].internet);
    CHECK(servers[1].wsus_id == second);
    CHECK(servers[1].version == 1);
    CHECK(servers[1].internet);

    auto const find = [&](std::string const& which) {
        return places.store->read([&](Session& session) { return WsusServers(session).resolve(which); });
    };
    CHECK(required(find("HTTP://SUS2:8530")).wsus_id == second);
    CHECK(required(find(std::to_string(first))).url == "http://sus1:8530");
    CHECK(find("http://sus3").error().code == Code::not_found);
    auto const gone = [first](Transaction& t) { return WsusServers::remove(t, first); };
    CHECK_FALSE(finds_nothing(places, gone));
    CHECK(finds_nothing(places, gone));
}

} // namespace pointman::db::test
