// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "db/clients.hpp"
#include "db/collections.hpp"
#include "db/unknown_machines.hpp"
#include "endpoints/policy/membership.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/computers.hpp"
#include "server/cli/output.hpp"
#include "server/cli/places.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace pointman::cli {

namespace {

namespace policy = endpoints::policy;

constexpr std::size_t longest_name = 255;

struct CollectionOptions {
    std::string name;
    std::vector<std::string> clients;
    std::string query;
    bool has_query = false; ///< an empty one is a mistake, not everybody
};

struct Member {
    ClientId id;
    std::string name; ///< "" = an unknown machine
};

/// A collection with those who are in it now.
struct Populated {
    db::Collection collection;
    std::vector<Member> members;
};

/// Fills collections from the clients of one view of the database.
class Population {
public:
    static Result<Population> read(db::Session& session) {
        auto clients = db::Clients(session).list();
        if (!clients) return std::unexpected(std::move(clients.error()));
        return Population(std::move(*clients));
    }

    Result<Populated> populate(db::Collection collection) const {
        auto const query = policy::query_of(collection);
        if (!query) return std::unexpected(query.error());
        Populated populated{std::move(collection), {}};
        for (auto& id : policy::members_of(populated.collection, *query ? &**query : nullptr, clients_)) {
            auto const known = names_.find(id);
            populated.members.push_back({std::move(id), known == names_.end() ? "" : known->second});
        }
        return populated;
    }

private:
    explicit Population(std::vector<db::Client> clients)
        : clients_(std::move(clients)) {
        for (auto const& client : clients_) names_.emplace(client.id, client.name);
    }

