// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "db/store.hpp"
#include "server/cli/output.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace pointman::cli {

/// `--db FILE`, `--config FILE` or `--lab DIR`, and `--json`: what every operator's command takes.
struct Target {
    std::filesystem::path database;
    std::filesystem::path config;
    std::filesystem::path lab;
    std::vector<std::string> sets;
    bool json = false;

    void add_options(CLI::App& command);
    /// Settings with the database filled in. A usage error when none of the three options names a database.
    Result<config::Settings> settings() const;
    /// The database, which must exist already: a mistyped name must not make an empty one.
    Result<std::unique_ptr<db::Store>> open() const;
};

/// A parsed command: what main() is to run. Returns the exit code.
using Action = std::function<int()>;

/// A command with subcommands, all on one target; the one that is called becomes the action.
class Commands {
public:
    Commands(CLI::App& program, Action& action, std::string const& name, std::string const& help);

    std::shared_ptr<Target> const& target() const { return target_; }
    CLI::App* add(std::string const& name, std::string const& help, Action run) const;

private:
    CLI::App* command_;
    Action* action_;
    std::shared_ptr<Target> target_ = std::make_shared<Target>();
};

/// Makes one change in a transaction of its own, and says that it was made: the object with --json, else the
/// text.
int carry_out(Target const& target, std::function<Result<void>(db::Transaction&)> const& change,
              boost::json::object const& object, std::string_view text);

/// The same where what is said depends on what the change gives: `change(Transaction&) -> Result<T>`,
/// `object(T) -> boost::json::object`, `text(T) -> std::string`.
template <class F, class O, class S>
int carry_out_and_tell(Target const& target, F change, O const& object, S const& text) {
    auto store = target.open();
    if (!store) return report(store.error());
    auto const changed = (*store)->write_and_wait(std::move(change));
    if (!changed) return report(changed.error());
    if (target.json) {
        print_json(object(*changed));
    } else {
        fmt::print("{}\n", text(*changed));
    }
    return done;
}

/// Each adds its command to the program; when it is the one that was called, `action` is set.
void add_boundary_command(CLI::App& program, Action& action);
void add_client_command(CLI::App& program, Action& action, Clock const& clock);
void add_collection_command(CLI::App& program, Action& action);
void add_content_command(CLI::App& program, Action& action);
void add_dp_command(CLI::App& program, Action& action);
void add_inventory_command(CLI::App& program, Action& action);
void add_location_command(CLI::App& program, Action& action);
void add_media_command(CLI::App& program, Action& action, Clock const& clock);
void add_metering_command(CLI::App& program, Action& action);
void add_policy_command(CLI::App& program, Action& action, Clock const& clock);
void add_quarantine_command(CLI::App& program, Action& action, Clock const& clock);
void add_serve_command(CLI::App& program, Action& action, Clock const& clock);
void add_state_command(CLI::App& program, Action& action);
void add_status_command(CLI::App& program, Action& action);
void add_wsus_command(CLI::App& program, Action& action);
void add_check_config_command(CLI::App& program, Action& action);

/// The faults of a configuration on standard error, a line each; returns wrong_usage.
int report_faults(std::vector<config::Fault> const& faults);

} // namespace pointman::cli
