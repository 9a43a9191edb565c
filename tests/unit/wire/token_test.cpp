// SPDX-License-Identifier: Apache-2.0
#include "base/hex.hpp"
#include "base/time.hpp"
#include "server/wire/token.hpp"
#include "tests/unit/wire/support.hpp"
#include "tests/unit/wire/vectors.hpp"

using namespace pointman;
using namespace pointman::test;
using namespace std::chrono_literals;
using wire::PrivateKey;

namespace {

constexpr std::string_view identity = "{92153785-DA31-4172-8B9C-8B4DD8FE3F90}";

PrivateKey const& test_key() {
    static auto const key = PrivateKey::generate(1024);
    return key;
}

TimePoint at(std::string_view iso) {
    return unwrap(parse_iso_time(iso));
}

std::string signature_of(std::string_view text, wire::Digest digest, bool bare) {
    return to_hex(test_key().sign(wire::signed_text(text), digest, bare));
}

wire::PublicKey media_key() {
    return unwrap(wire::PublicKey::from_certificate(media_certificate()));
}

} // namespace

TEST_CASE("the recorded token is read and verifies with the medium's key, and no other") {
    auto const header = header_of("pxethief/02");
    auto const* const hook = header.hook("clientauth");
    REQUIRE(hook != nullptr);
    auto const token = unwrap(wire::read_token_property(hook->property("Token").value_or("")));
    CHECK(token.parts.front().text == "{92153785-DA31-4172-8B9C-8B4DD8FE3F90};2026-11-23T00:09:45Z");
    CHECK(token.identity == identity);
    CHECK(token.time == at("2026-11-23T00:09:45Z"));
    CHECK(wire::token_is_signed_by(token, media_key()));
    CHECK_FALSE(wire::token_is_signed_by(token, test_key().public_key()));
}

TEST_CASE("the token vector verifies in each of its four forms") {
    // policy.md 6
    auto const key = unwrap(wire::PublicKey::from_certificate(unwrap(from_hex(vectors::certificate))));
    auto const signature = GENERATE(vectors::token_sha256, vectors::token_sha1, vectors::token_sha256_bare,
                                    vectors::token_sha1_bare);
    auto const token = unwrap(wire::read_token(vectors::client_token, signature));
    CHECK(token.identity == "GUID:5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3");
    CHECK(token.time == at("2007-06-01T12:05:00Z"));
    CHECK(wire::token_is_signed_by(token, key));

    auto other = token;
    other.parts.front().text.back() = '3';
    CHECK_FALSE(wire::token_is_signed_by(other, key));
}

TEST_CASE("a token is signed with or without a NUL behind it") {
    constexpr std::string_view text = "{X};2026-11-23T00:00:00Z";
    auto const bare = GENERATE(false, true);
    for (auto const& bytes : {wire::signed_text(text), wire::to_utf16le(text)}) {
        auto const signature = to_hex(test_key().sign(bytes, wire::Digest::sha256, bare));
        CHECK(wire::token_is_signed_by(unwrap(wire::read_token(text, signature)), test_key().public_key()));
    }
    auto const too_new = signature_of(text, wire::Digest::sha512, bare);
    CHECK_FALSE(wire::token_is_signed_by(unwrap(wire::read_token(text, too_new)), test_key().public_key()));
}

TEST_CASE("token properties that are read") {
    struct Row {
        std::string name;
        std::string property;
        std::string text = "{X};2026-11-23T00:00:00Z";
    };
    auto const row = GENERATE(values<Row>({
        {"as sent", "ClientToken:{X};2026-11-23T00:00:00Z\r\nClientTokenSignature:AB\r\n"},
        {"as XML leaves it", "ClientToken:{X};2026-11-23T00:00:00Z\nClientTokenSignature:AB\n"},
        {"without line end", "ClientToken:{X};2026-11-23T00:00:00Z\nClientTokenSignature:AB"},
        {"the other way round", "ClientTokenSignature:AB\nClientToken:{X};2026-11-23T00:00:00Z\n"},
        {"names in another case", "CLIENTTOKEN:{X};2026-11-23T00:00:00Z\nclienttokensignature:ab\n"},
        {"with a line that is not known",
         "Other:1\nClientToken:{X};2026-11-23T00:00:00Z\nClientTokenSignature:AB"},
        {"with a third field", "ClientToken:{X};2026-11-23T00:00:00Z;2\nClientTokenSignature:AB",
         "{X};2026-11-23T00:00:00Z;2"},
        {"with an offset and Z", "ClientToken:{X};2026-11-23T00:00:00+00:00Z\nClientTokenSignature:AB",
         "{X};2026-11-23T00:00:00+00:00Z"},
    }));
    INFO(row.name);
    auto const token = unwrap(wire::read_token_property(row.property));
    CHECK(token.parts.front().text == row.text);
    CHECK(token.identity == "{X}");
    CHECK(token.time == at("2026-11-23T00:00:00Z"));
    REQUIRE(token.parts.size() == 1);
    CHECK(token.parts.front().signature == Bytes{std::byte{0xAB}});
}

