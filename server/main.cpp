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
    program.require_subcommand(1);
    program.set_version_flag("--version", POINTMAN_VERSION);

    cli::Action action;
    cli::add_serve_command(program, action, clock);
    cli::add_check_config_command(program, action);
    cli::add_client_command(program, action, clock);
    cli::add_quarantine_command(program, action, clock);
    try {
        program.parse(argc, argv);
        return action();
    } catch (CLI::ParseError const& error) {
        return program.exit(error) == 0 ? cli::done : cli::wrong_usage;
    } catch (std::exception const& error) {
        fmt::print(stderr, "pointman: {}\n", error.what());
        return cli::failed;
    }
}
