// SPDX-License-Identifier: Apache-2.0
#include "client/agent/registering.hpp"

#include "client/agent/kept_files.hpp"
#include "client/transport/failure.hpp"

#include <fmt/format.h>

#include <pointman/location.hpp>

namespace pointman::client::agent {

namespace {

/// Of the management point; the first in its list is its own.
Result<std::string> site_of(LocalClient const& client) {
    auto const points = list_management_points(client.session());
    if (!points) return std::unexpected(points.error());
    if (points->empty() || points->front().site_code.empty())
        return fail(Code::bad_reply, "the management point does not say of which site it is: give --site");
    return points->front().site_code;
}

Result<void> forget_reports(LocalClient const& client) {
    for (auto const name : kept::of_one_client) {
        if (auto const removed = client.home().remove(name); !removed) return removed;
    }
    return {};
}

std::unexpected<Error> rejected(LocalClient const& client, RegistrationStatus status) {
    if (status == RegistrationStatus::certificate_reset) {
        return fail(Code::access_denied,
                    fmt::format("the management point wants another key of this client: remove {}, and "
                                "register again",
                                client.home().identity().string()));
    }
    return fail(Code::access_denied, "the management point rejects this client: it is blocked, or its "
                                     "registration is wrong; the log of the management point says which");
}

/// Approval is not told by all servers; who is registered with one that does not is approved as far as a
/// client can know.
Standing standing_in(RegistrationReply const& reply) {
    constexpr int pending = 0;
    bool const waits = reply.status == RegistrationStatus::pending || reply.approval == pending;
    return waits ? Standing::waiting : Standing::approved;
}

Result<Registration> register_anew(LocalClient& client) {
    auto const reply = register_client(client.session());
    if (!reply) return std::unexpected(reply.error());
    if (reply->smsid.empty()) return rejected(client, reply->status);
    // Also under the same SMSID: a site that wants a registration knows nothing of what was reported.
    if (auto const forgotten = forget_reports(client); !forgotten) return std::unexpected(forgotten.error());
    return Registration{reply->smsid, standing_in(*reply), true};
}

/// Nothing where the client has to register (again).
Result<std::optional<Registration>> confirmed(LocalClient& client) {
    if (client.identity().smsid().empty()) return std::nullopt;
    auto const reply = confirm_registration(client.session());
    if (!reply) return std::unexpected(reply.error());
    if (reply->status == RegistrationStatus::reset) return std::nullopt;
    if (reply->smsid.empty()) return rejected(client, reply->status);
    return Registration{client.identity().smsid(), standing_in(*reply), false};
}

} // namespace

Result<Registration> ensure_registration(LocalClient& client) {
    auto site = client.settings().site.empty() ? site_of(client) : client.settings().site;
    if (!site) return std::unexpected(site.error());
    if (auto const kept = client.remember(std::move(*site)); !kept) return std::unexpected(kept.error());
    auto registration = confirmed(client);
    if (!registration) return std::unexpected(registration.error());
    return *registration ? std::move(**registration) : register_anew(client);
}

} // namespace pointman::client::agent
