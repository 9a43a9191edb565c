// SPDX-License-Identifier: Apache-2.0
#include "client/agent/cli/commands.hpp"
#include "client/agent/cli/report_options.hpp"

namespace pointman::client::agent::cli {

Result<Instructions> instructions_of(LocalClient& client) {
    auto const policy = load_policy(client);
    if (!policy) return std::unexpected(policy.error());
    auto instructions = read_instructions(client, *policy);
    for (auto const& remark : instructions.remarks) client.tell(remark);
    return instructions;
}

int send_report(Common const& common, LocalClient& client, Send const& send) {
    auto const instructions = instructions_of(client);
    if (!instructions) return report(instructions.error());
    auto const reported = send(client, *instructions);
    if (!reported) return report(reported.error());
    return deliver_and_tell(
        common, client,
        {{"type", reported->type}, {"version", reported->version}, {"items", reported->items}},
        {{"type", reported->type},
         {"version", reported->version},
         {"items", std::to_string(reported->items)}});
}

std::shared_ptr<ReportType> add_type_options(CLI::App& command) {
    auto type = std::make_shared<ReportType>(ReportType::next);
    auto* const group =
        command.add_option_group("type", "without one of these: full the first time, then delta");
    auto const add = [&](std::string const& name, ReportType value, std::string const& help) {
        group->add_flag_function(name, [type, value](std::int64_t) { *type = value; }, help);
    };
    add("--full", ReportType::full, "report everything");
    add("--delta", ReportType::delta, "report what changed since the last report");
    add("--resync", ReportType::resync, "report everything, as when the site asks for it");
    group->require_option(0, 1);
    return type;
}

namespace {

using Inventory = Result<Reported> (*)(LocalClient&, Instructions const&, ReportType);

void add_inventory(CLI::App& program, std::string const& name, std::string const& help, Inventory inventory) {
    auto chosen = std::make_shared<std::shared_ptr<ReportType>>();
    auto* const command = add_registered_command(
        program, name, help, [chosen, inventory](Common const& common, LocalClient& client) {
            return send_report(common, client, [&](LocalClient& of, Instructions const& instructions) {
                return inventory(of, instructions, **chosen);
            });
        });
    *chosen = add_type_options(*command);
}

} // namespace

void add_reports(CLI::App& program) {
    add_registered_command(program, "ddr", "send the discovery record of this machine",
                           [](Common const& common, LocalClient& client) {
                               return send_report(common, client, report_discovery);
                           });
    add_inventory(program, "hinv", "report the hardware of this machine", report_hardware);
    add_inventory(program, "sinv", "report the files of this machine that are software", report_software);
}

} // namespace pointman::client::agent::cli
