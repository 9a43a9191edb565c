// SPDX-License-Identifier: Apache-2.0
#include "endpoints/policy/reply.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace pointman::endpoints::policy {

namespace {

std::string element(std::string_view name, std::string_view text) {
    return text.empty() ? fmt::format("<{}/>", name) : fmt::format("<{0}>{1}</{0}>", name, escape_xml(text));
}

std::string identification(PolicyRequest const& request) {
    auto const& machine = request.machine;
    auto xml = "<Identification><Machine>" + element("ClientID", machine.client_id) +
               element("NetBIOSName", machine.netbios_name) + element("FQDN", machine.fqdn) +
               element("SID", machine.sid) + "</Machine>";
    if (request.user) {
        xml += "<User>" + element("NT4UserName", request.user->nt4_name) + element("SID", request.user->sid) +
               "</User>";
    }
    return xml + "</Identification>";
}

std::string_view reply_type(PolicyRequest const& request, Scope scope) {
    if (scope == Scope::full) return "Full";
    return equal_ignoring_case(request.request_type, "OnUpdate") ? "OnUpdate" : "Delta";
}

std::string signature_element(Told const& told, Signer const& signer) {
    if (signer.signatures == nullptr || told.assignments.empty()) return {};
    auto const signatures = signer.signatures->of(told.assignments, signer.digest);
    std::string xml = "<Signature>";
    for (std::size_t i = 0; i < signatures.size(); ++i) {
        xml += fmt::format("<Reference PolicyAssignmentID=\"{}\"><SignatureAlgorithm AlgID=\"{}\"/>"
                           "<SignatureValue>{}</SignatureValue></Reference>",
                           escape_xml(told.assignments[i]->id()), Signatures::algorithm_of(signer.digest),
                           signatures[i]);
    }
    return xml + "</Signature>";
}

} // namespace

std::string reply_assignments(PolicyRequest const& request, Told const& told, std::string_view site_code,
                              Signer const& signer) {
    std::string_view const resource = request.resource == db::PolicyResource::user ? "User" : "Machine";
    auto xml = fmt::format("<ReplyAssignments SchemaVersion=\"1.00\" ReplyType=\"{}\">{}"
                           "<PolicySource>SMS:{}</PolicySource><Resource ResourceType=\"{}\"/>"
                           "<ServerCookie>{}</ServerCookie>{}",
                           reply_type(request, told.scope), identification(request), escape_xml(site_code),
                           resource, told.cookie.text(), signature_element(told, signer));
    for (auto const* assignment : told.assignments) xml += assignment->text();
    return xml + "</ReplyAssignments>";
}

} // namespace pointman::endpoints::policy
