// SPDX-License-Identifier: Apache-2.0
// MP_PolicyManager, and the bodies of policies.
#pragma once

#include <pointman/session.hpp>

namespace pointman::client {

/// Bits of PolicyAssignment::flags.
namespace policy_flags {
inline constexpr unsigned task_sequence = 1;
inline constexpr unsigned requires_authentication = 2;
inline constexpr unsigned secret = 4;
inline constexpr unsigned intranet_only = 8;
inline constexpr unsigned compressed = 64;
} // namespace policy_flags

/// For whom user policy is asked.
struct PolicyUser {
    std::string name; ///< `DOMAIN\user`
    std::string sid;
    std::vector<std::string> group_sids{};
};

struct PolicyRequest {
    /// Of the last reply: what changed since then. "" = everything.
    std::string cookie{};
    std::optional<PolicyUser> user{}; ///< nullopt = the machine's policy
    /// DER of the site's signing certificate: every assignment has to be signed with its key, as management
    /// points in native mode do. Empty = signatures are not looked at.
    Bytes site_signing_certificate{};
};

/// When a policy, or a rule in one, applies. Default: always.
struct PolicyCondition {
    enum class Kind : std::uint8_t {
        all,     ///< AND; without parts it always holds
        any,     ///< OR
        none,    ///< NOT
        query,   ///< `text` is WQL
        unknown, ///< `text` tells what the library does not know: nobody can say whether it holds
    };
    Kind kind = Kind::all;
    std::string text{};
    std::vector<PolicyCondition> parts{};
    bool operator==(PolicyCondition const&) const = default;
};

struct PolicyAssignment {
    std::string id;
    std::string policy_id;
    std::string policy_version;
    std::string category; ///< "" where the server gives none
    std::string type;
    unsigned flags = 0;
    std::string location; ///< URL, with `<mp>` in place of the host
    // Digests of the body, in hexadecimal; "" where the server gives none.
    std::string hash{};    ///< PolicyHash: MD5, of later servers `SHA256:` and that digest
    std::string hash_ex{}; ///< PolicyHashEx: SHA-1
    PolicyCondition condition{};
    bool operator==(PolicyAssignment const&) const = default;
};

struct PolicyAssignments {
    bool full = true; ///< what is not in it is gone
    std::string cookie;
    std::vector<PolicyAssignment> assignments;
};

/// `RequestAssignments`.
POINTMAN_API std::string policy_request(Identity const& identity, Agent const& agent,
                                        PolicyRequest const& request = {});
/// Fails with bad_reply.
POINTMAN_API Result<PolicyAssignments> read_policy_assignments(std::string_view xml);
/// As above, where each assignment has a signature that verifies. Fails with bad_signature too.
POINTMAN_API Result<PolicyAssignments> read_signed_assignments(std::string_view xml,
                                                               BytesView site_signing_certificate);
/// The `Policy` document in UTF-8 from the bytes that a location gave: opened with the client's key where it
/// is sealed, unpacked where it is compressed. Fails with bad_reply.
POINTMAN_API Result<std::string> read_policy_body(BytesView body, Credentials const& credentials);

/// As above, of the assignment's policy: the bytes, without an envelope, have the digests that the assignment
/// names, be it in `hash`, in `hash_ex`, or as `SHA256:...` in its location. A text of none of these forms
/// says nothing. Fails with bad_reply, too, where one differs.
POINTMAN_API Result<std::string> read_policy_body(BytesView body, Credentials const& credentials,
                                                  PolicyAssignment const& assignment);

/// `.sms_aut?SITESIGNCERT`: as trustworthy as the connection.
POINTMAN_API Result<Bytes> site_signing_certificate(Session const& session);

POINTMAN_API Result<PolicyAssignments> request_policy(Session const& session,
                                                      PolicyRequest const& request = {});
/// Fetches the body, with the client's token where the flags ask for authentication, and checks it against
/// the assignment's digests.
POINTMAN_API Result<std::string> download_policy(Session const& session, PolicyAssignment const& assignment);
/// `ClientToken` and `ClientTokenSignature`: prove to whom a protected body goes.
POINTMAN_API HttpHeaders token_headers(Identity const& identity, Time now);

} // namespace pointman::client
