// SPDX-License-Identifier: Apache-2.0
#include "endpoints/policy/decision.hpp"

#include "base/number.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pointman::endpoints::policy {

namespace {

constexpr std::size_t stamp_digits = 16;

/// The first 64 bits of a text's SHA-256: enough to tell texts apart that operators wrote.
std::uint64_t stamp_of(std::string_view sha256) {
    return number_in<std::uint64_t>(sha256.substr(0, stamp_digits), 16).value_or(0);
}

} // namespace

std::optional<Cookie> Cookie::parse(std::string_view text) {
    text = trim(text);
    auto const dash = text.find('-');
    if (dash == std::string_view::npos || text.size() - dash - 1 != stamp_digits) return {};
    auto const change = number_in<std::uint64_t>(text.substr(0, dash));
    auto const stamps = number_in<std::uint64_t>(text.substr(dash + 1), 16);
    if (!change || !stamps || !std::in_range<std::int64_t>(*change)) return {};
    return Cookie{static_cast<std::int64_t>(*change), *stamps};
}

std::string Cookie::text() const {
    return fmt::format("{}-{:016X}", change, stamps);
}

Assignment::Assignment(db::PolicyAssignment assignment)
    : id_(std::move(assignment.assignment_id))
    , policy_key_(db::policy_key(assignment.policy_id))
    , text_(std::move(assignment.text)) {
    texts_.reserve(assignment.texts.size());
    for (auto const& [change, sha256] : assignment.texts) texts_.push_back({change, stamp_of(sha256)});
}

std::optional<std::uint64_t> Assignment::stamp_at(std::int64_t change) const {
    auto const later = std::ranges::upper_bound(texts_, change, {}, &Text::change);
    if (later == texts_.begin()) return {};
    return std::prev(later)->stamp;
}

Group::Group(std::vector<Assignment> assignments)
    : assignments_(std::move(assignments)) {
    std::ranges::sort(assignments_, {}, &Assignment::change);
    policy_keys_.reserve(assignments_.size());
    for (auto const& assignment : assignments_) {
        policy_keys_.push_back(assignment.policy_key());
        stamps_ += assignment.stamp();
    }
    std::ranges::sort(policy_keys_);
}

std::span<Assignment const> Group::changed_after(std::int64_t change) const {
    auto const first = std::ranges::upper_bound(assignments_, change, {}, &Assignment::change);
    return {first, assignments_.end()};
}

bool Group::has_policy(std::string_view policy_key) const {
    return std::ranges::binary_search(policy_keys_, policy_key);
}

Told decide(std::span<Group const* const> groups, std::int64_t now, Scope scope, std::string_view cookie) {
    Told told;
    told.cookie.change = now;
    for (auto const* group : groups) told.cookie.stamps += group->stamps();

    auto const since = scope == Scope::delta ? Cookie::parse(cookie) : std::nullopt;
    if (since && since->change <= now) {
        auto stamps_then = told.cookie.stamps;
        for (auto const* group : groups) {
            for (auto const& assignment : group->changed_after(since->change)) {
                stamps_then -= assignment.stamp();
                stamps_then += assignment.stamp_at(since->change).value_or(0);
                told.assignments.push_back(&assignment);
            }
        }
        if (stamps_then == since->stamps) told.scope = Scope::delta;
    }
    if (told.scope == Scope::full) {
        told.assignments.clear();
        for (auto const* group : groups) {
            for (auto const& assignment : group->all()) told.assignments.push_back(&assignment);
        }
    }
    std::ranges::sort(told.assignments, {}, [](Assignment const* each) { return each->first(); });
    return told;
}

} // namespace pointman::endpoints::policy
