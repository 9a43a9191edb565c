// SPDX-License-Identifier: Apache-2.0
#include "endpoints/hardware_inventory/hardware_inventory.hpp"

#include "endpoints/inventory/arrival.hpp"
#include "endpoints/inventory/loading.hpp"

#include <fmt/format.h>

namespace pointman::endpoints {

using namespace inventory;

namespace {

std::vector<Note> notes_of(Changes const& changes, std::size_t repeated) {
    std::vector<Note> notes;
    if (repeated != 0) {
        notes.push_back(told(
            fmt::format("Hinv: {} instances have the key of another: the latest of each is kept", repeated)));
    }
    notes.push_back(told(fmt::format(
        "Inv-Hinv: {} added, {} changed, {} removed, {} as they were. Task completed successfully",
        changes.added, changes.changed, changes.removed, changes.same)));
    return notes;
}

/// What two full reports have in common only if nothing in one matters that is not in the other. Its classes
/// are hashed already: to hash 250 KB once more would cost as much as to store a class.
std::string essence_of(db::StoredReport const& header, ReportedClasses const& classes) {
    auto text = fmt::format("{}\n{}\n{}\n", header.type, header.version, header.date);
    for (auto const& each : classes.classes) text += fmt::format("{} {}\n", each.name, each.sha256);
    for (auto const& error : classes.unusable) text += describe(error) + '\n';
    return text;
}

} // namespace

Result<std::string_view> HardwareInventoryEndpoint::schema(wire::Message const&,
                                                           std::string_view root) const {
    return report_schema(root, "hardware_inventory_report.xsd");
}

Result<HardwareInventoryEndpoint::Message>
HardwareInventoryEndpoint::parse(Incoming const& incoming, schemas::Document const& document) const {
    auto report = receive_report(incoming, document, info.name, "Instance");
    if (!report) return std::unexpected(std::move(report.error()));
    if (auto const action = check_action(report->header, {hardware.action}); !action)
        return std::unexpected(action.error());
    Message message{std::move(*report), incoming.source.size(), {}, {}};
    auto const& stored = message.report.stored;
    bool const is_full = is_full_report(stored.type);
    if (auto const body = report_body(document)) {
        auto instances = read_instances(*body);
        if (!instances) return std::unexpected(std::move(instances.error()));
        message.classes = read_classes(std::move(*instances), is_full);
    }
    message.submitted = is_full ? submitted(message.report, as_bytes(essence_of(stored, message.classes)))
                                : submitted(message.report, incoming.source);
    return message;
}

Result<Reply> HardwareInventoryEndpoint::handle(Message const& message, db::Transaction& transaction) const {
    auto const& [report, size, submitted, reported] = message;
    auto const& chosen = settings_.hardware_inventory;
    auto const load = [&]() -> Result<std::vector<Note>> {
        auto const received = report.stored.received;
        auto writer = db::InventoryWriter::open(transaction, report.client, hardware.action, received,
                                                report.stored.date);
        if (!writer) return std::unexpected(std::move(writer.error()));
        auto const changes =
            submitted.is_full ? load_full(*writer, reported.classes) : load_delta(*writer, reported.classes);
        if (!changes) return std::unexpected(changes.error());
        auto forgotten = writer->forget_history(received - std::chrono::days(chosen.history_days));
        if (!forgotten) return std::unexpected(std::move(forgotten.error()));
        return notes_of(*changes, reported.repeated);
    };
    auto const text = fmt::format("{} instances, {} bytes", reported.instances, size);
    return arrive({hardware, chosen.mode, report, submitted, reported.unusable, text}, settings_, transaction,
                  load);
}

} // namespace pointman::endpoints
