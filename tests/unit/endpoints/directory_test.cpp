// SPDX-License-Identifier: Apache-2.0
#include "server/wire/header.hpp"
#include "tests/unit/endpoints/bench.hpp"

#include <catch2/catch.hpp>

using namespace pointman;
using endpoints::Carrier;
using endpoints::Delivery;
using endpoints::Proof;

TEST_CASE("the directory names the nine endpoints with what they demand") {
    // Names and delivery: the protocol pages; proofs: interfaces.md, "signatures demanded"; logs:
    // logging.md 4.
    struct Row {
        std::string_view name;
        Delivery delivery;
        Carrier carrier;
        Proof mixed;
        Proof native;
        std::string_view log;
    };
    auto const row = GENERATE(
        Row{"MP_PolicyManager", Delivery::invoke, Carrier::body, Proof::signature, Proof::none, "MP_Policy"},
        Row{"MP_LocationManager", Delivery::invoke, Carrier::body, Proof::none, Proof::none, "MP_Location"},
        Row{"MP_DdrEndpoint", Delivery::post, Carrier::report, Proof::signature, Proof::signature, "MP_Ddr"},
        Row{"MP_HinvEndpoint", Delivery::post, Carrier::report, Proof::signature, Proof::signature,
            "MP_Hinv"},
        Row{"MP_SinvEndpoint", Delivery::post, Carrier::report, Proof::signature, Proof::signature,
            "MP_Sinv"},
        Row{"MP_SinvCollFileEndpoint", Delivery::post, Carrier::report, Proof::signature, Proof::signature,
            "MP_SinvCollFile"},
        Row{"StatusReceiver", Delivery::post, Carrier::body, Proof::none, Proof::signature, "MP_Status"},
        Row{"MP_RelayEndpoint", Delivery::post, Carrier::report, Proof::none, Proof::none, "MP_Relay"});
    test::Bench const bench;
    CAPTURE(row.name);
    auto const* endpoint = bench.directory().find(row.name);
    REQUIRE(endpoint != nullptr);
    CHECK(endpoint->info().name == row.name);
    CHECK(endpoint->info().delivery == row.delivery);
    CHECK(endpoint->info().carrier == row.carrier);
    CHECK(endpoint->info().mixed == row.mixed);
    CHECK(endpoint->info().native == row.native);
    CHECK(endpoint->info().log == row.log);
    CHECK(endpoint->refusal_reply(nullptr, {}) == "");
    CHECK(bench.directory().all().size() == 9);
}

TEST_CASE("an endpoint is found however its target is written") {
    struct Row {
        std::string target_endpoint;
        std::string target_address;
        std::string_view found;
    };
    auto const row = GENERATE(
        Row{"MP_DdrEndpoint", "mp:MP_DdrEndpoint", "MP_DdrEndpoint"},
        Row{"MP_DDREndpoint", "", "MP_DdrEndpoint"},
        Row{"", "mp:[http]mp_locationmanager", "MP_LocationManager"},
        Row{"mp:mp_relayendpoint", "", "MP_RelayEndpoint"},
        Row{"mp:[http]MP_HINVENDPOINT", "", "MP_HinvEndpoint"}, Row{"statusreceiver", "", "StatusReceiver"},
        Row{"MP_StatusReceiver", "", "StatusReceiver"}, Row{"mp:MP_StatusManager", "", "StatusReceiver"},
        Row{"MP_ClientRegistration", "", "MP_ClientRegistration"},
        Row{"MP_AppStateManager", "mp:MP_AppStateManager", ""}, Row{"MP_", "", ""});
    test::Bench const bench;
    CAPTURE(row.target_endpoint, row.target_address);
    wire::Header header;
    header.target_endpoint = row.target_endpoint;
    header.target_address = row.target_address;
    auto const* endpoint = bench.directory().find(header.endpoint());
    CHECK((endpoint == nullptr ? "" : endpoint->info().name) == row.found);
}
