// SPDX-License-Identifier: Apache-2.0
#include "server/wire/signature.hpp"

#include "base/hex.hpp"
#include "base/text.hpp"
#include "server/wire/openssl.hpp"
#include "server/wire/utf16.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace pointman::wire {

namespace {

// OpenSSL computes with no larger modulus.
constexpr std::size_t longest_key_bits = OPENSSL_RSA_MAX_MODULUS_BITS;

struct DigestRow {
    Digest digest;
    std::string_view signature_oid;
    std::string_view digest_oid;
    EVP_MD const* (*method)();
    std::string_view info; ///< DigestInfo in front of the digest, RFC 8017 section 9.2 note 1
};

using namespace std::string_view_literals;
constexpr std::array digests{
    DigestRow{Digest::sha1, "1.2.840.113549.1.1.5", "1.3.14.3.2.26", &EVP_sha1,
              "\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14"sv},
    DigestRow{Digest::sha256, "1.2.840.113549.1.1.11", "2.16.840.1.101.3.4.2.1", &EVP_sha256,
              "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"sv},
    DigestRow{Digest::sha384, "1.2.840.113549.1.1.12", "2.16.840.1.101.3.4.2.2", &EVP_sha384,
              "\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30"sv},
    DigestRow{Digest::sha512, "1.2.840.113549.1.1.13", "2.16.840.1.101.3.4.2.3", &EVP_sha512,
              "\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40"sv},
};

DigestRow const& row_of(Digest digest) {
    return *std::ranges::find(digests, digest, &DigestRow::digest);
}

unsigned char const* octets(BytesView bytes) {
    return reinterpret_cast<unsigned char const*>(bytes.data());
}
unsigned char* octets(Bytes& bytes) {
    return reinterpret_cast<unsigned char*>(bytes.data());
}

/// For what can only fail when the library or the machine is broken, or a key that its owner chose badly.
[[noreturn]] void throw_openssl(char const* what) {
    ERR_clear_error();
    throw std::runtime_error(std::string("OpenSSL: ") + what);
}

/// Failures of hostile input: their records must not pile up in the thread's error queue.
std::unexpected<Error> fail_quietly(std::string message) {
    ERR_clear_error();
    return fail(Code::malformed, std::move(message));
}

Bytes digest_bytes(BytesView bytes, Digest digest) {
    Bytes out(EVP_MAX_MD_SIZE);
    unsigned size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), octets(out), &size, row_of(digest).method(), nullptr) != 1)
        throw_openssl("digest");
    out.resize(size);
    return out;
}

Bytes with_digest_info(BytesView digest_value, Digest digest) {
    auto block = to_bytes(row_of(digest).info);
    block.insert(block.end(), digest_value.begin(), digest_value.end());
    return block;
}

bool equal_in_constant_time(BytesView a, BytesView b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Bytes reversed(BytesView bytes) {
    return {bytes.rbegin(), bytes.rend()};
}

/// What the signature holds inside its PKCS #1 block (type 1, complete padding); nothing where it holds no
/// such block.
std::optional<Bytes> recover_block(EVP_PKEY* key, BytesView big_endian_signature) {
    KeyContext const context(EVP_PKEY_CTX_new(key, nullptr));
    if (!context || EVP_PKEY_verify_recover_init(context.get()) <= 0 ||
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) <= 0)
        return std::nullopt;
    Bytes block(big_endian_signature.size());
    auto size = block.size();
    if (EVP_PKEY_verify_recover(context.get(), octets(block), &size, octets(big_endian_signature),
                                big_endian_signature.size()) <= 0)
        return std::nullopt;
    block.resize(size);
    return block;
}

Number number_of(EVP_PKEY const* key, char const* name) {
    BIGNUM* value = nullptr;
    EVP_PKEY_get_bn_param(key, name, &value);
    return Number(value);
}

Bytes spki_of(EVP_PKEY const* key) {
    auto const size = i2d_PUBKEY(key, nullptr);
    if (size <= 0) throw_openssl("encode a public key");
    Bytes der(static_cast<std::size_t>(size));
    auto* at = octets(der);
    i2d_PUBKEY(key, &at);
    return der;
}

