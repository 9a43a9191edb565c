// SPDX-License-Identifier: Apache-2.0
#include "base/hex.hpp"
#include "server/wire/signature.hpp"
#include "tests/unit/wire/support.hpp"
#include "tests/unit/wire/vectors.hpp"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

using namespace pointman;
using namespace pointman::test;
using wire::Digest;
using wire::PrivateKey;
using wire::PublicKey;

namespace {

Bytes hex(std::string_view text) {
    return unwrap(from_hex(text));
}

PublicKey vector_key() {
    return unwrap(PublicKey::from_certificate(hex(vectors::certificate)));
}

std::string hash_of(BytesView bytes, char const* name) {
    Bytes out(EVP_MAX_MD_SIZE);
    std::size_t size = 0;
    REQUIRE(EVP_Q_digest(nullptr, name, nullptr, bytes.data(), bytes.size(),
                         reinterpret_cast<unsigned char*>(out.data()), &size) == 1);
    return to_hex(BytesView(out).first(size));
}

/// PUBLICKEYBLOB with any fields.
std::string blob_hex(std::uint32_t bits, std::uint32_t exponent, std::string_view modulus_little_endian) {
    Bytes numbers;
    for (auto const value : {bits, exponent})
        for (unsigned shift = 0; shift < 32; shift += 8)
            numbers.push_back(static_cast<std::byte>((value >> shift) & 0xFFU));
    return "0602000000A4000052534131" + to_hex(numbers) + std::string(modulus_little_endian);
}

std::string repeated(std::string_view text, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += text;
    return out;
}

/// SubjectPublicKeyInfo of a key that is not RSA.
Bytes elliptic_spki() {
    std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> const key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    Bytes der(static_cast<std::size_t>(i2d_PUBKEY(key.get(), nullptr)));
    auto* at = reinterpret_cast<unsigned char*>(der.data());
    i2d_PUBKEY(key.get(), &at);
    return der;
}

} // namespace

TEST_CASE("the vectors' own lengths and digests") {
    struct Row {
        char const* name;
        Bytes bytes;
        std::size_t size;
        char const* digest;
        char const* value;
    };
    auto const policy = utf16_with_mark(vectors::policy_body);
    auto const row = GENERATE_COPY(values<Row>({
        {"registration A", wire::to_utf16le(vectors::registration_data_sha1()), 2484, "SHA1",
         "1DB0B3E60091C98C28CFB79785D3F63D25C041AC"},
        {"registration B", wire::to_utf16le(vectors::registration_data_sha256()), 2560, "SHA256",
         "E3884D071E811895BBF16F975F534A70CAA63CE45884E689B902A7B85FF1E146"},
        {"token", wire::signed_text(vectors::client_token), 130, "SHA256",
         "8CC0C908C8A8F93359F96DA36D48428A88074815B392642786D5EAF50B8AF2DE"},
        {"token", wire::signed_text(vectors::client_token), 130, "SHA1",
         "733A326D31B4C0E9B195F04F55E2F39CE9AD7A27"},
        {"policy body", policy, 860, "MD5", "9A8FCBB5113E6AA73A770E935C6425DB"},
        {"policy body", policy, 860, "SHA1", "8FB1EB5CB6F3A54B715AE2C3396BDFEE0C45A6F9"},
        {"policy body", policy, 860, "SHA256",
         "D1FB43053A5F806ABB18ACF547AB0D05E5DAD66C292ACDEDA098853E4BD8AA3D"},
    }));
    INFO(row.name << " " << row.digest);
    CHECK(row.bytes.size() == row.size);
    CHECK(hash_of(row.bytes, row.digest) == row.value);
}

