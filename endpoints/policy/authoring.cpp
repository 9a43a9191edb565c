// SPDX-License-Identifier: Apache-2.0
#include "endpoints/policy/authoring.hpp"

#include "base/ids.hpp"
#include "base/text.hpp"
#include "endpoints/policy/assignment.hpp"
#include "endpoints/policy/xml_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pointman::endpoints::policy {

namespace {

Result<void> check_condition(std::string_view condition) {
    if (condition.size() > most_condition) {
        return fail(Code::usage, fmt::format("a condition may have {} bytes, this one has {}", most_condition,
                                             condition.size()));
    }
    auto const is_control = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n';
    };
    if (std::ranges::any_of(condition, is_control))
        return fail(Code::usage, "a condition may not hold control characters");
    // One that no client can read would take all other assignments of its reply along.
    if (!is_xml_text(condition))
        return fail(Code::usage, "a condition must be UTF-8, of characters that XML allows");
    return {};
}

Result<bool> renew(db::Transaction& transaction, db::Policy const& policy,
                   db::PolicyAssignment const& assignment, config::SiteMode mode) {
    auto const text = assignment_text(policy, assignment.assignment_id, assignment.condition, mode);
    if (text == assignment.text) return false;
    if (auto done = db::PolicyAssignments::change(transaction, assignment, text); !done)
        return std::unexpected(std::move(done.error()));
    return true;
}

/// For all assignments of one policy; returns how many changed.
Result<std::size_t> renew_policy(db::Transaction& transaction, db::Policy const& policy,
                                 config::SiteMode mode) {
    auto const assignments = db::PolicyAssignments(transaction).of_policy(policy.policy_id);
    if (!assignments) return std::unexpected(assignments.error());
    std::size_t count = 0;
    for (auto const& assignment : *assignments) {
        auto const changed = renew(transaction, policy, assignment, mode);
        if (!changed) return std::unexpected(changed.error());
        if (*changed) ++count;
    }
    return count;
}

} // namespace

Result<bool> add_policy(db::Transaction& transaction, db::Policy const& policy, BytesView content,
                        config::SiteMode mode) {
    auto added = db::Policies::add(transaction, policy, content);
    if (!added || !*added) return added;
    auto const current = db::Policies(transaction).resolve(policy.policy_id);
    if (!current) return std::unexpected(current.error());
    if (auto renewed = renew_policy(transaction, *current, mode); !renewed)
        return std::unexpected(std::move(renewed.error()));
    return true;
}

Result<db::PolicyAssignment> assign(db::Transaction& transaction, std::string_view policy_id,
                                    db::PolicyTarget const& target, std::string_view condition,
                                    config::SiteMode mode) {
    condition = trim(condition);
    if (auto fit = check_condition(condition); !fit) return std::unexpected(std::move(fit.error()));
    auto const policy = db::Policies(transaction).resolve(policy_id);
    if (!policy) return std::unexpected(policy.error());
    db::PolicyAssignments const assignments(transaction);
    auto known = assignments.find(policy_id, target, condition);
    if (!known) return std::unexpected(std::move(known.error()));
    if (*known) return std::move(**known);

    db::PolicyAssignment assignment{.assignment_id = fmt::format("{{{}}}", to_lower(random_uuid())),
                                    .policy_id = policy->policy_id,
                                    .resource = policy->resource,
                                    .target = target,
                                    .condition = std::string(condition)};
    assignment.text = assignment_text(*policy, assignment.assignment_id, condition, mode);
    if (auto added = db::PolicyAssignments::add(transaction, assignment); !added)
        return std::unexpected(std::move(added.error()));
    return assignment;
}

Result<std::size_t> renew_texts(db::Transaction& transaction, config::SiteMode mode) {
    auto const policies = db::Policies(transaction).list();
    if (!policies) return std::unexpected(policies.error());
    std::size_t count = 0;
    for (auto const& policy : *policies) {
        auto const changed = renew_policy(transaction, policy, mode);
        if (!changed) return changed;
        count += *changed;
    }
    return count;
}

} // namespace pointman::endpoints::policy
