// SPDX-License-Identifier: Apache-2.0
#include "client/agent/policies.hpp"

#include "base/text.hpp"
#include "base/time.hpp"
#include "client/agent/kept_files.hpp"
#include "client/agent/policy_body.hpp"
#include "client/transport/failure.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pointman::client::agent {

namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 5> condition_kinds{"all", "any", "none", "query", "unknown"};

json::object to_json(PolicyCondition const& condition) {
    json::array parts;
    for (auto const& part : condition.parts) parts.emplace_back(to_json(part));
    return {{"kind", condition_kinds.at(static_cast<std::size_t>(condition.kind))},
            {"text", condition.text},
            {"parts", std::move(parts)}};
}

/// What is missing, or was kept otherwise, is unknown: a policy must not apply because of that.
PolicyCondition read_condition(json::object const& kept) {
    auto const kind = std::ranges::find(condition_kinds, text_in(kept, "kind"));
    if (kind == condition_kinds.end()) return {.kind = PolicyCondition::Kind::unknown};
    PolicyCondition condition{.kind = static_cast<PolicyCondition::Kind>(kind - condition_kinds.begin()),
                              .text = text_in(kept, "text")};
    for (auto const& part : objects_in(kept, "parts")) condition.parts.push_back(read_condition(part));
    return condition;
}

json::object to_json(KeptAssignment const& kept) {
    auto const& assignment = kept.assignment;
    return {{"id", assignment.id},
            {"policy_id", assignment.policy_id},
            {"policy_version", assignment.policy_version},
            {"category", assignment.category},
            {"type", assignment.type},
            {"flags", assignment.flags},
            {"location", assignment.location},
            {"hash", assignment.hash},
            {"hash_ex", assignment.hash_ex},
            {"condition", to_json(assignment.condition)},
            {"body", kept.body}};
}

KeptAssignment read_assignment(json::object const& object) {
    return {.assignment = {.id = text_in(object, "id"),
                           .policy_id = text_in(object, "policy_id"),
                           .policy_version = text_in(object, "policy_version"),
                           .category = text_in(object, "category"),
                           .type = text_in(object, "type"),
                           .flags = count_in(object, "flags"),
                           .location = text_in(object, "location"),
                           .hash = text_in(object, "hash"),
                           .hash_ex = text_in(object, "hash_ex"),
                           .condition = read_condition(object_in(object, "condition"))},
            .body = text_in(object, "body")};
}

Result<void> save(LocalClient const& client, KeptPolicy const& policy) {
    json::array assignments;
    for (auto const& kept : policy.assignments) assignments.emplace_back(to_json(kept));
    json::object object{{"cookie", policy.cookie}, {"assignments", std::move(assignments)}};
    if (policy.asked) object["asked"] = iso_time_ms(*policy.asked);
    return client.home().write(kept::policy, object);
}

Result<PolicyAssignments> ask_for(LocalClient& client, std::string cookie) {
    PolicyRequest request{.cookie = std::move(cookie)};
    if (client.settings().is_native()) {
        auto certificate = site_signing_certificate(client.session());
        if (!certificate) return std::unexpected(certificate.error());
        request.site_signing_certificate = std::move(*certificate);
    }
    return request_policy(client.session(), request);
}

KeptAssignment* find_assignment(KeptPolicy& policy, std::string_view id) {
    auto const found = std::ranges::find_if(
        policy.assignments, [id](KeptAssignment const& kept) { return kept.assignment.id == id; });
    return found == policy.assignments.end() ? nullptr : &*found;
}

/// A full answer leaves out what is gone.
void remove_missing(KeptPolicy& policy, PolicyAssignments const& answer, PolicyUpdate& update) {
    auto const is_missing = [&answer](KeptAssignment const& kept) {
        return std::ranges::find(answer.assignments, kept.assignment.id, &PolicyAssignment::id) ==
               answer.assignments.end();
    };
    for (auto const& kept : policy.assignments)
        if (is_missing(kept)) update.removed.push_back(kept.assignment);
    std::erase_if(policy.assignments, is_missing);
}

/// Whether both name the same version of the same policy, and the same bytes.
bool is_same_body(PolicyAssignment const& a, PolicyAssignment const& b) {
    return a.policy_id == b.policy_id && a.policy_version == b.policy_version && a.location == b.location &&
           a.hash == b.hash && a.hash_ex == b.hash_ex;
}

void take_over(KeptPolicy& policy, PolicyAssignments const& answer, PolicyUpdate& update) {
    if (answer.full) remove_missing(policy, answer, update);
    for (auto const& assignment : answer.assignments) {
        auto* const kept = find_assignment(policy, assignment.id);
        if (kept == nullptr) {
            policy.assignments.push_back({.assignment = assignment});
            update.added.push_back(assignment);
        } else if (kept->assignment != assignment) {
            if (!is_same_body(kept->assignment, assignment)) kept->body.clear();
            kept->assignment = assignment;
            update.changed.push_back(assignment);
        }
    }
}

/// The body says of itself what the assignment said of it.
Result<void> check(std::string const& body, PolicyAssignment const& assignment) {
    auto const read = read_policy_instances(body, {});
    if (!read) return std::unexpected(read.error());
    bool const is_it = equal_ignoring_case(read->policy_id, assignment.policy_id) &&
                       (read->version.empty() || read->version == assignment.policy_version);
    if (!is_it)
        return fail(Code::bad_reply,
                    fmt::format("the body is of {} version {}", read->policy_id, read->version));
    return {};
}

void fetch_bodies(LocalClient const& client, KeptPolicy& policy, PolicyUpdate& update) {
    for (auto& kept : policy.assignments) {
        if (!kept.body.empty()) continue;
        auto body = download_policy(client.session(), kept.assignment);
        auto const checked =
            body ? check(*body, kept.assignment) : Result<void>(std::unexpected(body.error()));
        if (checked) {
            kept.body = std::move(*body);
        } else {
            update.failures.push_back(fmt::format("policy {} version {}: {}", kept.assignment.policy_id,
                                                  kept.assignment.policy_version, checked.error().message));
        }
    }
}

} // namespace

KeptAssignment const* KeptPolicy::find(std::string_view id) const {
    auto const found = std::ranges::find_if(assignments, [id](KeptAssignment const& kept) {
        return equal_ignoring_case(kept.assignment.policy_id, id) ||
               equal_ignoring_case(kept.assignment.id, id);
    });
    return found == assignments.end() ? nullptr : &*found;
}

Result<KeptPolicy> load_policy(LocalClient const& client) {
    auto const object = client.home().read(kept::policy);
    if (!object && object.error().code != Code::storage) return std::unexpected(object.error());
    if (!object) {
        client.tell(object.error().message);
        return KeptPolicy();
    }
    KeptPolicy policy{.cookie = text_in(*object, "cookie"), .asked = time_in(*object, "asked")};
    for (auto const& item : objects_in(*object, "assignments"))
        policy.assignments.push_back(read_assignment(item));
    return policy;
}

Result<PolicyUpdate> update_policy(LocalClient& client, KeptPolicy& policy, PolicyAsk ask) {
    auto const answer = ask_for(client, ask == PolicyAsk::changes ? policy.cookie : std::string());
    if (!answer) return std::unexpected(answer.error());
    PolicyUpdate update{.full = answer->full};
    take_over(policy, *answer, update);
    fetch_bodies(client, policy, update);
    policy.cookie = answer->cookie;
    policy.asked = client.now();
    if (auto const saved = save(client, policy); !saved) return std::unexpected(saved.error());
    return update;
}

} // namespace pointman::client::agent
