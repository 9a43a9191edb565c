// SPDX-License-Identifier: Apache-2.0
// What a client hears when its request is not taken (registration.md 3 and 7).
#include "endpoints/registration/registration.hpp"
#include "schemas/validator.hpp"
#include "tests/unit/registration/desk.hpp"

#include <catch2/catch.hpp>

using namespace pointman;
using namespace pointman::test;

static_assert(endpoints::MessageEndpoint<endpoints::RegistrationEndpoint>);

TEST_CASE("the row of the registration endpoint") {
    constexpr auto const& info = endpoints::RegistrationEndpoint::info;
    CHECK(info.name == "MP_ClientRegistration");
    CHECK(info.delivery == endpoints::Delivery::invoke);
    CHECK(info.carrier == endpoints::Carrier::body);
    CHECK(info.mixed == endpoints::Proof::own);
    CHECK(info.native == endpoints::Proof::own);
    CHECK(info.log == "MP_ClientRegistration");
}

TEST_CASE("the schema by the root") {
    Desk desk;
    wire::Message const message(wire::Header{}, {});
    CHECK(desk.endpoint().schema(message, "ClientRegistrationRequest").value() ==
          "client_registration_request.xsd");
    auto const other = desk.endpoint().schema(message, "Report");
    REQUIRE_FALSE(other);
    CHECK(other.error().code == Code::schema_violation);
    CHECK_THAT(other.error().message,
               Catch::Contains("'Report'") && Catch::Contains("'ClientRegistrationRequest'"));
}