TEST_CASE("signature vectors verify, and in no other form") {
    struct Row {
        char const* name;
        Bytes bytes;
        std::string_view signature;
        Digest digest;
        bool bare;
    };
    auto const token = wire::signed_text(vectors::client_token);
    auto const row = GENERATE_COPY(values<Row>({
        {"registration A", wire::to_utf16le(vectors::registration_data_sha1()),
         vectors::registration_signature_sha1, Digest::sha1, false},
        {"registration B", wire::to_utf16le(vectors::registration_data_sha256()),
         vectors::registration_signature_sha256, Digest::sha256, false},
        {"token, SHA-256", token, vectors::token_sha256, Digest::sha256, false},
        {"token, SHA-1", token, vectors::token_sha1, Digest::sha1, false},
        {"token, SHA-256 bare", token, vectors::token_sha256_bare, Digest::sha256, true},
        {"token, SHA-1 bare", token, vectors::token_sha1_bare, Digest::sha1, true},
    }));
    INFO(row.name);
    auto const key = vector_key();
    auto const signature = hex(row.signature);
    CHECK(key.verify(row.bytes, signature, row.digest, true));
    CHECK(key.verify(row.bytes, signature, row.digest, false) == !row.bare);

    for (auto const other : {Digest::sha1, Digest::sha256, Digest::sha384, Digest::sha512})
        if (other != row.digest) CHECK_FALSE(key.verify(row.bytes, signature, other, true));

    auto changed = row.bytes;
    changed.front() ^= std::byte{1};
    CHECK_FALSE(key.verify(changed, signature, row.digest, true));

    Bytes const big_endian(signature.rbegin(), signature.rend());
    CHECK_FALSE(key.verify(row.bytes, big_endian, row.digest, true));
    auto longer = signature;
    longer.push_back(std::byte{0});
    CHECK_FALSE(key.verify(row.bytes, longer, row.digest, true));
    CHECK_FALSE(key.verify(row.bytes, BytesView(signature).first(signature.size() - 1), row.digest, true));
    CHECK_FALSE(key.verify(row.bytes, {}, row.digest, true));
}

TEST_CASE("every bit of a signature counts") {
    auto const key = vector_key();
    auto const token = wire::signed_text(vectors::client_token);
    auto signature = hex(vectors::token_sha256);
    for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
        auto const mask = std::byte{1} << (bit % 8);
        signature[bit / 8] ^= mask;
        CHECK_FALSE(key.verify(token, signature, Digest::sha256, true));
        signature[bit / 8] ^= mask;
    }
    CHECK(key.verify(token, signature, Digest::sha256));
}

TEST_CASE("PublicKey blob vector") {
    auto const key = vector_key();
    CHECK(key.bits() == 1024);
    CHECK(key.exponent() == 65537);
    CHECK(to_hex(key.blob()) == vectors::public_key_blob);
    auto const same = unwrap(PublicKey::from_blob(hex(vectors::public_key_blob)));
    CHECK(same.spki() == key.spki());
    CHECK(unwrap(PublicKey::from_spki(key.spki())).blob() == key.blob());
    // SubjectPublicKeyInfo is the tail of the certificate's body: registration.md shows it from 30819F on.
    auto const at = vectors::certificate.find("30819F");
    CHECK(to_hex(key.spki()) == vectors::certificate.substr(at, 2 * 162));
    CHECK(key.sha256() == sha256_hex(key.spki()));
    CHECK(key.verify(wire::signed_text(vectors::client_token), hex(vectors::token_sha256), Digest::sha256));
}

TEST_CASE("a block must be padded completely and hold nothing else") {
    auto const key = PrivateKey::generate(1024);
    auto const message = to_bytes("message");
    auto const digest = hex(hash_of(message, "SHA256"));
    auto const info = hex("3031300D060960864801650304020105000420");
    auto const raw_sign = [&](BytesView block) {
        std::unique_ptr<EVP_PKEY_CTX, void (*)(EVP_PKEY_CTX*)> const context(
            EVP_PKEY_CTX_new(key.handle(), nullptr), EVP_PKEY_CTX_free);
        Bytes out(128);
        auto size = out.size();
        REQUIRE(EVP_PKEY_sign_init(context.get()) == 1);
        REQUIRE(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING) == 1);
        REQUIRE(EVP_PKEY_sign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                              reinterpret_cast<unsigned char const*>(block.data()), block.size()) == 1);
        return Bytes(out.rbegin(), out.rend());
    };
    auto const padding = [](std::size_t count) { return Bytes(count, std::byte{0xFF}); };
    struct Row {
        char const* name;
        Bytes block;
        bool taken;
    };
    auto const zero = Bytes(1);
    auto const head = hex("0001");
    auto const row = GENERATE_COPY(values<Row>({
        {"as it should be", join({head, padding(74), zero, info, digest}), true},
        {"bare", join({head, padding(93), zero, digest}), true},
        {"short padding, garbage behind", join({head, padding(8), zero, info, digest, Bytes(66)}), false},
        {"garbage between info and digest", join({head, padding(73), zero, info, zero, digest}), false},
        {"digest cut", join({head, padding(75), zero, info, BytesView(digest).first(31)}), false},
        {"block type 2", join({hex("0002"), padding(74), zero, info, digest}), false},
        {"block type 0", join({hex("0000"), Bytes(74), zero, info, digest}), false},
        {"a gap in the padding", join({head, padding(40), hex("FE"), padding(33), zero, info, digest}),
         false},
        {"info without NULL parameters",
         join({head, padding(76), zero, hex("302F300B0609608648016503040201"), hex("0420"), digest}), false},
        {"info of SHA-1", join({head, padding(78), zero, hex("3021300906052B0E03021A05000414"), digest}),
         false},
        {"no separator", join({head, padding(75), info, digest}), false},
    }));
    INFO(row.name);
    REQUIRE(row.block.size() == 128);
    CHECK(key.public_key().verify(message, raw_sign(row.block), Digest::sha256, true) == row.taken);
}

