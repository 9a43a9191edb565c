// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/agent/cli/output.hpp"
#include "client/agent/local_client.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>

#include <functional>
#include <memory>
#include <string>

namespace pointman::client::agent::cli {

/// The options that all commands take.
struct Common {
    std::filesystem::path directory = Home::usual();
    Settings settings{};
    bool local = false; ///< the management point of this machine
    bool json = false;
    bool trace = false;

    void add_options(CLI::App& command);
    /// Tells on standard error what happens.
    Result<std::unique_ptr<LocalClient>> open() const;
};

/// A command that works with the client; what it returns is the exit code.
using Work = std::function<int(Common const&, LocalClient&)>;

/// Adds a command with the common options. Its exit code reaches main() as a CLI::RuntimeError, where it is
/// not 0.
CLI::App* add_command(CLI::App& program, std::string const& name, std::string const& help, Work work);
/// The same for a client that has to be registered.
CLI::App* add_registered_command(CLI::App& program, std::string const& name, std::string const& help,
                                 Work work);

/// Delivers the queue now, and says what came of that: the fields (or the object with --json), and what
/// waits. Failed where something waits or was refused.
int deliver_and_tell(Common const& common, LocalClient& client, boost::json::object object, Fields fields);

void add_location(CLI::App& program);
void add_messages(CLI::App& program); ///< file, idmif, metering, state, status
void add_policy(CLI::App& program);
void add_register(CLI::App& program);
void add_reports(CLI::App& program); ///< ddr, hinv, sinv
void add_run(CLI::App& program);

} // namespace pointman::client::agent::cli
