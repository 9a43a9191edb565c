// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/discovery.hpp"
#include "endpoints/endpoint.hpp"
#include "endpoints/report/received_report.hpp"

#include <vector>

namespace pointman::endpoints {

/// A heartbeat discovery record (ddr.md): what it says becomes the client's resource. Nothing else is done on
/// its word: whoever registers may report any name.
struct DdrEndpoint {
    static constexpr EndpointInfo info{.name = "MP_DdrEndpoint",
                                       .delivery = Delivery::post,
                                       .carrier = Carrier::report,
                                       .mixed = Proof::signature,
                                       .native = Proof::signature,
                                       .log = "MP_Ddr"};

    struct Message {
        ReceivedReport report;
        std::vector<db::DiscoveredClass> classes;
        std::vector<Error> unusable; ///< instances
    };

    explicit DdrEndpoint(Site const& site)
        : settings_(site.settings) {}

    Result<std::string_view> schema(wire::Message const& message, std::string_view root) const;
    /// Besides what all reports need, the NetBIOS name must be there (ddr.md, "Server semantics" 1).
    Result<Message> parse(Incoming const& incoming, schemas::Document const& document) const;
    Result<Reply> handle(Message const& message, db::Transaction& transaction) const;

private:
    config::Settings const& settings_;
};

} // namespace pointman::endpoints
