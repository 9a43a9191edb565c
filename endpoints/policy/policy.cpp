// SPDX-License-Identifier: Apache-2.0
#include "endpoints/policy/policy.hpp"

#include "base/text.hpp"
#include "endpoints/policy/reply.hpp"

#include <fmt/format.h>

namespace pointman::endpoints {

namespace {

/// Whether two ids are one machine, however they are spelt.
bool same_machine(std::string_view a, std::string_view b) {
    auto const first = ClientId::parse(a);
    auto const second = ClientId::parse(b);
    if (first && second) return *first == *second;
    return !first && !second && equal_ignoring_case(trim(a), trim(b));
}

} // namespace

Result<std::string_view> PolicyEndpoint::schema(wire::Message const&, std::string_view root) const {
    if (root == "RequestAssignments") return "request_assignments.xsd";
    return fail(Code::schema_violation,
                fmt::format("the root element is \"{}\", expected \"RequestAssignments\"", root));
}

Result<PolicyEndpoint::Message> PolicyEndpoint::parse(Incoming const& incoming,
                                                      schemas::Document const& document) const {
    auto request = read_policy_request(document.root());
    if (!request) return std::unexpected(std::move(request.error()));
    auto const& source_id = incoming.message.header().source_id;
    if (!source_id.empty() && !same_machine(source_id, request->machine.client_id)) {
        return fail(Code::wrong_client, fmt::format("the request of {} names the client \"{}\"", source_id,
                                                    request->machine.client_id));
    }
    return Message{std::move(*request), incoming.medium ? incoming.medium->name : std::string()};
}

Result<Reply> PolicyEndpoint::handle(Message const& message, db::Session&) const {
    auto const& request = message.request;
    Reply reply;
    reply.xml = no_assignments(request, site_.settings.site.code);
    reply.notes.push_back(
        {Note::Kind::info,
         fmt::format("MP PM: {} request for {} policy from {} ({}), cookie \"{}\"",
                     request.request_type.empty() ? std::string_view("Full") : request.request_type,
                     request.resource == PolicyResource::user ? "user" : "machine", request.machine.client_id,
                     request.machine.netbios_name, request.cookie)});
    if (!message.medium.empty()) {
        reply.notes.push_back(
            {Note::Kind::info, fmt::format("MP PM: asked by boot medium '{}'", message.medium)});
    }
    reply.notes.push_back({Note::Kind::info, "MP PM: 0 assignments returned"});
    return reply;
}

} // namespace pointman::endpoints
