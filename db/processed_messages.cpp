// SPDX-License-Identifier: Apache-2.0
#include "db/processed_messages.hpp"

#include "db/connection.hpp"

namespace pointman::db {

Result<bool> ProcessedMessages::add(Transaction& transaction, ProcessedMessage const& message) {
    auto& connection = transaction.connection();
    auto const done = connection.execute(
        "INSERT INTO processed_message (client, message_id, payload_sha256, time) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        message.client, message.message_id, message.payload_sha256, message.time);
    if (!done) return std::unexpected(done.error());
    return connection.changes() > 0;
}

Result<void> ProcessedMessages::remove(Transaction& transaction, ProcessedMessage const& message) {
    return transaction.connection().execute(
        "DELETE FROM processed_message WHERE client = ? AND message_id = ? AND payload_sha256 = ?",
        message.client, message.message_id, message.payload_sha256);
}

Result<std::uint64_t> ProcessedMessages::forget_before(Transaction& transaction, TimePoint limit) {
    auto& connection = transaction.connection();
    auto done = connection.execute("DELETE FROM processed_message WHERE time < ?", limit);
    if (!done) return std::unexpected(done.error());
    return connection.changes();
}

} // namespace pointman::db