TEST_CASE("keys that nobody should have do no harm") {
    struct Row {
        char const* name;
        std::string blob;
        bool taken;
        std::size_t bits = 0;
        std::uint64_t exponent = 0;
    };
    auto const ff = [](std::size_t count) { return repeated("FF", count); };
    auto const row = GENERATE_COPY(values<Row>({
        {"no bits", blob_hex(0, 65537, ""), false},
        {"modulus zero", blob_hex(1024, 65537, repeated("00", 128)), false},
        {"exponent zero", blob_hex(1024, 0, ff(128)), false},
        {"exponent one", blob_hex(1024, 1, ff(128)), true, 1024, 1},
        {"exponent even", blob_hex(1024, 2, ff(128)), true, 1024, 2},
        {"largest exponent of a blob", blob_hex(1024, 0xFFFFFFFF, ff(128)), true, 1024, 0xFFFFFFFF},
        {"even modulus", blob_hex(1024, 65537, "FE" + ff(127)), true, 1024, 65537},
        {"one bit", blob_hex(1, 3, "01"), true, 1, 3},
        {"eight bits", blob_hex(8, 3, "FF"), true, 8, 3},
        {"512 bits", blob_hex(512, 65537, ff(64)), true, 512, 65537},
        {"bits say more than the modulus has", blob_hex(1024, 65537, "FF" + repeated("00", 127)), true, 8,
         65537},
        {"16384 bits", blob_hex(16384, 65537, ff(2048)), true, 16384, 65537},
        {"16392 bits", blob_hex(16392, 65537, ff(2049)), false},
        {"absurd length, nothing there", blob_hex(0xFFFFFFFF, 65537, ""), false},
        {"absurd length of whole bytes", blob_hex(0xFFFFFFF8, 65537, ff(16)), false},
        {"length too short", blob_hex(1024, 65537, ff(127)), false},
        {"length too long", blob_hex(1024, 65537, ff(129)), false},
    }));
    INFO(row.name);
    auto const key = PublicKey::from_blob(hex(row.blob));
    REQUIRE(key.has_value() == row.taken);
    if (!row.taken) {
        CHECK(key.error().code == Code::malformed);
        return;
    }
    CHECK(key->bits() == row.bits);
    CHECK(key->exponent() == row.exponent);
    CHECK(unwrap(PublicKey::from_spki(key->spki())).exponent() == row.exponent);
    auto const size = (row.bits + 7) / 8;
    for (auto const fill : {std::byte{0}, std::byte{1}, std::byte{0x7F}, std::byte{0xFF}})
        CHECK_FALSE(key->verify(as_bytes("message"), Bytes(size, fill), Digest::sha256, true));
}

TEST_CASE("an exponent of one lets anybody sign, so callers look at it") {
    auto const message = to_bytes("message");
    auto const key = unwrap(PublicKey::from_blob(hex(blob_hex(1024, 1, repeated("FF", 128)))));
    auto block = join({hex("0001"), Bytes(74, std::byte{0xFF}),
                       hex("003031300D060960864801650304020105000420"), hex(hash_of(message, "SHA256"))});
    std::ranges::reverse(block);
    CHECK(key.verify(message, block, Digest::sha256));
    CHECK(key.exponent() == 1);
}

TEST_CASE("an exponent beyond 64 bits has no number and no blob") {
    // SubjectPublicKeyInfo with n = 2^1024 - 1 and e = 2^64 + 1.
    auto const spki = hex("3081A5300D06092A864886F70D01010105000381930030818F02818100" + repeated("FF", 128) +
                          "0209010000000000000001");
    auto const key = unwrap(PublicKey::from_spki(spki));
    CHECK(key.bits() == 1024);
    CHECK(key.exponent() == 0);
    CHECK(key.blob().empty());
    CHECK(key.spki() == spki);
}

