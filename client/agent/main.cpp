// SPDX-License-Identifier: Apache-2.0
#include "base/clock.hpp"
#include "client/agent/cli/commands.hpp"
#include "client/load/command.hpp"

#include <fmt/format.h>

#include <exception>
#include <functional>

int main(int argc, char* argv[]) {
    using namespace pointman::client::agent;
    CLI::App program{"A client of a management point", "pointman-agent"};
    program.require_subcommand(0, 1); // none is told below: more plainly than the library does
    program.set_version_flag("--version", POINTMAN_VERSION);

    cli::add_register(program);
    cli::add_policy(program);
    cli::add_location(program);
    cli::add_reports(program);
    cli::add_messages(program);
    cli::add_run(program);
    pointman::SystemClock const clock;
    std::function<int()> measure; // set where `load` is asked for
    pointman::client::load::add_load(program, measure, clock);
    try {
        program.parse(argc, argv);
        if (measure) return measure();
        if (!program.get_subcommands().empty()) return cli::done;
        fmt::print(stderr, "pointman-agent: which command? A subcommand is required.\n\n{}", program.help());
        return cli::wrong_usage;
    } catch (CLI::RuntimeError const& error) {
        return error.get_exit_code(); // of a command that has told why
    } catch (CLI::ParseError const& error) {
        return program.exit(error) == 0 ? cli::done : cli::wrong_usage;
    } catch (std::exception const& error) {
        fmt::print(stderr, "pointman-agent: {}\n", error.what());
        return cli::failed;
    }
}
