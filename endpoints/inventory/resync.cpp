// SPDX-License-Identifier: Apache-2.0
#include "endpoints/inventory/resync.hpp"

#include "db/policies.hpp"
#include "db/report_sequences.hpp"
#include "endpoints/policy/authoring.hpp"
#include "endpoints/policy/body.hpp"
#include "endpoints/policy/template_writing.hpp"
#include "endpoints/policy/templates.hpp"
#include "schemas/document.hpp"

#include <fmt/format.h>

namespace pointman::endpoints::inventory {

namespace {

/// Stored once for a site. Whatever version is there does: an operator or an earlier release may have made
/// it.
Result<void> ensure_policy(db::Transaction& transaction, config::Settings const& settings, Kind const& kind,
                           TimePoint now) {
    auto const known = db::Policies(transaction).versions_of(resync_policy_id(kind));
    if (!known) return std::unexpected(known.error());
    if (!known->empty()) return {};
    auto const* const resync = policy::find_template("resync");
    auto const xml = policy::fill(*resync, {{"action", std::string(kind.resync)}}, settings.site.code);
    if (!xml) return std::unexpected(xml.error());
    auto const document = schemas::parse(as_bytes(*xml));
    if (!document) return std::unexpected(document.error());
    auto const body = policy::make_body(
        *document, {.policy_id = resync_policy_id(kind), .policy_source = "SMS:" + settings.site.code});
    if (!body) return std::unexpected(body.error());
    db::Policy const entry{.policy_id = body->policy_id,
                           .version = body->version,
                           .category = std::string(resync->category),
                           .flags = resync->flags,
                           .added = now,
                           .sha256 = body->sha256,
                           .sha1 = body->sha1,
                           .md5 = body->md5};
    auto const added = policy::add_policy(transaction, entry, body->content, settings.site.mode);
    if (!added) return std::unexpected(added.error());
    return {};
}

} // namespace

std::string resync_policy_id(Kind const& kind) {
    return policy::stable_guid(fmt::format("resync {}", kind.resync));
}

Result<bool> Resyncs::request(ClientId const& client, Code reason) const {
    auto requested =
        db::ReportSequences::request_resync(transaction_, client, kind_.action, name_of(reason), now_);
    if (!requested || !*requested) return requested;
    if (auto made = ensure_policy(transaction_, settings_, kind_, now_); !made)
        return std::unexpected(std::move(made.error()));
    auto const assigned =
        policy::assign(transaction_, resync_policy_id(kind_), {db::PolicyTarget::Kind::client, client.text()},
                       "", settings_.site.mode);
    if (!assigned) return std::unexpected(assigned.error());
    return true;
}

Result<bool> Resyncs::clear(ClientId const& client) const {
    auto cleared = db::ReportSequences::clear_resync(transaction_, client, kind_.action);
    if (!cleared || !*cleared) return cleared;
    auto const assignment =
        db::PolicyAssignments(transaction_)
            .find(resync_policy_id(kind_), {db::PolicyTarget::Kind::client, client.text()}, "");
    if (!assignment) return std::unexpected(assignment.error());
    // An operator may have taken it away.
    if (!*assignment) return true;
    auto removed = db::PolicyAssignments::remove(transaction_, (*assignment)->assignment_id);
    if (!removed) return std::unexpected(std::move(removed.error()));
    return true;
}

} // namespace pointman::endpoints::inventory
