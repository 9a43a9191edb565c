// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "server/tls/openssl.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace pointman::tls {

enum class KeyType { rsa_2048, p256 };

/// What a certificate says. Serial numbers are random.
struct CertificateRequest {
    std::string common_name;
    std::string organization;       ///< "" = none
    bool authority = false;         ///< CA:TRUE
    int path_length = 0;            ///< of an authority: how many CAs may follow below it
    std::string key_usage;          ///< in OpenSSL's words: "digitalSignature,keyEncipherment"
    std::string extended_key_usage; ///< names or object identifiers; "" = none
    std::vector<std::string> hosts; ///< DNS names and IP addresses
    TimePoint not_before{};
    TimePoint not_after{};
};

Result<PrivateKey> make_key(KeyType type);

/// Signs with SHA-256. Without issuer: self-signed, and issuer_key is the subject's own key.
Result<Certificate> make_certificate(CertificateRequest const& request, EVP_PKEY* subject_key,
                                     X509 const* issuer, EVP_PKEY* issuer_key);

Bytes to_der(X509 const* certificate);
std::string to_pem(X509 const* certificate);
/// PKCS #8, without a password.
std::string to_pem(EVP_PKEY const* key);

} // namespace pointman::tls
