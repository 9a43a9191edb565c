// SPDX-License-Identifier: Apache-2.0
#include "endpoints/ddr/ddr.hpp"

#include "base/text.hpp"
#include "db/clients.hpp"
#include "endpoints/inventory/instance.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pointman::endpoints {

namespace {

using inventory::Content;

db::InventoryProperties stored(std::vector<inventory::Property> const& properties) {
    db::InventoryProperties copies;
    for (auto const& [name, values] : properties)
        copies.push_back({std::string(name), {values.begin(), values.end()}});
    return copies;
}

/// A class is replaced as a whole by what its instances say; one that is only deleted has none left.
std::vector<db::DiscoveredClass> classes_in(std::vector<inventory::Instance> const& instances) {
    std::vector<db::DiscoveredClass> classes;
    for (auto const& instance : instances) {
        auto known = std::ranges::find_if(classes, [&instance](db::DiscoveredClass const& each) {
            return equal_ignoring_case(each.name, instance.class_name);
        });
        if (known == classes.end()) known = classes.insert(known, {std::string(instance.class_name), {}});
        if (instance.content != Content::deleted) known->instances.push_back(stored(instance.properties));
    }
    return classes;
}

void inform(Reply& reply, std::string text) {
    reply.notes.push_back({Note::Kind::info, std::move(text)});
}

/// Both clients show the other from now on: an operator has to tell which of them is real.
Result<void> note_conflicts(ReceivedReport const& report, db::Transaction& transaction, Reply& reply) {
    auto const& name = report.header.netbios_name;
    auto const namesakes = db::Clients(transaction).find_by_name(name);
    if (!namesakes) return std::unexpected(namesakes.error());
    for (auto const& other : *namesakes) {
        if (other.id == report.client) continue;
        reply.notes.push_back(
            {Note::Kind::warning, fmt::format("Ddr: Conflict: clients {} and {} claim the name {}",
                                              report.client.text(), other.id.text(), name)});
        auto noted = db::Clients::record_conflict(transaction, report.client, other.id,
                                                  db::ConflictKind::name, report.stored.received);
        if (!noted) return noted;
    }
    return {};
}

/// Whether the record is the newest; an older one is told of and left.
Result<bool> is_newest(ReceivedReport const& report, db::Session& session, Reply& reply) {
    auto const stored = db::Discoveries(session).find(report.client);
    if (!stored) return std::unexpected(stored.error());
    if (!*stored || !is_older(report.stored.date, (*stored)->date)) return true;
    inform(reply, fmt::format("Ddr: the record of {} is older than that of {}: it is left",
                              report.stored.date, (*stored)->date));
    return false;
}

} // namespace

Result<std::string_view> DdrEndpoint::schema(wire::Message const&, std::string_view root) const {
    return report_schema(root, "discovery_report.xsd");
}

Result<DdrEndpoint::Message> DdrEndpoint::parse(Incoming const& incoming,
                                                schemas::Document const& document) const {
    auto report = receive_report(incoming, document, info.name, "Instance");
    if (!report) return std::unexpected(std::move(report.error()));
    if (auto const action = check_action(report->header, {"0003"}); !action)
        return std::unexpected(action.error());
    if (report->header.netbios_name.empty()) {
        return fail(Code::schema_violation, "the discovery report has no NetBIOSName");
    }
    Message message{std::move(*report), {}, {}};
    if (auto const body = report_body(document)) {
        auto instances = inventory::read_instances(*body);
        if (!instances) return std::unexpected(std::move(instances.error()));
        message.classes = classes_in(instances->usable);
        message.unusable = std::move(instances->unusable);
    }
    return message;
}

Result<Reply> DdrEndpoint::handle(Message const& message, db::Transaction& transaction) const {
    auto const& [report, classes, unusable] = message;
    if (!unusable.empty() && settings_.discovery.mode == config::ReportMode::strict)
        return std::unexpected(inventory::summary(unusable));

    auto reply = store_and_tell(report, "Ddr", transaction);
    if (!reply) return reply;
    auto const newest = is_newest(report, transaction, *reply);
    if (!newest) return std::unexpected(newest.error());
    if (*newest) {
        db::Discovery const discovery{report.stored.date, report.stored.received, report.header.netbios_name,
                                      report.header.client_installed, report.header.client_type};
        bool const whole = !equal_ignoring_case(report.stored.type, "Delta");
        auto put = db::Discoveries::put(transaction, report.client, discovery, classes, whole);
        if (!put) return std::unexpected(std::move(put.error()));
        if (auto noted = note_conflicts(report, transaction, *reply); !noted)
            return std::unexpected(std::move(noted.error()));
    }
    if (!unusable.empty()) {
        auto const error = inventory::summary(unusable);
        reply->notes.push_back({Note::Kind::warning, fmt::format("Ddr: left out: {}", describe(error))});
        reply->unusable_part = error;
    }
    return reply;
}

} // namespace pointman::endpoints
