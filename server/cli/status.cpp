// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"
#include "db/clients.hpp"
#include "db/status_messages.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/output.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <thread>

namespace pointman::cli {

namespace {

struct StatusOptions {
    std::string client;
    std::string component;
    std::string severity;
    std::string since;
    bool follow = false;
};

using Messages = std::vector<db::StatusMessage>;

/// How often --follow looks for more.
constexpr std::chrono::milliseconds look_again{500};

boost::json::object to_json(db::StatusMessage const& message) {
    boost::json::object object{
        {"record_id", message.record_id},
        {"severity", db::name_of(message.severity)},
        {"severity_number", static_cast<std::int64_t>(message.severity)},
        {"message_id", message.message_number},
        {"type", db::name_of(message.type)},
        {"event_class", message.event_class},
        {"time", iso_time_ms(message.happened)},
        {"received", iso_time_ms(message.received)},
        {"site", message.site},
        {"client", message.client},
        {"machine", message.machine},
        {"module", message.module},
        {"component", message.component},
        {"process_id", message.process_id},
        {"thread_id", message.thread_id},
        {"win32_error", message.win32_error},
        {"strings", boost::json::array(message.strings.begin(), message.strings.end())},
        {"description", message.description}};
    // Either may hold one name several times.
    boost::json::array attributes;
    for (auto const& [id, value] : message.attributes)
        attributes.push_back({{"attribute_id", id}, {"value", value}});
    object["attributes"] = std::move(attributes);
    boost::json::array properties;
    for (auto const& [name, value] : message.properties)
        properties.push_back({{"name", name}, {"value", value}});
    object["properties"] = std::move(properties);
    return object;
}

std::vector<std::string> row_of(db::StatusMessage const& message) {
    return {iso_time(message.happened), std::string(db::name_of(message.severity)), shown(message.machine),
            shown(message.component), shown(message.description)};
}

/// The filter that the options mean. A client that is known is found by its name too; messages of others are
/// found by the id.
Result<db::StatusMessages::Filter> filter_of(StatusOptions const& options, db::Store& store) {
    db::StatusMessages::Filter filter{.client = options.client, .component = options.component};
    if (!options.client.empty()) {
        auto const client = store.read(
            [&options](db::Session& session) { return db::Clients(session).resolve(options.client); });
        if (client) {
            filter.client = client->id.text();
        } else if (client.error().code != Code::not_found || !ClientId::parse(options.client)) {
            return std::unexpected(client.error());
        }
    }
    if (!options.severity.empty()) {
        filter.severity = db::status_severity_of(options.severity);
        if (!filter.severity) {
            return fail(Code::usage,
                        fmt::format("--severity: \"{}\" is neither informational, warning nor error",
                                    options.severity));
        }
    }
    if (!options.since.empty()) {
        auto const since = parse_iso_time(options.since);
        if (!since) return fail(Code::usage, fmt::format("--since: {}", since.error().message));
        filter.since = *since;
    }
    return filter;
}

void print(Messages const& messages, bool json) {
    for (auto const& message : messages) {
        if (json) {
            print_json(to_json(message));
        } else {
            fmt::print("{}\n", fmt::join(row_of(message), "  "));
        }
    }
    static_cast<void>(std::fflush(stdout));
}

/// A line for each message that is there or comes, until the program is stopped.
int follow(Target const& target, db::Store& store, db::StatusMessages::Filter filter) {
    for (;;) {
        auto const messages =
            store.read([&filter](db::Session& session) { return db::StatusMessages(session).list(filter); });
        if (!messages) return report(messages.error());
        print(*messages, target.json);
        if (!messages->empty()) filter.after = messages->back().record_id;
        std::this_thread::sleep_for(look_again);
    }
}

int list_status(Target const& target, StatusOptions const& options) {
    auto store = target.open();
    if (!store) return report(store.error());
    auto const filter = filter_of(options, **store);
    if (!filter) return report(filter.error());
    if (options.follow) return follow(target, **store, *filter);
    auto const messages =
        (*store)->read([&filter](db::Session& session) { return db::StatusMessages(session).list(*filter); });
    if (!messages) return report(messages.error());
    if (target.json) {
        boost::json::array array;
        for (auto const& message : *messages) array.emplace_back(to_json(message));
        print_json(array);
        return done;
    }
    std::vector<std::vector<std::string>> rows;
    rows.reserve(messages->size());
    for (auto const& message : *messages) rows.push_back(row_of(message));
    print_table({"TIME", "SEVERITY", "MACHINE", "COMPONENT", "DESCRIPTION"}, rows);
    return done;
}

} // namespace

void add_status_command(CLI::App& program, Action& action) {
    Commands const commands(program, action, "status", "status messages of clients");
    auto const& target = commands.target();
    auto options = std::make_shared<StatusOptions>();
    auto* list = commands.add("list", "what was received, the newest last",
                              [target, options] { return list_status(*target, *options); });
    list->add_option("--client", options->client, "only of that client: SMSID or name")->type_name("CLIENT");
    list->add_option("--component", options->component, "only of that component")->type_name("NAME");
    list->add_option("--severity", options->severity, "informational, warning or error")->type_name("S");
    list->add_option("--since", options->since, "only what was received since: ISO 8601, UTC")
        ->type_name("TIME");
    list->add_flag("--follow", options->follow, "goes on with what comes, a line each, until it is stopped");
}

} // namespace pointman::cli