TEST_CASE("what is no key is malformed") {
    struct Row {
        char const* name;
        Result<PublicKey> result;
    };
    auto const der = hex(vectors::certificate);
    auto const spki = vector_key().spki();
    auto const with_tail = [](Bytes bytes) {
        bytes.push_back(std::byte{0});
        return bytes;
    };
    auto const row = GENERATE_COPY(values<Row>({
        {"certificate: nothing", PublicKey::from_certificate({})},
        {"certificate: text", PublicKey::from_certificate(as_bytes("-----BEGIN CERTIFICATE-----"))},
        {"certificate: cut", PublicKey::from_certificate(BytesView(der).first(200))},
        {"certificate: a byte too many", PublicKey::from_certificate(with_tail(der))},
        {"certificate: a bare key", PublicKey::from_certificate(spki)},
        {"certificate: length of 4 GB", PublicKey::from_certificate(hex("3084FFFFFFFF"))},
        {"SubjectPublicKeyInfo: nothing", PublicKey::from_spki({})},
        {"SubjectPublicKeyInfo: cut", PublicKey::from_spki(BytesView(spki).first(100))},
        {"SubjectPublicKeyInfo: a byte too many", PublicKey::from_spki(with_tail(spki))},
        {"SubjectPublicKeyInfo: elliptic curve", PublicKey::from_spki(elliptic_spki())},
        {"blob: nothing", PublicKey::from_blob({})},
        {"blob: head cut", PublicKey::from_blob(hex("0602000000A400005253413100040000010001"))},
    }));
    INFO(row.name);
    REQUIRE_FALSE(row.result);
    CHECK(row.result.error().code == Code::malformed);
}

TEST_CASE("heads that are no PUBLICKEYBLOB of RSA") {
    std::string const good(vectors::public_key_blob);
    struct Row {
        char const* name;
        std::size_t at;
        char const* hex;
        bool taken;
    };
    auto const row = GENERATE(values<Row>({
        {"as it is", 0, "06", true},
        {"private key blob", 0, "07", false},
        {"version 3", 2, "03", false},
        {"signature algorithm", 10, "24", true},
        {"another algorithm", 10, "66", false},
        {"magic of a private key", 22, "32", false},
    }));
    INFO(row.name);
    auto text = good;
    text.replace(row.at, 2, row.hex);
    CHECK(PublicKey::from_blob(hex(text)).has_value() == row.taken);
}

TEST_CASE("digests by OID") {
    struct Row {
        char const* oid;
        std::optional<Digest> digest;
    };
    auto const row = GENERATE(values<Row>({
        {"", Digest::sha1},
        {" ", Digest::sha1},
        {"1.2.840.113549.1.1.5", Digest::sha1},
        {"1.3.14.3.2.26", Digest::sha1},
        {"1.2.840.113549.1.1.11", Digest::sha256},
        {" 1.2.840.113549.1.1.11\n", Digest::sha256},
        {"2.16.840.1.101.3.4.2.1", Digest::sha256},
        {"1.2.840.113549.1.1.12", Digest::sha384},
        {"2.16.840.1.101.3.4.2.2", Digest::sha384},
        {"1.2.840.113549.1.1.13", Digest::sha512},
        {"2.16.840.1.101.3.4.2.3", Digest::sha512},
        {"1.2.840.113549.1.1.4", std::nullopt},
        {"1.2.840.113549.1.1.1", std::nullopt},
        {"SHA256", std::nullopt},
    }));
    INFO(row.oid);
    CHECK(wire::digest_of(row.oid) == row.digest);
}

TEST_CASE("what a key signs, its public half verifies") {
    auto const message = to_bytes("message");
    auto const stranger = PrivateKey::generate(1024).public_key();
    for (auto const bits : {1024U, 1032U, 2048U}) {
        auto const key = PrivateKey::generate(bits);
        for (auto const digest : {Digest::sha1, Digest::sha256, Digest::sha384, Digest::sha512}) {
            CHECK(wire::digest_of(wire::signature_oid(digest)) == digest);
            for (auto const bare : {false, true}) {
                INFO(bits << " bits, " << wire::signature_oid(digest) << (bare ? ", bare" : ""));
                auto const signature = key.sign(message, digest, bare);
                CHECK(signature.size() == bits / 8);
                CHECK(key.public_key().verify(message, signature, digest, true));
                CHECK(key.public_key().verify(message, signature, digest, false) == !bare);
                CHECK_FALSE(stranger.verify(message, signature, digest, true));
            }
        }
    }
}

TEST_CASE("a private key survives PEM") {
    auto const key = PrivateKey::generate(1024);
    auto const again = unwrap(PrivateKey::from_pem(key.to_pem()));
    CHECK(again.public_key().spki() == key.public_key().spki());
    auto const message = to_bytes("message");
    CHECK(key.public_key().verify(message, again.sign(message, Digest::sha256), Digest::sha256));

    CHECK_FALSE(PrivateKey::from_pem(""));
    CHECK_FALSE(PrivateKey::from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
}

TEST_CASE("a block larger than the key cannot be signed") {
    CHECK_THROWS_AS(PrivateKey::generate(512).sign(as_bytes("message"), Digest::sha512), std::runtime_error);
}
