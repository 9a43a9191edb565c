// SPDX-License-Identifier: Apache-2.0
// Two keys that claim to be one machine: recorded and logged for both, never refused, never silent.
#include "tests/unit/registration/desk.hpp"

#include <catch2/catch.hpp>

using namespace pointman;
using namespace pointman::test;
using endpoints::Note;

namespace {

RegistrationRequest machine(std::size_t key, Properties const& properties) {
    auto request = registration_of(test_key(key), "ANY");
    request.properties = properties;
    request.properties.emplace_back("InternetFlag", "0");
    return request;
}

} // namespace

TEST_CASE("conflicts of two machines") {
    struct Row {
        char const* name;
        Properties first;
        Properties second;
        std::vector<std::string> claims; ///< what the notes name
    };
    auto const row = GENERATE(values<Row>({
        {"nothing in common",
         {{"NetBIOS Name", "PC1"}, {"FQ Name", "pc1.a"}, {"HardwareID1", "H1"}},
         {{"NetBIOS Name", "PC2"}, {"FQ Name", "pc2.a"}, {"HardwareID1", "H2"}},
         {}},
        {"no hardware ids",
         {{"NetBIOS Name", "PC1"}, {"FQ Name", "pc1.a"}},
         {{"NetBIOS Name", "PC2"}, {"FQ Name", "pc2.a"}},
         {}},
        {"same NetBIOS name",
         {{"NetBIOS Name", "PC1"}, {"FQ Name", "pc1.a"}},
         {{"NetBIOS Name", "pc1"}, {"FQ Name", "pc1.b"}},
         {"name 'pc1'"}},
        {"same full name",
         {{"NetBIOS Name", "PC1"}, {"FQ Name", "pc.a"}},
         {{"NetBIOS Name", "PC2"}, {"FQ Name", "PC.A"}},
         {"name 'PC.A'"}},
        {"same HardwareID1",
         {{"NetBIOS Name", "PC1"}, {"FQ Name", "pc1.a"}, {"HardwareID1", "H1"}},
         {{"NetBIOS Name", "PC2"}, {"FQ Name", "pc2.a"}, {".HardwareID1", "H1"}},
         {"hardware id 'H1'"}},
        {"same SMBIOSID",
         {{"NetBIOS Name", "PC1"}, {"FQ Name", "pc1.a"}, {"SMBIOSID", "S1"}},
         {{"NetBIOS Name", "PC2"}, {"FQ Name", "pc2.a"}, {"smbiosid", "S1"}},
         {"hardware id 'S1'"}},
        {"same MAC address",
         {{"NetBIOS Name", "PC1"}, {"FQ Name", "pc1.a"}, {"MACAddress", "M1"}},
         {{"NetBIOS Name", "PC2"}, {"FQ Name", "pc2.a"}, {"MACAddress", "M1"}},
         {"hardware id 'M1'"}},
        {"everything",
         {{"NetBIOS Name", "PC1"}, {"FQ Name", "pc1.a"}, {"HardwareID1", "H1"}},
         {{"NetBIOS Name", "PC1"}, {"FQ Name", "pc1.a"}, {"HardwareID1", "H1"}},
         {"name 'PC1'", "name 'pc1.a'", "hardware id 'H1'"}},
    }));
    INFO(row.name);
    Desk desk;
    auto const first = desk.submit(test_key(0), machine(0, row.first));
    CHECK_FALSE(first.noted(Note::Kind::warning, {}));
    auto const second = desk.submit(test_key(1), machine(1, row.second));
    REQUIRE(second.status == 0);
    CHECK(second.smsid != first.smsid);
    for (auto const& claim : row.claims) {
        CHECK(second.noted(Note::Kind::warning, {first.smsid, second.smsid, claim}));
    }
    CHECK(second.noted(Note::Kind::warning, {}) == !row.claims.empty());
    auto const conflicts_of = [&](std::string const& smsid) { return desk.client(smsid)->conflicts; };
    if (row.claims.empty()) {
        CHECK(conflicts_of(first.smsid).empty());
        CHECK(conflicts_of(second.smsid).empty());
    } else {
        CHECK(conflicts_of(first.smsid) == std::vector{ClientId::parse(second.smsid).value()});
        CHECK(conflicts_of(second.smsid) == std::vector{ClientId::parse(first.smsid).value()});
    }
    // The first one sees it too when it comes again, and keeps its SMSID.
    auto const again = desk.submit(test_key(0), machine(0, row.first));
    CHECK(again.smsid == first.smsid);
    CHECK(again.noted(Note::Kind::warning, {first.smsid, second.smsid}) == !row.claims.empty());
}

TEST_CASE("a client that takes another's name later is in conflict then") {
    Desk desk;
    auto const first = desk.submit(test_key(0), registration_of(test_key(0), "PC1"));
    auto const second = desk.submit(test_key(1), registration_of(test_key(1), "PC2"));
    CHECK(desk.client(first.smsid)->conflicts.empty());
    auto const renamed = desk.submit(test_key(1), registration_of(test_key(1), "PC1"));
    CHECK(renamed.smsid == second.smsid);
    CHECK(desk.client(first.smsid)->conflicts.size() == 1);
    CHECK(desk.client(second.smsid)->conflicts.size() == 1);
}

TEST_CASE("a client is in no conflict with itself") {
    Desk desk;
    auto request = machine(0, {{"NetBIOS Name", "PC1"}, {"FQ Name", "PC1"}, {"HardwareID1", "H1"}});
    for (int i = 0; i < 3; ++i) {
        auto const answer = desk.submit(test_key(0), request);
        CHECK(answer.status == 0);
        CHECK(desk.client(answer.smsid)->conflicts.empty());
        CHECK_FALSE(answer.noted(Note::Kind::warning, {}));
    }
}
