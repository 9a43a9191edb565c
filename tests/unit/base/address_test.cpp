// SPDX-License-Identifier: Apache-2.0
#include "base/address.hpp"

#include <catch2/catch.hpp>

using namespace pointman;

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
    }));
    CHECK(counted_address(row.address) == row.counted);
}
