// SPDX-License-Identifier: Apache-2.0
#include "server/service/signer.hpp"

#include <fmt/format.h>

#include <string>
#include <unordered_map>
#include <unordered_set>

namespace pointman::service {

namespace {

/// Of either, for each thread. Past it they are forgotten and found out anew.
constexpr std::size_t most_remembered = 2048;

struct Memory {
    std::unordered_map<std::string, wire::PublicKey> keys; ///< by SHA-256 in hex
    std::unordered_set<std::string> good_id_signatures;
};

Memory& memory() {
    thread_local Memory remembered;
    return remembered;
}

/// All that the outcome of an id signature depends on.
std::string id_claim(wire::Hook const& hook, db::Client const& signer, std::string_view source_id) {
    return fmt::format("{}\n{}\n{}\n{}", signer.key_sha256, source_id,
                       hook.property("HashAlgorithm").value_or(""),
                       hook.property("ClientIDSignature").value_or(""));
}

} // namespace

Result<wire::PublicKey> key_of(std::string_view key_sha256, BytesView key_spki) {
    auto& keys = memory().keys;
    std::string name(key_sha256);
    if (auto const found = keys.find(name); found != keys.end()) return found->second;
    auto key = wire::PublicKey::from_spki(key_spki);
    if (!key) return key;
    if (keys.size() >= most_remembered) keys.clear();
    keys.emplace(std::move(name), *key);
    return key;
}

Result<void> verify_signatures(wire::Hook const& hook, db::Client const& signer, std::string_view source_id,
                               BytesView signed_payload) {
    auto const key = key_of(signer.key_sha256, signer.key_spki);
    if (!key) return std::unexpected(key.error());
    if (auto verified = wire::verify_payload_signature(hook, *key, signed_payload); !verified)
        return verified;

    auto& good = memory().good_id_signatures;
    auto claim = id_claim(hook, signer, source_id);
    if (good.contains(claim)) return {};
    if (auto verified = wire::verify_id_signature(hook, *key, source_id); !verified) return verified;
    if (good.size() >= most_remembered) good.clear();
    good.insert(std::move(claim));
    return {};
}

} // namespace pointman::service
