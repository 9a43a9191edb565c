// SPDX-License-Identifier: Apache-2.0
#include "endpoints/policy/signatures.hpp"

#include "base/hex.hpp"
#include "server/wire/utf16.hpp"

#include <fmt/format.h>

namespace pointman::endpoints::policy {

Signatures::Signatures(db::Store& store, wire::PrivateKey key)
    : store_(store)
    , key_(std::move(key))
    , key_sha256_(key_.public_key().sha256()) {}

std::uint32_t Signatures::algorithm_of(wire::Digest digest) {
    constexpr std::uint32_t calg_sha1 = 32772;
    constexpr std::uint32_t calg_sha256 = 32780;
    return digest == wire::Digest::sha1 ? calg_sha1 : calg_sha256;
}

std::string Signatures::name_of(std::string_view assignment_id, std::int64_t change,
                                std::uint32_t algorithm) {
    return fmt::format("{} {} {}", assignment_id, change, algorithm);
}

Result<std::shared_ptr<Signatures>> Signatures::load(db::Store& store, wire::PrivateKey key) {
    std::shared_ptr<Signatures> signatures(new Signatures(store, std::move(key)));
    auto const made = store.read([&signatures](db::Session& session) {
        return db::PolicySignature::by_key(session, signatures->key_sha256_);
    });
    if (!made) return std::unexpected(made.error());
    for (auto const& [id, change, algorithm, signature] : *made)
        signatures->known_.emplace(name_of(id, change, algorithm), to_hex(signature));
    return signatures;
}

std::string Signatures::of(Assignment const& assignment, wire::Digest digest) {
    auto const algorithm = algorithm_of(digest);
    auto name = name_of(assignment.id(), assignment.change(), algorithm);
    {
        std::scoped_lock const lock(mutex_);
        if (auto const found = known_.find(name); found != known_.end()) return found->second;
    }
    db::PolicySignature made{assignment.id(), assignment.change(), algorithm,
                             key_.sign(wire::to_utf16le(assignment.text()), digest)};
    auto hex = to_hex(made.signature);
    {
        std::scoped_lock const lock(mutex_);
        known_.emplace(std::move(name), hex);
    }
    keep(std::move(made));
    return hex;
}

/// Nobody waits for it: RSA PKCS#1 v1.5 gives the same signature again where it was not kept.
void Signatures::keep(db::PolicySignature signature) {
    store_.enqueue(
        [signature = std::move(signature), key = key_sha256_](db::Transaction& transaction) {
            return db::PolicySignature::keep(transaction, signature, key).has_value();
        },
        [](std::optional<Error> const&) {});
}

} // namespace pointman::endpoints::policy
