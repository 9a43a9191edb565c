// SPDX-License-Identifier: Apache-2.0
#include "endpoints/policy/obfuscation.hpp"

#include "base/hex.hpp"
#include "server/wire/openssl.hpp"
#include "server/wire/utf16.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

namespace pointman::endpoints::policy {

namespace {

using Octets = std::vector<unsigned char>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, wire::Releaser<&EVP_CIPHER_CTX_free>>;

constexpr std::size_t seed_size = 40;
// Offsets in the header, wire.md 8.5.
constexpr std::size_t seed_at = 4;
constexpr std::size_t digest_size_at = 44; ///< always 20, the size of a SHA-1 digest
constexpr std::size_t plain_size_at = 48;
constexpr std::size_t cipher_size_at = 52;
constexpr std::size_t algorithm_at = 56;
constexpr std::size_t header_size = 64;

struct Form {
    std::uint32_t mark;
    std::uint32_t algorithm; ///< CryptoAPI's ALG_ID
    EVP_CIPHER const* (*cipher)();
    std::size_t key_size;
};
constexpr std::array forms{Form{0x1389, 0x6603, &EVP_des_ede3_cbc, 24},
                           Form{0x138A, 0x6610, &EVP_aes_256_cbc, 32}};
constexpr auto const& triple_des = forms[0];

/// The widest key, and what its owner leaves behind is wiped.
class Key {
public:
    Key() = default;
    Key(Key const&) = delete;
    Key& operator=(Key const&) = delete;
    ~Key() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

