// SPDX-License-Identifier: Apache-2.0
// What a client claims about its key: blob, certificate or SubjectPublicKeyInfo, then a signature under that
// key.
#include "server/wire/client_auth.hpp"
#include "server/wire/token.hpp"
#include "server/wire/utf16.hpp"

#include <cstdint>
#include <cstdlib>
#include <span>

namespace {

using namespace pointman;

void require(bool condition) {
    if (!condition) std::abort();
}

void use(Result<wire::PublicKey> const& key, BytesView input) {
    if (!key) return;
    // Slow without finding anything new: every round would be one long exponentiation.
    if (key->bits() > 2048) return;
    auto const size = (key->bits() + 7) / 8;
    auto const signature = input.subspan(input.size() - std::min(size, input.size()));
    (void)key->verify(input, signature, wire::Digest::sha256, true);
    require(key->sha256().size() == 64);
    auto const blob = key->blob();
    if (blob.empty()) return;
    auto const again = wire::PublicKey::from_blob(blob);
    require(again && again->spki() == key->spki());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const input = std::as_bytes(std::span(data, size));
    use(wire::PublicKey::from_blob(input), input);
    use(wire::PublicKey::from_certificate(input), input);
    use(wire::PublicKey::from_spki(input), input);
    auto const text = as_chars(input);
    (void)wire::digest_of(text);
    (void)wire::signed_text(text);
    if (auto const token = wire::read_token_property(text))
        require(wire::read_token(token->parts.front().text, "AB").has_value());
    (void)wire::to_utf8(input);
    (void)wire::strip_trailer(input);
    return 0;
}
