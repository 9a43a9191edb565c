// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/wire/openssl.hpp"
#include "server/wire/signature.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pointman::client::load {

/// The RSA keys of a fleet. A management point takes one key for one client, and a hundred thousand keys take
/// longer to make than most runs take: so each key is the product of two primes out of a few hundred, no two
/// the same. THEY PROTECT NOTHING: two keys with a common prime give it away. Seed and number of a client
/// make its key, so that nothing has to be stored, and a fleet that comes again is known to the management
/// point.
class KeyRing {
public:
    KeyRing(std::uint64_t seed, std::size_t clients, unsigned bits);

    /// `client` counts from 0. Safe to call from several threads.
    wire::PrivateKey key(std::size_t client) const;

    /// What `key(client)` signs with SHA-256, in CryptoAPI order: a tenth of the time, since the key is not
    /// put together, and nothing is done to keep it secret. Safe to call from several threads.
    Bytes sign(std::size_t client, BytesView bytes) const;

private:
    struct Prime {
        wire::Number value;
        wire::Number less_one;
        wire::Number exponent; ///< of the private key, modulo `less_one`
        wire::Montgomery montgomery;
    };
    static std::vector<Prime> primes(std::uint64_t seed, std::size_t count, int bits);

    std::size_t side_;
    std::vector<Prime> first_;
    std::vector<Prime> second_;
};

} // namespace pointman::client::load
