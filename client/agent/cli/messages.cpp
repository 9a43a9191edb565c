// SPDX-License-Identifier: Apache-2.0
// Commands that send one message each.
#include "base/ids.hpp"
#include "base/time.hpp"
#include "client/agent/cli/report_options.hpp"
#include "client/agent/files.hpp"
#include "client/agent/states.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <pointman/metering.hpp>
#include <pointman/status.hpp>

namespace pointman::client::agent::cli {

namespace {

namespace fs = std::filesystem;

int sent(Common const& common, LocalClient& client, Result<std::string> const& tracking_id) {
    if (!tracking_id) return report(tracking_id.error());
    return deliver_and_tell(common, client, {{"message", *tracking_id}}, {{"message", *tracking_id}});
}

// --- status

struct StatusOptions {
    std::string type;
    std::vector<std::string> properties;
};

int send_status(Common const& common, LocalClient& client, StatusOptions const& options) {
    StatusMessage status{.type = options.type};
    for (auto const& text : options.properties) {
        auto const equals = text.find('=');
        if (equals == 0 || equals == std::string::npos)
            return report({.code = Code::invalid_argument,
                           .message = fmt::format("\"{}\" is not of the form NAME=VALUE", text)});
        status.properties.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    return sent(common, client, post_status(client.session(), std::move(status)));
}

void add_status(CLI::App& program) {
    auto options = std::make_shared<StatusOptions>();
    auto* const command = add_registered_command(program, "status", "send a status message",
                                                 [options](Common const& common, LocalClient& client) {
                                                     return send_status(common, client, *options);
                                                 });
    command->add_option("class", options->type, "class of the event, SoftDistProgramStartedEvent")
        ->required()
        ->type_name("CLASS");
    command
        ->add_option("--property", options->properties, "NAME=VALUE, in the order of the class; repeatable")
        ->allow_extra_args(false)
        ->type_name("NAME=VALUE");
}

// --- state

void add_state(CLI::App& program) {
    auto state = std::make_shared<StateMessage>();
    auto* const command = add_registered_command(
        program, "state", "send a state message", [state](Common const& common, LocalClient& client) {
            state->time = client.now();
            auto const reported = report_state(client, *state);
            if (!reported) return report(reported.error());
            return deliver_and_tell(common, client, {{"topic", state->topic_id}},
                                    {{"topic", state->topic_id}});
        });
    command->add_option("topic", state->topic_type, "type of the topic, 500 = detection of updates")
        ->required()
        ->type_name("TOPIC");
    command->add_option("id", state->topic_id, "what the state is of, a GUID or a text")
        ->required()
        ->type_name("ID");
    command->add_option("state", state->state_id, "number of the state")->required()->type_name("STATE");
    command->add_option("--id-type", state->topic_id_type, "kind of the id, 3 = an update")->type_name("N");
    command->add_option("--criticality", state->criticality, "usually 0")->type_name("N");
    command->add_option("--details", state->details, "text")->type_name("TEXT");
    command->add_option("--parameter", state->parameters, "text for the message; up to five times")
        ->allow_extra_args(false)
        ->type_name("TEXT");
}

// --- metering

struct MeteringOptions {
    std::vector<fs::path> files;
    std::string user;
    std::string from;
    std::string to;
};

Result<Time> time_of(std::string const& text, Time otherwise) {
    if (text.empty()) return otherwise;
    auto const time = parse_iso_time(text);
    if (time) return *time;
    return std::unexpected(
        Error{.code = Code::invalid_argument,
              .message = fmt::format("\"{}\" is no time of the form 2026-11-22T23:17:35Z", text)});
}

std::string user_of(MeteringOptions const& options) {
    if (!options.user.empty()) return options.user;
    char const* const name = std::getenv("USER");
    return name == nullptr ? "root" : name;
}

Result<MeteredFile> metered(fs::path const& file, Usage usage) {
    std::error_code error;
    auto const size = fs::file_size(file, error);
    if (error)
        return std::unexpected(
            Error{.code = Code::not_found, .message = fmt::format("there is no file {}", file.string())});
    usage.id = random_message_id();
    return MeteredFile{.file_name = file.filename().string(),
                       .file_size = size,
                       .product = file.stem().string(),
                       .usages = {std::move(usage)}};
}

int send_metering(Common const& common, LocalClient& client, MeteringOptions const& options) {
    auto const to = time_of(options.to, client.now());
    if (!to) return report(to.error());
    auto const from = time_of(options.from, *to - std::chrono::minutes{1});
    if (!from) return report(from.error());
    if (*from > *to) return report({.code = Code::invalid_argument, .message = "--from is later than --to"});
    std::vector<MeteredFile> files;
    for (auto const& path : options.files) {
        auto file = metered(path, {.id = {}, .user = user_of(options), .start = *from, .end = *to});
        if (!file) return report(file.error());
        files.push_back(std::move(*file));
    }
    return sent(common, client, post_metering(client.session(), files));
}

void add_metering(CLI::App& program) {
    auto options = std::make_shared<MeteringOptions>();
    auto* const command =
        add_registered_command(program, "metering", "report that programs were run, each once",
                               [options](Common const& common, LocalClient& client) {
                                   return send_metering(common, client, *options);
                               });
    command->add_option("file", options->files, "the program's file")->required()->type_name("FILE");
    command->add_option("--user", options->user, "who ran it; without one you")->type_name("NAME");
    command->add_option("--from", options->from, "without one a minute before --to")->type_name("TIME");
    command->add_option("--to", options->to, "without one now")->type_name("TIME");
}

// --- files

void add_file(CLI::App& program) {
    auto paths = std::make_shared<std::vector<fs::path>>();
    auto type = std::make_shared<std::shared_ptr<ReportType>>();
    auto* const command = add_registered_command(
        program, "file", "send in copies of files", [paths, type](Common const& common, LocalClient& client) {
            return send_report(common, client, [&](LocalClient& of, Instructions const& instructions) {
                return paths->empty() ? report_files(of, instructions, **type)
                                      : report_files(of, instructions, **type, *paths);
            });
        });
    command->add_option("path", *paths, "a file; without one those that policy names")->type_name("PATH");
    *type = add_type_options(*command);
}

void add_idmif(CLI::App& program) {
    auto paths = std::make_shared<std::vector<fs::path>>();
    auto* const command = add_registered_command(
        program, "idmif", "send MIF files, which describe things that run no agent",
        [paths](Common const& common, LocalClient& client) {
            auto const count = report_mif_files(client, *paths);
            if (!count) return report(count.error());
            return deliver_and_tell(common, client, {{"files", *count}}, {{"files", std::to_string(*count)}});
        });
    command->add_option("file", *paths, "a MIF file")->required()->type_name("FILE");
}

} // namespace

void add_messages(CLI::App& program) {
    add_file(program);
    add_idmif(program);
    add_metering(program);
    add_state(program);
    add_status(program);
}

} // namespace pointman::client::agent::cli
