// SPDX-License-Identifier: Apache-2.0
// Which keys are taken (interfaces.md, "registration, mixed mode").
#include "endpoints/registration/certificate.hpp"
#include "tests/unit/registration/desk.hpp"

#include <catch2/catch.hpp>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <memory>

using namespace pointman;
using namespace pointman::test;
using endpoints::registration::read_certificate;

namespace {

struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
    void operator()(BIGNUM* number) const { BN_free(number); }
    void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
    void operator()(OSSL_PARAM* parameters) const { OSSL_PARAM_free(parameters); }
    void operator()(X509* certificate) const { X509_free(certificate); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

Owned<EVP_PKEY> rsa_key(BIGNUM const* modulus, BN_ULONG exponent) {
    Owned<BIGNUM> const e(BN_new());
    BN_set_word(e.get(), exponent);
    Owned<OSSL_PARAM_BLD> const builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus);
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
    Owned<OSSL_PARAM> const parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    Owned<EVP_PKEY_CTX> const context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    EVP_PKEY* key = nullptr;
    REQUIRE(EVP_PKEY_fromdata_init(context.get()) == 1);
    REQUIRE(EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1);
    return Owned<EVP_PKEY>(key);
}

/// The modulus of `base` with another public exponent.
Owned<EVP_PKEY> with_exponent(wire::PrivateKey const& base, BN_ULONG exponent) {
    BIGNUM* modulus = nullptr;
    REQUIRE(EVP_PKEY_get_bn_param(base.handle(), OSSL_PKEY_PARAM_RSA_N, &modulus) == 1);
    Owned<BIGNUM> const owner(modulus);
    return rsa_key(modulus, exponent);
}

/// A public key that long; nobody has the private one.
Owned<EVP_PKEY> with_bits(int bits) {
    Owned<BIGNUM> const modulus(BN_new());
    if (bits > 0) {
        BN_set_bit(modulus.get(), bits - 1);
        BN_set_bit(modulus.get(), 0);
    }
    return rsa_key(modulus.get(), RSA_F4);
}

/// The certificate of `original` with another key in it; its own signature is then wrong, which nobody asks
/// about.
Bytes with_key(Bytes const& original, EVP_PKEY* key, wire::PrivateKey const& issuer) {
    auto const* cursor = reinterpret_cast<unsigned char const*>(original.data());
    Owned<X509> const certificate(d2i_X509(nullptr, &cursor, static_cast<long>(original.size())));
    REQUIRE(X509_set_pubkey(certificate.get(), key) == 1);
    REQUIRE(X509_sign(certificate.get(), issuer.handle(), EVP_sha256()) > 0);
    unsigned char* out = nullptr;
    int const length = i2d_X509(certificate.get(), &out);
    REQUIRE(length > 0);
    Bytes der(static_cast<std::size_t>(length));
    std::ranges::copy(std::as_bytes(std::span(out, der.size())), der.begin());
    OPENSSL_free(out);
    return der;
}

RegistrationRequest request_with(Bytes certificate) {
    auto request = registration_of(test_key(0), "LABPC01");
    request.signing_certificate = std::move(certificate);
    request.encryption_certificate.clear();
    return request;
}

} // namespace

TEST_CASE("keys that prove nothing are refused") {
    auto const original = self_signed_certificate(test_key(0));
    Owned<EVP_PKEY> const elliptic_owner(EVP_EC_gen("P-256"));
    auto* const elliptic = elliptic_owner.get();
    struct Row {
        char const* name;
        Bytes certificate;
        bool taken;
    };
    auto const row = GENERATE_COPY(values<Row>({
        {"as it is", original, true},
        {"exponent 1", with_key(original, with_exponent(test_key(0), 1).get(), test_key(0)), false},
        {"exponent 2", with_key(original, with_exponent(test_key(0), 2).get(), test_key(0)), false},
        {"exponent 65536", with_key(original, with_exponent(test_key(0), 65536).get(), test_key(0)), false},
        {"0 bits", with_key(original, with_bits(0).get(), test_key(0)), false},
        {"512 bits", with_key(original, with_bits(512).get(), test_key(0)), false},
        {"16,384 bits", with_key(original, with_bits(16384).get(), test_key(0)), false},
        {"not RSA", with_key(original, elliptic, test_key(0)), false},
        {"cut short", Bytes(original.begin(), original.end() - 40), false},
        {"nothing but a tag", to_bytes("\x30"), false},
    }));
    INFO(row.name);
    Desk desk;
    for (auto const mode : {config::SiteMode::mixed, config::SiteMode::native}) {
        desk.settings.site.mode = mode;
        auto const answer = desk.submit(test_key(0), request_with(row.certificate));
        CHECK(answer.status == (row.taken ? 0 : 3));
        if (!row.taken) CHECK_THAT(answer.error->message, Catch::Contains("Signing"));
    }
    SECTION("for encryption, which native mode has no use for") {
        desk.settings.site.mode = config::SiteMode::mixed;
        auto request = registration_of(test_key(0), "LABPC01");
        request.encryption_certificate = row.certificate;
        auto const answer = desk.submit(test_key(0), request);
        CHECK(answer.status == (row.taken ? 0 : 3));
        if (!row.taken) CHECK_THAT(answer.error->message, Catch::Contains("Encryption"));
    }
}

