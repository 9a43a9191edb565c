// SPDX-License-Identifier: Apache-2.0
#include "client/load/keys.hpp"

#include <catch2/catch.hpp>

#include <set>

namespace pointman::client::load {

TEST_CASE("the keys of a fleet are all different, and good RSA keys") {
    constexpr std::size_t clients = 300;
    unsigned const bits = GENERATE(1024U, 2048U, 1088U);
    KeyRing const ring(5, clients, bits);
    std::set<std::string> hashes;
    for (std::size_t i = 0; i < clients; i += bits == 1024 ? 1 : 50) {
        auto const key = ring.key(i);
        auto const half = key.public_key();
        CHECK(half.bits() == bits);
        CHECK(half.exponent() == 65'537);
        auto const text = wire::signed_text("GUID:5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3");
        CHECK(half.verify(text, key.sign(text, wire::Digest::sha256), wire::Digest::sha256));
        CHECK(ring.sign(i, text) == key.sign(text, wire::Digest::sha256)); // PKCS#1 v1.5 leaves no choice
        CHECK(ring.public_key(i).spki() == half.spki());
        CHECK(hashes.insert(half.sha256()).second);
    }
}

TEST_CASE("the same seed has the same keys, another seed others") {
    auto const first = KeyRing(5, 9, 1024).key(7).public_key().sha256();
    CHECK(KeyRing(5, 9, 1024).key(7).public_key().sha256() == first);
    CHECK(KeyRing(6, 9, 1024).key(7).public_key().sha256() != first);
}

} // namespace pointman::client::load
