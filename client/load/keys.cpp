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

/// The four highest bits are set, so that the product of eight has exactly eight times the bits.
wire::Number random_odd(std::mt19937_64& random, int bits) {
    std::vector<unsigned char> bytes(static_cast<std::size_t>(bits) / 8);
    for (auto& byte : bytes) byte = static_cast<unsigned char>(random());
    bytes.front() |= 0xF0U;
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
    wire::NumberContext const scratch(BN_CTX_new());
    std::vector<Prime> found;
    while (found.size() < count) {
        Prime prime{random_odd(random, bits), nullptr, number(), wire::Montgomery(BN_MONT_CTX_new()), {}};
        auto* const value = prime.value.get();
        while (!suits(value, scratch.get())) require(BN_add_word(value, 2) == 1);
        prime.less_one.reset(BN_dup(value));
        auto const e = number();
        require(prime.less_one && BN_sub_word(prime.less_one.get(), 1) == 1 &&
                BN_set_word(e.get(), exponent) == 1 &&
                BN_mod_inverse(prime.exponent.get(), e.get(), prime.less_one.get(), scratch.get()) &&
                prime.montgomery && BN_MONT_CTX_set(prime.montgomery.get(), value, scratch.get()) == 1);
        for (auto const& other : found) {
            auto& inverse = prime.inverses.emplace_back(number());
            require(BN_mod_inverse(inverse.get(), other.value.get(), value, scratch.get()) != nullptr);
        }
        found.push_back(std::move(prime));
    }
    return found;
}

// Each factor has choices of its own, which number a client like the digits of a number. Out of one row of
// random numbers: among so few, none comes twice.
KeyRing::KeyRing(std::uint64_t seed, std::size_t clients, unsigned bits)
    : choices_(static_cast<std::size_t>(std::ceil(std::pow(static_cast<double>(clients), 1.0 / factors))))
    , primes_(primes(seed, factors * choices_, static_cast<int>(bits / factors))) {}

KeyRing::Chosen KeyRing::chosen(std::size_t client) const {
    Chosen places{};
    for (std::size_t i = 0; i < factors; ++i) {
        places.at(i) = i * choices_ + client % choices_;
        client /= choices_;
    }
    return places;
}

wire::Number KeyRing::product(std::span<std::size_t const> places, wire::Number Prime::*of) const {
    wire::NumberContext const scratch(BN_CTX_new());
    auto all = number();
    require(scratch && BN_one(all.get()) == 1);
    for (auto const place : places) {
        auto const& factor = primes_.at(place).*of;
        require(BN_mul(all.get(), all.get(), factor.get(), scratch.get()) == 1);
    }
    return all;
}

// To OpenSSL it is one of two primes: what it computes with them is right for any two numbers without a
// common factor.
wire::PrivateKey KeyRing::key(std::size_t client) const {
    auto const places = chosen(client);
    auto const first = std::span(places).first<factors / 2>();
    auto const second = std::span(places).last<factors / 2>();
    auto const p = product(first, &Prime::value);
    auto const q = product(second, &Prime::value);
    auto const p_phi = product(first, &Prime::less_one);
    auto const q_phi = product(second, &Prime::less_one);
    wire::NumberContext const scratch(BN_CTX_new());
    auto const e = number();
    auto const n = number();
    auto const phi = number();
    auto const d = number();
    auto const dp = number();
    auto const dq = number();
    auto const inverse = number();
    require(scratch && BN_set_word(e.get(), exponent) == 1 &&
            BN_mul(n.get(), p.get(), q.get(), scratch.get()) == 1 &&
            BN_mul(phi.get(), p_phi.get(), q_phi.get(), scratch.get()) == 1 &&
            BN_mod_inverse(d.get(), e.get(), phi.get(), scratch.get()) != nullptr &&
            BN_nnmod(dp.get(), d.get(), p_phi.get(), scratch.get()) == 1 &&
            BN_nnmod(dq.get(), d.get(), q_phi.get(), scratch.get()) == 1 &&
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

wire::PublicKey KeyRing::public_key(std::size_t client) const {
    auto const modulus = product(chosen(client), &Prime::value);
    Bytes bytes(static_cast<std::size_t>(BN_num_bytes(modulus.get())));
    BN_bn2bin(modulus.get(), reinterpret_cast<unsigned char*>(bytes.data()));
    auto made = wire::PublicKey::from_numbers(bytes, exponent);
    require(made.has_value());
    return std::move(*made);
}

Bytes KeyRing::sign(std::size_t client, BytesView bytes) const {
    thread_local wire::NumberContext const scratch(BN_CTX_new());
    require(scratch != nullptr);
    auto const places = chosen(client);
    auto const prime = [&](std::size_t i) -> Prime const& { return primes_[places[i]]; };
    auto const size = factors * static_cast<std::size_t>(BN_num_bytes(prime(0).value.get()));
    auto const block = signed_block(bytes, size);

    // By the Chinese remainder theorem in Garner's form: the signature is
    // digit 0 + prime 0 * (digit 1 + prime 1 * (digit 2 + ...)).
    std::array<wire::Number, factors> digits;
    for (std::size_t i = 0; i < factors; ++i) {
        auto const& [value, less_one, exponent, montgomery, inverses] = prime(i);
        digits[i] = number();
        auto* const digit = digits[i].get();
        require(BN_nnmod(digit, block.get(), value.get(), scratch.get()) == 1 &&
                BN_mod_exp_mont(digit, digit, exponent.get(), value.get(), scratch.get(), montgomery.get()) ==
                    1);
        for (std::size_t j = 0; j < i; ++j) {
            auto const& inverse = inverses[places[j]];
            require(BN_mod_sub(digit, digit, digits[j].get(), value.get(), scratch.get()) == 1 &&
                    BN_mod_mul(digit, digit, inverse.get(), value.get(), scratch.get()) == 1);
        }
    }
    auto* const whole = digits.back().get();
    for (std::size_t i = factors - 1; i-- > 0;) {
        require(BN_mul(whole, whole, prime(i).value.get(), scratch.get()) == 1 &&
                BN_add(whole, whole, digits[i].get()) == 1);
    }
    Bytes signature(size);
    require(BN_bn2lebinpad(whole, reinterpret_cast<unsigned char*>(signature.data()),
                           static_cast<int>(size)) == static_cast<int>(size));
    return signature;
}

} // namespace pointman::client::load
