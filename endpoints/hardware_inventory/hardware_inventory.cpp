// SPDX-License-Identifier: Apache-2.0
#include "endpoints/hardware_inventory/hardware_inventory.hpp"

namespace pointman::endpoints {

Result<std::string_view> HardwareInventoryEndpoint::schema(wire::Message const&,
                                                           std::string_view root) const {
    return report_schema(root, "hardware_inventory_report.xsd");
}

Result<HardwareInventoryEndpoint::Message>
HardwareInventoryEndpoint::parse(Incoming const& incoming, schemas::Document const& document) const {
    auto report = receive_report(incoming, document, info.name, "Instance");
    if (!report) return report;
    if (auto const action = check_action(report->header, {"0001"}); !action)
        return std::unexpected(action.error());
    return report;
}

Result<Reply> HardwareInventoryEndpoint::handle(Message const& message, db::Transaction& transaction) const {
    return store_and_tell(message, "Hinv", transaction);
}

} // namespace pointman::endpoints
