// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "db/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::db {

/// Whose policy it is: the computer's, or that of whoever works at it.
enum class PolicyResource { machine, user };
/// "machine", "user"
std::string_view name_of(PolicyResource resource);
std::optional<PolicyResource> policy_resource_of(std::string_view name);

/// The form in which policy ids are compared: lower case, without braces.
std::string policy_key(std::string_view policy_id);

/// One version of a policy, without its body.
struct Policy {
    std::string policy_id = {}; ///< as it was given first
    std::string version = {};   ///< "3.00"
    std::string category = {};
    PolicyResource resource = PolicyResource::machine;
    std::uint32_t flags = 0; ///< PolicyFlags of policy.md 3
    TimePoint added = {};
    // Of the body as it is served, in upper-case hex.
    std::string sha256 = {};
    std::string sha1 = {};
    std::string md5 = {};
};

class Policies {
public:
    explicit Policies(Session& session)
        : session_(&session) {}

    /// The current version of every policy, by id.
    Result<std::vector<Policy>> list() const;
    /// Every version of every policy, by id, the current one first.
    Result<std::vector<Policy>> versions() const;
    /// Of one policy, the current one first; empty where it is not known.
    Result<std::vector<Policy>> versions_of(std::string_view policy_id) const;
    /// The current version. Fails with not_found.
    Result<Policy> resolve(std::string_view policy_id) const;
    /// A body by the SHA-256 of its bytes.
    Result<std::optional<Bytes>> body(std::string_view sha256) const;

    /// Makes it the current version of its policy; category and resource become those of the policy. Returns
    /// whether there was anything to do. Fails with usage where that version is stored with another body or
    /// other flags, or is not the current one any more: what clients were given must not change.
    static Result<bool> add(Transaction&, Policy const& policy, BytesView content);
    /// All its versions, its assignments, and the bodies that no other policy has. Fails with not_found.
    static Result<void> remove(Transaction&, std::string_view policy_id);

private:
    Session* session_;
};

/// To whom a policy is assigned.
struct PolicyTarget {
    enum class Kind { all, collection, client };
    Kind kind = Kind::all;
    std::string id = {}; ///< collection id, or SMSID; "" for all
    bool operator==(PolicyTarget const&) const = default;
};
/// "all", "collection", "client"
std::string_view name_of(PolicyTarget::Kind kind);

/// What a client was or is told for an assignment.
struct AssignmentText {
    std::int64_t change = 0; ///< since when
    std::string sha256 = {}; ///< of the text in UTF-8
};

struct PolicyAssignment {
    std::string assignment_id = {}; ///< "{guid}"
    std::string policy_id = {};
    PolicyResource resource = PolicyResource::machine;
    PolicyTarget target = {};
    std::string condition = {};          ///< WQL; "" = none
    std::string text = {};               ///< the current one, UTF-8
    std::vector<AssignmentText> texts{}; ///< ascending, the current one last; filled when read
};

class PolicyAssignments {
public:
    /// Texts of one assignment that are remembered: the first and the latest. A client that was away for
    /// longer gets a full reply.
    static constexpr int most_texts = 16;

    explicit PolicyAssignments(Session& session)
        : session_(&session) {}

    // In the order in which they were assigned.

    Result<std::vector<PolicyAssignment>> list() const;
    /// Those to all and to collections.
    Result<std::vector<PolicyAssignment>> shared() const;
    Result<std::vector<PolicyAssignment>> of_policy(std::string_view policy_id) const;
    /// Those to that one client alone.
    Result<std::vector<PolicyAssignment>> of_client(ClientId const& client) const;
    /// The assignment of that policy to that target under that condition.
    Result<std::optional<PolicyAssignment>> find(std::string_view policy_id, PolicyTarget const& target,
                                                 std::string_view condition) const;

    /// `text` becomes its first text. Fails with storage where there is one like it.
    static Result<void> add(Transaction&, PolicyAssignment const& assignment);
    /// Another text from now on, where it is another.
    static Result<void> change(Transaction&, PolicyAssignment const& assignment, std::string_view text);
    /// Fails with not_found.
    static Result<void> remove(Transaction&, std::string_view assignment_id);

private:
    Session* session_;
};

/// Counters that say what changed.
struct PolicyState {
    std::int64_t change = 0; ///< of any assignment
    std::int64_t book = 0;   ///< of policies, collections and assignments that clients share

    static Result<PolicyState> read(Session& session);
};

/// A signature of an assignment's text by the site.
struct PolicySignature {
    std::string assignment_id = {};
    std::int64_t change = 0;
    std::uint32_t algorithm = 0; ///< ALG_ID of the hash
    Bytes signature = {};        ///< least significant byte first

    /// All that were made with that key.
    static Result<std::vector<PolicySignature>> by_key(Session& session, std::string_view key_sha256);
    /// Does nothing where there is one, or where the text is not stored any more.
    static Result<void> keep(Transaction& transaction, PolicySignature const& signature,
                             std::string_view key_sha256);
};

} // namespace pointman::db
