// SPDX-License-Identifier: Apache-2.0
#include "client/load/keys.hpp"

#include <openssl/core_names.h>

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
        found.push_back({std::move(candidate), std::move(less_one)});
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
    auto const& [p, p_less_one] = first_.at(client / side_);
    auto const& [q, q_less_one] = second_.at(client % side_);
    Scratch const scratch(BN_CTX_new());
    auto const e = number();
    auto const n = number();
    auto const phi = number();
    auto const d = number();
    auto const dp = number();
    auto const dq = number();
    auto const inverse = number();
    require(scratch && BN_set_word(e.get(), exponent) == 1 &&
            BN_mul(n.get(), p.get(), q.get(), scratch.get()) == 1 &&
            BN_mul(phi.get(), p_less_one.get(), q_less_one.get(), scratch.get()) == 1 &&
            BN_mod_inverse(d.get(), e.get(), phi.get(), scratch.get()) != nullptr &&
            BN_mod(dp.get(), d.get(), p_less_one.get(), scratch.get()) == 1 &&
            BN_mod(dq.get(), d.get(), q_less_one.get(), scratch.get()) == 1 &&
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

} // namespace pointman::client::load
