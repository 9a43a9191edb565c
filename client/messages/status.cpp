// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "base/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <pointman/status.hpp>

namespace pointman::client {

namespace {

void add_missing(StatusMessage& status, std::string_view name, std::string value) {
    bool const there = std::ranges::any_of(
        status.properties, [&](auto const& property) { return equal_ignoring_case(property.first, name); });
    if (!there && !value.empty()) status.properties.emplace_back(name, std::move(value));
}

} // namespace

std::string status_message(StatusMessage const& status) {
    std::string properties;
    for (auto const& [name, value] : status.properties)
        properties +=
            fmt::format(R"(<Property Name="{}">{}</Property>)", escape_xml(name), escape_xml(value));
    return fmt::format(R"(<Status SchemaVersion="1.0" CodePage="{}" LocaleID="{}"><Type>{}</Type>)"
                       R"(<Properties>{}</Properties></Status>)",
                       status.code_page, status.lcid, escape_xml(status.type), properties);
}

Result<std::string> post_status(Session const& session, StatusMessage status) {
    add_missing(status, "ClientID", session.identity.smsid());
    add_missing(status, "MachineName", session.agent.netbios_name);
    add_missing(status, "DateTime", cim_time(session.messaging.now()));
    add_missing(status, "SiteCode", session.agent.site_code);
    return session.messaging.post(session.host, session.message("StatusReceiver", status_message(status)));
}

} // namespace pointman::client
