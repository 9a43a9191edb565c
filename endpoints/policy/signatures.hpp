// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/policies.hpp"
#include "db/store.hpp"
#include "endpoints/policy/decision.hpp"
#include "server/wire/signature.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace pointman::endpoints::policy {

/// Signatures of assignments by the site's signing certificate, for native mode (policy.md 4.10): over the
/// text in UTF-16LE without mark, least significant byte first. Each is made once, when it is first asked
/// for, and kept in the database. Thread safe.
///
/// To make one costs as much as to answer several requests, on the thread that answers; it happens once for
/// each text.
class Signatures {
public:
    /// Reads those that the key has made already. The store must outlive this.
    static Result<std::shared_ptr<Signatures>> load(db::Store& store, wire::PrivateKey key);

    /// Number of the hash in CryptoAPI: what SignatureAlgorithm says.
    static std::uint32_t algorithm_of(wire::Digest digest);

    /// Upper-case hexadecimal, in the order of the assignments. `digest` is SHA-1 or SHA-256.
    std::vector<std::string> of(std::span<Assignment const* const> assignments, wire::Digest digest);

private:
    /// Of an assignment by one algorithm.
    struct Known {
        std::int64_t change = 0; ///< of the text that it is for
        std::string hex;
    };

    Signatures(db::Store& store, wire::PrivateKey key);
    static std::string name_of(std::string_view assignment_id, std::uint32_t algorithm);
    std::optional<std::string> find(std::string const& name, std::int64_t change);
    void keep(std::vector<db::PolicySignature> made);

    db::Store& store_;
    wire::PrivateKey key_;
    std::string key_sha256_;
    // A mutex, held for one look into the table: signing itself is done outside.
    std::mutex mutex_;
    std::unordered_map<std::string, Known> known_; ///< the latest of each assignment
};

} // namespace pointman::endpoints::policy
