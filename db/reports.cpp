// SPDX-License-Identifier: Apache-2.0
#include "db/reports.hpp"

#include "db/connection.hpp"

#include <fmt/format.h>

namespace pointman::db {

namespace {

constexpr std::string_view header_columns =
    "report_id, endpoint, client, message_id, file_type, received, report_content, report_type, report_date,"
    " report_version, report_format, action_id, netbios_name, client_version, entries";

Result<StoredReport> read_header(Row const& row) {
    StoredReport report;
    report.report_id = row.integer(0);
    report.endpoint = row.text(1);
    report.client = row.text(2);
    report.message_id = row.text(3);
    report.file_type = row.text(4);
    report.received = row.time(5);
    report.content = row.text(6);
    report.type = row.text(7);
    report.date = row.text(8);
    report.version = row.text(9);
    report.format = row.text(10);
    report.action_id = row.text(11);
    report.netbios_name = row.text(12);
    report.client_version = row.text(13);
    report.entries = row.integer_as<std::uint64_t>(14);
    return report;
}

Result<StoredReport> read_whole(Row const& row) {
    auto report = read_header(row);
    if (report) report->document = row.bytes(15);
    return report;
}

Result<void> insert_attachments(Connection& connection, std::int64_t report_id,
                                std::vector<StoredAttachment> const& attachments) {
    int number = 0;
    for (auto const& attachment : attachments) {
        auto done = connection.execute(
            "INSERT INTO report_attachment (report_id, number, name, content) VALUES (?, ?, ?, ?)", report_id,
            ++number, attachment.name, attachment.bytes);
        if (!done) return done;
    }
    return {};
}

} // namespace

Result<std::vector<StoredReport>> Reports::list(std::string_view endpoint, std::string_view client) const {
    Condition condition;
    condition.add_if_set("endpoint = ?", endpoint).add_if_set("client = ?", client);
    return session_->connection().all(
        fmt::format("SELECT {} FROM report{} ORDER BY report_id", header_columns, condition.sql()),
        read_header, condition.values());
}

Result<StoredReport> Reports::get(std::int64_t report_id) const {
    auto& connection = session_->connection();
    auto report =
        connection.one(fmt::format("SELECT {}, document FROM report WHERE report_id = ?", header_columns),
                       read_whole, report_id);
    if (!report) return std::unexpected(report.error());
    if (!*report) return fail(Code::not_found, fmt::format("no report {}", report_id));
    auto attachments = connection.all(
        "SELECT name, content FROM report_attachment WHERE report_id = ? ORDER BY number",
        [](Row const& row) -> Result<StoredAttachment> {
            return StoredAttachment{row.text(0), row.bytes(1)};
        },
        report_id);
    if (!attachments) return std::unexpected(attachments.error());
    (*report)->attachments = std::move(*attachments);
    return std::move(**report);
}

Result<std::int64_t> Reports::add(Transaction& transaction, StoredReport const& report) {
    auto& connection = transaction.connection();
    auto const id = connection.next("report");
    if (!id) return id;
    auto inserted = connection.execute(
        fmt::format(
            "INSERT INTO report ({}, document) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            header_columns),
        *id, report.endpoint, report.client, report.message_id, report.file_type, report.received,
        report.content, report.type, report.date, report.version, report.format, report.action_id,
        report.netbios_name, report.client_version, report.entries, report.document);
    if (!inserted) return std::unexpected(inserted.error());
    if (auto done = insert_attachments(connection, *id, report.attachments); !done) {
        return std::unexpected(done.error());
    }
    return id;
}

} // namespace pointman::db
