// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "endpoints/endpoint.hpp"
#include "endpoints/inventory/sequence.hpp"
#include "endpoints/report/received_report.hpp"
#include "endpoints/software_inventory/files.hpp"

namespace pointman::endpoints {

/// Software inventory (software-inventory.md): the files of a client with the products that they say they
/// belong to. What is the same on many clients is stored once.
struct SoftwareInventoryEndpoint {
    static constexpr EndpointInfo info{.name = "MP_SinvEndpoint",
                                       .delivery = Delivery::post,
                                       .carrier = Carrier::report,
                                       .mixed = Proof::signature,
                                       .native = Proof::signature,
                                       .log = "MP_Sinv"};

    struct Message {
        ReceivedReport report;
        std::size_t size = 0;  ///< bytes of the document
        inventory::Submitted submitted;
        inventory::ReportedFiles files;
    };

    explicit SoftwareInventoryEndpoint(Site const& site)
        : settings_(site.settings) {}

    Result<std::string_view> schema(wire::Message const& message, std::string_view root) const;
    Result<Message> parse(Incoming const& incoming, schemas::Document const& document) const;
    Result<Reply> handle(Message const& message, db::Transaction& transaction) const;

private:
    config::Settings const& settings_;
};

} // namespace pointman::endpoints
