// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "endpoints/endpoint.hpp"
#include "endpoints/report/received_report.hpp"

namespace pointman::endpoints {

/// A software inventory report (software-inventory.md). Stored whole; versions are not sequenced yet.
struct SoftwareInventoryEndpoint {
    static constexpr EndpointInfo info{.name = "MP_SinvEndpoint",
                                       .delivery = Delivery::post,
                                       .carrier = Carrier::report,
                                       .mixed = Proof::signature,
                                       .native = Proof::signature,
                                       .log = "MP_Sinv"};

    using Message = ReceivedReport;

    explicit SoftwareInventoryEndpoint(Site const&) {}

    Result<std::string_view> schema(wire::Message const& message, std::string_view root) const;
    Result<Message> parse(Incoming const& incoming, schemas::Document const& document) const;
    Result<Reply> handle(Message const& message, db::Transaction& transaction) const;
};

} // namespace pointman::endpoints