TEST_CASE("replies to what was refused or failed") {
    struct Row {
        char const* document; ///< nullptr where validation failed
        Code code;
        int status; ///< -1 = the empty answer
        std::string type;
    };
    auto const registration =
        R"(<ClientRegistrationRequest><Data RequestType="Registration"/></ClientRegistrationRequest>)";
    auto const confirmation =
        R"(<ClientRegistrationRequest><Data RequestType="Confirmation"/></ClientRegistrationRequest>)";
    auto const neither =
        R"(<ClientRegistrationRequest><Data RequestType="Renewal"/></ClientRegistrationRequest>)";
    auto const no_data = "<ClientRegistrationRequest/>";
    auto const row = GENERATE_COPY(values<Row>({
        {nullptr, Code::malformed, -1, ""},
        {nullptr, Code::limit_exceeded, -1, ""},
        {nullptr, Code::schema_violation, 3, "Registration"},
        {nullptr, Code::storage, 2, "Registration"},
        {nullptr, Code::busy, 2, "Registration"},
        {registration, Code::malformed, 3, "Registration"},
        {registration, Code::schema_violation, 3, "Registration"},
        {registration, Code::bad_signature, 3, "Registration"},
        {registration, Code::blocked, 3, "Registration"},
        {registration, Code::unknown_client, 3, "Registration"},
        {registration, Code::storage, 2, "Registration"},
        {registration, Code::busy, 2, "Registration"},
        {registration, Code::storage_full, 2, "Registration"},
        {registration, Code::unavailable, 2, "Registration"},
        {confirmation, Code::bad_signature, 3, "Confirmation"},
        {confirmation, Code::busy, 2, "Confirmation"},
        {neither, Code::bad_signature, 3, "Registration"},
        {no_data, Code::bad_signature, 3, "Registration"},
    }));
    CAPTURE(name_of(row.code), row.status);
    Desk desk;
    desk.clock.advance(std::chrono::milliseconds(61'999));
    auto const document = schemas::parse(as_bytes(row.document == nullptr ? "<x/>" : row.document)).value();
    auto const reply = desk.endpoint().refusal_reply(row.document == nullptr ? nullptr : &document,
                                                     Error{row.code, "x", {}});
    if (row.status < 0) {
        CHECK(reply.empty());
    } else {
        CHECK(reply == "<ClientRegistrationResponse ResponseType=\"" + row.type +
                           "\" TimeStamp=\"2026-11-23T00:01:01Z\" Status=\"" + std::to_string(row.status) +
                           "\"/>");
    }
}

TEST_CASE("bodies that are no request") {
    struct Row {
        char const* name;
        std::string body;
        int status;
    };
    auto const row = GENERATE(values<Row>({
        {"nothing", "", -1},
        {"no XML", "registration please", -1},
        {"cut short", "<ClientRegistrationRequest><Data", -1},
        {"a document type", "<!DOCTYPE x><ClientRegistrationRequest/>", -1},
        {"empty root", "<ClientRegistrationRequest/>", 3},
        {"no Signature",
         R"(<ClientRegistrationRequest><Data RequestType="Registration"/></ClientRegistrationRequest>)", 3},
    }));
    INFO(row.name);
    Desk desk;
    CHECK(desk.submit(row.body).status == row.status);
}

TEST_CASE("replies are exact") {
    Desk desk;
    desk.settings.security.auto_approve = config::AutoApprove::all;
    auto request = registration_of(test_key(0), "LABPC01");
    request.smsid = "guid:6d2f9b10-44c7-4e0b-9b7e-51a0c3d7e812";
    auto const later = GENERATE(true, false);
    if (!later) request.hash.reset();
    CHECK(desk.submit(test_key(0), request).xml ==
          std::string(
              "<ClientRegistrationResponse ResponseType=\"Registration\" TimeStamp=\"2026-11-23T00:00:00Z\" "
              "Status=\"0\" SMSID=\"GUID:6D2F9B10-44C7-4E0B-9B7E-51A0C3D7E812\"") +
              (later ? " ApprovalStatus=\"1\"/>" : "/>"));
}

TEST_CASE("what the log tells of a registration") {
    Desk desk;
    auto const answer = desk.submit(test_key(0), registration_of(test_key(0), "LABPC01"));
    REQUIRE(answer.status == 0);
    REQUIRE(answer.notes.size() == 5);
    CHECK(answer.notes[0].text == "Processing Registration request from Client 'LABPC01'");
    CHECK_THAT(answer.notes[1].text, Catch::StartsWith("Begin validation of Certificate [Thumbprint "));
    CHECK_THAT(answer.notes[1].text, Catch::EndsWith("] issued to 'LABPC01'"));
    CHECK_THAT(answer.notes[2].text, Catch::StartsWith("Completed validation of Certificate [Thumbprint "));
    CHECK_THAT(answer.notes[3].text, Catch::Contains(answer.smsid));
    CHECK(answer.notes[4].text == "MP Reg: Processing completed. Completion state = 0");

    auto const confirmed = desk.submit(test_key(0), confirmation_of(answer.smsid));
    REQUIRE(confirmed.notes.size() == 2);
    CHECK(confirmed.notes[0].text == "Processing Confirmation request from Client '" + answer.smsid + "'");
    CHECK(confirmed.notes[1].text == "MP Reg: Processing completed. Completion state = 0");
}

TEST_CASE("a store that fails is not the client's fault") {
    Desk desk;
    auto const xml = signed_request(test_key(0), registration_of(test_key(0), "LABPC01"));
    auto const body = as_sent(xml);
    wire::Message const message(wire::Header{}, body);
    auto const document = schemas::validate("client_registration_request.xsd", message.body()).value();
    auto const request = desk.endpoint().parse({.message = message,
                                                .source = message.body(),
                                                .sender = std::nullopt,
                                                .signature_verified = false,
                                                .integrated_account = {},
                                                .peer = {},
                                                .received = desk_time},
                                               document);
    REQUIRE(request);
    auto const undone = desk.store().write_and_wait([&](db::Transaction& transaction) -> Result<int> {
        CHECK(desk.endpoint().handle(*request, transaction));
        return fail(Code::storage, "the disk is gone");
    });
    REQUIRE_FALSE(undone);
    CHECK(desk.clients().empty());
    CHECK_THAT(desk.endpoint().refusal_reply(&document, undone.error()), Catch::Contains("Status=\"2\""));
}
