// SPDX-License-Identifier: Apache-2.0
// Who a registration speaks for (registration.md 4.1 to 4.3).
#include "base/hex.hpp"
#include "tests/unit/registration/desk.hpp"

#include <catch2/catch.hpp>

using namespace pointman;
using namespace pointman::test;
using endpoints::Note;

namespace {

constexpr auto taken_id = "GUID:00000000-0000-0000-0000-00000000000A";
constexpr auto other_id = "GUID:00000000-0000-0000-0000-00000000000B";
constexpr auto free_id = "GUID:00000000-0000-0000-0000-0000000000FF";

RegistrationRequest asking_for(wire::PrivateKey const& key, std::string_view name, std::string_view smsid) {
    auto request = registration_of(key, name);
    request.smsid = smsid;
    return request;
}

std::vector<db::ClientKey> keys_of(Desk& desk, std::string_view smsid) {
    auto const id = ClientId::parse(smsid).value();
    return desk.store().read([&](db::Session& session) { return db::Clients(session).keys(id); }).value();
}

} // namespace

TEST_CASE("SMSIDs are given, honoured and kept") {
    // taken_id is registered with key 0 and other_id with key 1.
    struct Row {
        char const* name;
        std::size_t key;
        std::string asked;
        std::string given;    ///< "new" = a fresh one
        std::string conflict; ///< with whom
    };
    auto const row = GENERATE(values<Row>({
        {"known key, none", 0, "", taken_id, ""},
        {"known key, its own", 0, taken_id, taken_id, ""},
        {"known key, its own in lower case", 0, "guid:00000000-0000-0000-0000-00000000000a", taken_id, ""},
        {"known key, its own in braces", 0, "{00000000-0000-0000-0000-00000000000A}", taken_id, ""},
        {"known key, an unused one", 0, free_id, taken_id, ""},
        {"known key, another's", 0, other_id, taken_id, other_id},
        {"new key, none", 2, "", "new", ""},
        {"new key, an unused one", 2, free_id, free_id, ""},
        {"new key, an unused one in lower case", 2, "guid:00000000-0000-0000-0000-0000000000ff", free_id, ""},
        {"new key, another's", 2, taken_id, "new", taken_id},
    }));
    INFO(row.name);
    Desk desk;
    desk.insert(record_of(test_key(0), taken_id, "FIRST"));
    desk.insert(record_of(test_key(1), other_id, "SECOND"));
    auto const name = row.key == 0 ? "FIRST" : "THIRD";
    auto const answer = desk.submit(test_key(row.key), asking_for(test_key(row.key), name, row.asked));

    REQUIRE(answer.status == 0);
    if (row.given == "new") {
        CHECK(answer.smsid != taken_id);
        CHECK(answer.smsid != other_id);
        CHECK(ClientId::parse(answer.smsid).value().text() == answer.smsid);
    } else {
        CHECK(answer.smsid == row.given);
    }
    CHECK(desk.clients().size() == (row.key == 0 ? 2 : 3));
    auto const client = desk.client(answer.smsid).value();
    CHECK(client.key_sha256 == test_key(row.key).public_key().sha256());
    CHECK(desk.client(taken_id)->key_sha256 == test_key(0).public_key().sha256());
    CHECK(desk.client(other_id)->key_sha256 == test_key(1).public_key().sha256());

    std::vector<ClientId> expected;
    if (!row.conflict.empty()) expected.push_back(ClientId::parse(row.conflict).value());
    CHECK(client.conflicts == expected);
    if (!row.conflict.empty()) {
        CHECK(desk.client(row.conflict)->conflicts == std::vector{client.id});
        CHECK(answer.noted(Note::Kind::warning, {answer.smsid, row.conflict, "SMSID"}));
    }
    // Said again, it is the same client.
    auto const again = desk.submit(test_key(row.key), asking_for(test_key(row.key), name, row.asked));
    CHECK(again.smsid == answer.smsid);
    CHECK(desk.clients().size() == (row.key == 0 ? 2 : 3));
}

