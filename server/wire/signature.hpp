// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace pointman::wire {

enum class Digest { sha1, sha256, sha384, sha512 };

/// By OID: the RSA signature algorithms and the bare digests (registration.md 5). Empty or absent text is
/// SHA-1. Not a known OID: nullopt.
std::optional<Digest> digest_of(std::string_view oid);
/// OID of RSA with that digest, e.g. 1.2.840.113549.1.1.11.
std::string_view signature_oid(Digest digest);

/// An RSA public key.
class PublicKey {
public:
    /// DER of an X.509 certificate. Fails with malformed for what does not parse or is not RSA.
    static Result<PublicKey> from_certificate(BytesView der);
    /// DER SubjectPublicKeyInfo.
    static Result<PublicKey> from_spki(BytesView der);
    /// CryptoAPI PUBLICKEYBLOB (wire.md 5).
    static Result<PublicKey> from_blob(BytesView blob);
    /// The modulus as bytes, the most significant first.
    static Result<PublicKey> from_numbers(BytesView modulus, std::uint64_t exponent);

    std::size_t bits() const;
    /// 0 when it does not fit; such an exponent is never used by clients.
    std::uint64_t exponent() const;
    Bytes spki() const;
    Bytes blob() const;
    /// Upper-case hex SHA-256 of spki(): what identifies a key in the database.
    std::string sha256() const;

    /// Verifies RSA PKCS#1 v1.5 over `signed_bytes`. `signature` is in CryptoAPI order, least significant
    /// byte first. With `allow_bare` the block may hold the digest without DigestInfo (CRYPT_NOHASHOID).
    bool verify(BytesView signed_bytes, BytesView signature, Digest digest, bool allow_bare = false) const;

private:
    struct Numbers;
    explicit PublicKey(std::shared_ptr<Numbers const> numbers)
        : numbers_(std::move(numbers)) {}
    static Result<PublicKey> checked(Numbers numbers);
    std::optional<Bytes> opened(BytesView signature) const;
    std::shared_ptr<Numbers const> numbers_;
};

/// An RSA private key: for the client half, the lab and tests.
class PrivateKey {
public:
    static PrivateKey generate(unsigned bits);
    static Result<PrivateKey> from_pem(std::string_view pem);
    /// A key that was put together elsewhere; it has to be an RSA pair.
    static PrivateKey adopt(std::shared_ptr<evp_pkey_st> key) { return PrivateKey(std::move(key)); }
    std::string to_pem() const;

    PublicKey public_key() const;
    /// CryptoAPI order, least significant byte first.
    Bytes sign(BytesView bytes, Digest digest, bool bare = false) const;
    evp_pkey_st* handle() const { return key_.get(); }

private:
    explicit PrivateKey(std::shared_ptr<evp_pkey_st> key)
        : key_(std::move(key)) {}
    std::shared_ptr<evp_pkey_st> key_;
};

/// UTF-16 LE of the text and one U+0000: the form in which ids and tokens are signed (wire.md 6).
Bytes signed_text(std::string_view utf8);

} // namespace pointman::wire
