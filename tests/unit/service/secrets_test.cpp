// SPDX-License-Identifier: Apache-2.0
#include "server/service/secrets.hpp"
#include "tests/support/registration_request.hpp"
#include "tests/support/test_client.hpp"

#include <catch2/catch.hpp>
#include <openssl/pem.h>

using namespace pointman;
using namespace pointman::test;
using config::SecretCipher;
using wire::Cipher;

namespace {

std::string pem_of(Bytes const& certificate_der) {
    auto const* in = reinterpret_cast<unsigned char const*>(certificate_der.data());
    std::unique_ptr<X509, void (*)(X509*)> const certificate(
        d2i_X509(nullptr, &in, static_cast<long>(certificate_der.size())), X509_free);
    std::unique_ptr<BIO, void (*)(BIO*)> const bio(BIO_new(BIO_s_mem()), BIO_free_all);
    REQUIRE(PEM_write_bio_X509(bio.get(), certificate.get()) == 1);
    char* text = nullptr;
    auto const size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

/// The plain text, opened with that key and certificate; what went wrong otherwise.
Result<Bytes> open(wire::PrivateKey const& key, Bytes const& certificate, Bytes const& sealed) {
    auto const opener = wire::EnvelopeOpener::from_pem(pem_of(certificate), key.to_pem());
    REQUIRE(opener);
    return opener->open(sealed);
}

db::Client client(db::Approval approval) {
    db::Client made{.id = ClientId::parse("GUID:5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3").value()};
    made.approval = approval;
    made.agent_version = "5.00.8325.0000";
    made.signing_certificate = self_signed_certificate(test_key(0));
    return made;
}

} // namespace

TEST_CASE("the cipher of a secret by setting and by the agent's version") {
    struct Row {
        SecretCipher choice;
        std::string_view version;
        Cipher cipher;
    };
    auto const row = GENERATE(values<Row>({
        {SecretCipher::automatic, "4.00.6487.2000", Cipher::triple_des},
        {SecretCipher::automatic, "5.00.8325.0000", Cipher::triple_des},
        {SecretCipher::automatic, "5.00.9012.1000", Cipher::triple_des},
        {SecretCipher::automatic, "5.00.9039.9999", Cipher::triple_des},
        {SecretCipher::automatic, "5.00.9040", Cipher::aes256},
        {SecretCipher::automatic, "5.00.9049.1010", Cipher::aes256},
        {SecretCipher::automatic, "5.00.10000.1000", Cipher::aes256},
        {SecretCipher::automatic, "6", Cipher::aes256},
        {SecretCipher::automatic, "", Cipher::triple_des},
        {SecretCipher::automatic, "latest", Cipher::triple_des},
        {SecretCipher::automatic, "99999999999999999999.0", Cipher::triple_des},
        {SecretCipher::aes256, "4.00.6487.2000", Cipher::aes256},
        {SecretCipher::triple_des, "5.00.9999.1000", Cipher::triple_des},
    }));
    CAPTURE(row.version);
    CHECK(service::cipher_for(row.choice, row.version) == row.cipher);
}

namespace {

Result<Bytes> seal_for(db::Client const& client, BytesView plain, SecretCipher choice) {
    auto const recipient = service::recipient_of(client, choice);
    if (!recipient) return std::unexpected(recipient.error());
    return service::seal_secret(*recipient, plain);
}

} // namespace

TEST_CASE("a secret is sealed for the encryption key, else for the signing key") {
    auto approved = client(db::Approval::approved);
    auto const choice = GENERATE(SecretCipher::automatic, SecretCipher::aes256, SecretCipher::triple_des);
    auto const plain = to_bytes("the account");

    auto sealed = seal_for(approved, plain, choice);
    REQUIRE(sealed);
    CHECK(open(test_key(0), approved.signing_certificate, *sealed) == plain);

    approved.encryption_certificate = self_signed_certificate(test_key(1), {.common_name = "ENC"});
    sealed = seal_for(approved, plain, choice);
    REQUIRE(sealed);
    CHECK(open(test_key(1), approved.encryption_certificate, *sealed) == plain);
    CHECK_FALSE(open(test_key(0), approved.signing_certificate, *sealed));
}

TEST_CASE("who gets secrets") {
    struct Row {
        db::Approval approval;
        std::optional<Code> refused;
    };
    auto const row = GENERATE(values<Row>({
        {db::Approval::approved, std::nullopt},
        {db::Approval::not_applicable, std::nullopt}, // native mode: the certificate is the approval
        {db::Approval::pending, Code::not_approved},
        {db::Approval::blocked, Code::blocked},
    }));
    auto const sealed = seal_for(client(row.approval), to_bytes("x"), SecretCipher::automatic);
    CHECK(sealed.has_value() == !row.refused);
    if (!sealed) CHECK(sealed.error().code == row.refused);
}
