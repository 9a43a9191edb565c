// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "endpoints/endpoint.hpp"
#include "endpoints/report/received_report.hpp"

namespace pointman::endpoints {

/// Copies of files with the report that lists them (file-collection.md). Report and attachments are stored
/// whole.
struct FileCollectionEndpoint {
    static constexpr EndpointInfo info{.name = "MP_SinvCollFileEndpoint",
                                       .delivery = Delivery::post,
                                       .carrier = Carrier::report,
                                       .mixed = Proof::signature,
                                       .native = Proof::signature,
                                       .log = "MP_SinvCollFile"};

    using Message = ReceivedReport;

    explicit FileCollectionEndpoint(Site const&) {}

    Result<std::string_view> schema(wire::Message const& message, std::string_view root) const;
    /// ReportContent must be FILECOLL or IDMIF (file-collection.md, "Malformed messages").
    Result<Message> parse(Incoming const& incoming, schemas::Document const& document) const;
    Result<Reply> handle(Message const& message, db::Transaction& transaction) const;
};

} // namespace pointman::endpoints
