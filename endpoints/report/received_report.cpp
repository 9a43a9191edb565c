// SPDX-License-Identifier: Apache-2.0
#include "endpoints/report/received_report.hpp"

#include "db/clients.hpp"
#include "endpoints/report/choose.hpp"
#include "schemas/validator.hpp"
#include "server/wire/utf16.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pointman::endpoints {

namespace {

using schemas::Element;

bool same_range(BytesView a, BytesView b) {
    return a.data() == b.data() && a.size() == b.size();
}

/// Whether the bytes are a report with an empty `ReportBody`: the copy of the header that clients send as the
/// body.
bool is_header_only(BytesView bytes) {
    auto const document = schemas::parse(bytes);
    return document && document->root().name() == "Report" && !has_report_content(*document);
}

std::uint64_t entries_in(schemas::Document const& document, std::string_view entry) {
    auto const body = report_body(document);
    if (!body) return 0;
    std::uint64_t count = 0;
    for (Element const child : body->children()) {
        if (child.name() == entry) ++count;
    }
    return count;
}

Bytes copy_of(BytesView bytes) {
    return {bytes.begin(), bytes.end()};
}

/// Everything of the message that is neither the report itself nor a copy of its header. Fails with
/// limit_exceeded where that would be far more than the message.
Result<std::vector<db::StoredAttachment>> other_ranges(wire::Message const& message, BytesView source) {
    std::vector<db::StoredAttachment> others;
    auto const body = message.body();
    if (!body.empty() && body.data() != source.data()) {
        bool const is_copy = schemas::root_name(source) == "Report" && is_header_only(body);
        if (!is_copy) others.push_back({"", copy_of(body)});
    }
    std::size_t copied = 0;
    for (auto const& attachment : message.attachments()) {
        if (same_range(wire::strip_trailer(attachment.bytes), source)) continue;
        copied += attachment.bytes.size();
        if (copied > max_overlap * message.payload().size()) return overlapping_too_often();
        others.push_back({std::string(attachment.name), copy_of(attachment.bytes)});
    }
    return others;
}

db::StoredReport columns(ReportHeader const& header) {
    db::StoredReport stored;
    stored.content = header.content;
    stored.type = header.type;
    stored.date = header.date;
    stored.version = header.version;
    stored.format = header.format;
    stored.netbios_name = header.netbios_name;
    stored.client_version = header.client_version;
    if (!header.actions.empty()) stored.action_id = header.actions.front().id;
    return stored;
}

} // namespace

Result<ReceivedReport> receive_report(Incoming const& incoming, schemas::Document const& document,
                                      std::string_view endpoint, std::string_view entry) {
    auto header = read_report_header(document.root());
    if (!header) return std::unexpected(std::move(header.error()));
    auto client = reporting_client(*header, incoming.sender);
    if (!client) return std::unexpected(std::move(client.error()));

    auto stored = columns(*header);
    stored.endpoint = endpoint;
    stored.client = client->text();
    stored.message_id = incoming.message.header().id;
    stored.received = incoming.received;
    stored.entries = entries_in(document, entry);
    auto others = other_ranges(incoming.message, incoming.source);
    if (!others) return std::unexpected(std::move(others.error()));
    stored.attachments = std::move(*others);
    return ReceivedReport{std::move(*header), std::move(*client), std::move(stored)};
}

std::unexpected<Error> not_registered(ClientId const& client) {
    return fail(Code::invalid_machine, fmt::format("{} is not registered", client.text()));
}

Result<Reply> store_and_tell(ReceivedReport const& report, std::string_view task,
                             db::Transaction& transaction) {
    auto const client = db::Clients(transaction).find(report.client);
    if (!client) return std::unexpected(client.error());
    if (!*client) return not_registered(report.client);
    auto const id = db::Reports::add(transaction, report.stored);
    if (!id) return std::unexpected(id.error());
    auto const& stored = report.stored;
    Reply reply;
    reply.notes.push_back(
        told(fmt::format("Mp Message Handler: start message processing for {0}----------", task)));
    reply.notes.push_back(
        told(fmt::format("Inv-{} Task: {} report {} of {} ({}), {} entries", task, stored.type,
                         stored.version, stored.client, stored.netbios_name, stored.entries)));
    reply.notes.push_back(told(fmt::format("{}: Received {} attachments", task, stored.attachments.size())));
    reply.notes.push_back(told(fmt::format("{} task: report stored as record {}", task, *id)));
    reply.notes.push_back(told(fmt::format("Inv-{}: Task completed successfully", task)));
    return reply;
}

} // namespace pointman::endpoints
