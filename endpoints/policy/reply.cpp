// SPDX-License-Identifier: Apache-2.0
#include "endpoints/policy/reply.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace pointman::endpoints {

namespace {

/// Clients keep it and send it back unchanged. Assignments carry change numbers from 1, so none at all is 0.
constexpr std::string_view cookie_of_nothing = "0";

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

} // namespace

std::string no_assignments(PolicyRequest const& request, std::string_view site_code) {
    std::string_view const resource = request.resource == PolicyResource::user ? "User" : "Machine";
    return fmt::format("<ReplyAssignments SchemaVersion=\"1.00\" ReplyType=\"Full\">{}"
                       "<PolicySource>SMS:{}</PolicySource><Resource ResourceType=\"{}\"/>"
                       "<ServerCookie>{}</ServerCookie></ReplyAssignments>",
                       identification(request), escape_xml(site_code), resource, cookie_of_nothing);
}

} // namespace pointman::endpoints
