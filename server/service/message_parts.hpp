// SPDX-License-Identifier: Apache-2.0
// Private to the message service: what a message is between its steps.
#pragma once

#include "server/service/message_service.hpp"

namespace pointman::service {

/// A message that passed every check: answered, where that took no more than to look, or on its way to its
/// transaction.
struct MessageService::Examined {
    endpoints::Endpoint const* endpoint = nullptr;
    wire::Header header;
    std::shared_ptr<schemas::Document> document; ///< kept for a reply to a refusal in the transaction
    std::optional<db::Client> sender;
    bool signature_verified = false;
    std::string payload_sha256; ///< of a post, which is recognised when it is repeated
    std::variant<endpoints::Reply, endpoints::WriteWork> outcome;
    std::chrono::steady_clock::time_point started;
};

/// A message that did not. Without a header it could not be attributed and is only logged and counted.
struct MessageService::Refusal {
    Error error;
    std::optional<wire::Header> header;
    endpoints::Endpoint const* endpoint = nullptr;
    std::shared_ptr<schemas::Document> document;
    bool root_known = false; ///< the document's root was one of the endpoint's
    std::chrono::steady_clock::time_point started;
};

/// A message whose payload was uploaded beforehand, as it came.
struct MessageService::Uploaded {
    wire::Header header;
    BytesView document; ///< of the header, in the submission's body
};

/// The same with its payload.
struct MessageService::Completed {
    Submission submission; ///< as it would have come inline; as it came where no upload was found
    Verdict verdict;
    std::optional<db::Upload> upload{};
    std::shared_ptr<void> hold{};
    bool is_repeat = false; ///< it was done with before, and its upload used up
};

/// What the transaction came to.
struct MessageService::Stored {
    endpoints::Reply reply;
    std::optional<Error> refused;
    std::int64_t quarantine_id = 0;
    bool duplicate = false;
};

} // namespace pointman::service