TEST_CASE("a new key needs the old one's word") {
    using enum wire::Digest;
    auto const& old_key = test_key(0);
    struct Row {
        char const* name;
        std::string hint;
        bool accepted;
    };
    auto const row = GENERATE_COPY(values<Row>({
        {"SHA-256 with NUL", registration_hint(old_key, taken_id), true},
        {"SHA-256 without NUL", registration_hint(old_key, taken_id, sha256, false), true},
        {"SHA-1 with NUL", registration_hint(old_key, taken_id, sha1), true},
        {"SHA-1 without NUL", registration_hint(old_key, taken_id, sha1, false), true},
        {"SHA-384", registration_hint(old_key, taken_id, sha384), true},
        {"SHA-512", registration_hint(old_key, taken_id, sha512), true},
        {"braces behind GUID:", registration_hint(old_key, "GUID:{00000000-0000-0000-0000-00000000000A}"),
         true},
        {"braces alone", registration_hint(old_key, "{00000000-0000-0000-0000-00000000000A}"), true},
        {"in the case in which it is sent",
         registration_hint(old_key, "guid:00000000-0000-0000-0000-00000000000a"), true},
        {"none", "", false},
        {"by the new key", registration_hint(test_key(2), taken_id), false},
        {"by another client's key", registration_hint(test_key(1), taken_id), false},
        {"of another SMSID", registration_hint(old_key, other_id), false},
        {"of nothing", registration_hint(old_key, ""), false},
        {"no hexadecimal", "please", false},
        {"an odd digit", registration_hint(old_key, taken_id) + "0", false},
        {"cut short", registration_hint(old_key, taken_id).substr(2), false},
    }));
    auto const attribute = GENERATE(false, true);
    auto const later = GENERATE(true, false);
    auto const mode = GENERATE(config::SiteMode::mixed, config::SiteMode::native);
    CAPTURE(row.name, attribute, later, static_cast<int>(mode));
    Desk desk;
    desk.settings.site.mode = mode;
    desk.insert(record_of(old_key, taken_id, "FIRST"));
    desk.insert(record_of(test_key(1), other_id, "SECOND"));
    desk.clock.advance(std::chrono::hours(1));
    auto request = asking_for(test_key(2), "FIRST", "guid:00000000-0000-0000-0000-00000000000a");
    if (!later) request.hash.reset();
    request.hint = row.hint;
    request.hint_as_attribute = attribute && !row.hint.empty();
    auto const answer = desk.submit(test_key(2), request);

    REQUIRE(answer.status == 0); // a hint is never a reason to fail
    auto const holder = desk.client(taken_id).value();
    if (row.accepted) {
        CHECK(answer.smsid == taken_id);
        CHECK(holder.key_sha256 == test_key(2).public_key().sha256());
        CHECK(holder.signing_certificate == request.signing_certificate);
        bool const native = mode == config::SiteMode::native;
        CHECK(holder.approval == (native ? db::Approval::not_applicable : db::Approval::approved));
        CHECK(holder.conflicts.empty());
        CHECK(desk.clients().size() == 2);
        auto const keys = keys_of(desk, taken_id);
        REQUIRE(keys.size() == 2);
        CHECK(keys[0].key_sha256 == old_key.public_key().sha256());
        CHECK(keys[0].valid_until == desk_time + std::chrono::hours(1));
        CHECK(answer.noted(Note::Kind::warning, {taken_id, "new key"}));
    } else {
        CHECK(answer.smsid != taken_id);
        CHECK(holder.key_sha256 == old_key.public_key().sha256());
        CHECK(holder.name == "FIRST");
        CHECK(holder.last_seen == desk_time);
        CHECK(holder.conflicts == std::vector{ClientId::parse(answer.smsid).value()});
        CHECK(answer.noted(Note::Kind::warning, {answer.smsid, taken_id, "SMSID"}));
        CHECK(desk.clients().size() == 3);
    }
}

TEST_CASE("after a change of key the old key is a stranger") {
    Desk desk;
    desk.insert(record_of(test_key(0), taken_id, "FIRST"));
    auto request = asking_for(test_key(2), "FIRST", taken_id);
    request.hint = registration_hint(test_key(0), taken_id);
    REQUIRE(desk.submit(test_key(2), request).smsid == taken_id);
    CHECK(desk.submit(test_key(0), confirmation_of(taken_id)).status == 3);
    CHECK(desk.submit(test_key(2), confirmation_of(taken_id)).status == 0);
    // The recorded request with the hint, said again, changes nothing.
    REQUIRE(desk.submit(test_key(2), request).smsid == taken_id);
    CHECK(keys_of(desk, taken_id).size() == 2);
    // The old key registers as somebody else; it cannot take the SMSID back.
    auto const back = desk.submit(test_key(0), asking_for(test_key(0), "FIRST", taken_id));
    CHECK(back.status == 0);
    CHECK(back.smsid != taken_id);
}

TEST_CASE("blocked clients stay outside") {
    Desk desk;
    desk.insert(record_of(test_key(0), taken_id, "FIRST"));
    desk.set_approval(taken_id, db::Approval::blocked);
    SECTION("with their key") {
        for (auto const* const asked : {"", taken_id, free_id}) {
            auto const answer = desk.submit(test_key(0), asking_for(test_key(0), "OTHER", asked));
            CHECK(answer.status == 3);
            CHECK(answer.error.value().code == Code::blocked);
        }
    }
    SECTION("with a new key that the old one vouches for") {
        auto request = asking_for(test_key(2), "FIRST", taken_id);
        request.hint = registration_hint(test_key(0), taken_id);
        auto const answer = desk.submit(test_key(2), request);
        CHECK(answer.status == 3);
        CHECK(answer.error.value().code == Code::blocked);
    }
    CHECK(desk.client(taken_id)->name == "FIRST");
    CHECK(desk.client(taken_id)->key_sha256 == test_key(0).public_key().sha256());
    CHECK(desk.client(taken_id)->last_seen == desk_time);
    CHECK(desk.clients().size() == 1);
}
