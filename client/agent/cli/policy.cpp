// SPDX-License-Identifier: Apache-2.0
#include "client/agent/cli/commands.hpp"
#include "client/agent/policies.hpp"
#include "client/agent/readable.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

namespace pointman::client::agent::cli {

namespace {

struct PolicyOptions {
    bool full = false;
    std::string show;
};

boost::json::object to_json(KeptAssignment const& kept) {
    auto const& assignment = kept.assignment;
    return {{"assignment_id", assignment.id},
            {"policy_id", assignment.policy_id},
            {"version", assignment.policy_version},
            {"category", assignment.category},
            {"flags", assignment.flags},
            {"fetched", !kept.body.empty()}};
}

int show(Common const& common, LocalClient const& client, std::string const& id) {
    auto const policy = load_policy(client);
    if (!policy) return report(policy.error());
    auto const* const kept = policy->find(id);
    if (kept == nullptr)
        return report(
            {.code = Code::not_found, .message = fmt::format("no policy {} is assigned to this client", id)});
    if (common.json) {
        auto object = to_json(*kept);
        object["body"] = readable_xml(kept->body);
        print_json(object);
    } else {
        fmt::print("{}", readable_xml(kept->body));
    }
    return done;
}

void print(KeptPolicy const& policy, PolicyUpdate const& update) {
    std::vector<std::vector<std::string>> rows;
    for (auto const& kept : policy.assignments) {
        auto const& assignment = kept.assignment;
        rows.push_back({assignment.policy_version, assignment.category, kept.body.empty() ? "no" : "yes",
                        assignment.policy_id});
    }
    print_table({"VERSION", "CATEGORY", "FETCHED", "POLICY"}, std::move(rows));
    fmt::print("{} answer: {} added, {} changed, {} removed\n", update.full ? "full" : "delta",
               update.added.size(), update.changed.size(), update.removed.size());
}

void print_json_of(KeptPolicy const& policy, PolicyUpdate const& update) {
    boost::json::array assignments;
    for (auto const& kept : policy.assignments) assignments.emplace_back(to_json(kept));
    print_json(boost::json::object{{"full", update.full},
                                   {"added", update.added.size()},
                                   {"changed", update.changed.size()},
                                   {"removed", update.removed.size()},
                                   {"cookie", policy.cookie},
                                   {"assignments", std::move(assignments)}});
}

int fetch(Common const& common, LocalClient& client, bool full) {
    auto policy = load_policy(client);
    if (!policy) return report(policy.error());
    auto const update = update_policy(client, *policy, full ? PolicyAsk::everything : PolicyAsk::changes);
    if (!update) return report(update.error());
    if (common.json) {
        print_json_of(*policy, *update);
    } else {
        print(*policy, *update);
    }
    for (auto const& failure : update->failures) fmt::print(stderr, "pointman-agent: {}\n", shown(failure));
    return update->failures.empty() ? done : failed;
}

} // namespace

void add_policy(CLI::App& program) {
    auto options = std::make_shared<PolicyOptions>();
    auto* const command = add_registered_command(program, "policy", "ask for policy, and fetch what is new",
                                                 [options](Common const& common, LocalClient& client) {
                                                     return options->show.empty()
                                                                ? fetch(common, client, options->full)
                                                                : show(common, client, options->show);
                                                 });
    command->add_flag("--full", options->full, "ask for everything, not only for what changed");
    command->add_option("--show", options->show, "show a policy that was fetched, and ask for nothing")
        ->type_name("ID");
}

} // namespace pointman::client::agent::cli
