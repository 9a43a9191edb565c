// SPDX-License-Identifier: Apache-2.0
#include "base/hex.hpp"
#include "base/time.hpp"
#include "server/wire/token.hpp"
#include "tests/unit/wire/support.hpp"
#include "tests/unit/wire/vectors.hpp"

#include <openssl/pem.h>

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

/// Key of the certificate that signed what pxethief sent.
wire::PublicKey media_key() {
    auto const pem = read_text(test_data("captures/pxethief/media-certificate.pem"));
    std::unique_ptr<BIO, void (*)(BIO*)> const bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                   BIO_free_all);
    std::unique_ptr<X509, void (*)(X509*)> const certificate(
        PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
    REQUIRE(certificate);
    Bytes der(static_cast<std::size_t>(i2d_X509(certificate.get(), nullptr)));
    auto* out = reinterpret_cast<unsigned char*>(der.data());
    i2d_X509(certificate.get(), &out);
    return unwrap(wire::PublicKey::from_certificate(der));
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
    other.text.back() = '3';
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
    CHECK(token.signature == Bytes{std::byte{0xAB}});
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