TEST_CASE("token properties that are refused say why") {
    struct Row {
        std::string property;
        std::string detail;
    };
    auto const row = GENERATE(values<Row>({
        {"", "no ClientToken"},
        {"\r\n\r\n", "no ClientToken"},
        {"ClientToken:\nClientTokenSignature:AB", "no ClientToken"},
        {"ClientTokenSignature:AB", "no ClientToken"},
        {"ClientToken:{X};2026-11-23T00:00:00Z", "no ClientTokenSignature"},
        {"ClientToken:{X}\nClientTokenSignature:AB", "no time"},
        {"ClientToken:;2026-11-23T00:00:00Z\nClientTokenSignature:AB", "no identity"},
        {"ClientToken:{X};\nClientTokenSignature:AB", "its time is not of the form 2008-03-14T09:30:00Z"},
        {"ClientToken:{X};yesterday\nClientTokenSignature:AB",
         "its time is not of the form 2008-03-14T09:30:00Z"},
        {"ClientToken:{X};2026-02-30T00:00:00Z\nClientTokenSignature:AB",
         "its time is not of the form 2008-03-14T09:30:00Z"},
        {"ClientToken:{X};2026-11-23T00:00:00Z\nClientTokenSignature:ABC",
         "its signature is not hexadecimal"},
        {"ClientToken:{X};2026-11-23T00:00:00Z\nClientTokenSignature:XY", "its signature is not hexadecimal"},
        {"ClientToken:{X};2026-11-23T00:00:00Z;" + std::string(600, '2') + "\nClientTokenSignature:AB",
         "too long"},
    }));
    CAPTURE(row.property);
    auto const token = wire::read_token_property(row.property);
    REQUIRE_FALSE(token);
    CHECK(token.error().code == Code::bad_signature);
    CHECK(token.error().message == "client token not accepted");
    CHECK(token.error().detail == row.detail);
}

TEST_CASE("a token holds for a while before and after its time") {
    auto const made = at("2026-11-23T12:00:00Z");
    auto const token = unwrap(wire::read_token("{X};2026-11-23T12:00:00Z", "AB"));
    struct Row {
        std::chrono::milliseconds from_then;
        bool good;
    };
    auto const row = GENERATE(values<Row>({
        {0s, true},
        {1h, true},
        {-1h, true},
        {1h + 1ms, false},
        {-1h - 1ms, false},
        {24h * 365, false},
    }));
    CHECK(wire::check_token_age(token, made + row.from_then, 1h).has_value() == row.good);
}

TEST_CASE("a token that is made is read and verifies") {
    auto const bare = GENERATE(false, true);
    auto const property = wire::make_token_property(test_key(), identity, at("2026-11-23T00:09:45Z"), bare);
    auto const token = unwrap(wire::read_token_property(property));
    CHECK(token.parts.front().text == "{92153785-DA31-4172-8B9C-8B4DD8FE3F90};2026-11-23T00:09:45Z");
    CHECK(wire::token_is_signed_by(token, test_key().public_key()));
}

TEST_CASE("recorded headers of the older form are read and verify") {
    auto const number = GENERATE(as<std::string>(), "pxethief/03", "pxethief/04", "pxethief/05");
    CAPTURE(number);
    auto const id = recorded_header(number, "CCMClientID");
    auto const id_signature = recorded_header(number, "CCMClientIDSignature");
    auto const time = recorded_header(number, "CCMClientTimestamp");
    auto const time_signature = recorded_header(number, "CCMClientTimestampSignature");
    auto const token = unwrap(wire::read_signed_headers({id, id_signature, time, time_signature}));
    CHECK(token.identity == identity);
    CHECK(token.time == at("2026-11-23T00:09:45Z"));
    CHECK(wire::token_is_signed_by(token, media_key()));
    CHECK_FALSE(wire::token_is_signed_by(token, test_key().public_key()));
}

