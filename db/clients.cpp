// SPDX-License-Identifier: Apache-2.0
#include "db/clients.hpp"

#include "base/text.hpp"
#include "db/connection.hpp"
#include "db/software.hpp"

#include <fmt/format.h>

#include <array>

namespace pointman::db {

namespace {

constexpr std::array<std::pair<Approval, std::string_view>, 4> approval_names{{
    {Approval::pending, "pending"},
    {Approval::approved, "approved"},
    {Approval::blocked, "blocked"},
    {Approval::not_applicable, "not_applicable"},
}};

constexpr std::string_view select_client =
    "SELECT c.client_id, c.resource_id, c.name, c.fqdn, c.approval, c.approval_method, c.agent_type, "
    "c.agent_version,"
    " c.agent_identity, c.hardware_id, c.proxy_id, c.first_seen, c.last_seen, c.encryption_certificate,"
    " k.key_sha256, k.key_spki, k.signing_certificate"
    " FROM client c JOIN client_key k ON k.client_id = c.client_id AND k.valid_until IS NULL ";

std::string client_query(std::string_view rest) {
    return std::string(select_client).append(rest);
}

Result<Client> read_client(Row const& row) {
    auto id = row.client_id(0);
    if (!id) return std::unexpected(id.error());
    Client client{.id = std::move(*id)};
    client.resource_id = row.integer(1);
    client.name = row.text(2);
    client.fqdn = row.text(3);
    auto const approval = approval_of(row.text(4));
    if (!approval) return fail(Code::storage, "the database holds an approval that is none", row.text(4));
    client.approval = *approval;
    client.approval_method = row.text(5);
    client.agent_type = row.integer_as<int>(6);
    client.agent_version = row.text(7);
    client.agent_identity = row.text(8);
    client.hardware_id = row.text(9);
    if (!row.is_null(10)) {
        auto proxy = row.client_id(10);
        if (!proxy) return std::unexpected(proxy.error());
        client.proxy = std::move(*proxy);
    }
    client.first_seen = row.time(11);
    client.last_seen = row.time(12);
    client.encryption_certificate = row.bytes(13);
    client.key_sha256 = row.text(14);
    client.key_spki = row.bytes(15);
    client.signing_certificate = row.bytes(16);
    return client;
}

/// What lies in tables beside: discovery properties and conflicts.
Result<void> complete(Connection& connection, Client& client) {
    auto discovery = connection.all(
        "SELECT name, value FROM client_discovery WHERE client_id = ? ORDER BY number",
        [](Row const& row) -> Result<std::pair<std::string, std::string>> {
            return std::pair(row.text(0), row.text(1));
        },
        client.id);
    if (!discovery) return std::unexpected(discovery.error());
    client.discovery = std::move(*discovery);
    auto conflicts = connection.all(
        "SELECT DISTINCT other_id FROM client_conflict WHERE client_id = ? ORDER BY other_id",
        [](Row const& row) { return row.client_id(0); }, client.id);
    if (!conflicts) return std::unexpected(conflicts.error());
    client.conflicts = std::move(*conflicts);
    return {};
}

template <class... Args>
Result<std::vector<Client>> read_clients(Connection& connection, std::string_view rest, Args const&... args) {
    auto clients = connection.all(client_query(rest), read_client, args...);
    if (!clients) return clients;
    for (auto& client : *clients) {
        if (auto done = complete(connection, client); !done) return std::unexpected(done.error());
    }
    return clients;
}

template <class... Args>
Result<std::optional<Client>> read_first(Connection& connection, std::string_view rest, Args const&... args) {
    auto clients = read_clients(connection, rest, args...);
    if (!clients) return std::unexpected(clients.error());
    if (clients->empty()) return std::nullopt;
    return std::move(clients->front());
}

Result<void> insert_discovery(Connection& connection, Client const& client) {
    int number = 0;
    for (auto const& [name, value] : client.discovery) {
        auto done = connection.execute(
            "INSERT INTO client_discovery (client_id, number, name, value) VALUES (?, ?, ?, ?)", client.id,
            ++number, name, value);
        if (!done) return done;
    }
    return {};
}

Result<void> insert_key(Connection& connection, ClientId const& id, Bytes const& key_spki,
                        std::string_view key_sha256, Bytes const& signing_certificate, TimePoint now) {
    return connection.execute(
        "INSERT INTO client_key (client_id, number, key_sha256, valid_from, key_spki, signing_certificate)"
        " VALUES (?1, (SELECT coalesce(max(number), 0) + 1 FROM client_key WHERE client_id = ?1), ?2, ?3, "
        "?4, ?5)",
        id, key_sha256, now, key_spki, signing_certificate);
}

Result<void> insert_row(Connection& connection, Client const& client, std::int64_t resource_id) {
    auto inserted = connection.execute(
        "INSERT INTO client (client_id, resource_id, name, fqdn, approval, approval_method, approval_time, "
        "agent_type,"
        " agent_version, agent_identity, hardware_id, proxy_id, first_seen, last_seen, "
        "encryption_certificate)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        client.id, resource_id, client.name, client.fqdn, name_of(client.approval), client.approval_method,
        client.first_seen, client.agent_type, client.agent_version, client.agent_identity, client.hardware_id,
        client.proxy, client.first_seen, client.last_seen, client.encryption_certificate);
    if (!inserted) return inserted;
    return connection.execute(
        "INSERT INTO resource (resource_id, client_id, name, created) VALUES (?, ?, ?, ?)", resource_id,
        client.id, client.name, client.first_seen);
}

Error unknown(ClientId const& id) {
    return {Code::not_found, fmt::format("no client {}", id.text()), {}};
}

/// A statement that has to change the row of this client.
template <class... Args>
Result<void> change(Connection& connection, ClientId const& id, std::string_view sql, Args const&... args) {
    if (auto done = connection.execute(sql, args...); !done) return done;
    if (connection.changes() == 0) return std::unexpected(unknown(id));
    return {};
}

Result<void> require(Connection& connection, ClientId const& id) {
    auto const known = connection.exists("SELECT 1 FROM client WHERE client_id = ?", id);
    if (!known) return std::unexpected(known.error());
    if (!*known) return std::unexpected(unknown(id));
    return {};
}

/// The policy that was assigned to this client alone.
Result<void> remove_assignments(Connection& connection, ClientId const& id) {
    auto done =
        connection.execute("DELETE FROM policy_assignment WHERE target_kind = 'client' AND target = ?", id);
    if (!done || connection.changes() == 0) return done;
    return connection.execute("UPDATE policy_state SET change = change + 1");
}

} // namespace

std::string_view name_of(Approval approval) {
    for (auto const& [value, name] : approval_names) {
        if (value == approval) return name;
    }
    std::unreachable();
}

std::optional<Approval> approval_of(std::string_view name) {
    for (auto const& [value, known] : approval_names) {
        if (known == name) return value;
    }
    return std::nullopt;
}

std::string_view name_of(ConflictKind kind) {
    switch (kind) {
    case ConflictKind::name:
        return "name";
    case ConflictKind::hardware_id:
        return "hardware_id";
    case ConflictKind::smsid:
        return "smsid";
    }
    std::unreachable();
}

Result<std::optional<Client>> Clients::find(ClientId const& id) const {
    return read_first(session_->connection(), "WHERE c.client_id = ?", id);
}

Result<std::optional<Client>> Clients::find_brief(ClientId const& id) const {
    return session_->connection().one(client_query("WHERE c.client_id = ?"), read_client, id);
}

Result<std::optional<Client>> Clients::find_by_key(std::string_view key_sha256) const {
    return read_first(
        session_->connection(),
        "WHERE k.key_sha256 = ? ORDER BY CASE WHEN c.proxy_id IS NULL THEN 0 ELSE 1 END, c.resource_id"
        " LIMIT 1",
        key_sha256);
}

Result<std::vector<Client>> Clients::find_by_name(std::string_view name) const {
    if (name.empty()) return std::vector<Client>{}; // nobody is called nothing
    return read_clients(session_->connection(),
                        "WHERE lower(c.name) = ?1 OR lower(c.fqdn) = ?1 ORDER BY c.resource_id",
                        to_lower(name));
}

Result<std::vector<Client>> Clients::find_by_hardware_id(std::string_view hardware_id) const {
    if (hardware_id.empty()) return std::vector<Client>{};
    return read_clients(session_->connection(), "WHERE c.hardware_id = ? ORDER BY c.resource_id",
                        hardware_id);
}

Result<std::vector<Client>> Clients::list(std::optional<Approval> approval) const {
    if (!approval) return read_clients(session_->connection(), "ORDER BY c.resource_id");
    return read_clients(session_->connection(), "WHERE c.approval = ? ORDER BY c.resource_id",
                        name_of(*approval));
}

Result<Client> Clients::resolve(std::string_view smsid_or_name) const {
    if (auto const id = ClientId::parse(smsid_or_name)) {
        auto found = find(*id);
        if (!found) return std::unexpected(found.error());
        if (auto& client = *found) return std::move(*client);
    }
    auto named = find_by_name(smsid_or_name);
    if (!named) return std::unexpected(named.error());
    if (named->empty()) return fail(Code::not_found, fmt::format("no client {}", smsid_or_name));
    if (named->size() == 1) return std::move(named->front());
    std::string ids;
    for (auto const& client : *named) ids += (ids.empty() ? "" : ", ") + client.id.text();
    return fail(Code::ambiguous, fmt::format("{} fits several clients: {}", smsid_or_name, ids));
}

Result<std::vector<ClientKey>> Clients::keys(ClientId const& id) const {
    return session_->connection().all(
        "SELECT key_sha256, key_spki, signing_certificate, valid_from, valid_until FROM client_key"
        " WHERE client_id = ? ORDER BY number",
        [](Row const& row) -> Result<ClientKey> {
            return ClientKey{row.text(0), row.bytes(1), row.bytes(2), row.time(3),
                             row.is_null(4) ? std::nullopt : std::optional(row.time(4))};
        },
        id);
}

Result<std::int64_t> Clients::insert(Transaction& transaction, Client const& client) {
    auto& connection = transaction.connection();
    auto const resource_id = connection.next("resource");
    if (!resource_id) return resource_id;
    if (auto done = insert_row(connection, client, *resource_id); !done) return std::unexpected(done.error());
    if (auto done = insert_key(connection, client.id, client.key_spki, client.key_sha256,
                               client.signing_certificate, client.first_seen);
        !done) {
        return std::unexpected(done.error());
    }
    if (auto done = insert_discovery(connection, client); !done) return std::unexpected(done.error());
    return resource_id;
}

Result<void> Clients::update(Transaction& transaction, Client const& client) {
    auto& connection = transaction.connection();
    auto changed =
        change(connection, client.id,
               "UPDATE client SET name = ?, fqdn = ?, agent_type = ?, agent_version = ?, agent_identity = ?,"
               " hardware_id = ?, encryption_certificate = ?, last_seen = ? WHERE client_id = ?",
               client.name, client.fqdn, client.agent_type, client.agent_version, client.agent_identity,
               client.hardware_id, client.encryption_certificate, client.last_seen, client.id);
    if (!changed) return changed;
    if (auto done =
            connection.execute("UPDATE resource SET name = ? WHERE client_id = ?", client.name, client.id);
        !done) {
        return done;
    }
    if (auto done = connection.execute("DELETE FROM client_discovery WHERE client_id = ?", client.id);
        !done) {
        return done;
    }
    return insert_discovery(connection, client);
}

Result<void> Clients::replace_key(Transaction& transaction, ClientId const& id, Bytes const& key_spki,
                                  std::string_view key_sha256, Bytes const& signing_certificate,
                                  TimePoint now) {
    auto& connection = transaction.connection();
    auto ended =
        change(connection, id,
               "UPDATE client_key SET valid_until = ? WHERE client_id = ? AND valid_until IS NULL", now, id);
    if (!ended) return ended;
    return insert_key(connection, id, key_spki, key_sha256, signing_certificate, now);
}

Result<void> Clients::set_approval(Transaction& transaction, ClientId const& id, Approval approval,
                                   std::string_view method, TimePoint now) {
    return change(
        transaction.connection(), id,
        "UPDATE client SET approval = ?, approval_method = ?, approval_time = ? WHERE client_id = ?",
        name_of(approval), method, now, id);
}

Result<void> Clients::touch(Transaction& transaction, ClientId const& id, TimePoint now) {
    return change(transaction.connection(), id, "UPDATE client SET last_seen = ? WHERE client_id = ?", now,
                  id);
}

Result<void> Clients::record_conflict(Transaction& transaction, ClientId const& a, ClientId const& b,
                                      ConflictKind kind, TimePoint now) {
    auto& connection = transaction.connection();
    for (auto const* const party : {&a, &b}) {
        if (auto known = require(connection, *party); !known) return known;
    }
    for (auto const& [one, other] : {std::pair(&a, &b), std::pair(&b, &a)}) {
        auto done = connection.execute("INSERT INTO client_conflict (client_id, other_id, kind, time)"
                                       " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                                       *one, *other, name_of(kind), now);
        if (!done) return done;
    }
    return {};
}

Result<void> Clients::remove(Transaction& transaction, ClientId const& id) {
    auto& connection = transaction.connection();
    if (auto known = require(connection, id); !known) return known;
    if (auto done = remove_software(transaction, id); !done) return done;
    // Its keys, conflicts, discovery properties and resource go with the row, attachments with their report.
    if (auto done = connection.execute("DELETE FROM client WHERE client_id = ?", id); !done) return done;
    for (auto const* const sql :
         {"DELETE FROM report WHERE client = ?", "DELETE FROM processed_message WHERE client = ?",
          "DELETE FROM collection_member WHERE client_id = ?"}) {
        if (auto done = connection.execute(sql, id); !done) return done;
    }
    return remove_assignments(connection, id);
}

} // namespace pointman::db