Result<KeyPointer> rsa_key(BIGNUM const* modulus, BIGNUM const* exponent) {
    ParamBuilder const builder(OSSL_PARAM_BLD_new());
    if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent) != 1)
        return fail_quietly("unusable RSA key");
    Params const params(OSSL_PARAM_BLD_to_param(builder.get()));
    KeyContext const context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    EVP_PKEY* key = nullptr;
    if (!params || !context || EVP_PKEY_fromdata_init(context.get()) <= 0 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) <= 0)
        return fail_quietly("unusable RSA key");
    return KeyPointer(key);
}

/// Shared by all ways in: only RSA, and only numbers that OpenSSL can compute with.
Result<std::shared_ptr<EVP_PKEY>> checked(KeyPointer key) {
    if (!key) return fail_quietly("no public key");
    if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) return fail_quietly("not an RSA key");
    auto const modulus = number_of(key.get(), OSSL_PKEY_PARAM_RSA_N);
    auto const exponent = number_of(key.get(), OSSL_PKEY_PARAM_RSA_E);
    if (!modulus || !exponent || BN_is_zero(modulus.get()) || BN_is_zero(exponent.get()))
        return fail_quietly("RSA key without modulus or exponent");
    if (static_cast<std::size_t>(BN_num_bits(modulus.get())) > longest_key_bits)
        return fail_quietly("RSA key too long");
    return std::shared_ptr<EVP_PKEY>(std::move(key));
}

// --- SubjectPublicKeyInfo. OpenSSL's own decoder asks all its providers, and takes longer than a
// verification. ---

constexpr auto rsa_encryption = "\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01"sv; ///< 1.2.840.113549.1.1.1

/// The content of the element that the bytes begin with; they begin behind it afterwards.
std::optional<BytesView> take_element(BytesView& der, int wanted) {
    auto const* at = octets(der);
    long size = 0;
    int tag = 0;
    int tag_class = 0;
    auto const form = ASN1_get_object(&at, &size, &tag, &tag_class, static_cast<long>(der.size()));
    // The low bit means an element without length, which DER does not have.
    bool const is_broken = (form & 0x81) != 0;
    if (is_broken || tag != wanted || tag_class != V_ASN1_UNIVERSAL) return std::nullopt;
    auto const head = static_cast<std::size_t>(at - octets(der));
    auto const content = der.subspan(head, static_cast<std::size_t>(size));
    der = der.subspan(head + content.size());
    return content;
}

/// A positive INTEGER; null where there is none.
Number take_number(BytesView& der) {
    auto const content = take_element(der, V_ASN1_INTEGER);
    if (!content || content->empty() || (content->front() & std::byte{0x80}) != std::byte{}) return nullptr;
    return Number(BN_bin2bn(octets(*content), static_cast<int>(content->size()), nullptr));
}

struct RsaNumbers {
    Number modulus;
    Number exponent;
};

Result<RsaNumbers> rsa_numbers_in(BytesView der) {
    auto whole = take_element(der, V_ASN1_SEQUENCE);
    auto algorithm = whole ? take_element(*whole, V_ASN1_SEQUENCE) : std::nullopt;
    auto const oid = algorithm ? take_element(*algorithm, V_ASN1_OBJECT) : std::nullopt;
    auto bits = oid ? take_element(*whole, V_ASN1_BIT_STRING) : std::nullopt;
    if (!bits || bits->empty() || !whole->empty() || !der.empty())
        return fail_quietly("no SubjectPublicKeyInfo");
    if (as_chars(*oid) != rsa_encryption) return fail_quietly("not an RSA key");
    *bits = bits->subspan(1); // how many bits of the last byte are none
    auto pair = take_element(*bits, V_ASN1_SEQUENCE);
    RsaNumbers numbers;
    if (pair) {
        numbers.modulus = take_number(*pair);
        numbers.exponent = take_number(*pair);
    }
    if (!numbers.modulus || !numbers.exponent || !pair->empty() || !bits->empty())
        return fail_quietly("unusable RSA key");
    return numbers;
}

