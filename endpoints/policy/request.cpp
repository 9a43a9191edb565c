// SPDX-License-Identifier: Apache-2.0
#include "endpoints/policy/request.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pointman::endpoints::policy {

namespace {

using schemas::Element;

std::string text_of(Element const& parent, std::string_view name) {
    return std::string(trim(parent.child_text(name)));
}

Scope scope_of(std::string_view request_type) {
    constexpr std::array<std::string_view, 3> deltas{"OnUpdate", "Update", "Delta"};
    auto const same = [&](std::string_view delta) { return equal_ignoring_case(delta, request_type); };
    return std::ranges::any_of(deltas, same) ? Scope::delta : Scope::full;
}

PolicyRequest::User read_user(Element const& element) {
    PolicyRequest::User user{text_of(element, "NT4UserName"), text_of(element, "SID"), {}};
    if (auto const groups = element.child("UserGroups")) {
        for (Element const group : groups->children()) {
            if (group.name() == "SID") user.groups.emplace_back(trim(group.text()));
        }
    }
    return user;
}

void read_identification(Element const& identification, PolicyRequest& request) {
    if (auto const machine = identification.child("Machine")) {
        request.machine = {text_of(*machine, "ClientID"), text_of(*machine, "NetBIOSName"),
                           text_of(*machine, "FQDN"), text_of(*machine, "SID")};
    }
    // Two users at most are of no use in one request: the first that says anything counts.
    for (Element const child : identification.children()) {
        if (child.name() != "User" || request.user) continue;
        auto user = read_user(child);
        if (user.nt4_name.empty() && user.sid.empty()) continue;
        request.user = std::move(user);
        if (request.cookie.empty()) request.cookie = text_of(child, "ServerCookie");
    }
}

Result<db::PolicyResource> resource_of(Element const& request) {
    auto const element = request.child("Resource");
    if (!element) return fail(Code::schema_violation, "the request has no Resource");
    auto const type = trim(element->attribute_or("ResourceType", ""));
    if (equal_ignoring_case(type, "Machine")) return db::PolicyResource::machine;
    if (equal_ignoring_case(type, "User")) return db::PolicyResource::user;
    return fail(Code::schema_violation,
                fmt::format("ResourceType is \"{}\", expected Machine or User", type));
}

} // namespace

Result<PolicyRequest> read_policy_request(Element const& element) {
    PolicyRequest request;
    auto const resource = resource_of(element);
    if (!resource) return std::unexpected(resource.error());
    request.resource = *resource;
    request.request_type = trim(element.attribute_or("RequestType", ""));
    request.scope = scope_of(request.request_type);
    request.policy_source = text_of(element, "PolicySource");
    request.cookie = text_of(element, "ServerCookie");
    if (auto const identification = element.child("Identification"))
        read_identification(*identification, request);
    if (request.machine.client_id.empty())
        return fail(Code::schema_violation, "the request names no ClientID");
    if (request.resource == db::PolicyResource::user && (!request.user || request.user->sid.empty())) {
        return fail(Code::schema_violation, "policy of a user is wanted, and the request has no User/SID");
    }
    return request;
}

} // namespace pointman::endpoints::policy
