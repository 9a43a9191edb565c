// SPDX-License-Identifier: Apache-2.0
#include "endpoints/policy/policy.hpp"

#include "base/text.hpp"
#include "endpoints/policy/book.hpp"
#include "endpoints/policy/reply.hpp"

#include <fmt/format.h>

namespace pointman::endpoints {

namespace {

using policy::PolicyRequest;
using policy::Scope;

/// Whether two ids are one machine, however they are spelt.
bool same_machine(std::string_view a, std::string_view b) {
    auto const first = ClientId::parse(a);
    auto const second = ClientId::parse(b);
    if (first && second) return *first == *second;
    return !first && !second && equal_ignoring_case(trim(a), trim(b));
}

/// Over the path on which users authenticate, only their own policy is told (policy.md 4.7).
Result<void> check_user(PolicyRequest const& request, std::string const& account) {
    if (account.empty() || request.resource != db::PolicyResource::user) return {};
    if (equal_ignoring_case(account, request.user->nt4_name)) return {};
    return fail(Code::wrong_client,
                fmt::format("{} asks for the policy of \"{}\"", account, request.user->nt4_name));
}

/// Agents of the first generation know no SHA-256.
wire::Digest digest_for(std::optional<db::Client> const& client) {
    return client && client->agent_version.starts_with("4.") ? wire::Digest::sha1 : wire::Digest::sha256;
}

void inform(Reply& reply, std::string text) {
    reply.notes.push_back({Note::Kind::info, "MP PM: " + std::move(text)});
}

/// One line where nothing is out of the ordinary: this is what a management point is asked most.
void tell(Reply& reply, PolicyEndpoint::Message const& message, policy::Told const& told) {
    auto const& request = message.request;
    inform(reply,
           fmt::format("{} request for {} policy from {} ({}), cookie \"{}\": {} assignments returned, {}, "
                       "cookie \"{}\"",
                       request.request_type.empty() ? std::string_view("Full") : request.request_type,
                       db::name_of(request.resource), request.machine.client_id, request.machine.netbios_name,
                       request.cookie, told.assignments.size(),
                       told.scope == Scope::full ? "all that it has" : "what changed", told.cookie.text()));
    if (!message.medium.empty()) inform(reply, fmt::format("asked by boot medium '{}'", message.medium));
    if (request.scope == Scope::delta && told.scope == Scope::full && !request.cookie.empty())
        inform(reply, "the cookie is not what this client has here: answered in full");
}

} // namespace

PolicyEndpoint::PolicyEndpoint(Site const& site)
    : site_(site)
    , books_(site.books ? site.books : std::make_shared<policy::Books>()) {}

Result<std::string_view> PolicyEndpoint::schema(wire::Message const&, std::string_view root) const {
    if (root == "RequestAssignments") return "request_assignments.xsd";
    return fail(Code::schema_violation,
                fmt::format("the root element is \"{}\", expected \"RequestAssignments\"", root));
}

Result<PolicyEndpoint::Message> PolicyEndpoint::parse(Incoming const& incoming,
                                                      schemas::Document const& document) const {
    auto request = policy::read_policy_request(document.root());
    if (!request) return std::unexpected(std::move(request.error()));
    auto const& client_id = request->machine.client_id;
    auto const& source_id = incoming.message.header().source_id;
    // A boot medium may not ask for a registered client in passing.
    bool const names_source = !source_id.empty() || incoming.medium;
    if (names_source && !same_machine(source_id, client_id)) {
        return fail(Code::wrong_client,
                    fmt::format("the request of {} names the client \"{}\"", source_id, client_id));
    }
    if (!incoming.sender && !incoming.medium)
        return fail(Code::unknown_client, fmt::format("{} is not registered", client_id));
    if (auto own = check_user(*request, incoming.integrated_account); !own)
        return std::unexpected(std::move(own.error()));
    auto id = ClientId::parse(client_id);
    if (!id) return fail(Code::schema_violation, fmt::format("\"{}\" is no ClientID", client_id));
    return Message{std::move(*request), std::move(*id), incoming.sender,
                   incoming.medium ? incoming.medium->name : std::string()};
}

Result<Reply> PolicyEndpoint::handle(Message const& message, db::Session& session) const {
    auto const& request = message.request;
    policy::Asker const asker{message.id, message.client ? &*message.client : nullptr};
    auto const reach = policy::Reach::of(asker, request.resource, *books_, session);
    if (!reach) return std::unexpected(reach.error());
    auto const told = policy::decide(reach->groups(), reach->change(), request.scope, request.cookie);

    auto const signatures = site_.signatures ? site_.signatures() : nullptr;
    Reply reply;
    reply.xml = policy::reply_assignments(request, told, site_.settings.site.code,
                                          {signatures.get(), digest_for(message.client)});
    tell(reply, message, told);
    return reply;
}

} // namespace pointman::endpoints
