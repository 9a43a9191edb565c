// SPDX-License-Identifier: Apache-2.0
#include "server/cli/commands.hpp"
#include "server/cli/output.hpp"

#include <fmt/format.h>

namespace pointman::cli {

void Target::add_options(CLI::App& command) {
    command.add_option("--db", database, "the database file");
    command.add_option("--config", config, "the configuration of the service, which names the database");
    command.add_option("--lab", lab, "the directory of a lab");
    command.add_option("--set", sets, "table.key=value: overrides a setting")->type_name("KEY=VALUE");
    command.add_flag("--json", json, "JSON instead of a table");
}

Result<config::Settings> Target::settings() const {
    if (database.empty() && config.empty() && lab.empty()) {
        return fail(Code::usage, "which database? give --db FILE, --config FILE or --lab DIR");
    }
    config::Source source{config, sets, {}, lab};
    // Only the database is needed of a site that --db names alone.
    if (config.empty() && lab.empty()) source.sets.insert(source.sets.begin(), "site.code=000");
    auto loaded = config::load(source);
    if (!loaded) {
        auto const& first = loaded.error().front();
        return fail(Code::usage, fmt::format("{}: {}", first.place, first.message));
    }
    if (!database.empty()) loaded->storage.database = database;
    return std::move(*loaded);
}

Result<std::unique_ptr<db::Store>> Target::open() const {
    auto const chosen = settings();
    if (!chosen) return std::unexpected(chosen.error());
    auto const& file = chosen->storage.database;
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) {
        return fail(Code::not_found, fmt::format("there is no database {}", file.string()));
    }
    db::StoreOptions options;
    options.database = file;
    options.readers = 1;
    return db::Store::open(options);
}

Commands::Commands(CLI::App& program, Action& action, std::string const& name, std::string const& help)
    : command_(program.add_subcommand(name, help))
    , action_(&action) {
    command_->require_subcommand(1);
}

CLI::App* Commands::add(std::string const& name, std::string const& help, Action run) const {
    auto* sub = command_->add_subcommand(name, help);
    target_->add_options(*sub);
    sub->callback([action = action_, run = std::move(run)] { *action = run; });
    return sub;
}

int carry_out(Target const& target, std::function<Result<void>(db::Transaction&)> const& change,
              boost::json::object const& object, std::string_view text) {
    return carry_out_and_tell(
        target,
        [&change](db::Transaction& transaction) -> Result<bool> {
            if (auto made = change(transaction); !made) return std::unexpected(made.error());
            return true;
        },
        [&object](bool) { return object; }, [&text](bool) { return std::string(text); });
}

int report_faults(std::vector<config::Fault> const& faults) {
    for (auto const& fault : faults) fmt::print(stderr, "{}: {}\n", fault.place, fault.message);
    return wrong_usage;
}

} // namespace pointman::cli
