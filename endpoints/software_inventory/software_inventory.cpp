// SPDX-License-Identifier: Apache-2.0
#include "endpoints/software_inventory/software_inventory.hpp"

namespace pointman::endpoints {

Result<std::string_view> SoftwareInventoryEndpoint::schema(wire::Message const&,
                                                           std::string_view root) const {
    return report_schema(root, "software_inventory_report.xsd");
}

Result<SoftwareInventoryEndpoint::Message>
SoftwareInventoryEndpoint::parse(Incoming const& incoming, schemas::Document const& document) const {
    auto report = receive_report(incoming, document, info.name, "Instance");
    if (!report) return report;
    if (auto const action = check_action(report->header, {"0002"}); !action)
        return std::unexpected(action.error());
    return report;
}

Result<Reply> SoftwareInventoryEndpoint::handle(Message const& message, db::Transaction& transaction) const {
    return store_and_tell(message, "Sinv", transaction);
}

} // namespace pointman::endpoints
