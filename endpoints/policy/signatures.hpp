// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/policies.hpp"
#include "db/store.hpp"
#include "endpoints/policy/decision.hpp"
#include "server/wire/signature.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace pointman::endpoints::policy {

/// Signatures of assignments by the site's signing certificate, for native mode (policy.md 4.10): over the
/// text in UTF-16LE without mark, least significant byte first. Each is made once, when it is first asked
/// for, and kept in the database. Thread safe.
class Signatures {
public:
    /// Reads those that the key has made already. The store must outlive this.
    static Result<std::shared_ptr<Signatures>> load(db::Store& store, wire::PrivateKey key);

    /// Number of the hash in CryptoAPI: what SignatureAlgorithm says.
    static std::uint32_t algorithm_of(wire::Digest digest);

    /// Upper-case hexadecimal. `digest` is SHA-1 or SHA-256.
    std::string of(Assignment const& assignment, wire::Digest digest);

private:
    Signatures(db::Store& store, wire::PrivateKey key);
    static std::string name_of(std::string_view assignment_id, std::int64_t change, std::uint32_t algorithm);
    void keep(db::PolicySignature signature);

    db::Store& store_;
    wire::PrivateKey key_;
    std::string key_sha256_;
    // A mutex, held for one look into the table: signing itself is done outside.
    std::mutex mutex_;
    std::unordered_map<std::string, std::string> known_;
};

} // namespace pointman::endpoints::policy
