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

enum class Approval { pending, approved, blocked, not_applicable };
/// "pending", "approved", "blocked", "not_applicable"
std::string_view name_of(Approval approval);
std::optional<Approval> approval_of(std::string_view name);

/// A registered client with its current key.
struct Client {
    ClientId id;
    std::int64_t resource_id = 0; ///< given by the store at insert
    std::string name = {};        ///< NetBIOS name
    std::string fqdn = {};
    Approval approval = Approval::pending;
    std::string approval_method = {}; ///< "", "automatic", "integrated", "certificate", "manual"
    int agent_type = 0;               ///< registration.md 2, as sent
    std::string agent_version = {};
    std::string agent_identity = {};
    std::string hardware_id = {};
    std::optional<ClientId> proxy = {}; ///< the ISV proxy that signs for it
    Bytes key_spki = {};                ///< DER SubjectPublicKeyInfo of the signing key
    std::string key_sha256 = {};        ///< upper-case hex of its SHA-256
    Bytes signing_certificate = {};     ///< DER
    Bytes encryption_certificate = {};  ///< DER; empty where the client sent only one
    /// Name and value as sent, except what has a field above.
    std::vector<std::pair<std::string, std::string>> discovery = {};
    TimePoint first_seen = {};
    TimePoint last_seen = {};
    std::vector<ClientId> conflicts = {}; ///< filled when read
};

/// A signing key that a client has or had.
struct ClientKey {
    std::string key_sha256;
    Bytes key_spki;
    Bytes signing_certificate;
    TimePoint valid_from;
    std::optional<TimePoint> valid_until; ///< none: the current key
};

/// Why two clients are thought to be one machine, or to claim to be.
enum class ConflictKind { name, hardware_id, smsid };
std::string_view name_of(ConflictKind kind);

/// Clients, their keys and conflicts. Reading needs a Session, writing a Transaction.
class Clients {
public:
    explicit Clients(Session& session)
        : session_(&session) {}

    Result<std::optional<Client>> find(ClientId const& id) const;
    /// Without discovery properties and conflicts, which few messages need: one statement instead of three.
    Result<std::optional<Client>> find_brief(ClientId const& id) const;
    /// By the current key; an ISV proxy's clients have their own rows but the proxy's key: the proxy itself
    /// wins, then the oldest.
    Result<std::optional<Client>> find_by_key(std::string_view key_sha256) const;
    /// All clients with that NetBIOS name or FQDN, without regard to case.
    Result<std::vector<Client>> find_by_name(std::string_view name) const;
    Result<std::vector<Client>> find_by_hardware_id(std::string_view hardware_id) const;
    /// In the order of registration.
    Result<std::vector<Client>> list(std::optional<Approval> approval = std::nullopt) const;
    /// An SMSID or a name, as operators type it. Fails with not_found, or ambiguous and a message that lists
    /// the SMSIDs.
    Result<Client> resolve(std::string_view smsid_or_name) const;
    /// Oldest first; empty for an unknown client.
    Result<std::vector<ClientKey>> keys(ClientId const& id) const;

    // Those that change a client fail with not_found where there is none.

    /// Fails with storage if the id exists. Makes the resource record too and returns its id.
    static Result<std::int64_t> insert(Transaction&, Client const& client);
    /// Names, agent fields, hardware id, discovery properties, encryption certificate and last_seen; not
    /// approval, not the signing key.
    static Result<void> update(Transaction&, Client const& client);
    /// Another signing key for a known client; the former is kept in client_key with the time of its end.
    static Result<void> replace_key(Transaction&, ClientId const& id, Bytes const& key_spki,
                                    std::string_view key_sha256, Bytes const& signing_certificate,
                                    TimePoint now);
    static Result<void> set_approval(Transaction&, ClientId const& id, Approval approval,
                                     std::string_view method, TimePoint now);
    static Result<void> touch(Transaction&, ClientId const& id, TimePoint now);
    /// Noted once for each pair and kind; both clients show the other in `conflicts`.
    static Result<void> record_conflict(Transaction&, ClientId const& a, ClientId const& b, ConflictKind kind,
                                        TimePoint now);
    /// The client with its keys, conflicts, resource, reports, files, places in collections and policy of its
    /// own; status messages stay under its name.
    static Result<void> remove(Transaction&, ClientId const& id);

private:
    Session* session_;
};

} // namespace pointman::db
