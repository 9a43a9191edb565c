// SPDX-License-Identifier: Apache-2.0
// How the bodies of policy are named in URLs (policy.md 5).
#include "server/site/policy_bodies.hpp"

#include <catch2/catch.hpp>

using namespace pointman;

TEST_CASE("names of policy bodies") {
    std::string const hash(64, 'A');
    struct Row {
        std::string query;
        std::string name; ///< KEY, VERSION and HASH; "" = none
    };
    auto const row = GENERATE_COPY(
        Row{"{3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11}.3_00", "3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11 3.00"},
        Row{"{3E1D2C6A-7F40-4B1E-A5C9-0D6B8E2F9A11}.3_00", "3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11 3.00"},
        Row{"%7B3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11%7d.3_00", "3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11 3.00"},
        Row{"3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11.3_00", "3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11 3.00"},
        Row{"Q7T20003-Q7T00009-6F6BCC28.1_00", "q7t20003-q7t00009-6f6bcc28 1.00"},
        Row{"Q7T20003.1.00", "q7t20003 1.00"}, Row{"Q7T20003", "q7t20003"}, Row{"Q7T20003.1", "q7t20003.1"},
        Row{"a.b_c.10_25", "a.b_c 10.25"}, Row{"Q7T20003.1_00&x=1", "q7t20003 1.00"},
        Row{"{a}.SHA256:" + hash, "a " + hash}, Row{"{a}.1_00.SHA256:" + hash, "a 1.00 " + hash},
        Row{"{a}.sha256:" + std::string(64, 'a'), "a " + hash},
        Row{"{a}.1_00.SHA256%3A" + hash, "a 1.00 " + hash}, Row{"", ""}, Row{"{}.1_00", ""}, Row{".1_00", ""},
        Row{"a.SHA256:", ""}, Row{"a.SHA256:" + hash.substr(1), ""}, Row{"a.SHA256:" + hash + "0", ""},
        Row{"a.SHA256:" + std::string(64, 'G'), ""}, Row{"../../etc/passwd", "../../etc/passwd"},
        Row{"%2e%2e%2fpki%2fca.key", "../pki/ca.key"}, Row{"a%", "a%"},
        Row{std::string(1024, 'a'), std::string(1024, 'a')}, Row{std::string(1025, 'a'), ""},
        Row{std::string(10'240, 'a'), ""});
    CAPTURE(row.query);
    auto const name = site::read_body_query(row.query);
    std::string shown;
    if (name) {
        shown = name->key;
        if (name->version) shown += " " + *name->version;
        if (name->sha256) shown += " " + *name->sha256;
    }
    CHECK(shown == row.name);
}
