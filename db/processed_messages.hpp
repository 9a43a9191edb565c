// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "db/store.hpp"

#include <string>

namespace pointman::db {

/// One processed post: what a client may send again when it saw no answer, so that a repeat is acknowledged
/// and not stored twice. Never looked up by message id alone: tools
/// repeat those (wire.md 4).
struct ProcessedMessage {
    std::string client;
    std::string message_id;
    std::string payload_sha256; ///< of the payload as signed
    TimePoint time;
};

class ProcessedMessages {
public:
    /// Whether it was not there before.
    static Result<bool> add(Transaction&, ProcessedMessage const& message);
    static Result<void> remove(Transaction&, ProcessedMessage const& message);
    /// Forgets those before `limit`; returns how many.
    static Result<std::uint64_t> forget_before(Transaction&, TimePoint limit);
};

} // namespace pointman::db
