// SPDX-License-Identifier: Apache-2.0
#include "endpoints/file_collection/file_collection.hpp"

#include "base/text.hpp"
#include "endpoints/file_collection/loading.hpp"
#include "endpoints/idmif/loading.hpp"
#include "endpoints/inventory/arrival.hpp"

#include <fmt/format.h>

#include <utility>

namespace pointman::endpoints {

using namespace inventory;

namespace {

std::vector<Note> notes_of(FileCopies const& copies, std::vector<std::string> const& remarks) {
    std::vector<Note> notes;
    notes.reserve(remarks.size() + 2);
    for (auto const& remark : remarks) notes.push_back(warned("SinvCollFile: " + remark));
    if (copies.unknown != 0) {
        notes.push_back(
            warned(fmt::format("SinvCollFile: {} files are deleted that were not there", copies.unknown)));
    }
    notes.push_back(told(fmt::format("Inv-SinvCollFile: {} revisions added, {} files removed, {} as they "
                                     "were. Task completed successfully",
                                     copies.added, copies.removed, copies.same)));
    return notes;
}

} // namespace

Result<std::string_view> FileCollectionEndpoint::schema(wire::Message const&, std::string_view root) const {
    return report_schema(root, "file_collection_report.xsd");
}

Result<FileCollectionEndpoint::Message>
FileCollectionEndpoint::parse(Incoming const& incoming, schemas::Document const& document) const {
    auto report = receive_report(incoming, document, info.name, "CollectedFile");
    if (!report) return std::unexpected(std::move(report.error()));
    Message message{std::move(*report), incoming.source.size()};
    message.is_idmif = equal_ignoring_case(message.report.header.content, "IDMIF");
    // Reference pages print both numbers for IDMIF.
    auto const action = message.is_idmif
                            ? check_action(message.report.header, {"0011", "0012", collected_files.action})
                            : check_action(message.report.header, {collected_files.action});
    if (!action) return std::unexpected(action.error());
    if (message.is_idmif) return read_idmif(document, std::move(message));
    if (!equal_ignoring_case(message.report.header.content, "FILECOLL")) {
        return fail(Code::schema_violation, fmt::format("ReportContent is \"{}\", expected \"FILECOLL\"",
                                                        message.report.header.content));
    }
    message.is_registered = incoming.sender.has_value();
    message.submitted = submitted(message.report, incoming.source);
    auto& stored = message.report.stored;
    auto const& limits = settings_.file_collection;
    if (auto const body = report_body(document)) {
        auto files = read_sent_files(*body, std::exchange(stored.attachments, {}),
                                     {limits.max_file, limits.max_cycle});
        if (!files) return std::unexpected(std::move(files.error()));
        message.files = std::move(*files);
    }
    return message;
}

Result<FileCollectionEndpoint::Message> FileCollectionEndpoint::read_idmif(schemas::Document const& document,
                                                                           Message message) const {
    if (auto const body = report_body(document)) {
        auto mifs = idmif::read_mifs(*body, std::exchange(message.report.stored.attachments, {}),
                                     settings_.relay.max_idmif);
        if (!mifs) return std::unexpected(std::move(mifs.error()));
        message.mifs = std::move(*mifs);
    }
    return message;
}

/// Of others than clients nothing is written that no transaction takes.
Result<void> FileCollectionEndpoint::stage(Message const& message) const {
    if (!message.is_registered) return {};
    for (auto const& file : message.files.usable) {
        if (file.sha256.empty()) continue;
        if (auto put = contents().put(file.sha256, file.bytes); !put) return put;
    }
    return {};
}

Result<Reply> FileCollectionEndpoint::handle(Message const& message, db::Transaction& transaction) const {
    if (message.is_idmif) return take_idmif(message, transaction);
    auto const& report = message.report;
    auto const& chosen = settings_.file_collection;
    auto const load = [&]() -> Result<std::vector<Note>> {
        auto rows = db::CollectedFileWriter::open(transaction, report.client, chosen.revisions);
        if (!rows) return std::unexpected(std::move(rows.error()));
        auto const places = contents();
        auto const copies =
            load_files({*rows, places, report.stored.received}, message.files, message.submitted.is_full);
        if (!copies) return std::unexpected(copies.error());
        return notes_of(*copies, message.files.remarks);
    };
    auto const text = fmt::format("{} files, {} bytes", message.files.usable.size(), message.size);
    return arrive({collected_files, chosen.mode, report, message.submitted, message.files.unusable, text},
                  settings_, transaction, load);
}

Result<Reply> FileCollectionEndpoint::take_idmif(Message const& message, db::Transaction& transaction) const {
    auto const task = collected_files.task;
    Reply reply;
    reply.notes.push_back(
        told(fmt::format("Mp Message Handler: start message processing for {}----------", task)));
    auto taken = idmif::take_mifs(message.mifs, message.report, task, settings_, transaction, reply);
    if (!taken) return std::unexpected(std::move(taken.error()));
    reply.notes.push_back(told(fmt::format("Inv-{}: Task completed successfully", task)));
    return reply;
}

} // namespace pointman::endpoints
