// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/messaging/outgoing.hpp"

#include <pointman/messaging.hpp>

namespace pointman::client {

/// What the queue's file of one message begins with: enough to decide about it.
struct QueueEntry {
    std::string tracking_id; ///< the message id
    std::string host;        ///< as post() was given it
    std::string endpoint;
    Time posted{};
    std::optional<Time> expires{};
};

/// One line of JSON, then the Msg document, then the payload.
Bytes encode_queue_file(QueueEntry const& entry, Outgoing const& outgoing);

/// From the first line. Fails with storage for a damaged one.
Result<QueueEntry> read_queue_entry(std::string_view first_line);

/// Fails with storage for a file that is damaged anywhere.
Result<Outgoing> read_queue_file(BytesView content);

} // namespace pointman::client
