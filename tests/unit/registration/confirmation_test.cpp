// SPDX-License-Identifier: Apache-2.0
// registration.md 4.5.
#include "tests/unit/registration/desk.hpp"

#include <catch2/catch.hpp>

using namespace pointman;
using namespace pointman::test;

namespace {

constexpr auto smsid = "GUID:6D2F9B10-44C7-4E0B-9B7E-51A0C3D7E812";

} // namespace

TEST_CASE("confirmations") {
    using enum db::Approval;
    struct Row {
        char const* name;
        bool registered;
        db::Approval approval;
        std::size_t signer;                     ///< the client is registered with key 0
        std::optional<std::size_t> certificate; ///< key in Signing
        int status;
        Code code; ///< of a Status 3
    };
    auto const row = GENERATE(values<Row>({
        {"approved", true, approved, 0, std::nullopt, 0, {}},
        {"pending", true, pending, 0, std::nullopt, 0, {}},
        {"with its certificate", true, approved, 0, 0, 0, {}},
        {"signed with another key", true, approved, 1, std::nullopt, 3, Code::bad_signature},
        {"another key and its certificate", true, approved, 1, 1, 3, Code::bad_signature},
        {"signed with the registered key, other certificate", true, approved, 0, 1, 3, Code::bad_signature},
        {"signed with another key, registered certificate", true, approved, 1, 0, 3, Code::bad_signature},
        {"blocked", true, blocked, 0, std::nullopt, 3, Code::blocked},
        {"blocked, with its certificate", true, blocked, 0, 0, 3, Code::blocked},
        {"blocked, signed with another key", true, blocked, 1, std::nullopt, 3, Code::bad_signature},
        {"unknown", false, approved, 0, std::nullopt, 2, {}},
        {"unknown, with a certificate", false, approved, 0, 0, 2, {}},
        {"unknown, with a certificate that did not sign", false, approved, 0, 1, 3, Code::bad_signature},
    }));
    INFO(row.name);
    for (auto const later : {true, false}) {
        for (auto const* const own_id : {"", smsid, "{6d2f9b10-44c7-4e0b-9b7e-51a0c3d7e812}"}) {
            CAPTURE(later, own_id);
            Desk desk;
            if (row.registered) {
                auto record = record_of(test_key(0), smsid, "LABPC01");
                record.approval = row.approval;
                desk.insert(record);
            }
            desk.clock.advance(std::chrono::minutes(5));
            auto request = confirmation_of(smsid);
            request.signer_smsid = own_id;
            if (!later) request.hash.reset();
            if (row.certificate)
                request.signing_certificate = self_signed_certificate(test_key(*row.certificate));
            auto const answer = desk.submit(test_key(row.signer), request);

            CHECK(answer.type == "Confirmation");
            CHECK(answer.time == "2026-11-23T00:05:00Z");
            CHECK(answer.status == row.status);
            CHECK(answer.smsid == (row.status == 0 ? smsid : ""));
            auto const approval = row.approval == approved ? "1" : "0";
            CHECK(answer.approval == (later && row.status == 0 ? approval : ""));
            if (row.status == 3) CHECK(answer.error.value().code == row.code);
            if (row.status != 3) CHECK_FALSE(answer.error);
            if (row.status == 2)
                CHECK(answer.noted(endpoints::Note::Kind::warning, {smsid, "not registered"}));
            if (!row.registered) continue;
            auto const seen = desk.client(smsid)->last_seen;
            CHECK(seen == (row.status == 0 ? desk_time + std::chrono::minutes(5) : desk_time));
            CHECK(desk.client(smsid)->key_sha256 == test_key(0).public_key().sha256());
        }
    }
}

TEST_CASE("a confirmation after the client was deleted sends it to register again") {
    Desk desk;
    auto const first = desk.submit(test_key(0), registration_of(test_key(0), "LABPC01"));
    CHECK(desk.submit(test_key(0), confirmation_of(first.smsid)).status == 0);
    auto const removed = desk.store().write_and_wait([&](db::Transaction& transaction) {
        return db::Clients::remove(transaction, ClientId::parse(first.smsid).value());
    });
    REQUIRE(removed);
    CHECK(desk.submit(test_key(0), confirmation_of(first.smsid)).status == 2);
    auto request = registration_of(test_key(0), "LABPC01");
    request.smsid = first.smsid;
    CHECK(desk.submit(test_key(0), request).smsid == first.smsid);
}

TEST_CASE("a confirmation changes nothing but the time of the last sign of life") {
    Desk desk;
    desk.settings.security.auto_approve = config::AutoApprove::all;
    auto record = record_of(test_key(0), smsid, "LABPC01");
    record.approval = db::Approval::pending;
    record.discovery = {{"InternetFlag", "0"}};
    desk.insert(record);
    auto request = confirmation_of(smsid);
    request.agent_type = 4;
    request.agent_version = "9";
    CHECK(desk.submit(test_key(0), request, R"(LAB\LABPC01$)").status == 0);
    auto const after = desk.client(smsid).value();
    CHECK(after.approval == db::Approval::pending);
    CHECK(after.agent_type == record.agent_type);
    CHECK(after.agent_version == record.agent_version);
    CHECK(after.discovery == record.discovery);
}
