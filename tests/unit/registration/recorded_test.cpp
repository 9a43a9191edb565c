// SPDX-License-Identifier: Apache-2.0
// Requests of real clients, byte for byte.
#include "server/wire/message.hpp"
#include "tests/unit/registration/desk.hpp"

#include <catch2/catch.hpp>

using namespace pointman;
using namespace pointman::test;

namespace {

wire::Message recorded(std::string const& file) {
    auto const body = read_bytes(test_data("captures/" + file + ".bin"));
    auto decoded = wire::decode(wire::content_type, body);
    REQUIRE(decoded);
    auto const& envelope = std::get<wire::Envelope>(*decoded);
    auto message = wire::open(envelope.header, envelope.payload);
    REQUIRE(message);
    return std::move(*message);
}

Answered replay(Desk& desk, std::string const& file) {
    return desk.submit(recorded(file).body());
}

} // namespace

TEST_CASE("recorded registrations are taken") {
    struct Row {
        std::string file;
        std::string name;
        std::string fqdn;
        std::string agent;
    };
    auto const row = GENERATE(values<Row>({
        {"sdk/09-CCM_POST_ccm_system_request-MP_ClientRegistration", "LABPC02", "LABPC02.lab.local",
         "LabAgent"},
        {"sdk/10-CCM_POST_ccm_system_request-MP_ClientRegistration", "LABPC02", "LABPC02.lab.local",
         "LabAgent"},
        {"sdk/12-CCM_POST_ccm_system_windowsauth_request-MP_ClientRegistration", "LABPC03",
         "LABPC03.lab.local", "LabAgent"},
        {"sdk/14-CCM_POST_ccm_system_windowsauth_request-auth-MP_ClientRegistration", "LABPC03",
         "LABPC03.lab.local", "LabAgent"},
        {"sccmwtf/01-CCM_POST_ccm_system_windowsauth_request-MP_ClientRegistration", "LABPC01",
         "LABPC01.lab.local", "CCMSetup.exe"},
        {"sccmwtf/02-CCM_POST_ccm_system_windowsauth_request-auth-MP_ClientRegistration", "LABPC01",
         "LABPC01.lab.local", "CCMSetup.exe"},
        {"sccmwtf/03-CCM_POST_ccm_system_windowsauth_request-auth-MP_ClientRegistration", "LABPC01",
         "LABPC01.lab.local", "CCMSetup.exe"},
        {"sccmhunter/01-CCM_POST_ccm_system_windowsauth_request-MP_ClientRegistration", "LABPC01",
         "LABPC01.lab.local", "CCMSetup.exe"},
        {"sccmhunter/02-CCM_POST_ccm_system_windowsauth_request-auth-MP_ClientRegistration", "LABPC01",
         "LABPC01.lab.local", "CCMSetup.exe"},
        {"sccmhunter/03-CCM_POST_ccm_system_windowsauth_request-auth-MP_ClientRegistration", "LABPC01",
         "LABPC01.lab.local", "CCMSetup.exe"},
        {"sccmhunter/07-CCM_POST_ccm_system_request-MP_ClientRegistration", "127.0.0.1", "127.0.0.1",
         "CCMSetup.exe"},
    }));
    INFO(row.file);
    Desk desk;
    auto const first = replay(desk, row.file);
    CHECK_FALSE(first.error);
    CHECK(first.status == 0);
    CHECK(first.approval == "0");
    auto const client = desk.client(first.smsid);
    REQUIRE(client);
    CHECK(client->name == row.name);
    CHECK(client->fqdn == row.fqdn);
    CHECK(client->agent_identity == row.agent);
    CHECK(client->agent_version == "5.00.8325.0000");
    CHECK(client->signing_certificate == client->encryption_certificate);
    CHECK(client->discovery.size() == 2);

    auto const again = replay(desk, row.file);
    CHECK(again.smsid == first.smsid);
    CHECK(desk.clients().size() == 1);
}

TEST_CASE("one recorded key is one client, whatever name it uses") {
    Desk desk;
    auto const first = replay(desk, "sdk/09-CCM_POST_ccm_system_request-MP_ClientRegistration");
    auto const second =
        replay(desk, "sdk/14-CCM_POST_ccm_system_windowsauth_request-auth-MP_ClientRegistration");
    CHECK(desk.client(first.smsid)->name == "LABPC03");
    CHECK(second.smsid == first.smsid);
}

TEST_CASE("the recorded confirmation of the library") {
    auto const registration = "sdk/09-CCM_POST_ccm_system_request-MP_ClientRegistration";
    auto const confirmation = "sdk/11-CCM_POST_ccm_system_request-MP_ClientRegistration";
    auto const recorded_smsid = "GUID:935B7780-91E6-4E7D-A008-D7A0A3B13D74";
    Desk elsewhere;
    auto client = elsewhere.client(replay(elsewhere, registration).smsid).value();
    client.id = ClientId::parse(recorded_smsid).value(); // another server gave it out
    client.conflicts.clear();

    Desk desk;
    SECTION("of a client that is registered") {
        desk.insert(client);
        auto const answer = replay(desk, confirmation);
        CHECK(answer.status == 0);
        CHECK(answer.type == "Confirmation");
        CHECK(answer.smsid == recorded_smsid);
        CHECK(answer.approval == "0");
    }
    SECTION("of one that is not") {
        auto const answer = replay(desk, confirmation);
        CHECK(answer.status == 2);
        CHECK(answer.smsid.empty());
        CHECK(answer.approval.empty());
    }
    SECTION("of an SMSID that is registered with another key") {
        desk.insert(record_of(test_key(0), recorded_smsid, "LABPC02"));
        auto const answer = replay(desk, confirmation);
        CHECK(answer.status == 3);
        CHECK(answer.error->code == Code::bad_signature);
    }
}
