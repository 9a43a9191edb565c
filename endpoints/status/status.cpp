// SPDX-License-Identifier: Apache-2.0
#include "endpoints/status/status.hpp"

#include "base/text.hpp"
#include "endpoints/report/received_report.hpp"
#include "endpoints/status/events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace pointman::endpoints {

namespace {

using schemas::Element;
using Values = std::vector<std::pair<std::string, std::string>>;

/// The `entry` children of `list`, name and text in the order of the message.
Values read_values(Element const& status, std::string_view list, std::string_view entry,
                   std::vector<Note>& warnings) {
    Values values;
    auto const parent = status.child(list);
    if (!parent) return values;
    for (Element const child : parent->children()) {
        if (child.name() != entry) continue;
        auto const name = child.attribute_or("Name", "");
        if (name.empty()) {
            warnings.push_back(warned(fmt::format("{} without Name ignored (line {})", entry, child.line())));
            continue;
        }
        values.emplace_back(name, child.text());
    }
    return values;
}

/// Names of properties are compared without case, as CIM does.
std::string value_of(Values const& values, std::string_view name) {
    auto const found = std::ranges::find_if(
        values, [&](auto const& value) { return equal_ignoring_case(value.first, name); });
    return found == values.end() ? std::string() : std::string(trim(found->second));
}

/// 1.0 of the 2007 SDK, 1.00 of the later one; some leave it out.
bool is_known_version(std::string_view version) {
    return version.empty() || version == "1" || version == "1.0" || version == "1.00";
}

/// The client that the message speaks for: whom ClientID names, else the sender; "" where neither is known.
Result<std::string> client_of(Values const& properties, std::optional<db::Client> const& sender,
                              std::vector<Note>& warnings) {
    auto const named = value_of(properties, "ClientID");
    auto const id = ClientId::parse(named);
    if (!named.empty() && !id)
        warnings.push_back(warned(fmt::format("ClientID \"{}\" is no client id", named)));
    if (!sender) return id ? id->text() : std::string();
    if (id && *id != sender->id) {
        return fail(Code::wrong_client, fmt::format("the status message of {} names the client {}",
                                                    sender->id.text(), id->text()));
    }
    return sender->id.text();
}

std::uint32_t days_of(config::Settings::Status const& kept, db::StatusType type) {
    switch (type) {
    case db::StatusType::milestone:
        return kept.milestone_days;
    case db::StatusType::detail:
        return kept.detail_days;
    case db::StatusType::audit:
        return kept.audit_days;
    case db::StatusType::nt_event:
        return kept.nt_event_days;
    }
    return kept.milestone_days;
}

} // namespace

Result<std::string_view> StatusEndpoint::schema(wire::Message const&, std::string_view root) const {
    if (root == "Status") return "status.xsd";
    return fail(Code::schema_violation, fmt::format("the root element is \"{}\", expected \"Status\"", root));
}

Result<StatusEndpoint::Message> StatusEndpoint::parse(Incoming const& incoming,
                                                      schemas::Document const& document) const {
    auto const root = document.root();
    Message message;
    auto& stored = message.stored;
    stored.event_class = trim(root.child_text("Type"));
    if (stored.event_class.empty()) return fail(Code::schema_violation, "the status message has no Type");
    if (auto const version = trim(root.attribute_or("SchemaVersion", "")); !is_known_version(version)) {
        return fail(Code::schema_violation,
                    fmt::format("SchemaVersion is \"{}\", expected \"1.0\"", version));
    }
    stored.properties = read_values(root, "Properties", "Property", message.warnings);
    stored.qualifiers = read_values(root, "Qualifiers", "Qualifier", message.warnings);
    auto client = client_of(stored.properties, incoming.sender, message.warnings);
    if (!client) return std::unexpected(std::move(client.error()));

    stored.client = std::move(*client);
    stored.machine = value_of(stored.properties, "MachineName");
    stored.site = value_of(stored.properties, "SiteCode");
    stored.time = value_of(stored.properties, "DateTime");
    stored.code_page = root.attribute_or("CodePage", "");
    stored.locale_id = root.attribute_or("LocaleID", "");
    stored.message_id = incoming.message.header().id;
    stored.received = incoming.received;
    for (auto& fault : status::derive(stored)) message.warnings.push_back(warned(std::move(fault)));
    return message;
}

Result<Reply> StatusEndpoint::handle(Message const& message, db::Transaction& transaction) const {
    auto const id = db::StatusMessages::add(transaction, message.stored);
    if (!id) return std::unexpected(id.error());
    auto const& stored = message.stored;
    auto forgotten = db::StatusMessages::forget(
        transaction, stored.type,
        stored.received - std::chrono::days(days_of(settings_.status, stored.type)));
    if (!forgotten) return std::unexpected(std::move(forgotten.error()));
    Reply reply;
    reply.notes.push_back(told("Mp Message Handler: start message processing for Status----------"));
    reply.notes.insert(reply.notes.end(), message.warnings.begin(), message.warnings.end());
    reply.notes.push_back(
        told(fmt::format("Status Task: event {} ({}) of {} with {} properties", stored.event_class,
                         db::name_of(stored.severity), stored.machine, stored.properties.size())));
    reply.notes.push_back(told(fmt::format("Status task: message stored as record {}", *id)));
    reply.notes.push_back(told("Status: Task completed successfully"));
    return reply;
}

} // namespace pointman::endpoints
