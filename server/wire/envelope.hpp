// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "server/wire/signature.hpp"

#include <memory>
#include <string_view>

struct x509_st;

namespace pointman::wire {

/// Content encryption of an envelope. Every client opens triple_des; later ones open aes256 too
/// (wire.md 8.3).
enum class Cipher { triple_des, aes256 };

/// Opens CMS EnvelopedData (1.2.840.113549.1.7.3) that was sealed for one certificate: the container of
/// encrypted messages (wire.md 5).
class EnvelopeOpener {
public:
    /// PEM of the certificate and of its RSA key. Fails with usage when either does not parse or they do not
    /// belong together.
    static Result<EnvelopeOpener> from_pem(std::string_view certificate, std::string_view key);

    /// The recipient may be named by issuer and serial or by subject key identifier; key transport
    /// RSAES-PKCS1-v1_5 or RSAES-OAEP; 3DES or AES in CBC mode. Fails with malformed: no envelope, for
    /// somebody else, or damaged. What is wrong with a padding is never told apart.
    Result<Bytes> open(BytesView der) const;

    /// DER of the certificate: what clients seal for.
    Bytes certificate() const;

private:
    EnvelopeOpener(std::shared_ptr<x509_st> certificate, PrivateKey key)
        : certificate_(std::move(certificate))
        , key_(std::move(key)) {}
    std::shared_ptr<x509_st> certificate_;
    PrivateKey key_;
};

/// Seals bytes for the certificate: DER with definite lengths, one key-transport recipient by issuer and
/// serial, RSAES-PKCS1-v1_5, which all clients open (wire.md 8.3). Fails with malformed for a certificate
/// that does not parse or holds no RSA key.
Result<Bytes> seal_envelope(BytesView plain, BytesView certificate_der, Cipher cipher);

} // namespace pointman::wire