// --- CryptoAPI PUBLICKEYBLOB: BLOBHEADER, RSAPUBKEY, modulus, all little-endian
// --------------------------------------

constexpr std::size_t blob_head = 20;
constexpr std::string_view blob_type = "\x06\x02\x00\x00"sv; ///< PUBLICKEYBLOB, version 2, reserved
constexpr std::uint32_t key_exchange = 0x0000A400;  ///< CALG_RSA_KEYX: what the recorded clients write
constexpr std::uint32_t key_signature = 0x00002400; ///< CALG_RSA_SIGN
constexpr std::string_view blob_magic = "RSA1";

std::uint32_t little_endian_at(BytesView bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;) value = (value << 8U) | std::to_integer<std::uint32_t>(bytes[at + i]);
    return value;
}

void put_little_endian(Bytes& out, std::uint32_t value) {
    for (unsigned shift = 0; shift < 32; shift += 8)
        out.push_back(static_cast<std::byte>((value >> shift) & 0xFFU));
}

bool is_rsa_blob(BytesView blob) {
    if (blob.size() < blob_head) return false;
    auto const text = as_chars(blob);
    auto const algorithm = little_endian_at(blob, 4);
    return text.starts_with(blob_type) && (algorithm == key_exchange || algorithm == key_signature) &&
           text.substr(8, 4) == blob_magic;
}

// --- private keys
// ---------------------------------------------------------------------------------------------------

/// Without it OpenSSL would ask the terminal.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

Bytes signed_block(EVP_PKEY* key, BytesView block) {
    KeyContext const context(EVP_PKEY_CTX_new(key, nullptr));
    std::size_t size = 0;
    if (!context || EVP_PKEY_sign_init(context.get()) <= 0 ||
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) <= 0 ||
        EVP_PKEY_sign(context.get(), nullptr, &size, octets(block), block.size()) <= 0)
        throw_openssl("sign");
    Bytes signature(size);
    if (EVP_PKEY_sign(context.get(), octets(signature), &size, octets(block), block.size()) <= 0)
        throw_openssl("sign");
    signature.resize(size);
    return signature;
}

} // namespace

std::optional<Digest> digest_of(std::string_view oid) {
    auto const text = trim(oid);
    if (text.empty()) return Digest::sha1;
    for (auto const& row : digests)
        if (text == row.signature_oid || text == row.digest_oid) return row.digest;
    return std::nullopt;
}

std::string_view signature_oid(Digest digest) {
    return row_of(digest).signature_oid;
}

Result<PublicKey> PublicKey::from_certificate(BytesView der) {
    auto const* at = octets(der);
    Certificate const certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    if (!certificate || at != octets(der) + der.size()) return fail_quietly("no X.509 certificate");
    auto key = checked(KeyPointer(X509_get_pubkey(certificate.get())));
    if (!key) return std::unexpected(key.error());
    return PublicKey(std::move(*key));
}

Result<PublicKey> PublicKey::from_spki(BytesView der) {
    auto const numbers = rsa_numbers_in(der);
    if (!numbers) return std::unexpected(numbers.error());
    auto built = rsa_key(numbers->modulus.get(), numbers->exponent.get());
    if (!built) return std::unexpected(std::move(built.error()));
    auto key = checked(std::move(*built));
    if (!key) return std::unexpected(std::move(key.error()));
    return PublicKey(std::move(*key));
}

