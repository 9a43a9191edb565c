// SPDX-License-Identifier: Apache-2.0
#include "server/tls/certificate.hpp"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <array>
#include <ctime>

namespace pointman::tls {
namespace {

using Names = std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;
using BigNumber = std::unique_ptr<BIGNUM, Freed<BN_free>>;

bool set_serial(X509* certificate) {
    // Positive and at most 20 bytes (RFC 5280, 4.1.2.2); 159 random bits with the highest one set.
    BigNumber const serial(BN_new());
    return serial && BN_rand(serial.get(), 159, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
           BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_time(ASN1_TIME* to, TimePoint time) {
    auto const seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    return ASN1_TIME_set(to, static_cast<std::time_t>(seconds)) != nullptr;
}

bool add_entry(X509_NAME* name, char const* field, std::string const& value) {
    if (value.empty()) return true;
    auto const* const bytes = reinterpret_cast<unsigned char const*>(value.data());
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, bytes, static_cast<int>(value.size()), -1,
                                      0) == 1;
}

bool set_subject(X509* certificate, CertificateRequest const& request) {
    auto* const name = X509_get_subject_name(certificate);
    // The schema of X.520 ends a common name at 64 characters; the whole name stands in the alternative
    // names.
    return add_entry(name, "O", request.organization) &&
           add_entry(name, "CN", request.common_name.substr(0, 64));
}

bool add_extension(X509* certificate, X509V3_CTX* context, int nid, std::string const& value) {
    if (value.empty()) return true;
    Extension const extension(X509V3_EXT_conf_nid(nullptr, context, nid, value.c_str()));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool push_name(GENERAL_NAMES* names, int type, std::string const& bytes) {
    std::unique_ptr<GENERAL_NAME, Freed<GENERAL_NAME_free>> name(GENERAL_NAME_new());
    std::unique_ptr<ASN1_STRING, Freed<ASN1_STRING_free>> text(type == GEN_DNS ? ASN1_IA5STRING_new()
                                                                               : ASN1_OCTET_STRING_new());
    if (!name || !text || ASN1_STRING_set(text.get(), bytes.data(), static_cast<int>(bytes.size())) != 1)
        return false;
    GENERAL_NAME_set0_value(name.get(), type, text.release());
    auto* const pushed = name.release(); // the list owns it where it took it
    if (sk_GENERAL_NAME_push(names, pushed) > 0) return true;
    GENERAL_NAME_free(pushed);
    return false;
}

bool push_host(GENERAL_NAMES* names, std::string const& host) {
    std::array<char, sizeof(in6_addr)> address{};
    if (inet_pton(AF_INET, host.c_str(), address.data()) == 1)
        return push_name(names, GEN_IPADD, {address.data(), sizeof(in_addr)});
    if (inet_pton(AF_INET6, host.c_str(), address.data()) == 1)
        return push_name(names, GEN_IPADD, {address.data(), sizeof(in6_addr)});
    return push_name(names, GEN_DNS, host);
}

// Built from objects, not from OpenSSL's configuration text, in which a comma in a host's name would begin
// another entry.
bool add_hosts(X509* certificate, std::vector<std::string> const& hosts) {
    if (hosts.empty()) return true;
    Names const names(GENERAL_NAMES_new());
    if (!names) return false;
    for (auto const& host : hosts) {
        if (!push_host(names.get(), host)) return false;
    }
    return X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) == 1;
}

bool add_extensions(X509* certificate, CertificateRequest const& request, X509 const* issuer) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, issuer != nullptr ? const_cast<X509*>(issuer) : certificate, certificate,
                   nullptr, nullptr, 0);
    auto const constraints = request.authority
                                 ? fmt::format("critical,CA:TRUE,pathlen:{}", request.path_length)
                                 : std::string("critical,CA:FALSE");
    return add_extension(certificate, &context, NID_basic_constraints, constraints) &&
           add_extension(certificate, &context, NID_key_usage, "critical," + request.key_usage) &&
           add_extension(certificate, &context, NID_ext_key_usage, request.extended_key_usage) &&
           add_hosts(certificate, request.hosts) &&
           add_extension(certificate, &context, NID_subject_key_identifier, "hash") &&
           add_extension(certificate, &context, NID_authority_key_identifier, "keyid:always");
}

template <class Write>
std::string pem_text(Write write) {
    Bio const bio(BIO_new(BIO_s_mem()));
    if (!bio || write(bio.get()) != 1) return {};
    char* data = nullptr;
    auto const size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

} // namespace

Result<PrivateKey> make_key(KeyType type) {
    PrivateKey key(type == KeyType::rsa_2048 ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
    if (!key) return fail(Code::io, "cannot make a private key", openssl_reason());
    return key;
}

Result<Certificate> make_certificate(CertificateRequest const& request, EVP_PKEY* subject_key,
                                     X509 const* issuer, EVP_PKEY* issuer_key) {
    Certificate certificate(X509_new());
    auto* const raw = certificate.get();
    bool const made =
        certificate && X509_set_version(raw, X509_VERSION_3) == 1 && set_serial(raw) &&
        set_time(X509_getm_notBefore(raw), request.not_before) &&
        set_time(X509_getm_notAfter(raw), request.not_after) && set_subject(raw, request) &&
        X509_set_issuer_name(raw, X509_get_subject_name(issuer != nullptr ? issuer : raw)) == 1 &&
        X509_set_pubkey(raw, subject_key) == 1 && add_extensions(raw, request, issuer) &&
        X509_sign(raw, issuer_key, EVP_sha256()) > 0;
    if (!made)
        return fail(Code::io, fmt::format("cannot make the certificate of {}", request.common_name),
                    openssl_reason());
    return certificate;
}

Bytes to_der(X509 const* certificate) {
    auto const size = i2d_X509(certificate, nullptr);
    if (size <= 0) return {};
    Bytes der(static_cast<std::size_t>(size));
    auto* out = reinterpret_cast<unsigned char*>(der.data());
    i2d_X509(certificate, &out);
    return der;
}

std::string to_pem(X509 const* certificate) {
    return pem_text([certificate](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

std::string to_pem(EVP_PKEY const* key) {
    return pem_text([key](BIO* bio) {
        return PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
}

} // namespace pointman::tls
