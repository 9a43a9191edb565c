// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/inventory/reports.hpp"
#include "server/wire/client_auth.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace pointman::client::load {

/// What a simulated client remembers. A fleet has a hundred thousand: all else follows from the seed and its
/// number.
struct Member {
    using Uuid = std::array<char, 36>;

    Uuid uuid{}; ///< of its SMSID
    bool registered = false;
    bool resync = false;          ///< the site has asked for a full report
    bool has_baseline = false;    ///< the site has a full report
    std::uint32_t serial = 0;     ///< of its last state message
    std::uint32_t generation = 0; ///< of the inventory that it reported last
    inventory::Version version{}; ///< of that report
    wire::SenderProof proof{};
    std::string cookie{};                  ///< of the last policy
    std::vector<std::uint32_t> policies{}; ///< those that it has, as hashes

    /// Without a report at the site, or asked for one: the next is full.
    bool owes_full_report() const { return resync || !has_baseline; }
    void reported_everything();
    void reported_changes();
    /// Whether a policy with that hash is to be fetched: 0 always is, another once.
    bool wants(std::uint32_t policy);

    std::string smsid() const { return "GUID:" + std::string(uuid.data(), uuid.size()); }
    /// Bytes, with what it holds outside.
    std::size_t memory() const {
        return sizeof(Member) + proof.public_key.capacity() + proof.id_signature.capacity() +
               (cookie.capacity() > std::string().capacity() ? cookie.capacity() + 1 : 0) +
               policies.capacity() * sizeof(policies[0]);
    }
};

} // namespace pointman::client::load
