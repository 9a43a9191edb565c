// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/wire/openssl.hpp"
#include "server/wire/signature.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pointman::client::load {

/// The RSA keys of a fleet. A management point takes one key for one client, and a hundred thousand keys take
/// longer to make than most runs take: so each key is the product of eight primes out of a few dozen, no two
/// the same. THEY PROTECT NOTHING: two keys with a common prime give it away, and small primes are found.
/// Whoever verifies sees a key like any other; whoever signs needs a fraction of the time. Seed and number of
/// a client make its key, so that nothing has to be stored, and a fleet that comes again is known to the
/// management point.
class KeyRing {
public:
    static constexpr std::size_t factors = 8; ///< of a key

    /// `bits` is a multiple of 64.
    KeyRing(std::uint64_t seed, std::size_t clients, unsigned bits);

    /// `client` counts from 0, here and below. Safe to call from several threads, as are the others.
    wire::PrivateKey key(std::size_t client) const;
    wire::PublicKey public_key(std::size_t client) const;

    /// What `key(client)` signs with SHA-256, in CryptoAPI order: many times as fast, since the key is not
    /// put together, and nothing is done to keep it secret.
    Bytes sign(std::size_t client, BytesView bytes) const;

private:
    struct Prime {
        wire::Number value;
        wire::Number less_one;
        wire::Number exponent; ///< of the private key, modulo `less_one`
        wire::Montgomery montgomery;
        std::vector<wire::Number> inverses; ///< of those before it in `primes_`, modulo this one
    };
    using Chosen = std::array<std::size_t, factors>; ///< places in `primes_`, ascending

    static std::vector<Prime> primes(std::uint64_t seed, std::size_t count, int bits);
    Chosen chosen(std::size_t client) const;
    wire::Number product(std::span<std::size_t const> places, wire::Number Prime::*of) const;

    std::size_t choices_; ///< for each factor
    std::vector<Prime> primes_;
};

} // namespace pointman::client::load
