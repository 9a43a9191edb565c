// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"
#include "db/clients.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/output.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pointman::cli {

namespace {

std::vector<std::string> conflict_ids(db::Client const& client) {
    std::vector<std::string> ids;
    ids.reserve(client.conflicts.size());
    for (auto const& id : client.conflicts) ids.push_back(id.text());
    return ids;
}

boost::json::object to_json(db::Client const& client) {
    boost::json::array conflicts;
    for (auto& id : conflict_ids(client)) conflicts.emplace_back(std::move(id));
    boost::json::object object;
    object["smsid"] = client.id.text();
    object["name"] = client.name;
    object["fqdn"] = client.fqdn;
    object["resource_id"] = client.resource_id;
    object["approval"] = db::name_of(client.approval);
    object["approval_method"] = client.approval_method;
    object["agent_type"] = client.agent_type;
    object["agent_version"] = client.agent_version;
    object["key_sha256"] = client.key_sha256;
    object["first_seen"] = iso_time_ms(client.first_seen);
    object["last_seen"] = iso_time_ms(client.last_seen);
    object["conflicts"] = std::move(conflicts);
    return object;
}

int list_clients(Target const& target, std::string const& approval) {
    std::optional<db::Approval> wanted;
    if (!approval.empty()) {
        wanted = db::approval_of(approval);
        if (!wanted) {
            return report({Code::usage, "--approval takes pending, approved, blocked or not_applicable", {}});
        }
    }
    auto store = target.open();
    if (!store) return report(store.error());
    auto clients =
        (*store)->read([wanted](db::Session& session) { return db::Clients(session).list(wanted); });
    if (!clients) return report(clients.error());
    if (target.json) {
        boost::json::array array;
        for (auto const& client : *clients) array.emplace_back(to_json(client));
        print_json(array);
        return done;
    }
    std::vector<std::vector<std::string>> rows;
    for (auto const& client : *clients) {
        rows.push_back({client.name, std::string(db::name_of(client.approval)), client.id.text()});
    }
    print_table({"NAME", "APPROVAL", "SMSID"}, rows);
    return done;
}

int show_client(Target const& target, std::string const& who) {
    auto store = target.open();
    if (!store) return report(store.error());
    auto client = (*store)->read([&who](db::Session& session) { return db::Clients(session).resolve(who); });
    if (!client) return report(client.error());
    if (target.json) {
        print_json(to_json(*client));
        return done;
    }
    print_fields({{"SMSID", client->id.text()},
                  {"name", client->name},
                  {"fqdn", client->fqdn},
                  {"resource id", std::to_string(client->resource_id)},
                  {"approval",
                   fmt::format("{}{}", db::name_of(client->approval),
                               client->approval_method.empty() ? "" : " (" + client->approval_method + ")")},
                  {"agent", fmt::format("type {}, version {}", client->agent_type, client->agent_version)},
                  {"key (SHA-256)", client->key_sha256},
                  {"first seen", iso_time_ms(client->first_seen)},
                  {"last seen", iso_time_ms(client->last_seen)},
                  {"conflicts", fmt::format("{}", fmt::join(conflict_ids(*client), ", "))}});
    return done;
}

/// Runs `change(transaction, client) -> Result<void>` for one client and says what was done.
template <class Change>
int change_client(Target const& target, std::string const& who, std::string_view what, Change change) {
    auto store = target.open();
    if (!store) return report(store.error());
    auto client = (*store)->write_and_wait([&](db::Transaction& transaction) -> Result<db::Client> {
        auto found = db::Clients(transaction).resolve(who);
        if (!found) return found;
        if (auto changed = change(transaction, *found); !changed) return std::unexpected(changed.error());
        return found;
    });
    if (!client) return report(client.error());
    if (target.json) {
        auto now =
            (*store)->read([&client](db::Session& session) { return db::Clients(session).find(client->id); });
        print_json(now && *now ? to_json(**now) : boost::json::object{{"smsid", client->id.text()}});
    } else {
        fmt::print("{} {} ({})\n", what, client->id.text(), client->name);
    }
    return done;
}

} // namespace

void add_client_command(CLI::App& program, Action& action, Clock const& clock) {
    Commands const commands(program, action, "client", "the registered clients");
    auto const& target = commands.target();
    auto who = std::make_shared<std::string>();
    auto approval = std::make_shared<std::string>();
    auto add = [&](char const* name, char const* help, bool takes_client, Action run) {
        auto* sub = commands.add(name, help, std::move(run));
        if (takes_client)
            sub->add_option("client", *who, "SMSID or name")->required()->type_name("SMSID|NAME");
        return sub;
    };
    auto set_approval = [target, who, &clock](std::string_view what, db::Approval to) {
        return change_client(
            *target, *who, what, [&clock, to](db::Transaction& transaction, db::Client const& client) {
                return db::Clients::set_approval(transaction, client.id, to, "manual", clock.now());
            });
    };

    add("list", "all clients", false, [target, approval] {
        return list_clients(*target, *approval);
    })->add_option("--approval", *approval, "only those: pending, approved, blocked, not_applicable");
    add("show", "one client", true, [target, who] { return show_client(*target, *who); });
    add("approve", "let it have secret policy", true,
        [set_approval] { return set_approval("approved", db::Approval::approved); });
    add("block", "refuse everything it sends", true,
        [set_approval] { return set_approval("blocked", db::Approval::blocked); });
    // Unblocked is not approved: whoever blocked it had a reason to look again.
    add("unblock", "take it again, unapproved", true,
        [set_approval] { return set_approval("unblocked", db::Approval::pending); });
    add("delete", "forget it with all it reported; status messages stay", true, [target, who] {
        return change_client(*target, *who, "deleted",
                             [](db::Transaction& transaction, db::Client const& client) {
                                 return db::Clients::remove(transaction, client.id);
                             });
    });
}

} // namespace pointman::cli
