// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "endpoints/endpoint.hpp"
#include "endpoints/report/received_report.hpp"

namespace pointman::endpoints {

/// A heartbeat discovery record (ddr.md). Stored whole; nothing in it is acted on yet.
struct DdrEndpoint {
    static constexpr EndpointInfo info{.name = "MP_DdrEndpoint",
                                       .delivery = Delivery::post,
                                       .carrier = Carrier::report,
                                       .mixed = Proof::signature,
                                       .native = Proof::signature,
                                       .log = "MP_Ddr"};

    using Message = ReceivedReport;

    explicit DdrEndpoint(Site const&) {}

    Result<std::string_view> schema(wire::Message const& message, std::string_view root) const;
    /// Besides what all reports need, the NetBIOS name must be there (ddr.md, "Server semantics" 1).
    Result<Message> parse(Incoming const& incoming, schemas::Document const& document) const;
    Result<Reply> handle(Message const& message, db::Transaction& transaction) const;
};

} // namespace pointman::endpoints
