// SPDX-License-Identifier: Apache-2.0
#include "server/wire/signature.hpp"

#include "base/hex.hpp"
#include "base/text.hpp"
#include "server/wire/openssl.hpp"
#include "server/wire/utf16.hpp"

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

Bytes reversed(BytesView bytes) {
    return {bytes.rbegin(), bytes.rend()};
}

/// EMSA-PKCS1-v1_5 (RFC 8017, 9.2): 00 01, at least eight times FF, 00, and the content at the end. Nothing
/// where that has no room.
std::optional<Bytes> padded(BytesView content, std::size_t size) {
    constexpr std::size_t least_padding = 11;
    if (size < content.size() + least_padding) return std::nullopt;
    Bytes block(size, std::byte{0xFF});
    block[0] = std::byte{0};
    block[1] = std::byte{1};
    auto const at = block.end() - std::ssize(content);
    at[-1] = std::byte{0};
    std::ranges::copy(content, at);
    return block;
}

Bytes spki_of(EVP_PKEY const* key) {
    auto const size = i2d_PUBKEY(key, nullptr);
    if (size <= 0) throw_openssl("encode a public key");
    Bytes der(static_cast<std::size_t>(size));
    auto* at = octets(der);
    i2d_PUBKEY(key, &at);
    return der;
}

// --- SubjectPublicKeyInfo. OpenSSL's own decoder asks all its providers, and takes longer than a
// verification.

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

/// The element of that content.
Bytes element(int tag, BytesView content) {
    int const is_constructed = tag == V_ASN1_SEQUENCE ? 1 : 0;
    auto const length = static_cast<int>(content.size());
    Bytes der(static_cast<std::size_t>(ASN1_object_size(is_constructed, length, tag)));
    auto* at = octets(der);
    ASN1_put_object(&at, is_constructed, length, tag, V_ASN1_UNIVERSAL);
    std::ranges::copy(content, der.end() - std::ssize(content));
    return der;
}

