// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "endpoints/endpoint.hpp"
#include "endpoints/inventory/reported.hpp"
#include "endpoints/inventory/sequence.hpp"
#include "endpoints/report/received_report.hpp"

namespace pointman::endpoints {

/// Hardware inventory (hardware-inventory.md): full reports and deltas become current instances and their
/// history. A report that is out of order is refused, and a full one is asked for.
struct HardwareInventoryEndpoint {
    static constexpr EndpointInfo info{.name = "MP_HinvEndpoint",
                                       .delivery = Delivery::post,
                                       .carrier = Carrier::report,
                                       .mixed = Proof::signature,
                                       .native = Proof::signature,
                                       .log = "MP_Hinv"};

    struct Message {
        ReceivedReport report;
        std::size_t size = 0;  ///< bytes of the document
        inventory::Submitted submitted;
        inventory::ReportedClasses classes;
    };

    explicit HardwareInventoryEndpoint(Site const& site)
        : settings_(site.settings) {}

    Result<std::string_view> schema(wire::Message const& message, std::string_view root) const;
    Result<Message> parse(Incoming const& incoming, schemas::Document const& document) const;
    Result<Reply> handle(Message const& message, db::Transaction& transaction) const;

private:
    config::Settings const& settings_;
};

} // namespace pointman::endpoints
