// SPDX-License-Identifier: Apache-2.0
#include "client/load/keys.hpp"

#include <openssl/core_names.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <stdexcept>

namespace pointman::client::load {

namespace {

using Scratch = std::unique_ptr<BN_CTX, wire::Releaser<&BN_CTX_free>>;

constexpr unsigned long exponent = 65'537;

/// What fails here fails only where the library or the machine is broken.
void require(bool done) {
    if (!done) throw std::runtime_error("OpenSSL: cannot put an RSA key together");
}

wire::Number number() {
    wire::Number made(BN_new());
    require(made != nullptr);
    return made;
}

/// Both highest bits are set, so that the product of two has exactly twice the bits.
wire::Number random_odd(std::mt19937_64& random, int bits) {
    std::vector<unsigned char> bytes(static_cast<std::size_t>(bits) / 8);
    for (auto& byte : bytes) byte = static_cast<unsigned char>(random());
    bytes.front() |= 0xC0U;
    bytes.back() |= 1U;
    wire::Number made(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
    require(made != nullptr);
    return made;
}

bool suits(BIGNUM const* candidate, BN_CTX* scratch) {
    // The exponent has no inverse where it divides the prime less one.
    return BN_mod_word(candidate, exponent) != 1 && BN_check_prime(candidate, scratch, nullptr) == 1;
}

/// The block of RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 9.2) as a number of `size` bytes.
wire::Number signed_block(BytesView bytes, std::size_t size) {
    constexpr std::array<unsigned char, 19> info{0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                                 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    constexpr std::size_t digest_size = 32;
    std::vector<unsigned char> block(size, 0xFF);
    block[0] = 0;
    block[1] = 1;
    auto* const digest = block.data() + size - digest_size;
    std::ranges::copy(info, digest - info.size());
    *(digest - info.size() - 1) = 0;
    require(EVP_Digest(bytes.data(), bytes.size(), digest, nullptr, EVP_sha256(), nullptr) == 1);
    wire::Number made(BN_bin2bn(block.data(), static_cast<int>(block.size()), nullptr));
    require(made != nullptr);
    return made;
}

} // namespace

std::vector<KeyRing::Prime> KeyRing::primes(std::uint64_t seed, std::size_t count, int bits) {
    std::mt19937_64 random(seed);
    Scratch const scratch(BN_CTX_new());
    std::vector<Prime> found;
    while (found.size() < count) {
        auto candidate = random_odd(random, bits);
        while (!suits(candidate.get(), scratch.get())) require(BN_add_word(candidate.get(), 2) == 1);
        wire::Number less_one(BN_dup(candidate.get()));
        require(less_one && BN_sub_word(less_one.get(), 1) == 1);
        auto const e = number();
        auto inverse = number();
        wire::Montgomery montgomery(BN_MONT_CTX_new());
        require(BN_set_word(e.get(), exponent) == 1 &&
                BN_mod_inverse(inverse.get(), e.get(), less_one.get(), scratch.get()) != nullptr &&
                montgomery && BN_MONT_CTX_set(montgomery.get(), candidate.get(), scratch.get()) == 1);
        found.push_back(
            {std::move(candidate), std::move(less_one), std::move(inverse), std::move(montgomery)});
    }
    return found;
}

KeyRing::KeyRing(std::uint64_t seed, std::size_t clients, unsigned bits)
    : side_(static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(clients))))) {
    // Out of one row of random numbers: among so few, none comes twice.
    auto all = primes(seed, 2 * side_, static_cast<int>(bits) / 2);
    for (std::size_t i = 0; i < all.size(); ++i) (i < side_ ? first_ : second_).push_back(std::move(all[i]));
}

wire::PrivateKey KeyRing::key(std::size_t client) const {
    auto const& [p, p_less_one, dp, p_montgomery] = first_.at(client / side_);
    auto const& [q, q_less_one, dq, q_montgomery] = second_.at(client % side_);
    Scratch const scratch(BN_CTX_new());
    auto const e = number();
    auto const n = number();
    auto const phi = number();
    auto const d = number();
    auto const inverse = number();
    require(scratch && BN_set_word(e.get(), exponent) == 1 &&
            BN_mul(n.get(), p.get(), q.get(), scratch.get()) == 1 &&
            BN_mul(phi.get(), p_less_one.get(), q_less_one.get(), scratch.get()) == 1 &&
            BN_mod_inverse(d.get(), e.get(), phi.get(), scratch.get()) != nullptr &&
            BN_mod_inverse(inverse.get(), q.get(), p.get(), scratch.get()) != nullptr);

    wire::ParamBuilder const builder(OSSL_PARAM_BLD_new());
    require(builder != nullptr);
    auto const push = [&](char const* name, wire::Number const& value) {
        require(OSSL_PARAM_BLD_push_BN(builder.get(), name, value.get()) == 1);
    };
    push(OSSL_PKEY_PARAM_RSA_N, n);
    push(OSSL_PKEY_PARAM_RSA_E, e);
    push(OSSL_PKEY_PARAM_RSA_D, d);
    push(OSSL_PKEY_PARAM_RSA_FACTOR1, p);
    push(OSSL_PKEY_PARAM_RSA_FACTOR2, q);
    push(OSSL_PKEY_PARAM_RSA_EXPONENT1, dp);
    push(OSSL_PKEY_PARAM_RSA_EXPONENT2, dq);
    push(OSSL_PKEY_PARAM_RSA_COEFFICIENT1, inverse);
    wire::Params const params(OSSL_PARAM_BLD_to_param(builder.get()));
    wire::KeyContext const context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    EVP_PKEY* made = nullptr;
    require(params && context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
            EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_KEYPAIR, params.get()) == 1);
    return wire::PrivateKey::adopt({made, EVP_PKEY_free});
}

Bytes KeyRing::sign(std::size_t client, BytesView bytes) const {
    auto const& p = first_.at(client / side_);
    auto const& q = second_.at(client % side_);
    thread_local Scratch const scratch(BN_CTX_new());
    auto const size = static_cast<std::size_t>(BN_num_bytes(p.value.get()) + BN_num_bytes(q.value.get()));
    auto const block = signed_block(bytes, size);
    auto const by_p = number();
    auto const by_q = number();
    auto const inverse = number();
    auto const power = [&block](BIGNUM* result, Prime const& prime) {
        return BN_nnmod(result, block.get(), prime.value.get(), scratch.get()) == 1 &&
               BN_mod_exp_mont(result, result, prime.exponent.get(), prime.value.get(), scratch.get(),
                               prime.montgomery.get()) == 1;
    };
    // By the Chinese remainder theorem: q * ((by_p - by_q) / q mod p) + by_q.
    require(scratch && power(by_p.get(), p) && power(by_q.get(), q) &&
            BN_mod_inverse(inverse.get(), q.value.get(), p.value.get(), scratch.get()) != nullptr &&
            BN_mod_sub(by_p.get(), by_p.get(), by_q.get(), p.value.get(), scratch.get()) == 1 &&
            BN_mod_mul(by_p.get(), by_p.get(), inverse.get(), p.value.get(), scratch.get()) == 1 &&
            BN_mul(by_p.get(), by_p.get(), q.value.get(), scratch.get()) == 1 &&
            BN_add(by_p.get(), by_p.get(), by_q.get()) == 1);
    Bytes signature(size);
    require(BN_bn2lebinpad(by_p.get(), reinterpret_cast<unsigned char*>(signature.data()),
                           static_cast<int>(size)) == static_cast<int>(size));
    return signature;
}

} // namespace pointman::client::load