    unsigned char const* data() const { return bytes_.data(); }
    unsigned char* half(std::size_t index) { return bytes_.data() + index * SHA_DIGEST_LENGTH; }

private:
    std::array<unsigned char, std::size_t{2} * SHA_DIGEST_LENGTH> bytes_{};
};

[[noreturn]] void throw_openssl(char const* what) {
    ERR_clear_error();
    throw std::runtime_error(std::string("OpenSSL: ") + what);
}

void sha1(std::span<unsigned char const> bytes, unsigned char* digest) {
    if (EVP_Digest(bytes.data(), bytes.size(), digest, nullptr, EVP_sha1(), nullptr) != 1)
        throw_openssl("digest");
}

/// CryptDeriveKey: the digest of the seed fills the front of two blocks of one repeated byte; their digests,
/// one behind the other, begin with the key.
void derive_key(std::span<unsigned char const> seed, Key& key) {
    constexpr std::array<unsigned char, 2> pads{0x36, 0x5C};
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
    sha1(seed, digest.data());
    for (std::size_t i = 0; i < pads.size(); ++i) {
        std::array<unsigned char, 64> block{};
        block.fill(pads[i]);
        std::ranges::transform(digest, block.begin(), [pad = pads[i]](unsigned char octet) {
            return static_cast<unsigned char>(octet ^ pad);
        });
        sha1(block, key.half(i));
        OPENSSL_cleanse(block.data(), block.size());
    }
    OPENSSL_cleanse(digest.data(), digest.size());
}

enum class Direction : std::uint8_t { decrypt, encrypt };

/// CBC from a zero vector, PKCS #7 padding. Nothing where a text to decrypt has a wrong length or padding.
std::optional<Octets> run_cipher(Form const& form, Key const& key, std::span<unsigned char const> in,
                                 Direction direction) {
    std::array<unsigned char, EVP_MAX_IV_LENGTH> const vector{};
    CipherContext const context(EVP_CIPHER_CTX_new());
    if (!context || EVP_CipherInit_ex(context.get(), form.cipher(), nullptr, key.data(), vector.data(),
                                      direction == Direction::encrypt ? 1 : 0) != 1)
        throw_openssl("cipher");
    Octets out(in.size() + EVP_MAX_BLOCK_LENGTH);
    int updated = 0;
    int finished = 0;
    if (EVP_CipherUpdate(context.get(), out.data(), &updated, in.data(), static_cast<int>(in.size())) != 1 ||
        EVP_CipherFinal_ex(context.get(), out.data() + updated, &finished) != 1) {
        ERR_clear_error();
        return std::nullopt;
    }
    out.resize(static_cast<std::size_t>(updated) + static_cast<std::size_t>(finished));
    return out;
}

void put_number(Octets& out, std::size_t at, std::uint32_t number) {
    for (std::size_t i = 0; i < 4; ++i) out[at + i] = static_cast<unsigned char>(number >> (8 * i));
}

std::uint32_t number_at(std::span<unsigned char const> bytes, std::size_t at) {
    std::uint32_t number = 0;
    for (std::size_t i = 4; i-- > 0;) number = (number << 8U) | bytes[at + i];
    return number;
}

std::unexpected<Error> damaged(std::string_view why) {
    return fail(Code::malformed, "not an obfuscated value: " + std::string(why));
}

Octets octets_of(BytesView bytes) {
    auto const* const first = reinterpret_cast<unsigned char const*>(bytes.data());
    return {first, first + bytes.size()};
}

/// UTF-16LE, a NUL at its end dropped.
Result<std::string> text_of(std::span<unsigned char const> plain) {
    // With a mark in front nothing has to be guessed from what the value begins with.
    Octets marked{0xFF, 0xFE};
    marked.insert(marked.end(), plain.begin(), plain.end());
    auto text = wire::to_utf8(std::as_bytes(std::span(marked)));
    if (!text) return damaged("what it holds is no UTF-16");
    if (text->ends_with('\0')) text->pop_back();
    return text;
}

} // namespace

std::string obfuscate(std::string_view value) {
    auto plain = octets_of(wire::to_utf16le(value));
    plain.insert(plain.end(), 2, 0); // the terminator counts
    Octets out(header_size);
    if (RAND_bytes(out.data() + seed_at, seed_size) != 1) throw_openssl("the random generator failed");
    Key key;
    derive_key(std::span(out).subspan(seed_at, seed_size), key);
    auto const hidden = run_cipher(triple_des, key, plain, Direction::encrypt);
    if (!hidden) throw_openssl("cipher");
    put_number(out, 0, triple_des.mark);
    put_number(out, digest_size_at, SHA_DIGEST_LENGTH);
    put_number(out, plain_size_at, static_cast<std::uint32_t>(plain.size()));
    put_number(out, cipher_size_at, static_cast<std::uint32_t>(hidden->size()));
    put_number(out, algorithm_at, triple_des.algorithm);
    out.insert(out.end(), hidden->begin(), hidden->end());
    return to_hex(std::as_bytes(std::span(out)));
}

Result<std::string> reveal(std::string_view hex) {
    auto const decoded = from_hex(hex);
    if (!decoded) return damaged("no hexadecimal");
    auto const bytes = octets_of(*decoded);
    if (bytes.size() < header_size) return damaged("shorter than its header");
    // The algorithm decides: bodies with AES under the mark of 3DES have been seen (policy.md 5).
    auto const form = std::ranges::find(forms, number_at(bytes, algorithm_at), &Form::algorithm);
    if (form == forms.end()) return damaged("unknown algorithm");
    if (std::ranges::find(forms, number_at(bytes, 0), &Form::mark) == forms.end())
        return damaged("unknown mark");
    if (number_at(bytes, digest_size_at) != SHA_DIGEST_LENGTH) return damaged("unknown kind of key");
    auto const size = number_at(bytes, cipher_size_at);
    if (size > bytes.size() - header_size) return damaged("cut short");
    Key key;
    derive_key(std::span(bytes).subspan(seed_at, seed_size), key);
    auto const plain =
        run_cipher(*form, key, std::span(bytes).subspan(header_size, size), Direction::decrypt);
    if (!plain) return damaged("it does not decrypt");
    if (plain->size() != number_at(bytes, plain_size_at)) return damaged("its lengths disagree");
    return text_of(*plain);
}

} // namespace pointman::endpoints::policy