    std::vector<db::Client> clients_;
    std::map<ClientId, std::string> names_;
};

boost::json::object to_json(Populated const& shown) {
    boost::json::array listed;
    for (auto const& id : shown.collection.listed) listed.emplace_back(id.text());
    boost::json::array members;
    for (auto const& member : shown.members) members.emplace_back(member.id.text());
    boost::json::object object;
    object["collection_id"] = shown.collection.collection_id;
    object["name"] = shown.collection.name;
    object["everybody"] = shown.collection.everybody;
    object["listed"] = std::move(listed);
    object["query"] = shown.collection.query;
    object["members"] = std::move(members);
    return object;
}

/// "everybody", "2 listed, and agent_version < 5".
std::string rule_of(db::Collection const& collection) {
    if (collection.everybody) return "everybody";
    auto query = collection.query;
    std::ranges::replace_if(
        query, [](char c) { return c == '\t' || c == '\r' || c == '\n'; }, ' ');
    if (collection.listed.empty() && !query.empty()) return query;
    return fmt::format("{} listed{}{}", collection.listed.size(), query.empty() ? "" : ", and ", query);
}

Result<std::string> kept_name(std::string_view name) {
    name = trim(name);
    auto rest = name;
    while (!rest.empty()) {
        auto const [value, size] = first_utf8_character(rest);
        if (size == 0 || value < ' ' || value == 0x7F) break;
        rest.remove_prefix(size);
    }
    if (name.empty() || name.size() > longest_name || !rest.empty()) {
        return fail(Code::usage, fmt::format("a collection's name has 1 to {} bytes of text", longest_name));
    }
    return std::string(name);
}

Result<std::string> add_in(db::Transaction& transaction, std::string const& site, db::Collection collection,
                           std::vector<std::string> const& clients) {
    for (auto const& who : clients) {
        auto id = find_computer(transaction, who);
        if (!id) return std::unexpected(std::move(id.error()));
        collection.listed.push_back(std::move(*id));
    }
    return db::Collections::add(transaction, site, collection);
}

Result<Populated> populated(db::Store& store, std::string const& which) {
    return store.read([&which](db::Session& session) -> Result<Populated> {
        auto collection = db::Collections(session).resolve(which);
        if (!collection) return std::unexpected(std::move(collection.error()));
        auto const population = Population::read(session);
        if (!population) return std::unexpected(population.error());
        return population->populate(std::move(*collection));
    });
}

Result<db::Collection> collection_from(CollectionOptions const& options) {
    auto name = kept_name(options.name);
    if (!name) return std::unexpected(std::move(name.error()));
    db::Collection collection{.name = std::move(*name)};
    if (!options.has_query) return collection;
    if (auto const query = policy::CollectionQuery::parse(options.query); !query) {
        return fail(Code::usage, fmt::format("--query: {}", query.error().message));
    }
    collection.query = trim(options.query);
    return collection;
}

/// The code that begins the ids of this site's collections.
Result<std::string> required_site(Target const& target, db::Store& store) {
    auto site = own_site(target, store);
    if (site && site->empty()) {
        return fail(Code::usage, "which site? no daemon has served this database yet: give --config FILE or "
                                 "--lab DIR");
    }
    return site;
}

int add_collection(Target const& target, CollectionOptions const& options) {
    auto const collection = collection_from(options);
    if (!collection) return report(collection.error());
    auto store = target.open();
    if (!store) return report(store.error());
    auto const site = required_site(target, **store);
    if (!site) return report(site.error());
    auto const id = (*store)->write_and_wait([&](db::Transaction& transaction) {
        return add_in(transaction, *site, *collection, options.clients);
    });
    if (!id) return report(id.error());
    auto const kept = populated(**store, *id);
    if (!kept) return report(kept.error());
    if (target.json) {
        print_json(to_json(*kept));
    } else {
        auto const size = kept->members.size();
        fmt::print("collection {} ({}): {} member{}\n", *id, kept->collection.name, size,
                   size == 1 ? "" : "s");
    }
    return done;
}

Result<std::vector<Populated>> all_populated(db::Session& session) {
    auto collections = db::Collections(session).list();
    if (!collections) return std::unexpected(std::move(collections.error()));
    auto const population = Population::read(session);
    if (!population) return std::unexpected(population.error());
    std::vector<Populated> all;
    all.reserve(collections->size());
    for (auto& collection : *collections) {
        auto one = population->populate(std::move(collection));
        if (!one) return std::unexpected(std::move(one.error()));
        all.push_back(std::move(*one));
    }
    return all;
}

int list_collections(Target const& target) {
    auto store = target.open();
    if (!store) return report(store.error());
    auto const collections = (*store)->read(all_populated);
    if (!collections) return report(collections.error());
    if (target.json) {
        boost::json::array array;
        for (auto const& shown : *collections) array.emplace_back(to_json(shown));
        print_json(array);
        return done;
    }
    std::vector<std::vector<std::string>> rows;
    for (auto const& [collection, members] : *collections) {
        rows.push_back(
            {collection.collection_id, collection.name, std::to_string(members.size()), rule_of(collection)});
    }
    print_table({"ID", "NAME", "MEMBERS", "WHO"}, rows);
    return done;
}

int show_collection(Target const& target, std::string const& which) {
    auto store = target.open();
    if (!store) return report(store.error());
    auto const shown = populated(**store, which);
    if (!shown) return report(shown.error());
    if (target.json) {
        print_json(to_json(*shown));
        return done;
    }
    print_fields({{"id", shown->collection.collection_id},
                  {"name", shown->collection.name},
                  {"who", rule_of(shown->collection)},
                  {"members", std::to_string(shown->members.size())}});
    if (shown->members.empty()) return done;
    std::vector<std::vector<std::string>> rows;
    for (auto const& [id, name] : shown->members) {
        rows.push_back({id.text(), name.empty() ? "(unknown machine)" : name});
    }
    fmt::print("\n");
    print_table({"SMSID", "NAME"}, rows);
    return done;
}

int remove_collection(Target const& target, std::string const& which) {
    return carry_out_and_tell(
        target,
        [&which](db::Transaction& transaction) -> Result<db::Collection> {
            auto collection = db::Collections(transaction).resolve(which);
            if (!collection) return collection;
            auto removed = db::Collections::remove(transaction, collection->collection_id);
            if (!removed) return std::unexpected(removed.error());
            return collection;
        },
        [](db::Collection const& gone) {
            return boost::json::object{{"collection_id", gone.collection_id}, {"name", gone.name}};
        },
        [](db::Collection const& gone) {
            return fmt::format("removed collection {} ({})", gone.collection_id, gone.name);
        });
}

} // namespace

void add_collection_command(CLI::App& program, Action& action) {
    Commands const commands(program, action, "collection", "sets of clients that policy is assigned to");
    auto const& target = commands.target();
    auto options = std::make_shared<CollectionOptions>();
    auto which = std::make_shared<std::string>();
    auto takes_collection = [&which](CLI::App* sub) {
        sub->add_option("collection", *which, "its id or name")->required()->type_name("ID|NAME");
    };

    auto* added =
        commands.add("add", "a collection; of everybody, where neither clients nor a query are given",
                     [target, options] { return add_collection(*target, *options); });
    added->add_option("name", options->name, "what people call it")->required()->type_name("NAME");
    add_repeatable(*added, "--client", options->clients, "a client, or the id of an unknown machine")
        ->type_name("SMSID|NAME");
    added->add_option("--query", options->query, "those too of whom this is true")
        ->type_name("QUERY")
        ->each([options](std::string const&) { options->has_query = true; });
    commands.add("list", "all collections", [target] { return list_collections(*target); });
    takes_collection(commands.add("show", "one of them, with its members",
                                  [target, which] { return show_collection(*target, *which); }));
    takes_collection(commands.add("remove", "forget it, with the assignments to it",
                                  [target, which] { return remove_collection(*target, *which); }));
}

} // namespace pointman::cli
