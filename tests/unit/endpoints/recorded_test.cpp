// SPDX-License-Identifier: Apache-2.0
// What recorded clients sent, from the decoded message to the store (tests/data/captures).
#include "db/discovery.hpp"
#include "db/states.hpp"
#include "schemas/validator.hpp"
#include "tests/unit/endpoints/bench.hpp"

#include <catch2/catch.hpp>

using namespace pointman;
using test::refusal_of;

namespace {

constexpr std::string_view sdk_client = "GUID:935B7780-91E6-4E7D-A008-D7A0A3B13D74";
constexpr std::string_view sccmhunter_ddr_client = "GUID:D7101B8D-D5AE-4F92-901F-C5E66F162A5C";

std::string sdk(std::string const& number_and_target) {
    return "sdk/" + number_and_target + ".bin";
}

} // namespace

TEST_CASE("recorded reports are stored from the range that is filled") {
    struct Row {
        std::string file;
        std::string_view client;
        std::string endpoint;
        std::uint64_t entries;
        /// Of the document, where it is kept: Length in the recorded header, with the mark and without the
        /// NUL.
        std::size_t bytes;
        std::size_t attachments;
    };
    auto const row = GENERATE(
        // What the four inventories say is taken apart.
        Row{sdk("40-CCM_POST_ccm_system_request-MP_DdrEndpoint"), sdk_client, "MP_DdrEndpoint", 7, 0, 0},
        Row{sdk("41-CCM_POST_ccm_system_request-MP_HinvEndpoint"), sdk_client, "MP_HinvEndpoint", 1, 0, 0},
        // No file was found: both reports are empty, so the body counts and the copy is kept.
        Row{sdk("42-CCM_POST_ccm_system_request-MP_SinvEndpoint"), sdk_client, "MP_SinvEndpoint", 0, 0, 1},
        // The header-only report is the attachment here, and the filled one the body.
        Row{"sccmhunter/08-CCM_POST_ccm_system_request-MP_DdrEndpoint.bin", sccmhunter_ddr_client,
            "MP_DdrEndpoint", 9, 0, 1});
    CAPTURE(row.file);
    test::Bench bench;
    bench.enroll(row.client);
    auto const reply = bench.deliver(test::recorded(row.file));
    REQUIRE(refusal_of(reply) == "");
    CHECK(reply->xml == "");
    auto const reports = bench.reports();
    REQUIRE(reports.size() == 1);
    CHECK(reports.front().endpoint == row.endpoint);
    CHECK(reports.front().client == row.client);
    CHECK(reports.front().client_version == "5.00.8325.0000");
    CHECK(reports.front().type == "Full");
    CHECK(reports.front().entries == row.entries);
    CHECK(reports.front().document.size() == row.bytes);
    CHECK(reports.front().attachments.size() == row.attachments);
    if (row.endpoint != "MP_DdrEndpoint") return;
    auto const classes = bench.store().read([&row](db::Session& session) {
        return db::Discoveries(session).classes(ClientId::parse(row.client).value());
    });
    std::uint64_t discovered = 0;
    for (auto const& each : classes.value()) discovered += each.instances.size();
    CHECK(discovered + 1 == row.entries); // SMS_Authority is empty in both
}

TEST_CASE("the recorded state message is a state") {
    test::Bench bench;
    bench.enroll(sdk_client);
    auto const reply = bench.deliver(test::recorded(sdk("38-CCM_POST_ccm_system_request-MP_RelayEndpoint")));
    REQUIRE(refusal_of(reply) == "");
    CHECK_FALSE(reply->unusable_part);
    auto const states = bench.store().read([](db::Session& session) { return db::States(session).list({}); });
    REQUIRE(states.value().size() == 1);
    CHECK(states->front().client.text() == sdk_client);
}

TEST_CASE("the recorded status message is stored") {
    test::Bench bench;
    bench.enroll(sdk_client);
    auto const reply = bench.deliver(test::recorded(sdk("39-CCM_POST_ccm_system_request-StatusReceiver")));
    REQUIRE(refusal_of(reply) == "");
    auto const messages = bench.status_messages();
    REQUIRE(messages.size() == 1);
    CHECK(messages.front().client == sdk_client);
    CHECK(messages.front().machine == "LABPC02");
    CHECK(messages.front().event_class == "SMS_GenericStatusMessage_Info");
    REQUIRE(messages.front().qualifiers.size() == 1);
    CHECK(messages.front().qualifiers.front().first == "SMS_MessageID");
    CHECK(messages.front().qualifiers.front().second == "1073781821");
}

TEST_CASE("recorded requests get a valid reply of their kind") {
    struct Row {
        std::string file;
        std::string schema;
        bool from_medium = false;
    };
    auto const row = GENERATE(
        Row{sdk("15-CCM_POST_ccm_system_request-MP_PolicyManager"), "reply_assignments.xsd"},
        Row{sdk("16-CCM_POST_ccm_system_request-MP_PolicyManager"), "reply_assignments.xsd"},
        Row{sdk("22-CCM_POST_ccm_system_windowsauth_request-auth-MP_PolicyManager"), "reply_assignments.xsd"},
        Row{"sccmhunter/04-CCM_POST_ccm_system_request-MP_PolicyManager.bin", "reply_assignments.xsd"},
        Row{"sccmwtf/04-CCM_POST_ccm_system_request-MP_PolicyManager.bin", "reply_assignments.xsd"},
        Row{"pxethief/02-CCM_POST_ccm_system_request-MP_PolicyManager.bin", "reply_assignments.xsd", true},
        Row{sdk("32-CCM_POST_ccm_system_request-MP_LocationManager"), "content_location_reply.xsd"},
        Row{sdk("33-CCM_POST_ccm_system_request-MP_LocationManager"), "site_info_reply.xsd"},
        Row{sdk("34-CCM_POST_ccm_system_request-MP_LocationManager"), "assigned_site_reply.xsd"},
        Row{sdk("35-CCM_POST_ccm_system_request-MP_LocationManager"), "enumerate_mp_location_reply.xsd"},
        Row{sdk("36-CCM_POST_ccm_system_request-MP_LocationManager"), "local_mp_location_reply.xsd"},
        Row{sdk("37-CCM_POST_ccm_system_request-MP_LocationManager"), "wsus_location_reply.xsd"});
    CAPTURE(row.file);
    test::Bench bench;
    auto const message = test::recorded(row.file);
    test::Proven proven;
    if (row.from_medium) {
        proven.medium = db::Medium{.name = "OSD Media Cert"};
    } else if (ClientId::parse(message.header().source_id)) {
        bench.enroll(message.header().source_id);
    }
    auto const reply = bench.deliver(message, proven);
    REQUIRE(refusal_of(reply) == "");
    CHECK(refusal_of(schemas::validate(row.schema, as_bytes(reply->xml))) == "");
}
