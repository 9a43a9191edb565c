// SPDX-License-Identifier: Apache-2.0
#include "db/policies.hpp"

#include "base/hex.hpp"
#include "base/text.hpp"
#include "db/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace pointman::db {

namespace {

constexpr std::string_view select_versions =
    "SELECT p.policy_id, v.version, p.category, p.resource, v.flags, v.added, v.sha256, b.sha1, b.md5"
    " FROM policy p JOIN policy_version v ON v.policy_key = p.policy_key"
    " JOIN policy_body b ON b.sha256 = v.sha256 ";
constexpr std::string_view is_current =
    "v.number = (SELECT max(number) FROM policy_version WHERE policy_key = v.policy_key)";

Result<PolicyResource> read_resource(std::string const& name) {
    auto const resource = policy_resource_of(name);
    if (!resource) return fail(Code::storage, "the database holds policy that is nobody's", name);
    return *resource;
}

Result<Policy> read_policy(Row const& row) {
    auto const resource = read_resource(row.text(3));
    if (!resource) return std::unexpected(resource.error());
    return Policy{.policy_id = row.text(0),
                  .version = row.text(1),
                  .category = row.text(2),
                  .resource = *resource,
                  .flags = row.integer_as<std::uint32_t>(4),
                  .added = row.time(5),
                  .sha256 = row.text(6),
                  .sha1 = row.text(7),
                  .md5 = row.text(8)};
}

std::optional<PolicyTarget::Kind> target_kind_of(std::string_view name) {
    using enum PolicyTarget::Kind;
    for (auto const kind : {all, collection, client}) {
        if (name_of(kind) == name) return kind;
    }
    return {};
}

Result<PolicyAssignment> read_assignment(Row const& row) {
    auto const resource = read_resource(row.text(2));
    if (!resource) return std::unexpected(resource.error());
    auto const kind = target_kind_of(row.text(3));
    if (!kind) return fail(Code::storage, "the database holds an assignment to nobody", row.text(3));
    return PolicyAssignment{.assignment_id = row.text(0),
                            .policy_id = row.text(1),
                            .resource = *resource,
                            .target = {*kind, row.text(4)},
                            .condition = row.text(5)};
}

/// `where` restricts policy_assignment a. Two statements for any number of assignments.
template <class... Args>
Result<std::vector<PolicyAssignment>> read_assignments(Connection& connection, std::string_view where,
                                                       Args const&... args) {
    std::map<std::string, PolicyAssignment> by_id;
    auto const found = connection.all(
        fmt::format("SELECT a.assignment_id, p.policy_id, p.resource, a.target_kind, a.target, a.condition"
                    " FROM policy_assignment a JOIN policy p ON p.policy_key = a.policy_key WHERE {}",
                    where),
        [&by_id](Row const& row) -> Result<bool> {
            auto assignment = read_assignment(row);
            if (!assignment) return std::unexpected(std::move(assignment.error()));
            by_id.emplace(assignment->assignment_id, std::move(*assignment));
            return true;
        },
        args...);
    if (!found) return std::unexpected(found.error());
    if (by_id.empty()) return std::vector<PolicyAssignment>();
    auto const texts = connection.all(
        fmt::format("SELECT t.assignment_id, t.change, t.sha256, t.text FROM policy_assignment a"
                    " JOIN policy_assignment_text t ON t.assignment_id = a.assignment_id WHERE {}"
                    " ORDER BY t.change",
                    where),
        [&by_id](Row const& row) -> Result<bool> {
            if (auto const at = by_id.find(row.text(0)); at != by_id.end()) {
                at->second.texts.push_back({row.integer(1), row.text(2)});
                at->second.text = row.text(3); // ascending: the current one stays
            }
            return true;
        },
        args...);
    if (!texts) return std::unexpected(texts.error());

    std::vector<PolicyAssignment> assignments;
    assignments.reserve(by_id.size());
    for (auto& [id, assignment] : by_id) {
        if (assignment.texts.empty())
            return fail(Code::storage, "the database holds no text of an assignment");
        assignments.push_back(std::move(assignment));
    }
    std::ranges::sort(assignments, {}, [](auto const& each) { return each.texts.front().change; });
    return assignments;
}

/// What all clients share changed.
Result<void> turn_page(Connection& connection) {
    return connection.execute("UPDATE policy_state SET book = book + 1");
}

Result<std::int64_t> next_change(Connection& connection) {
    if (auto done = connection.execute("UPDATE policy_state SET change = change + 1"); !done)
        return std::unexpected(done.error());
    return connection.number("SELECT change FROM policy_state");
}

/// After a change of that assignment.
Result<void> turn_page_for(Connection& connection, PolicyTarget const& target) {
    return target.kind == PolicyTarget::Kind::client ? Result<void>() : turn_page(connection);
}

Result<void> insert_text(Connection& connection, std::string_view assignment_id, std::string_view text) {
    auto const change = next_change(connection);
    if (!change) return std::unexpected(change.error());
    return connection.execute(
        "INSERT INTO policy_assignment_text (assignment_id, change, sha256, text) VALUES (?, ?, ?, ?)",
        assignment_id, *change, sha256_hex(as_bytes(text)), text);
}

Result<void> insert_body(Connection& connection, Policy const& policy, BytesView content) {
    return connection.execute("INSERT INTO policy_body (sha256, sha1, md5, content) VALUES (?, ?, ?, ?)"
                              " ON CONFLICT (sha256) DO NOTHING",
                              policy.sha256, policy.sha1, policy.md5, content);
}

Result<void> insert_version(Connection& connection, std::string_view key, Policy const& policy) {
    auto done = connection.execute(
        "INSERT INTO policy (policy_key, policy_id, category, resource) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (policy_key) DO UPDATE SET category = excluded.category, resource = excluded.resource",
        key, policy.policy_id, policy.category, name_of(policy.resource));
    if (!done) return done;
    return connection.execute(
        "INSERT INTO policy_version (policy_key, number, version, flags, added, sha256) VALUES (?1,"
        " (SELECT coalesce(max(number), 0) + 1 FROM policy_version WHERE policy_key = ?1), ?2, ?3, ?4, ?5)",
        key, policy.version, policy.flags, policy.added, policy.sha256);
}

} // namespace

