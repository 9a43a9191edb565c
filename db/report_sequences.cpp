// SPDX-License-Identifier: Apache-2.0
#include "db/report_sequences.hpp"

#include "db/connection.hpp"

#include <fmt/format.h>

namespace pointman::db {

Result<ReportSequence> ReportSequences::find(ClientId const& client, std::string_view action) const {
    auto sequence = session_->connection().one(
        "SELECT b.major, b.minor, b.report_date, b.sha256, b.loaded, s.action FROM resource r"
        " LEFT JOIN inventory_baseline b ON b.resource_id = r.resource_id AND b.action = ?1"
        " LEFT JOIN inventory_resync s ON s.resource_id = r.resource_id AND s.action = ?1"
        " WHERE r.client_id = ?2",
        [](Row const& row) -> Result<ReportSequence> {
            ReportSequence found{{}, !row.is_null(5)};
            if (!row.is_null(0)) {
                found.baseline =
                    ReportBaseline{row.integer(0), row.integer(1), row.text(2), row.text(3), row.time(4)};
            }
            return found;
        },
        action, client);
    if (!sequence) return std::unexpected(std::move(sequence.error()));
    if (!*sequence) return fail(Code::not_found, fmt::format("{} has no resource", client.text()));
    return std::move(**sequence);
}

Result<std::vector<PendingResync>> ReportSequences::resyncs() const {
    return session_->connection().all(
        "SELECT r.client_id, c.name, s.action, s.reason, s.requested FROM inventory_resync s"
        " JOIN resource r ON r.resource_id = s.resource_id JOIN client c ON c.client_id = r.client_id"
        " ORDER BY s.requested, r.client_id, s.action",
        [](Row const& row) -> Result<PendingResync> {
            auto client = row.client_id(0);
            if (!client) return std::unexpected(std::move(client.error()));
            return PendingResync{std::move(*client), row.text(1), row.text(2), row.text(3), row.time(4)};
        });
}

Result<void> ReportSequences::set_baseline(Transaction& transaction, ClientId const& client,
                                           std::string_view action, ReportBaseline const& baseline) {
    return transaction.connection().execute(
        "INSERT OR REPLACE INTO inventory_baseline (resource_id, action, major, minor, report_date, sha256,"
        " loaded) SELECT resource_id, ?, ?, ?, ?, ?, ? FROM resource WHERE client_id = ?",
        action, baseline.major, baseline.minor, baseline.date, baseline.sha256, baseline.loaded, client);
}

Result<bool> ReportSequences::request_resync(Transaction& transaction, ClientId const& client,
                                             std::string_view action, std::string_view reason,
                                             TimePoint now) {
    auto& connection = transaction.connection();
    auto done =
        connection.execute("INSERT OR IGNORE INTO inventory_resync (resource_id, action, reason, requested)"
                           " SELECT resource_id, ?, ?, ? FROM resource WHERE client_id = ?",
                           action, reason, now, client);
    if (!done) return std::unexpected(std::move(done.error()));
    return connection.changes() > 0;
}

Result<bool> ReportSequences::clear_resync(Transaction& transaction, ClientId const& client,
                                           std::string_view action) {
    auto& connection = transaction.connection();
    auto done =
        connection.execute("DELETE FROM inventory_resync WHERE action = ?"
                           " AND resource_id = (SELECT resource_id FROM resource WHERE client_id = ?)",
                           action, client);
    if (!done) return std::unexpected(std::move(done.error()));
    return connection.changes() > 0;
}

} // namespace pointman::db