TEST_CASE("headers of the older form that are read") {
    struct Row {
        std::string id;
        std::string time;
        std::string identity = "{X}";
    };
    auto const row = GENERATE(values<Row>({
        {"{X}", "2026-11-23T00:00:00Z"},
        {"GUID:X", "2026-11-23T00:00:00Z", "GUID:X"},
        {"{X}", "2026-11-23T00:00:00.000Z"},
        {"{X}", "2026-11-23T00:00:00+00:00Z"},
        {"{X};2", "2026-11-23T00:00:00Z", "{X};2"}, // nothing is cut off there
    }));
    CAPTURE(row.id, row.time);
    auto const token = unwrap(wire::read_signed_headers({row.id, "AB", row.time, "cd"}));
    CHECK(token.identity == row.identity);
    CHECK(token.time == at("2026-11-23T00:00:00Z"));
    REQUIRE(token.parts.size() == 2);
    CHECK(token.parts[0].text == row.id);
    CHECK(token.parts[0].signature == Bytes{std::byte{0xAB}});
    CHECK(token.parts[1].text == row.time);
    CHECK(token.parts[1].signature == Bytes{std::byte{0xCD}});
}

TEST_CASE("headers of the older form that are refused say why") {
    struct Row {
        std::string name;
        std::string id;
        std::string id_signature;
        std::string time;
        std::string time_signature;
        std::string detail;
    };
    std::string const time = "2026-11-23T00:00:00Z";
    std::string const no_time = "its time is not of the form 2008-03-14T09:30:00Z";
    std::string const no_digits = "its signature is not hexadecimal";
    auto const row =
        GENERATE_COPY(Row{"no time", "{X}", "AB", "", "AB", no_time},
                      Row{"the time in the id", "{X};" + time, "AB", "", "", no_time},
                      Row{"a time that is none", "{X}", "AB", "yesterday", "AB", no_time},
                      Row{"two times", "{X}", "AB", time + ";" + time, "AB", no_time},
                      Row{"half a digit in the first", "{X}", "ABC", time, "AB", no_digits},
                      Row{"half a digit in the second", "{X}", "AB", time, "ABC", no_digits},
                      Row{"no digits in the first", "{X}", "XY", time, "AB", no_digits},
                      Row{"no digits in the second", "{X}", "AB", time, "XY", no_digits},
                      Row{"a long id", std::string(513, 'X'), "AB", time, "AB", "too long"},
                      Row{"a long time", "{X}", "AB", time + std::string(513, ' '), "AB", "too long"});
    CAPTURE(row.name);
    auto const token = wire::read_signed_headers({row.id, row.id_signature, row.time, row.time_signature});
    REQUIRE_FALSE(token);
    CHECK(token.error().code == Code::bad_signature);
    CHECK(token.error().message == "client token not accepted");
    CHECK(token.error().detail == row.detail);
}

TEST_CASE("both headers of the older form must be signed, each for itself, by the same key") {
    constexpr std::string_view id = "GUID:5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3";
    constexpr std::string_view time = "2026-11-23T00:00:00Z";
    using wire::Digest;
    auto const other = PrivateKey::generate(1024);
    auto const foreign = to_hex(other.sign(wire::signed_text(time), Digest::sha256));
    struct Row {
        std::string name;
        std::string id_signature;
        std::string time_signature;
        bool good;
    };
    std::vector<Row> const rows{
        {"SHA-256", signature_of(id, Digest::sha256, false), signature_of(time, Digest::sha256, false), true},
        {"SHA-1, bare", signature_of(id, Digest::sha1, true), signature_of(time, Digest::sha1, true), true},
        {"each in its way", signature_of(id, Digest::sha1, false), signature_of(time, Digest::sha256, true),
         true},
        {"swapped", signature_of(time, Digest::sha256, false), signature_of(id, Digest::sha256, false),
         false},
        {"the id's twice", signature_of(id, Digest::sha256, false), signature_of(id, Digest::sha256, false),
         false},
        {"the time not signed", signature_of(id, Digest::sha256, false), "", false},
        {"the id not signed", "", signature_of(time, Digest::sha256, false), false},
        {"neither", "", "", false},
        {"the time by another key", signature_of(id, Digest::sha256, false), foreign, false},
        {"together as one", signature_of(std::string(id) + ";" + std::string(time), Digest::sha256, false),
         signature_of(time, Digest::sha256, false), false},
    };
    for (auto const& row : rows) {
        INFO(row.name);
        auto const token =
            unwrap(wire::read_signed_headers({id, row.id_signature, time, row.time_signature}));
        CHECK(wire::token_is_signed_by(token, test_key().public_key()) == row.good);
    }
}
