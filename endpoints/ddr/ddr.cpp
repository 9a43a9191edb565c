// SPDX-License-Identifier: Apache-2.0
#include "endpoints/ddr/ddr.hpp"

namespace pointman::endpoints {

Result<std::string_view> DdrEndpoint::schema(wire::Message const&, std::string_view root) const {
    return report_schema(root, "discovery_report.xsd");
}

Result<DdrEndpoint::Message> DdrEndpoint::parse(Incoming const& incoming,
                                                schemas::Document const& document) const {
    auto report = receive_report(incoming, document, info.name, "Instance");
    if (!report) return report;
    if (auto const action = check_action(report->header, {"0003"}); !action)
        return std::unexpected(action.error());
    if (report->header.netbios_name.empty()) {
        return fail(Code::schema_violation, "the discovery report has no NetBIOSName");
    }
    return report;
}

Result<Reply> DdrEndpoint::handle(Message const& message, db::Transaction& transaction) const {
    return store_and_tell(message, "Ddr", transaction);
}

} // namespace pointman::endpoints
