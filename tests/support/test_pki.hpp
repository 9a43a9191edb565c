// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "server/tls/openssl.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace pointman::test {

/// The time around which certificates of tests are valid: that of a Lab's clock.
inline constexpr TimePoint pki_time =
    std::chrono::sys_days{std::chrono::November / 23 / 2026} + std::chrono::hours{10};

/// What a client's certificate says; as it stands, one that a client authenticates itself with.
struct CertificateTerms {
    std::string name = "PC1";
    std::string key_usage = "digitalSignature,keyEncipherment";
    std::string purpose = "clientAuth"; ///< "" = no extended key usage
    TimePoint not_before = pki_time - std::chrono::days{30};
    TimePoint not_after = pki_time + std::chrono::days{365};
};

/// What a revocation list says. Serial numbers are taken from certificates.
struct ListTerms {
    std::vector<X509 const*> revoked{};
    TimePoint this_update = pki_time - std::chrono::days{1};
    TimePoint next_update = pki_time + std::chrono::days{30};
};

/// A certificate with its private key.
struct Credentials {
    tls::Certificate certificate;
    tls::PrivateKey key;

    Bytes der() const;
    std::string pem() const; ///< certificate and key
};

/// A CA made at run time, with a P-256 key.
class TestAuthority {
public:
    static TestAuthority root(std::string const& name);
    static TestAuthority from_files(std::filesystem::path const& certificate,
                                    std::filesystem::path const& key);
    TestAuthority below(std::string const& name, CertificateTerms const& terms = {}) const;

    /// For a P-256 key made for it.
    Credentials issue(CertificateTerms const& terms = {}) const;
    tls::Certificate issue_for(EVP_PKEY* key, CertificateTerms const& terms = {}) const;
    /// PEM.
    std::string list(ListTerms const& terms = {}) const;

    X509* certificate() const { return own_.certificate.get(); }
    Bytes der() const { return own_.der(); }
    std::string pem() const; ///< of the certificate alone
    Credentials const& credentials() const { return own_; }

private:
    explicit TestAuthority(Credentials own)
        : own_(std::move(own)) {}
    Credentials own_;
};

/// Nobody vouches for it.
Credentials self_signed(CertificateTerms const& terms = {});

Bytes der_of(X509 const* certificate);

} // namespace pointman::test
