// SPDX-License-Identifier: Apache-2.0
// Encrypted messages: CMS envelopes sealed for the management point's certificate (wire.md 5 and 8.3).
#include "server/wire/envelope.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/process.hpp"
#include "tests/support/registration_request.hpp"

#include <catch2/catch.hpp>

#include <fstream>

namespace pointman::wire {

namespace {

PrivateKey const& key() {
    static PrivateKey const made = PrivateKey::generate(2048);
    return made;
}

std::string pem_of(Bytes const& der) {
    test::TemporaryDirectory const directory;
    std::ofstream(directory.path() / "c.der", std::ios::binary) << as_chars(der);
    return test::run({"openssl", "x509", "-inform", "DER", "-in", (directory.path() / "c.der").string()}).out;
}

Bytes const& certificate() {
    static Bytes const made = test::self_signed_certificate(key());
    return made;
}

EnvelopeOpener opener() {
    return EnvelopeOpener::from_pem(pem_of(certificate()), key().to_pem()).value();
}

} // namespace

TEST_CASE("what is sealed for a certificate is opened with its key") {
    auto const cipher = GENERATE(Cipher::triple_des, Cipher::aes256);
    for (std::size_t const size : {0U, 1U, 16U, 1000U, 100'000U}) {
        Bytes const plain(size, std::byte{0x5A});
        auto const sealed = seal_envelope(plain, certificate(), cipher);
        REQUIRE(sealed.has_value());
        CHECK(opener().open(*sealed) == plain);
    }
}

TEST_CASE("envelopes that another program made are opened") {
    test::TemporaryDirectory const directory;
    auto const file = [&](char const* name) { return (directory.path() / name).string(); };
    std::ofstream(file("key.pem")) << key().to_pem();
    std::ofstream(file("plain")) << "payload";
    // Made by the other program too: with a subject key identifier.
    REQUIRE(test::run({"openssl", "req", "-x509", "-new", "-key", file("key.pem"), "-subj", "/CN=MP", "-out",
                       file("c.pem")})
                .exit_code == 0);
    auto const site = EnvelopeOpener::from_pem(test::read_text(file("c.pem")), key().to_pem()).value();

    struct Row {
        char const* name;
        std::vector<std::string> options;
    };
    for (auto const& row :
         {Row{"3DES, issuer and serial", {"-des3", "-recip", file("c.pem")}},
          Row{"AES-256", {"-aes256", "-recip", file("c.pem")}},
          Row{"subject key identifier", {"-des3", "-keyid", "-recip", file("c.pem")}},
          Row{"OAEP", {"-aes256", "-recip", file("c.pem"), "-keyopt", "rsa_padding_mode:oaep"}}}) {
        INFO(row.name);
        std::vector<std::string> command{"openssl", "cms", "-encrypt",    "-binary", "-outform",
                                         "DER",     "-in", file("plain"), "-out",    file("sealed")};
        command.insert(command.end(), row.options.begin(), row.options.end());
        REQUIRE(test::run(command).exit_code == 0);
        CHECK(site.open(test::read_bytes(file("sealed"))) == to_bytes("payload"));
    }
}

TEST_CASE("what is no envelope, or is for somebody else, is malformed") {
    auto const sealed = seal_envelope(to_bytes("payload"), certificate(), Cipher::triple_des).value();
    auto const other = PrivateKey::generate(1024);
    struct Row {
        char const* name;
        Bytes bytes;
    };
    auto cut = sealed;
    cut.resize(sealed.size() / 2);
    auto damaged = sealed;
    damaged[damaged.size() - 1] ^= std::byte{0xFF};
    for (auto const& row :
         {Row{"nothing", {}}, Row{"text", to_bytes("no envelope")}, Row{"cut short", cut},
          Row{"damaged", damaged},
          Row{"another recipient",
              seal_envelope(to_bytes("x"), test::self_signed_certificate(other), Cipher::triple_des)
                  .value()}}) {
        INFO(row.name);
        auto const opened = opener().open(row.bytes);
        REQUIRE_FALSE(opened.has_value());
        CHECK(opened.error().code == Code::malformed);
    }
}

TEST_CASE("an opener needs a certificate and the key that belongs to it") {
    auto const other = PrivateKey::generate(1024);
    CHECK(EnvelopeOpener::from_pem("nonsense", key().to_pem()).error().code == Code::usage);
    CHECK(EnvelopeOpener::from_pem(pem_of(certificate()), "nonsense").error().code == Code::usage);
    CHECK(EnvelopeOpener::from_pem(pem_of(certificate()), other.to_pem()).error().code == Code::usage);
    CHECK(opener().certificate() == certificate());
    CHECK(seal_envelope({}, to_bytes("nonsense"), Cipher::aes256).error().code == Code::malformed);
}

} // namespace pointman::wire
