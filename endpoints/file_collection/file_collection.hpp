// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/content_files.hpp"
#include "endpoints/endpoint.hpp"
#include "endpoints/file_collection/files.hpp"
#include "endpoints/idmif/mifs.hpp"
#include "endpoints/inventory/sequence.hpp"
#include "endpoints/report/received_report.hpp"

namespace pointman::endpoints {

/// Copies of files with the report that lists them (file-collection.md). The bytes go to the directory of
/// files under their hash; no name or path of a client is ever one here. IDMIF reports are
/// taken here as by the relay.
struct FileCollectionEndpoint {
    static constexpr EndpointInfo info{.name = "MP_SinvCollFileEndpoint",
                                       .delivery = Delivery::post,
                                       .carrier = Carrier::report,
                                       .mixed = Proof::signature,
                                       .native = Proof::signature,
                                       .log = "MP_SinvCollFile"};

    struct Message {
        ReceivedReport report; ///< of collected files without attachments
        std::size_t size = 0;  ///< bytes of the document
        bool is_idmif = false;
        bool is_registered = false; ///< the sender
        inventory::Submitted submitted{};
        inventory::SentFiles files{};
        idmif::SentMifs mifs{};
    };

    explicit FileCollectionEndpoint(Site const& site)
        : settings_(site.settings) {}

    Result<std::string_view> schema(wire::Message const& message, std::string_view root) const;
    /// ReportContent must be FILECOLL or IDMIF (file-collection.md, "Malformed messages").
    Result<Message> parse(Incoming const& incoming, schemas::Document const& document) const;
    Result<void> stage(Message const& message) const;
    Result<Reply> handle(Message const& message, db::Transaction& transaction) const;

private:
    Result<Message> read_idmif(schemas::Document const& document, Message message) const;
    Result<Reply> take_idmif(Message const& message, db::Transaction& transaction) const;
    db::ContentFiles contents() const { return db::ContentFiles(settings_.storage.files); }

    config::Settings const& settings_;
};

} // namespace pointman::endpoints
