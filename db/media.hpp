// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "db/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::db {

/// A boot medium: what signs with the key of this certificate may ask for policy (wire.md 5).
struct Medium {
    std::int64_t media_id = 0;   ///< given by the store when added
    std::string name = {};       ///< common name of the certificate's subject
    std::string key_sha256 = {}; ///< upper-case hex of the key's SHA-256
    Bytes key_spki = {};         ///< DER SubjectPublicKeyInfo
    Bytes certificate = {};      ///< DER
    TimePoint added = {};
};

class Media {
public:
    /// Each medium that is known costs a verification for a token that fits none.
    static constexpr std::size_t most = 64;

    explicit Media(Session& session)
        : session_(&session) {}

    /// In the order in which they were added.
    Result<std::vector<Medium>> list() const;
    Result<std::optional<Medium>> find(std::int64_t media_id) const;

    /// Returns the id; that of the known medium where the key is known already. Fails with limit_exceeded
    /// where `most` are known.
    static Result<std::int64_t> add(Transaction&, Medium const& medium);
    /// Fails with not_found where there is none.
    static Result<void> remove(Transaction&, std::int64_t media_id);

private:
    Session* session_;
};

} // namespace pointman::db