Result<PublicKey> PublicKey::from_blob(BytesView blob) {
    if (!is_rsa_blob(blob)) return fail(Code::malformed, "no PUBLICKEYBLOB of an RSA key");
    std::size_t const bits = little_endian_at(blob, 12);
    if (bits > longest_key_bits) return fail(Code::malformed, "RSA key too long");
    auto const digits = blob.subspan(blob_head);
    if (digits.size() != (bits + 7) / 8)
        return fail(Code::malformed, "PUBLICKEYBLOB of another length than it says");
    Number const modulus(BN_lebin2bn(octets(digits), static_cast<int>(digits.size()), nullptr));
    Number const exponent(BN_new());
    if (!modulus || !exponent || BN_set_word(exponent.get(), little_endian_at(blob, 16)) != 1)
        return fail_quietly("unusable RSA key");
    auto built = rsa_key(modulus.get(), exponent.get());
    if (!built) return std::unexpected(built.error());
    auto key = checked(std::move(*built));
    if (!key) return std::unexpected(key.error());
    return PublicKey(std::move(*key));
}

std::size_t PublicKey::bits() const {
    return static_cast<std::size_t>(EVP_PKEY_get_bits(key_.get()));
}

std::uint64_t PublicKey::exponent() const {
    auto const value = number_of(key_.get(), OSSL_PKEY_PARAM_RSA_E);
    return value && BN_num_bits(value.get()) <= 64 ? BN_get_word(value.get()) : 0;
}

Bytes PublicKey::spki() const {
    return spki_of(key_.get());
}

Bytes PublicKey::blob() const {
    if (exponent() == 0 || exponent() > 0xFFFFFFFFU) return {};
    auto const modulus = number_of(key_.get(), OSSL_PKEY_PARAM_RSA_N);
    auto const size = static_cast<std::size_t>(BN_num_bytes(modulus.get()));
    auto blob = to_bytes(blob_type);
    put_little_endian(blob, key_exchange);
    for (char const c : blob_magic) blob.push_back(static_cast<std::byte>(c));
    put_little_endian(blob, static_cast<std::uint32_t>(bits()));
    put_little_endian(blob, static_cast<std::uint32_t>(exponent()));
    blob.resize(blob_head + size);
    BN_bn2lebinpad(modulus.get(), octets(blob) + blob_head, static_cast<int>(size));
    return blob;
}

std::string PublicKey::sha256() const {
    return sha256_hex(spki());
}

bool PublicKey::verify(BytesView signed_bytes, BytesView signature, Digest digest, bool allow_bare) const {
    // RFC 8017 8.2.2: a signature is exactly as long as the modulus.
    if (signature.size() != (bits() + 7) / 8) return false;
    auto const block = recover_block(key_.get(), reversed(signature));
    ERR_clear_error();
    if (!block) return false;
    auto const value = digest_bytes(signed_bytes, digest);
    if (equal_in_constant_time(*block, with_digest_info(value, digest))) return true;
    return allow_bare && equal_in_constant_time(*block, value);
}

PrivateKey PrivateKey::generate(unsigned bits) {
    std::shared_ptr<EVP_PKEY> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{bits}),
                                  EVP_PKEY_free);
    if (!key) throw_openssl("generate an RSA key");
    return PrivateKey(std::move(key));
}

Result<PrivateKey> PrivateKey::from_pem(std::string_view pem) {
    Bio const bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    KeyPointer key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_passphrase, nullptr) : nullptr);
    if (!key) return fail_quietly("no private key in PEM form");
    if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) return fail_quietly("not an RSA key");
    return PrivateKey(std::shared_ptr<EVP_PKEY>(std::move(key)));
}

std::string PrivateKey::to_pem() const {
    Bio const bio(BIO_new(BIO_s_mem()));
    if (!bio || PEM_write_bio_PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        throw_openssl("write a private key");
    char* text = nullptr;
    auto const size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

PublicKey PrivateKey::public_key() const {
    auto key = PublicKey::from_spki(spki_of(key_.get()));
    if (!key) throw_openssl("take the public half of a key");
    return std::move(*key);
}

Bytes PrivateKey::sign(BytesView bytes, Digest digest, bool bare) const {
    auto const value = digest_bytes(bytes, digest);
    return reversed(signed_block(key_.get(), bare ? value : with_digest_info(value, digest)));
}

Bytes signed_text(std::string_view utf8) {
    auto text = to_utf16le(utf8);
    text.insert(text.end(), 2, std::byte{0});
    return text;
}

} // namespace pointman::wire
