// SPDX-License-Identifier: Apache-2.0
#include "base/network.hpp"

#include <catch2/catch.hpp>

#include <vector>

namespace pointman {

TEST_CASE("addresses are read in every usual form, and nothing else is", "[network]") {
    struct Row {
        std::string given;
        std::string text; ///< "" = no address
    };
    auto const row = GENERATE(
        Row{"10.77.4.31", "10.77.4.31"}, Row{"0.0.0.0", "0.0.0.0"}, Row{"255.255.255.255", "255.255.255.255"},
        Row{"2001:DB8:0:0::1", "2001:db8::1"}, Row{"::", "::"}, Row{"fe80::1%12", "fe80::1"},
        Row{"fe80::1%Ethernet 0", "fe80::1"}, Row{"::ffff:10.77.4.31", "10.77.4.31"},
        Row{"::FFFF:a4d:41f", "10.77.4.31"}, Row{"", ""}, Row{"10.77.4", ""}, Row{"10.77.4.256", ""},
        Row{"010.77.4.31", ""}, Row{"10.77.4.31/24", ""}, Row{"10.77.4.31:80", ""}, Row{" 10.77.4.31", ""},
        Row{"10.77.4.31%1", ""}, Row{"fe80::1%", ""}, Row{"%1", ""}, Row{"[::1]", ""}, Row{"::1::", ""},
        Row{"dp1.plant.example", ""}, Row{std::string("10.0.0.1\0", 9), ""}, Row{std::string(5000, '1'), ""});
    CAPTURE(row.given);
    auto const address = IpAddress::parse(row.given);
    CHECK(address.has_value() == !row.text.empty());
    if (address) CHECK(address->text() == row.text);
}

TEST_CASE("the keys of addresses sort like the addresses", "[network]") {
    std::vector<std::string> const v4{"0.0.0.0",    "9.255.0.1", "10.0.0.0",
                                      "10.0.0.255", "10.0.1.0",  "192.168.0.1"};
    for (std::size_t i = 1; i < v4.size(); ++i) {
        CHECK(IpAddress::parse(v4[i - 1])->key() < IpAddress::parse(v4[i])->key());
    }
    CHECK(IpAddress::parse("10.77.4.31")->key() == "0a4d041f");
    CHECK(IpAddress::parse("2001:db8::1f")->key() == "20010db800000000000000000000001f");
}

TEST_CASE("areas are put into their normal form", "[network]") {
    using enum Area::Kind;
    struct Row {
        Area::Kind kind;
        std::string given;
        std::string value;
        std::string first;
        std::string last;
    };
    auto const row = GENERATE(
        Row{subnet, "10.77.4.0/24", "10.77.4.0/24", "0a4d0400", "0a4d04ff"},
        Row{subnet, " 10.77.4.0 / 24 ", "10.77.4.0/24", "0a4d0400", "0a4d04ff"},
        Row{subnet, "10.77.4.31/24", "10.77.4.0/24", "0a4d0400", "0a4d04ff"},
        Row{subnet, "10.77.4.31/25", "10.77.4.0/25", "0a4d0400", "0a4d047f"},
        Row{subnet, "10.77.4.31/32", "10.77.4.31/32", "0a4d041f", "0a4d041f"},
        Row{subnet, "10.77.4.31/0", "0.0.0.0/0", "00000000", "ffffffff"},
        Row{range, "10.77.4.10-10.77.4.20", "10.77.4.10-10.77.4.20", "0a4d040a", "0a4d0414"},
        Row{range, "10.77.4.10 - 10.77.4.10", "10.77.4.10-10.77.4.10", "0a4d040a", "0a4d040a"},
        Row{ad_site, " Plant-North ", "Plant-North", "plant-north", "plant-north"},
        Row{ipv6, "2001:DB8::/32", "2001:db8::/32", "20010db8000000000000000000000000",
            "20010db8ffffffffffffffffffffffff"},
        Row{ipv6, "2001:db8::31/64", "2001:db8::/64", "20010db8000000000000000000000000",
            "20010db800000000ffffffffffffffff"},
        Row{ipv6, "::/0", "::/0", "00000000000000000000000000000000", "ffffffffffffffffffffffffffffffff"});
    CAPTURE(row.given);
    auto const area = parse_area(row.kind, row.given);
    REQUIRE(area.has_value());
    CHECK(area->kind == row.kind);
    CHECK(area->value == row.value);
    CHECK(area->first == row.first);
    CHECK(area->last == row.last);
}

TEST_CASE("an area that is none is refused in words", "[network]") {
    using enum Area::Kind;
    struct Row {
        Area::Kind kind;
        std::string given;
        std::string says;
    };
    auto const row = GENERATE(
        Row{subnet, "", "is no subnet"}, Row{subnet, "10.77.4.0", "write A/N"},
        Row{subnet, "10.77.4.0/24/8", "write A/N"}, Row{subnet, "10.77.4.0/33", "a number from 0 to 32"},
        Row{subnet, "10.77.4.0/-1", "a number from 0 to 32"},
        Row{subnet, "10.77.4.0/", "a number from 0 to 32"},
        Row{subnet, "10.77.4.0/255.255.255.0", "a number from 0 to 32"},
        Row{subnet, "10.77.4/24", "\"10.77.4\" in \"10.77.4/24\" is no IPv4 address"},
        Row{subnet, "2001:db8::/32", "--ipv6"}, Row{subnet, "::ffff:10.77.4.0/120", "--ipv6"},
        Row{range, "10.77.4.10", "write A-B"}, Row{range, "10.77.4.20-10.77.4.10", "is reversed"},
        Row{range, "10.77.4.10-20", "\"20\" in"}, Row{range, "10.77.4.10-10.77.4.20-30", "write A-B"},
        Row{range, "2001:db8::1-2001:db8::2", "--ipv6"}, Row{ad_site, "  ", "1 to 255"},
        Row{ad_site, "a\nb", "no control characters"}, Row{ad_site, std::string(256, 'a'), "1 to 255"},
        Row{ipv6, "2001:db8::", "write P/N"}, Row{ipv6, "2001:db8::/129", "a number from 0 to 128"},
        Row{ipv6, "2001:db8::/x", "a number from 0 to 128"}, Row{ipv6, "10.77.4.0/24", "--subnet"},
        Row{ipv6, "::ffff:10.77.4.0/120", "stands for IPv4 (10.77.4.0)"},
        Row{ipv6, "fe80::1%12/64", "is no IPv6 address"}, Row{ipv6, "2001:db8::g/64", "is no IPv6 address"});
    CAPTURE(row.given);
    auto const area = parse_area(row.kind, row.given);
    REQUIRE_FALSE(area.has_value());
    CHECK(area.error().code == Code::usage);
    CHECK_THAT(area.error().message, Catch::Contains(row.says));
}

TEST_CASE("an area contains its ends and nothing beyond", "[network]") {
    using enum Area::Kind;
    struct Row {
        Area::Kind kind;
        std::string area;
        std::string address;
        bool contains;
    };
    auto const row = GENERATE(
        Row{subnet, "10.77.4.0/24", "10.77.4.0", true}, Row{subnet, "10.77.4.0/24", "10.77.4.255", true},
        Row{subnet, "10.77.4.0/24", "10.77.3.255", false}, Row{subnet, "10.77.4.0/24", "10.77.5.0", false},
        Row{subnet, "0.0.0.0/0", "255.255.255.255", true}, Row{subnet, "0.0.0.0/0", "::1", false},
        Row{subnet, "10.77.4.0/24", "::ffff:10.77.4.9", true},
        Row{range, "10.77.4.10-10.77.4.20", "10.77.4.10", true},
        Row{range, "10.77.4.10-10.77.4.20", "10.77.4.20", true},
        Row{range, "10.77.4.10-10.77.4.20", "10.77.4.9", false},
        Row{range, "10.77.4.10-10.77.4.20", "10.77.4.21", false},
        Row{ipv6, "2001:db8::/32", "2001:db8::", true},
        Row{ipv6, "2001:db8::/32", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", true},
        Row{ipv6, "2001:db8::/32", "2001:db9::", false}, Row{ipv6, "::/0", "10.77.4.9", false},
        Row{ad_site, "10.77.4.9", "10.77.4.9", false});
    CAPTURE(row.area, row.address);
    CHECK(parse_area(row.kind, row.area)->contains(IpAddress::parse(row.address).value()) == row.contains);
}

TEST_CASE("AD sites are compared without regard to case", "[network]") {
    auto const site = parse_area(Area::Kind::ad_site, "Plant-North").value();
    CHECK(site.is_ad_site("plant-NORTH"));
    CHECK_FALSE(site.is_ad_site("Plant"));
    CHECK_FALSE(parse_area(Area::Kind::subnet, "10.0.0.0/8")->is_ad_site("0a000000"));
}

TEST_CASE("kinds of areas have stable names", "[network]") {
    for (auto const kind : {Area::Kind::subnet, Area::Kind::range, Area::Kind::ad_site, Area::Kind::ipv6}) {
        CHECK(area_kind_of(name_of(kind)) == kind);
    }
    CHECK_FALSE(area_kind_of("forest"));
}

TEST_CASE("what an address is counted under") {
    struct Row {
        std::string_view address;
        std::string_view counted;
    };
    auto const row = GENERATE(values<Row>({
        {"192.0.2.1", "192.0.2.1"},
        {"2001:db8:1:2::9", "2001:db8:1:2::/64"},
        {"2001:DB8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"},
        {"2001:db8:1:3::9", "2001:db8:1:3::/64"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"::1", "::/64"},
        {"fe80::1%eth0", "fe80::/64"},
        {"", ""},
        {"no address", "no address"},
        {"uid 1000, pid 4711", "uid 1000"},
        {"uid 1000, pid many", "uid 1000, pid many"},
    }));
    CHECK(counted_address(row.address) == row.counted);
}

} // namespace pointman
