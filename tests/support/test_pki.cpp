// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_pki.hpp"

#include "server/tls/certificate.hpp"
#include "server/tls/pem.hpp"

#include <openssl/pem.h>

#include <ctime>
#include <filesystem>
#include <stdexcept>
#include <utility>

namespace pointman::test {

namespace {

using Time = std::unique_ptr<ASN1_TIME, tls::Freed<ASN1_TIME_free>>;
using Revoked = std::unique_ptr<X509_REVOKED, tls::Freed<X509_REVOKED_free>>;

template <class T>
T value(Result<T> result) {
    if (!result) throw std::runtime_error(describe(result.error()));
    return std::move(*result);
}

void require(bool done) {
    if (!done) throw std::runtime_error(tls::openssl_reason());
}

Time time_of(TimePoint time) {
    auto const seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    return Time(ASN1_TIME_set(nullptr, static_cast<std::time_t>(seconds)));
}

tls::CertificateRequest request_of(CertificateTerms const& terms) {
    tls::CertificateRequest request;
    request.common_name = terms.name;
    request.key_usage = terms.key_usage;
    request.extended_key_usage = terms.purpose;
    request.not_before = terms.not_before;
    request.not_after = terms.not_after;
    return request;
}

tls::CertificateRequest authority_of(CertificateTerms const& terms, std::string const& name) {
    auto request = request_of(terms);
    request.common_name = name;
    request.authority = true;
    request.path_length = 30;
    request.key_usage = "keyCertSign,cRLSign,digitalSignature";
    request.extended_key_usage.clear();
    return request;
}

void revoke(X509_CRL* list, X509 const* certificate, ASN1_TIME* when) {
    Revoked entry(X509_REVOKED_new());
    auto serial = *X509_get0_serialNumber(certificate);
    require(X509_REVOKED_set_serialNumber(entry.get(), &serial) == 1);
    require(X509_REVOKED_set_revocationDate(entry.get(), when) == 1);
    require(X509_CRL_add0_revoked(list, entry.release()) == 1);
}

} // namespace

Bytes der_of(X509 const* certificate) {
    Bytes der(static_cast<std::size_t>(i2d_X509(certificate, nullptr)));
    auto* out = reinterpret_cast<unsigned char*>(der.data());
    i2d_X509(certificate, &out);
    return der;
}

Bytes Credentials::der() const {
    return der_of(certificate.get());
}

std::string Credentials::pem() const {
    return tls::to_pem(certificate.get()) + tls::to_pem(key.get());
}

TestAuthority TestAuthority::root(std::string const& name) {
    auto key = value(tls::make_key(tls::KeyType::p256));
    auto certificate = value(tls::make_certificate(authority_of({}, name), key.get(), nullptr, key.get()));
    return TestAuthority({std::move(certificate), std::move(key)});
}

TestAuthority TestAuthority::from_files(std::filesystem::path const& certificate,
                                        std::filesystem::path const& key) {
    return TestAuthority(
        {std::move(value(tls::read_certificates(certificate)).front()), value(tls::read_private_key(key))});
}

TestAuthority TestAuthority::below(std::string const& name, CertificateTerms const& terms) const {
    auto key = value(tls::make_key(tls::KeyType::p256));
    auto made =
        value(tls::make_certificate(authority_of(terms, name), key.get(), certificate(), own_.key.get()));
    return TestAuthority({std::move(made), std::move(key)});
}

Credentials TestAuthority::issue(CertificateTerms const& terms) const {
    auto key = value(tls::make_key(tls::KeyType::p256));
    auto made = issue_for(key.get(), terms);
    return {std::move(made), std::move(key)};
}

tls::Certificate TestAuthority::issue_for(EVP_PKEY* key, CertificateTerms const& terms) const {
    return value(tls::make_certificate(request_of(terms), key, certificate(), own_.key.get()));
}

std::string TestAuthority::list(ListTerms const& terms) const {
    tls::Crl const list(X509_CRL_new());
    auto const begin = time_of(terms.this_update);
    auto const end = time_of(terms.next_update);
    constexpr long version_2 = 1;
    require(X509_CRL_set_version(list.get(), version_2) == 1);
    require(X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(certificate())) == 1);
    require(X509_CRL_set1_lastUpdate(list.get(), begin.get()) == 1);
    require(X509_CRL_set1_nextUpdate(list.get(), end.get()) == 1);
    for (auto const* const gone : terms.revoked) revoke(list.get(), gone, begin.get());
    X509_CRL_sort(list.get());
    require(X509_CRL_sign(list.get(), own_.key.get(), EVP_sha256()) > 0);

    tls::Bio const bio(BIO_new(BIO_s_mem()));
    require(bio && PEM_write_bio_X509_CRL(bio.get(), list.get()) == 1);
    char* data = nullptr;
    auto const size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string TestAuthority::pem() const {
    return tls::to_pem(certificate());
}

Credentials self_signed(CertificateTerms const& terms) {
    auto key = value(tls::make_key(tls::KeyType::p256));
    auto made = value(tls::make_certificate(request_of(terms), key.get(), nullptr, key.get()));
    return {std::move(made), std::move(key)};
}

} // namespace pointman::test
