// SPDX-License-Identifier: Apache-2.0
#include "base/clock.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/output.hpp"

#include <fmt/format.h>

#include <exception>

int main(int argc, char* argv[]) {
    using namespace pointman;
    SystemClock const clock;
    CLI::App program{"A management point that speaks the Configuration Manager client protocol", "pointman"};
    program.require_subcommand(0, 1); // none is told below: more plainly than the library does
    program.set_version_flag("--version", POINTMAN_VERSION);

    cli::Action action;
    cli::add_serve_command(program, action, clock);
    cli::add_check_config_command(program, action);
    cli::add_client_command(program, action, clock);
    cli::add_policy_command(program, action, clock);
    cli::add_collection_command(program, action);
    cli::add_media_command(program, action, clock);
    cli::add_boundary_command(program, action);
    cli::add_dp_command(program, action);
    cli::add_content_command(program, action);
    cli::add_wsus_command(program, action);
    cli::add_inventory_command(program, action);
    cli::add_location_command(program, action);
    cli::add_state_command(program, action);
    cli::add_status_command(program, action);
    cli::add_metering_command(program, action);
    cli::add_quarantine_command(program, action, clock);
    try {
        program.parse(argc, argv);
        if (action) return action();
        fmt::print(stderr, "pointman: which command? A subcommand is required.\n\n{}", program.help());
        return cli::wrong_usage;
    } catch (CLI::ParseError const& error) {
        return program.exit(error) == 0 ? cli::done : cli::wrong_usage;
    } catch (std::exception const& error) {
        fmt::print(stderr, "pointman: {}\n", error.what());
        return cli::failed;
    }
}