Bytes joined(Bytes first, BytesView second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

/// A positive INTEGER; null where there is none.
Number take_number(BytesView& der) {
    auto const content = take_element(der, V_ASN1_INTEGER);
    if (!content || content->empty() || (content->front() & std::byte{0x80}) != std::byte{}) return nullptr;
    return Number(BN_bin2bn(octets(*content), static_cast<int>(content->size()), nullptr));
}

Bytes number_element(BIGNUM const* number) {
    // One byte more than needed where the highest bit is set: without it the number would be negative.
    Bytes bytes(static_cast<std::size_t>(BN_num_bits(number)) / 8 + 1);
    BN_bn2binpad(number, octets(bytes), static_cast<int>(bytes.size()));
    return element(V_ASN1_INTEGER, bytes);
}

struct RsaNumbers {
    Number modulus;
    Number exponent;
};

Bytes spki_of(RsaNumbers const& numbers) {
    auto const algorithm = element(
        V_ASN1_SEQUENCE, joined(element(V_ASN1_OBJECT, as_bytes(rsa_encryption)), element(V_ASN1_NULL, {})));
    auto const pair = element(V_ASN1_SEQUENCE, joined(number_element(numbers.modulus.get()),
                                                      number_element(numbers.exponent.get())));
    auto const bits = element(V_ASN1_BIT_STRING, joined(Bytes(1), pair));
    return element(V_ASN1_SEQUENCE, joined(algorithm, bits));
}

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

struct PublicKey::Numbers : RsaNumbers {
    /// Of the modulus; null where that is even, as no key's is.
    Montgomery montgomery;
};

Result<PublicKey> PublicKey::checked(Numbers numbers) {
    auto const& modulus = numbers.modulus;
    if (!modulus || !numbers.exponent || BN_is_zero(modulus.get()) || BN_is_zero(numbers.exponent.get()))
        return fail_quietly("RSA key without modulus or exponent");
    if (static_cast<std::size_t>(BN_num_bits(modulus.get())) > longest_key_bits)
        return fail_quietly("RSA key too long");
    if (BN_is_odd(modulus.get())) {
        numbers.montgomery.reset(BN_MONT_CTX_new());
        NumberContext const context(BN_CTX_new());
        if (!numbers.montgomery || !context ||
            BN_MONT_CTX_set(numbers.montgomery.get(), modulus.get(), context.get()) != 1)
            return fail_quietly("unusable RSA key");
    }
    return PublicKey(std::make_shared<Numbers const>(std::move(numbers)));
}

Result<PublicKey> PublicKey::from_certificate(BytesView der) {
    auto const* at = octets(der);
    Certificate const certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    if (!certificate || at != octets(der) + der.size()) return fail_quietly("no X.509 certificate");
    KeyPointer const key(X509_get_pubkey(certificate.get()));
    if (!key) return fail_quietly("no public key");
    return from_spki(spki_of(key.get()));
}

Result<PublicKey> PublicKey::from_spki(BytesView der) {
    auto numbers = rsa_numbers_in(der);
    if (!numbers) return std::unexpected(std::move(numbers.error()));
    return checked({std::move(*numbers), nullptr});
}

Result<PublicKey> PublicKey::from_blob(BytesView blob) {
    if (!is_rsa_blob(blob)) return fail(Code::malformed, "no PUBLICKEYBLOB of an RSA key");
    std::size_t const bits = little_endian_at(blob, 12);
    if (bits > longest_key_bits) return fail(Code::malformed, "RSA key too long");
    auto const digits = blob.subspan(blob_head);
    if (digits.size() != (bits + 7) / 8)
        return fail(Code::malformed, "PUBLICKEYBLOB of another length than it says");
    return from_numbers(reversed(digits), little_endian_at(blob, 16));
}

Result<PublicKey> PublicKey::from_numbers(BytesView modulus, std::uint64_t exponent) {
    Numbers numbers{
        {Number(BN_bin2bn(octets(modulus), static_cast<int>(modulus.size()), nullptr)), Number(BN_new())},
        nullptr};
    if (!numbers.exponent || BN_set_word(numbers.exponent.get(), exponent) != 1)
        return fail_quietly("unusable RSA key");
    return checked(std::move(numbers));
}

std::size_t PublicKey::bits() const {
    return static_cast<std::size_t>(BN_num_bits(numbers_->modulus.get()));
}

std::uint64_t PublicKey::exponent() const {
    auto const* const value = numbers_->exponent.get();
    return BN_num_bits(value) <= 64 ? BN_get_word(value) : 0;
}

Bytes PublicKey::spki() const {
    return spki_of(*numbers_);
}

Bytes PublicKey::blob() const {
    if (exponent() == 0 || exponent() > 0xFFFFFFFFU) return {};
    auto const* const modulus = numbers_->modulus.get();
    auto const size = static_cast<std::size_t>(BN_num_bytes(modulus));
    auto blob = to_bytes(blob_type);
    put_little_endian(blob, key_exchange);
    for (char const c : blob_magic) blob.push_back(static_cast<std::byte>(c));
    put_little_endian(blob, static_cast<std::uint32_t>(bits()));
    put_little_endian(blob, static_cast<std::uint32_t>(exponent()));
    blob.resize(blob_head + size);
    BN_bn2lebinpad(modulus, octets(blob) + blob_head, static_cast<int>(size));
    return blob;
}

std::string PublicKey::sha256() const {
    return sha256_hex(spki());
}

/// What was signed: the signature to the power of the exponent. Nothing here is secret, so the bare
/// arithmetic does: asking OpenSSL's providers for a verification takes longer than the verification.
std::optional<Bytes> PublicKey::opened(BytesView signature) const {
    // RFC 8017 8.2.2: a signature is exactly as long as the modulus, and less than it.
    Bytes block((bits() + 7) / 8);
    if (signature.size() != block.size() || numbers_->montgomery == nullptr || exponent() == 0)
        return std::nullopt;
    Number const value(BN_lebin2bn(octets(signature), static_cast<int>(signature.size()), nullptr));
    Number const power(BN_new());
    NumberContext const context(BN_CTX_new());
    if (!value || !power || !context || BN_ucmp(value.get(), numbers_->modulus.get()) >= 0 ||
        BN_mod_exp_mont(power.get(), value.get(), numbers_->exponent.get(), numbers_->modulus.get(),
                        context.get(), numbers_->montgomery.get()) != 1)
        return std::nullopt;
    BN_bn2binpad(power.get(), octets(block), static_cast<int>(block.size()));
    return block;
}

bool PublicKey::verify(BytesView signed_bytes, BytesView signature, Digest digest, bool allow_bare) const {
    auto const block = opened(signature);
    ERR_clear_error();
    if (!block) return false;
    auto const value = digest_bytes(signed_bytes, digest);
    return block == padded(with_digest_info(value, digest), block->size()) ||
           (allow_bare && block == padded(value, block->size()));
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
