// SPDX-License-Identifier: Apache-2.0
#include "client/messaging/self_signed.hpp"

#include "server/wire/openssl.hpp"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <stdexcept>

namespace pointman::client {

namespace {

using Extension = std::unique_ptr<X509_EXTENSION, wire::Releaser<&X509_EXTENSION_free>>;

// Longer than any machine lives: the key is the identity, and nobody renews it.
constexpr std::chrono::days lifetime{365 * 30};
constexpr std::chrono::days backdated{1}; // servers whose clock is a little behind

/// What fails here fails only where the library or the machine is broken.
void require(bool done, char const* what) {
    if (done) return;
    ERR_clear_error();
    throw std::runtime_error(std::string("OpenSSL: ") + what);
}

void set_serial(X509* certificate) {
    std::array<unsigned char, 16> bytes{};
    require(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1, "make a serial number");
    bytes[0] = (bytes[0] & 0x3FU) | 0x40U; // positive, and of the full length
    wire::Number const number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
    require(number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr,
            "set a serial number");
}

void set_names(X509* certificate, std::string const& name) {
    auto* const subject = X509_get_subject_name(certificate);
    require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                       reinterpret_cast<unsigned char const*>(name.data()),
                                       static_cast<int>(name.size()), -1, 0) == 1 &&
                X509_set_issuer_name(certificate, subject) == 1,
            "set the names of a certificate");
}

void set_validity(X509* certificate, Time now) {
    auto const seconds = [](Time time) {
        return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    };
    require(ASN1_TIME_set(X509_getm_notBefore(certificate), seconds(now - backdated)) != nullptr &&
                ASN1_TIME_set(X509_getm_notAfter(certificate), seconds(now + lifetime)) != nullptr,
            "set the validity of a certificate");
}

void extend(X509* certificate, int kind, char const* value) {
    Extension const extension(X509V3_EXT_conf_nid(nullptr, nullptr, kind, value));
    require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "extend a certificate");
}

std::string pem_of(X509* certificate) {
    wire::Bio const bio(BIO_new(BIO_s_mem()));
    require(bio && PEM_write_bio_X509(bio.get(), certificate) == 1, "write a certificate");
    char* text = nullptr;
    auto const size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

wire::Certificate make_certificate(wire::PrivateKey const& key, IdentityTerms const& terms) {
    wire::Certificate made(X509_new());
    auto* const certificate = made.get();
    constexpr long version_3 = 2;
    require(certificate != nullptr && X509_set_version(certificate, version_3) == 1, "make a certificate");
    set_serial(certificate);
    set_names(certificate, terms.common_name);
    set_validity(certificate, terms.now);
    require(X509_set_pubkey(certificate, key.handle()) == 1, "set the key of a certificate");
    extend(certificate, NID_key_usage, "digitalSignature,dataEncipherment");
    // SMS encryption and SMS signing.
    extend(certificate, NID_ext_key_usage, "1.3.6.1.4.1.311.101.2,1.3.6.1.4.1.311.101");
    require(X509_sign(certificate, key.handle(), EVP_sha256()) > 0, "sign a certificate");
    return made;
}

} // namespace

std::string self_signed_certificate(wire::PrivateKey const& key, IdentityTerms const& terms) {
    return pem_of(make_certificate(key, terms).get());
}

Bytes self_signed_certificate_der(wire::PrivateKey const& key, IdentityTerms const& terms) {
    auto const certificate = make_certificate(key, terms);
    auto const size = i2d_X509(certificate.get(), nullptr);
    require(size > 0, "write a certificate");
    Bytes der(static_cast<std::size_t>(size));
    auto* out = reinterpret_cast<unsigned char*>(der.data());
    require(i2d_X509(certificate.get(), &out) == size, "write a certificate");
    return der;
}

} // namespace pointman::client