std::string_view name_of(PolicyResource resource) {
    return resource == PolicyResource::user ? "user" : "machine";
}

std::optional<PolicyResource> policy_resource_of(std::string_view name) {
    if (name == "machine") return PolicyResource::machine;
    if (name == "user") return PolicyResource::user;
    return {};
}

std::string_view name_of(PolicyTarget::Kind kind) {
    switch (kind) {
    case PolicyTarget::Kind::all:
        return "all";
    case PolicyTarget::Kind::collection:
        return "collection";
    case PolicyTarget::Kind::client:
        return "client";
    }
    return {};
}

std::string policy_key(std::string_view policy_id) {
    policy_id = trim(policy_id);
    if (policy_id.starts_with('{') && policy_id.ends_with('}'))
        policy_id = policy_id.substr(1, policy_id.size() - 2);
    return to_lower(policy_id);
}

Result<std::vector<Policy>> Policies::list() const {
    return session_->connection().all(
        fmt::format("{} WHERE {} ORDER BY p.policy_key", select_versions, is_current), read_policy);
}

Result<std::vector<Policy>> Policies::versions() const {
    return session_->connection().all(fmt::format("{} ORDER BY p.policy_key, v.number DESC", select_versions),
                                      read_policy);
}

Result<std::vector<Policy>> Policies::versions_of(std::string_view policy_id) const {
    return session_->connection().all(
        fmt::format("{} WHERE p.policy_key = ? ORDER BY v.number DESC", select_versions), read_policy,
        policy_key(policy_id));
}

Result<Policy> Policies::resolve(std::string_view policy_id) const {
    auto found = session_->connection().one(
        fmt::format("{} WHERE p.policy_key = ? AND {}", select_versions, is_current), read_policy,
        policy_key(policy_id));
    if (!found) return std::unexpected(std::move(found.error()));
    if (!*found) return fail(Code::not_found, fmt::format("no policy {}", policy_id));
    return std::move(**found);
}

Result<std::optional<Bytes>> Policies::body(std::string_view sha256) const {
    return session_->connection().one(
        "SELECT content FROM policy_body WHERE sha256 = ?",
        [](Row const& row) -> Result<Bytes> { return row.bytes(0); }, sha256);
}

Result<bool> Policies::add(Transaction& transaction, Policy const& policy, BytesView content) {
    auto const known = Policies(transaction).versions_of(policy.policy_id);
    if (!known) return std::unexpected(known.error());
    for (auto const& other : *known) {
        if (other.version != policy.version) continue;
        bool const current = &other == &known->front();
        if (current && other.sha256 == policy.sha256 && other.flags == policy.flags &&
            other.category == policy.category && other.resource == policy.resource) {
            return false;
        }
        return fail(Code::usage,
                    fmt::format("version {} of policy {} is stored already, and versions do not change: "
                                "give it another one",
                                policy.version, other.policy_id));
    }
    auto& connection = transaction.connection();
    if (auto done = insert_body(connection, policy, content); !done) return std::unexpected(done.error());
    if (auto done = insert_version(connection, policy_key(policy.policy_id), policy); !done)
        return std::unexpected(done.error());
    if (auto done = turn_page(connection); !done) return std::unexpected(done.error());
    return true;
}

Result<void> Policies::remove(Transaction& transaction, std::string_view policy_id) {
    auto& connection = transaction.connection();
    auto const key = policy_key(policy_id);
    // Versions, assignments, their texts and signatures go with the row.
    if (auto done = connection.execute("DELETE FROM policy WHERE policy_key = ?", key); !done) return done;
    if (connection.changes() == 0) return fail(Code::not_found, fmt::format("no policy {}", policy_id));
    auto done = connection.execute("DELETE FROM policy_body WHERE NOT EXISTS"
                                   " (SELECT 1 FROM policy_version v WHERE v.sha256 = policy_body.sha256)");
    if (!done) return done;
    if (auto counted = next_change(connection); !counted) return std::unexpected(counted.error());
    return turn_page(connection);
}

