// SPDX-License-Identifier: Apache-2.0
#include "endpoints/relay/relay.hpp"

#include "base/text.hpp"
#include "db/clients.hpp"
#include "endpoints/idmif/loading.hpp"
#include "endpoints/inventory/instance.hpp"
#include "endpoints/relay/state_loading.hpp"
#include "endpoints/report/choose.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <map>
#include <ranges>
#include <utility>

namespace pointman::endpoints {

namespace {

struct KindRow {
    RelayKind kind;
    std::string_view file_type;
    std::string_view schema;
    std::string_view entry; ///< children of ReportBody that are counted, and that tell the kind
};

constexpr std::array<KindRow, 3> kinds{{
    {RelayKind::state_messages, "SMX", "state_message_report.xsd", "StateMessage"},
    {RelayKind::software_metering, "SWM", "software_metering_report.xsd", "ProductInfo"},
    {RelayKind::idmif, "IDMIF", "idmif_report.xsd", "CollectedFile"},
}};

KindRow const& row_of(RelayKind kind) {
    return kinds.at(static_cast<std::size_t>(kind));
}

struct ContentRow {
    std::string_view content;
    RelayKind kind;
};

/// ReportContent as clients write it (relay.md 1). The 2007 page lists the inventories' contents for metering
/// too; those tell nothing, so the entries decide.
constexpr std::array<ContentRow, 4> contents{{
    {"State Message Data", RelayKind::state_messages},
    {"StateMessage", RelayKind::state_messages},
    {"Software Metering Data", RelayKind::software_metering},
    {"IDMIF", RelayKind::idmif},
}};

std::optional<RelayKind> kind_by_content(schemas::Document const& document) {
    if (document.root().name() == "Report") {
        auto const header = read_report_header(document.root());
        if (!header) return std::nullopt;
        for (auto const& row : contents) {
            if (equal_ignoring_case(row.content, header->content)) return row.kind;
        }
    }
    auto const body = report_body(document);
    auto const first = body ? body->first_child() : std::nullopt;
    if (!first) return std::nullopt;
    for (auto const& row : kinds) {
        if (first->name() == row.entry) return row.kind;
    }
    return std::nullopt;
}

/// The kind that one of the message's documents shows. Parsed once more, since hardly any client leaves
/// FileType out.
std::optional<RelayKind> kind_by_documents(wire::Message const& message) {
    for (auto const bytes : report_candidates(message) | std::views::take(2)) {
        auto const document = schemas::parse(bytes);
        if (!document) continue;
        if (auto const kind = kind_by_content(*document)) return kind;
    }
    return std::nullopt;
}

Result<RelayKind> kind_of(wire::Message const& message) {
    auto const file_type = message.header().property("FileType").value_or("");
    if (!trim(file_type).empty()) {
        if (auto const kind = relay_kind_of(file_type)) return *kind;
        return fail(Code::schema_violation,
                    fmt::format("FileType is \"{}\", expected SMX, SWM or IDMIF", trim(file_type)));
    }
    if (auto const kind = kind_by_documents(message)) return *kind;
    return fail(Code::schema_violation,
                "the message has no FileType, and its report does not tell what it carries");
}

/// What of a report cannot be used, told and kept for the quarantine.
void leave_out(std::vector<Error> const& unusable, Reply& reply) {
    if (unusable.empty()) return;
    reply.unusable_part = inventory::summary(unusable);
    reply.notes.push_back(warned(fmt::format("Relay: left out: {}", describe(*reply.unusable_part))));
}

Result<void> take_states(RelayEndpoint::Message const& message, config::Settings const& settings,
                         db::Transaction& transaction, Reply& reply) {
    auto const& report = message.report;
    auto const& states = message.states;
    auto const changes =
        relay::load_states(transaction, settings, report.client, states.usable, report.stored.received);
    if (!changes && changes.error().code == Code::not_found) return not_registered(report.client);
    if (!changes) return std::unexpected(changes.error());
    if (changes->restarted) {
        reply.notes.push_back(
            warned(fmt::format("Relay: {} counts its state messages anew", report.client.text())));
    }
    if (changes->gaps_closed) reply.notes.push_back(told("Relay: no state message is missing any more"));
    if (changes->resync_answered)
        reply.notes.push_back(told("Relay: all states that were asked for have come"));
    leave_out(states.unusable, reply);
    reply.notes.push_back(told(fmt::format(
        "Relay: {} of {} state messages are current, {} late, {} duplicates, {} invalid records",
        changes->applied, states.usable.size(), changes->late, changes->duplicates, states.unusable.size())));
    return {};
}

Result<void> take_usages(RelayEndpoint::Message const& message, config::Settings const& settings,
                         db::Transaction& transaction, Reply& reply) {
    auto const& report = message.report;
    auto const received = report.stored.received;
    auto const client = db::Clients(transaction).find(report.client);
    if (!client) return std::unexpected(client.error());
    if (!*client) return not_registered(report.client);
    std::map<db::Metering::Taken, std::size_t> counts;
    for (auto const& usage : message.usages.usable) {
        auto const taken = db::Metering::put(transaction, report.client, usage, received);
        if (!taken) return std::unexpected(taken.error());
        ++counts[*taken];
    }
    auto forgotten =
        db::Metering::forget(transaction, received - std::chrono::days(settings.relay.history_days));
    if (!forgotten) return forgotten;
    leave_out(message.usages.unusable, reply);
    using enum db::Metering::Taken;
    reply.notes.push_back(told(fmt::format(
        "Relay: {} usages are new, {} went on, {} are as they were, {} are older"
        " than what is known, {} invalid records",
        counts[added], counts[updated], counts[same], counts[older], message.usages.unusable.size())));
    return {};
}

Result<void> take(RelayEndpoint::Message const& message, config::Settings const& settings,
                  db::Transaction& transaction, Reply& reply) {
    switch (message.kind) {
    case RelayKind::state_messages:
        return take_states(message, settings, transaction, reply);
    case RelayKind::software_metering:
        return take_usages(message, settings, transaction, reply);
    case RelayKind::idmif:
        break;
    }
    return idmif::take_mifs(message.mifs, message.report, "Relay", settings, transaction, reply);
}

/// Into its place, where it is something.
template <class T>
Result<void> put(Result<T> result, T& place) {
    if (!result) return std::unexpected(std::move(result.error()));
    place = std::move(*result);
    return {};
}

} // namespace

std::optional<RelayKind> relay_kind_of(std::string_view file_type) {
    file_type = trim(file_type);
    if (equal_ignoring_case(file_type, "MIF")) return RelayKind::idmif;
    for (auto const& row : kinds) {
        if (equal_ignoring_case(row.file_type, file_type)) return row.kind;
    }
    return std::nullopt;
}

std::string_view file_type_of(RelayKind kind) {
    return row_of(kind).file_type;
}

Result<std::string_view> RelayEndpoint::schema(wire::Message const& message, std::string_view root) const {
    if (auto const taken = report_schema(root, {}); !taken) return taken;
    auto const kind = kind_of(message);
    if (!kind) return std::unexpected(kind.error());
    return row_of(*kind).schema;
}

Result<RelayEndpoint::Message> RelayEndpoint::parse(Incoming const& incoming,
                                                    schemas::Document const& document) const {
    auto const kind = kind_of(incoming.message);
    if (!kind) return std::unexpected(kind.error());
    auto report = receive_report(incoming, document, info.name, row_of(*kind).entry);
    if (!report) return std::unexpected(std::move(report.error()));
    if (*kind == RelayKind::idmif && !report->header.actions.empty()) {
        auto const action = check_action(report->header, {"0011", "0012"});
        if (!action) return std::unexpected(action.error());
    }
    report->stored.file_type = file_type_of(*kind);
    Message message{*kind, std::move(*report), {}, {}, {}};
    if (auto const body = report_body(document)) {
        if (auto done = read(*body, message); !done) return std::unexpected(std::move(done.error()));
    }
    return message;
}

Result<void> RelayEndpoint::read(schemas::Element const& body, Message& message) const {
    auto& stored = message.report.stored;
    switch (message.kind) {
    case RelayKind::state_messages:
        return put(relay::read_states(body), message.states);
    case RelayKind::software_metering:
        return put(relay::read_usages(body, stored.date), message.usages);
    case RelayKind::idmif:
        break;
    }
    auto attachments = std::exchange(stored.attachments, {});
    return put(idmif::read_mifs(body, std::move(attachments), settings_.relay.max_idmif), message.mifs);
}

Result<Reply> RelayEndpoint::handle(Message const& message, db::Transaction& transaction) const {
    auto const& stored = message.report.stored;
    // The wording that tools search for (logging.md 6).
    Reply reply;
    reply.notes.push_back(told("Mp Message Handler: start message processing for Relay----------"));
    reply.notes.push_back(told(fmt::format("Mp Message Handler: FileType={}", stored.file_type)));
    reply.notes.push_back(told("Inv-Relay Task: Processing message body"));
    reply.notes.push_back(told(fmt::format("Relay: FileType= {}", stored.file_type)));
    if (!message.report.header.priority.empty()) {
        reply.notes.push_back(
            told(fmt::format("Priority in the message = {}", message.report.header.priority)));
    }
    auto done = take(message, settings_, transaction, reply);
    if (!done) return std::unexpected(std::move(done.error()));
    reply.notes.push_back(told("Inv-Relay: Task completed successfully"));
    return reply;
}

} // namespace pointman::endpoints
