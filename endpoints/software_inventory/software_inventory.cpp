// SPDX-License-Identifier: Apache-2.0
#include "endpoints/software_inventory/software_inventory.hpp"

#include "endpoints/inventory/arrival.hpp"
#include "endpoints/software_inventory/loading.hpp"

#include <fmt/format.h>

namespace pointman::endpoints {

using namespace inventory;

namespace {

std::vector<Note> notes_of(FileChanges const& changes) {
    std::vector<Note> notes;
    if (changes.repeated != 0) {
        notes.push_back(told(
            fmt::format("Sinv: {} files are in the report twice: the latest is kept", changes.repeated)));
    }
    if (changes.unknown != 0)
        notes.push_back(
            warned(fmt::format("Sinv: {} files are deleted that were not there", changes.unknown)));
    notes.push_back(told(fmt::format(
        "Inv-Sinv: {} added, {} changed, {} removed, {} as they were. Task completed successfully",
        changes.added, changes.changed, changes.removed, changes.same)));
    return notes;
}

} // namespace

Result<std::string_view> SoftwareInventoryEndpoint::schema(wire::Message const&,
                                                           std::string_view root) const {
    return report_schema(root, "software_inventory_report.xsd");
}

Result<SoftwareInventoryEndpoint::Message>
SoftwareInventoryEndpoint::parse(Incoming const& incoming, schemas::Document const& document) const {
    auto report = receive_report(incoming, document, info.name, "Instance");
    if (!report) return std::unexpected(std::move(report.error()));
    if (auto const action = check_action(report->header, {software.action}); !action)
        return std::unexpected(action.error());
    Message message{std::move(*report), incoming.source.size(), {}, {}};
    if (auto const body = report_body(document)) {
        auto instances = read_instances(*body);
        if (!instances) return std::unexpected(std::move(instances.error()));
        message.files = read_files(std::move(*instances));
    }
    message.submitted = submitted(message.report, incoming.source);
    return message;
}

Result<Reply> SoftwareInventoryEndpoint::handle(Message const& message, db::Transaction& transaction) const {
    auto const& [report, size, submitted, files] = message;
    auto const load = [&]() -> Result<std::vector<Note>> {
        auto writer = db::SoftwareWriter::open(transaction, report.client, report.stored.received);
        if (!writer) return std::unexpected(std::move(writer.error()));
        auto const changes = submitted.is_full ? load_all_files(*writer, files.usable)
                                               : load_changed_files(*writer, files.usable);
        if (!changes) return std::unexpected(changes.error());
        return notes_of(*changes);
    };
    auto const text = fmt::format("{} files, {} bytes", files.usable.size(), size);
    return arrive({software, settings_.software_inventory.mode, report, submitted, files.unusable, text},
                  settings_, transaction, load);
}

} // namespace pointman::endpoints