Result<std::vector<PolicyAssignment>> PolicyAssignments::list() const {
    return read_assignments(session_->connection(), "true");
}

Result<std::vector<PolicyAssignment>> PolicyAssignments::shared() const {
    return read_assignments(session_->connection(), "a.target_kind IN ('all', 'collection')");
}

Result<std::vector<PolicyAssignment>> PolicyAssignments::of_policy(std::string_view policy_id) const {
    return read_assignments(session_->connection(), "a.policy_key = ?", policy_key(policy_id));
}

Result<std::vector<PolicyAssignment>> PolicyAssignments::of_client(ClientId const& client) const {
    return read_assignments(session_->connection(), "a.target_kind = 'client' AND a.target = ?", client);
}

Result<std::optional<PolicyAssignment>> PolicyAssignments::find(std::string_view policy_id,
                                                                PolicyTarget const& target,
                                                                std::string_view condition) const {
    auto found = read_assignments(
        session_->connection(), "a.policy_key = ? AND a.target_kind = ? AND a.target = ? AND a.condition = ?",
        policy_key(policy_id), name_of(target.kind), target.id, condition);
    if (!found) return std::unexpected(std::move(found.error()));
    if (found->empty()) return std::nullopt;
    return std::move(found->front());
}

Result<void> PolicyAssignments::add(Transaction& transaction, PolicyAssignment const& assignment) {
    auto& connection = transaction.connection();
    auto done = connection.execute(
        "INSERT INTO policy_assignment (assignment_id, policy_key, target_kind, target, condition)"
        " VALUES (?, ?, ?, ?, ?)",
        assignment.assignment_id, policy_key(assignment.policy_id), name_of(assignment.target.kind),
        assignment.target.id, assignment.condition);
    if (!done) return done;
    done = insert_text(connection, assignment.assignment_id, assignment.text);
    return done ? turn_page_for(connection, assignment.target) : done;
}

Result<void> PolicyAssignments::change(Transaction& transaction, PolicyAssignment const& assignment,
                                       std::string_view text) {
    if (assignment.text == text) return {};
    auto& connection = transaction.connection();
    if (auto done = insert_text(connection, assignment.assignment_id, text); !done) return done;
    // The first stays too: assignments are in its order.
    auto done = connection.execute(
        "DELETE FROM policy_assignment_text WHERE assignment_id = ?1 AND change NOT IN (SELECT change"
        " FROM policy_assignment_text WHERE assignment_id = ?1 ORDER BY change DESC LIMIT ?2)"
        " AND change > (SELECT min(change) FROM policy_assignment_text WHERE assignment_id = ?1)",
        assignment.assignment_id, most_texts - 1);
    return done ? turn_page_for(connection, assignment.target) : done;
}

Result<void> PolicyAssignments::remove(Transaction& transaction, std::string_view assignment_id) {
    auto& connection = transaction.connection();
    auto const kind = connection.one(
        "DELETE FROM policy_assignment WHERE assignment_id = ? RETURNING target_kind",
        [](Row const& row) -> Result<std::string> { return row.text(0); }, assignment_id);
    if (!kind) return std::unexpected(kind.error());
    if (!*kind) return fail(Code::not_found, fmt::format("no assignment {}", assignment_id));
    if (auto counted = next_change(connection); !counted) return std::unexpected(counted.error());
    return **kind == name_of(PolicyTarget::Kind::client) ? Result<void>() : turn_page(connection);
}

Result<PolicyState> PolicyState::read(Session& session) {
    auto state = session.connection().one("SELECT change, book FROM policy_state",
                                          [](Row const& row) -> Result<PolicyState> {
                                              return PolicyState{row.integer(0), row.integer(1)};
                                          });
    if (!state) return std::unexpected(std::move(state.error()));
    if (!*state) return fail(Code::storage, "the database does not count changes of policy");
    return **state;
}

Result<std::vector<PolicySignature>> PolicySignature::by_key(Session& session, std::string_view key_sha256) {
    return session.connection().all(
        "SELECT assignment_id, change, algorithm, signature FROM policy_signature WHERE key_sha256 = ?",
        [](Row const& row) -> Result<PolicySignature> {
            return PolicySignature{row.text(0), row.integer(1), row.integer_as<std::uint32_t>(2),
                                   row.bytes(3)};
        },
        key_sha256);
}

Result<void> PolicySignature::keep(Transaction& transaction, PolicySignature const& signature,
                                   std::string_view key_sha256) {
    return transaction.connection().execute(
        "INSERT INTO policy_signature (assignment_id, change, algorithm, key_sha256, signature)"
        " SELECT assignment_id, change, ?3, ?4, ?5 FROM policy_assignment_text"
        " WHERE assignment_id = ?1 AND change = ?2 ON CONFLICT DO NOTHING",
        signature.assignment_id, signature.change, signature.algorithm, key_sha256, signature.signature);
}

} // namespace pointman::db
