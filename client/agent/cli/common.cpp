// SPDX-License-Identifier: Apache-2.0
#include "client/agent/cli/commands.hpp"
#include "client/transport/local.hpp"

#include <boost/json/object.hpp>
#include <fmt/format.h>

namespace pointman::client::agent::cli {

namespace {

void tell(std::string const& line) {
    fmt::print(stderr, "{}\n", shown(line));
}

std::string counted(std::size_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

} // namespace

void Common::add_options(CLI::App& command) {
    command.add_option("--directory", directory, "where this client keeps what it knows")->type_name("DIR");
    auto* const server =
        command.add_option("--server", settings.server, "the management point, http://HOST:PORT; remembered")
            ->type_name("URL");
    command.add_flag("--local", local, "the one of this machine, by its Unix socket; remembered")
        ->excludes(server);
    command.add_option("--site", settings.site, "code of the site; remembered")->type_name("CODE");
    command.add_option("--name", settings.name, "NetBIOS name in place of the machine's; remembered")
        ->type_name("NAME");
    command.add_option("--ca", settings.ca, "PEM file of the CAs that vouch for the server; remembered")
        ->check(CLI::ExistingFile)
        ->type_name("FILE");
    auto* const certificate =
        command.add_option("--client-certificate", settings.certificate, "PEM file: native mode; remembered")
            ->check(CLI::ExistingFile)
            ->type_name("FILE");
    command.add_option("--client-key", settings.key, "its key, where that is in another file; remembered")
        ->check(CLI::ExistingFile)
        ->needs(certificate)
        ->type_name("FILE");
    command.add_flag("--json", json, "print JSON");
    command.add_flag("--trace", trace, "show what goes over the wire, decoded, on standard error");
}

Result<std::unique_ptr<LocalClient>> Common::open() const {
    ClientOptions options{.directory = directory, .settings = settings, .tell = tell};
    if (local) {
        auto const socket = socket_of("");
        if (!socket) return std::unexpected(socket.error());
        options.settings.server = fmt::format("{}{}", local_scheme, *socket);
    }
    if (trace) options.trace = [](std::string const& text) { fmt::print(stderr, "{}", text); };
    return LocalClient::open(std::move(options));
}

CLI::App* add_command(CLI::App& program, std::string const& name, std::string const& help, Work work) {
    auto* const command = program.add_subcommand(name, help);
    auto common = std::make_shared<Common>();
    common->add_options(*command);
    command->callback([common, work = std::move(work)] {
        auto const client = common->open();
        auto const code = client ? work(*common, **client) : report(client.error());
        if (code != done) throw CLI::RuntimeError(code);
    });
    return command;
}

CLI::App* add_registered_command(CLI::App& program, std::string const& name, std::string const& help,
                                 Work work) {
    return add_command(program, name, help,
                       [work = std::move(work)](Common const& common, LocalClient& client) {
                           auto const registered = client.require_registration();
                           return registered ? work(common, client) : report(registered.error());
                       });
}

int deliver_and_tell(Common const& common, LocalClient& client, boost::json::object object, Fields fields) {
    auto const delivery = client.messaging().flush(true);
    if (!delivery) return report(delivery.error());
    auto const& [delivered, expired, refused, waiting, last_failure] = *delivery;
    if (common.json) {
        object["delivered"] = delivered;
        object["waiting"] = waiting;
        object["refused"] = refused;
        print_json(object);
    } else {
        fields.emplace_back("delivered", std::to_string(delivered));
        print_fields(fields);
    }
    if (refused > 0) {
        fmt::print(stderr, "pointman-agent: {} refused: {} has them, and the reasons\n",
                   counted(refused, "message"), (client.home().queue() / "refused").string());
    }
    if (waiting > 0) {
        fmt::print(stderr, "pointman-agent: {} waiting in the queue: {}\n", counted(waiting, "message"),
                   last_failure ? last_failure->message : "another process delivers them");
    }
    return refused + waiting > 0 ? failed : done;
}

} // namespace pointman::client::agent::cli
