// SPDX-License-Identifier: Apache-2.0
#include "endpoints/policy/signatures.hpp"

#include "base/hex.hpp"
#include "server/wire/utf16.hpp"

#include <fmt/format.h>

#include <algorithm>

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

std::string Signatures::name_of(std::string_view assignment_id, std::uint32_t algorithm) {
    return fmt::format("{} {}", assignment_id, algorithm);
}

Result<std::shared_ptr<Signatures>> Signatures::load(db::Store& store, wire::PrivateKey key) {
    std::shared_ptr<Signatures> signatures(new Signatures(store, std::move(key)));
    auto const made = store.read([&signatures](db::Session& session) {
        return db::PolicySignature::by_key(session, signatures->key_sha256_);
    });
    if (!made) return std::unexpected(made.error());
    for (auto const& [id, change, algorithm, signature] : *made) {
        auto& known = signatures->known_[name_of(id, algorithm)];
        if (change >= known.change) known = {change, to_hex(signature)};
    }
    return signatures;
}

std::optional<std::string> Signatures::find(std::string const& name, std::int64_t change) {
    std::scoped_lock const lock(mutex_);
    auto const found = known_.find(name);
    if (found == known_.end() || found->second.change != change) return {};
    return found->second.hex;
}

std::vector<std::string> Signatures::of(std::span<Assignment const* const> assignments, wire::Digest digest) {
    auto const algorithm = algorithm_of(digest);
    std::vector<std::string> signatures;
    signatures.reserve(assignments.size());
    std::vector<db::PolicySignature> made;
    for (auto const* assignment : assignments) {
        auto const name = name_of(assignment->id(), algorithm);
        auto hex = find(name, assignment->change());
        if (!hex) {
            made.push_back({assignment->id(), assignment->change(), algorithm,
                            key_.sign(wire::to_utf16le(assignment->text()), digest)});
            hex = to_hex(made.back().signature);
            std::scoped_lock const lock(mutex_);
            known_[name] = {assignment->change(), *hex};
        }
        signatures.push_back(std::move(*hex));
    }
    if (!made.empty()) keep(std::move(made));
    return signatures;
}

/// Nobody waits for it: RSA PKCS#1 v1.5 gives the same signatures again where they were not kept.
void Signatures::keep(std::vector<db::PolicySignature> made) {
    store_.enqueue(
        [made = std::move(made), key = key_sha256_](db::Transaction& transaction) {
            return std::ranges::all_of(made, [&](db::PolicySignature const& signature) {
                return db::PolicySignature::keep(transaction, signature, key).has_value();
            });
        },
        [](std::optional<Error> const&) {});
}

} // namespace pointman::endpoints::policy
