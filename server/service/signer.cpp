// SPDX-License-Identifier: Apache-2.0
#include "server/service/signer.hpp"

#include "base/hex.hpp"

#include <fmt/format.h>

#include <string>
#include <unordered_map>
#include <unordered_set>

namespace pointman::service {

namespace {

// For each thread. Past it they are forgotten and found out anew.
constexpr std::size_t most_keys = 2048;
constexpr std::size_t most_claims = 16'384; ///< about two megabytes

/// To hash a larger payload once more costs more than what is saved.
constexpr std::size_t largest_remembered = std::size_t{16} * 1024;

struct Memory {
    std::unordered_map<std::string, wire::PublicKey> keys; ///< by SHA-256 in hex
    std::unordered_set<std::string> good_claims;
};

Memory& memory() {
    thread_local Memory remembered;
    return remembered;
}

/// SHA-256 over all that the outcome of a verification depends on: key, hash, signature and what is signed.
std::string claim(wire::Hook const& hook, db::Client const& signer, std::string_view signature,
                  BytesView signed_bytes) {
    auto text = fmt::format("{}\n{}\n{}={}\n", signer.key_sha256, hook.property("HashAlgorithm").value_or(""),
                            signature, hook.property(signature).value_or(""));
    text += as_chars(signed_bytes);
    return sha256_hex(as_bytes(text));
}

/// Verifies, unless this very claim was good before.
template <class F>
Result<void> verify_once(std::string claim, F const& verify) {
    auto& good = memory().good_claims;
    if (good.contains(claim)) return {};
    if (auto verified = verify(); !verified) return verified;
    if (good.size() >= most_claims) good.clear();
    good.insert(std::move(claim));
    return {};
}

} // namespace

Result<wire::PublicKey> key_of(std::string_view key_sha256, BytesView key_spki) {
    auto& keys = memory().keys;
    std::string name(key_sha256);
    if (auto const found = keys.find(name); found != keys.end()) return found->second;
    auto key = wire::PublicKey::from_spki(key_spki);
    if (!key) return key;
    if (keys.size() >= most_keys) keys.clear();
    keys.emplace(std::move(name), *key);
    return key;
}

Result<void> verify_signatures(wire::Hook const& hook, db::Client const& signer, std::string_view source_id,
                               BytesView signed_payload, endpoints::Delivery delivery) {
    auto const key = key_of(signer.key_sha256, signer.key_spki);
    if (!key) return std::unexpected(key.error());
    auto const verify_payload = [&] { return wire::verify_payload_signature(hook, *key, signed_payload); };
    bool const may_come_again =
        delivery == endpoints::Delivery::invoke && signed_payload.size() <= largest_remembered;
    auto const payload =
        may_come_again ? verify_once(claim(hook, signer, "PayloadSignature", signed_payload), verify_payload)
                       : verify_payload();
    if (!payload) return payload;
    return verify_once(claim(hook, signer, "ClientIDSignature", as_bytes(source_id)),
                       [&] { return wire::verify_id_signature(hook, *key, source_id); });
}

} // namespace pointman::service