TEST_CASE("a signature that exponent 1 makes easy does not register") {
    // With e = 1 the padded block is its own signature, for anybody to write.
    auto const certificate =
        with_key(self_signed_certificate(test_key(0)), with_exponent(test_key(0), 1).get(), test_key(0));
    auto request = request_with(certificate);
    request.hash.reset();
    auto const data = data_element(request);
    Desk desk;
    auto const answer = desk.submit(request_around(data, std::string(256, '0')));
    CHECK(answer.status == 3);
    CHECK_THAT(answer.error->message, Catch::Contains("exponent"));
}

TEST_CASE("sizes of keys") {
    struct Row {
        unsigned bits;
        unsigned min;
        unsigned max;
        bool taken;
    };
    auto const row = GENERATE(values<Row>({
        {512, 1024, 8192, false},
        {1024, 1024, 8192, true},
        {1024, 1025, 8192, false},
        {1024, 1024, 1024, true},
        {1024, 512, 1023, false},
        {2048, 1024, 8192, true},
        {2048, 2048, 2048, true},
        {512, 512, 8192, true},
    }));
    CAPTURE(row.bits, row.min, row.max);
    auto const key = row.bits == 1024 ? test_key(0) : wire::PrivateKey::generate(row.bits);
    Desk desk;
    desk.settings.security.min_key_bits = row.min;
    desk.settings.security.max_key_bits = row.max;
    auto request = registration_of(key, "LABPC01");
    if (row.bits == 512) request.hash = wire::Digest::sha1;
    CHECK(desk.submit(key, request).status == (row.taken ? 0 : 3));
}

TEST_CASE("dates, purposes and issuer of a self-signed certificate decide nothing") {
    using namespace std::chrono;
    struct Row {
        char const* name;
        CertificateOptions options;
        bool expired;
    };
    auto const row = GENERATE(values<Row>({
        {"expired",
         {.common_name = "OLD",
          .not_before = sys_days{January / 1 / 2001},
          .not_after = sys_days{January / 1 / 2002}},
         true},
        {"not yet valid",
         {.common_name = "NEW",
          .not_before = sys_days{January / 1 / 2040},
          .not_after = sys_days{January / 1 / 2041}},
         false},
        {"no purposes", {.common_name = "ANY", .purposes = {}}, false},
        {"other purposes", {.common_name = "WEB", .purposes = {"serverAuth"}}, false},
    }));
    INFO(row.name);
    Desk desk;
    auto const answer =
        desk.submit(test_key(0), request_with(self_signed_certificate(test_key(0), row.options)));
    CHECK(answer.status == 0);
    auto const issued = "issued to '" + row.options.common_name + "'";
    using enum endpoints::Note::Kind;
    CHECK(answer.noted(info, {"Begin validation of Certificate [Thumbprint ", issued}));
    CHECK(answer.noted(info, {"Completed validation of Certificate [Thumbprint ", issued}));
    CHECK(answer.noted(warning, {issued, "has expired."}) == row.expired);
}

TEST_CASE("a certificate as the log names it") {
    auto const der = self_signed_certificate(test_key(0), {.common_name = "B\xC3\x9CRO"});
    auto const certificate = read_certificate(der, config::Settings::Security{});
    REQUIRE(certificate);
    CHECK(certificate->issued_to == "B\xC3\x9CRO");
    CHECK(certificate->der == der);
    CHECK(certificate->not_after == std::chrono::sys_days{std::chrono::January / 1 / 2050});
    CHECK(certificate->thumbprint.size() == 40);
    CHECK(certificate->key.sha256() == test_key(0).public_key().sha256());
}
