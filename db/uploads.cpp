// SPDX-License-Identifier: Apache-2.0
#include "db/uploads.hpp"

#include "db/connection.hpp"

#include <fmt/format.h>

namespace pointman::db {

namespace {

constexpr std::string_view columns = "session_id, message_id, address, total, received, finished, expires";

Result<Upload> read_upload(Row const& row) {
    Upload upload{.session_id = row.text(0), .message_id = row.text(1), .address = row.text(2)};
    if (!row.is_null(3)) upload.total = row.integer_as<std::uint64_t>(3);
    upload.received = row.integer_as<std::uint64_t>(4);
    if (!row.is_null(5)) upload.finished = row.time(5);
    upload.expires = row.time(6);
    return upload;
}

} // namespace

Result<std::optional<Upload>> Uploads::find(std::string_view session_id) const {
    return session_->connection().one(fmt::format("SELECT {} FROM upload WHERE session_id = ?", columns),
                                      read_upload, session_id);
}

Result<std::vector<Upload>> Uploads::finished(std::string_view message_id, std::string_view address,
                                              std::size_t most) const {
    return session_->connection().all(
        fmt::format("SELECT {} FROM upload WHERE message_id = ? AND finished IS NOT NULL"
                    " ORDER BY address = ? DESC, finished DESC, session_id LIMIT ?",
                    columns),
        read_upload, message_id, address, most);
}

Result<UploadTotals> Uploads::totals(std::string_view address) const {
    auto const totals = session_->connection().one(
        "SELECT count(*), coalesce(sum(CASE WHEN address = ? THEN 1 ELSE 0 END), 0), coalesce(sum(total), 0) "
        "FROM upload",
        [](Row const& row) -> Result<UploadTotals> {
            return UploadTotals{row.integer_as<std::uint64_t>(0), row.integer_as<std::uint64_t>(1),
                                row.integer_as<std::uint64_t>(2)};
        },
        address);
    if (!totals) return std::unexpected(totals.error());
    return totals->value_or(UploadTotals{});
}

Result<bool> Uploads::was_used(UsedUpload const& used) const {
    return session_->connection().exists(
        "SELECT 1 FROM used_upload WHERE message_id = ? AND request_sha256 = ?", used.message_id,
        used.request_sha256);
}

Result<void> Uploads::put(Transaction& transaction, Upload const& upload) {
    return transaction.connection().execute(
        fmt::format("INSERT INTO upload ({}) VALUES (?, ?, ?, ?, ?, ?, ?)"
                    " ON CONFLICT (session_id) DO UPDATE SET total = excluded.total,"
                    " received = excluded.received, finished = excluded.finished, expires = excluded.expires",
                    columns),
        upload.session_id, upload.message_id, upload.address, upload.total, upload.received, upload.finished,
        upload.expires);
}

Result<bool> Uploads::remove(Transaction& transaction, std::string_view session_id) {
    auto& connection = transaction.connection();
    auto done = connection.execute("DELETE FROM upload WHERE session_id = ?", session_id);
    if (!done) return std::unexpected(std::move(done.error()));
    return connection.changes() != 0;
}

Result<void> Uploads::note_used(Transaction& transaction, UsedUpload const& used) {
    return transaction.connection().execute(
        "INSERT INTO used_upload (message_id, request_sha256, expires) VALUES (?, ?, ?)"
        " ON CONFLICT (message_id, request_sha256) DO UPDATE SET expires = excluded.expires",
        used.message_id, used.request_sha256, used.expires);
}

Result<std::uint64_t> Uploads::remove_expired(Transaction& transaction, TimePoint now) {
    auto& connection = transaction.connection();
    auto done = connection.execute("DELETE FROM used_upload WHERE expires <= ?", now);
    if (done) done = connection.execute("DELETE FROM upload WHERE expires <= ?", now);
    if (!done) return std::unexpected(std::move(done.error()));
    return connection.changes();
}

} // namespace pointman::db
