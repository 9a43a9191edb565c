// SPDX-License-Identifier: Apache-2.0
#include "db/inventory.hpp"

#include "base/time.hpp"
#include "db/discovery.hpp"
#include "db/report_sequences.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/inventory_files.hpp"
#include "server/cli/of_client.hpp"
#include "server/cli/output.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>

namespace pointman::cli {

namespace {

struct ShowOptions {
    std::string client;
    std::string class_name;
    std::string at;
    bool history = false;
};

using States = std::vector<db::InventoryState>;

std::string value_of(db::InventoryProperty const& property) {
    return shown(fmt::format("{}", fmt::join(property.values, ", ")));
}

/// In the form in which the database has them.
boost::json::value to_json(db::InventoryProperties const& properties) {
    return boost::json::parse(db::inventory_json(properties));
}

db::InventoryProperty const* find(db::InventoryProperties const& properties, std::string_view name) {
    auto const found = std::ranges::find(properties, name, &db::InventoryProperty::name);
    return found == properties.end() ? nullptr : &*found;
}

/// What a state changed of the one before it: old and new text; none = it was, or is, not there.
struct Difference {
    std::string_view name;
    db::InventoryProperty const* before;
    db::InventoryProperty const* now;
};

std::vector<Difference> differences(db::InventoryState const& before, db::InventoryState const& now) {
    std::vector<Difference> all;
    for (auto const& property : now.properties) {
        auto const* old = find(before.properties, property.name);
        if (old == nullptr || *old != property) all.push_back({property.name, old, &property});
    }
    for (auto const& property : before.properties) {
        if (find(now.properties, property.name) == nullptr)
            all.push_back({property.name, &property, nullptr});
    }
    return all;
}

boost::json::value to_json(db::InventoryProperty const* property) {
    return property == nullptr ? boost::json::value(nullptr) : to_json({*property}).at(property->name);
}

boost::json::object to_json(db::InventoryState const& state, db::InventoryState const* before) {
    boost::json::object object{
        {"revision", state.revision},        {"time_stamp", state.time_stamp},
        {"since", iso_time_ms(state.since)}, {"until", nullptr},
        {"deleted", state.deleted},          {"properties", to_json(state.properties)}};
    if (state.until) object["until"] = iso_time_ms(*state.until);
    if (before != nullptr) {
        boost::json::object changed;
        for (auto const& [name, old, now] : differences(*before, state))
            changed[name] = boost::json::array{to_json(old), to_json(now)};
        object["changed"] = std::move(changed);
    }
    return object;
}

/// The states of each instance, which lie together.
std::vector<std::span<db::InventoryState const>> instances_of(States const& states) {
    std::vector<std::span<db::InventoryState const>> instances;
    for (auto begin = states.begin(); begin != states.end();) {
        auto const end = std::find_if(begin, states.end(), [&begin](db::InventoryState const& state) {
            return state.group_id != begin->group_id;
        });
        instances.emplace_back(begin, end);
        begin = end;
    }
    return instances;
}

boost::json::object to_json(States const& states, bool history) {
    boost::json::object classes;
    auto const rows_of = [&classes](std::string const& name) -> boost::json::array& {
        auto& value = classes[name];
        if (!value.is_array()) value.emplace_array();
        return value.as_array();
    };
    if (!history) {
        for (auto const& state : states) rows_of(state.class_name).emplace_back(to_json(state.properties));
        return classes;
    }
    for (auto const instance : instances_of(states)) {
        boost::json::array revisions;
        db::InventoryState const* before = nullptr;
        for (auto const& state : instance) {
            revisions.emplace_back(to_json(state, before));
            before = &state;
        }
        auto const& first = instance.front();
        rows_of(first.class_name)
            .push_back(
                {{"group_id", first.group_id}, {"key", first.key}, {"revisions", std::move(revisions)}});
    }
    return classes;
}

void print_properties(db::InventoryProperties const& properties) {
    std::size_t width = 0;
    for (auto const& property : properties) width = std::max(width, property.name.size());
    for (auto const& property : properties) {
        auto line = fmt::format("  {:<{}}  {}", property.name, width, value_of(property));
        line.erase(line.find_last_not_of(' ') + 1);
        fmt::print("{}\n", line);
    }
}

void print_states(States const& states) {
    for (auto const& state : states) {
        fmt::print("{}\n", state.class_name);
        print_properties(state.properties);
        fmt::print("\n");
    }
}

std::string text_of(db::InventoryProperty const* property) {
    return property == nullptr ? "(none)" : fmt::format("\"{}\"", value_of(*property));
}

void print_history(States const& states) {
    for (auto const instance : instances_of(states)) {
        fmt::print("{} {}\n", instance.front().class_name, shown(instance.front().key));
        db::InventoryState const* before = nullptr;
        for (auto const& state : instance) {
            fmt::print("  {} revision {}\n", iso_time(state.since), state.revision);
            if (before != nullptr) {
                for (auto const& [name, old, now] : differences(*before, state))
                    fmt::print("    {}: {} -> {}\n", name, text_of(old), text_of(now));
            }
            if (state.deleted) fmt::print("  {} deleted\n", iso_time(*state.until));
            before = &state;
        }
        fmt::print("\n");
    }
}

Result<States> read_states(db::Session& session, ClientId const& client, ShowOptions const& options) {
    db::Inventory const inventory(session);
    if (options.history) return inventory.history(client, options.class_name);
    if (options.at.empty()) return inventory.current(client, options.class_name);
    auto const time = parse_iso_time(options.at);
    if (!time) return fail(Code::usage, fmt::format("--at: {}", time.error().message));
    return inventory.at(client, options.class_name, *time);
}

int show(Target const& target, ShowOptions const& options) {
    if (options.history && !options.at.empty())
        return report({Code::usage, "--history shows all times, --at one: give one of the two", {}});
    auto const states =
        read_of_client(target, options.client, [&options](db::Session& session, ClientId const& client) {
            return read_states(session, client, options);
        });
    if (!states) return report(states.error());
    if (target.json) {
        print_json(to_json(*states, options.history));
    } else if (states->empty()) {
        fmt::print("nothing of that has been reported\n");
    } else if (options.history) {
        print_history(*states);
    } else {
        print_states(*states);
    }
    return done;
}

int list_classes(Target const& target) {
    auto store = target.open();
    if (!store) return report(store.error());
    auto const classes =
        (*store)->read([](db::Session& session) { return db::Inventory(session).classes(); });
    if (!classes) return report(classes.error());
    if (target.json) {
        boost::json::array array;
        for (auto const& [each, count] : *classes) {
            array.push_back(
                {{"class", each.name}, {"view", "v_GS_" + each.group_name}, {"instances", count}});
        }
        print_json(array);
        return done;
    }
    std::vector<std::vector<std::string>> rows;
    for (auto const& [each, count] : *classes)
        rows.push_back({std::to_string(count), "v_GS_" + each.group_name, each.name});
    print_table({"INSTANCES", "VIEW", "CLASS"}, rows);
    return done;
}

int list_resyncs(Target const& target) {
    auto store = target.open();
    if (!store) return report(store.error());
    auto const resyncs =
        (*store)->read([](db::Session& session) { return db::ReportSequences(session).resyncs(); });
    if (!resyncs) return report(resyncs.error());
    if (target.json) {
        boost::json::array array;
        for (auto const& each : *resyncs) {
            array.push_back({{"smsid", each.client.text()},
                             {"name", each.name},
                             {"action", fmt::format("{{00000000-0000-0000-0000-00000000{}}}", each.action)},
                             {"reason", each.reason},
                             {"requested", iso_time_ms(each.requested)}});
        }
        print_json(array);
        return done;
    }
    std::vector<std::vector<std::string>> rows;
    for (auto const& each : *resyncs)
        rows.push_back({iso_time(each.requested), each.action, each.reason, each.name});
    print_table({"REQUESTED", "ACTION", "REASON", "CLIENT"}, rows);
    return done;
}

/// A resource as reports see it, and all that its discovery record says.
struct Resource {
    db::InventoryProperties columns;
    std::optional<db::Discovery> discovery;
    std::vector<db::DiscoveredClass> classes;
};

Result<Resource> read_resource(db::Session& session, ClientId const& client) {
    db::Discoveries const discoveries(session);
    auto columns = discoveries.resource(client);
    if (!columns) return std::unexpected(std::move(columns.error()));
    auto discovery = discoveries.find(client);
    if (!discovery) return std::unexpected(std::move(discovery.error()));
    auto classes = discoveries.classes(client);
    if (!classes) return std::unexpected(std::move(classes.error()));
    return Resource{std::move(*columns), std::move(*discovery), std::move(*classes)};
}

boost::json::object to_json(Resource const& resource) {
    boost::json::object object;
    for (auto const& column : resource.columns) {
        auto& value = object[column.name];
        if (!column.values.empty()) value = column.values.front();
    }
    boost::json::object classes;
    for (auto const& each : resource.classes) {
        auto& instances = classes[each.name].emplace_array();
        for (auto const& instance : each.instances) instances.emplace_back(to_json(instance));
    }
    object["discovered"] = nullptr;
    if (resource.discovery) object["discovered"] = iso_time_ms(resource.discovery->received);
    object["discovery"] = std::move(classes);
    return object;
}

int show_resource(Target const& target, std::string const& who) {
    auto const resource = read_of_client(target, who, read_resource);
    if (!resource) return report(resource.error());
    if (target.json) {
        print_json(to_json(*resource));
        return done;
    }
    print_properties(resource->columns);
    for (auto const& each : resource->classes) {
        for (auto const& instance : each.instances) {
            fmt::print("\n{}\n", shown(each.name));
            print_properties(instance);
        }
    }
    return done;
}

} // namespace

void add_inventory_command(CLI::App& program, Action& action) {
    Commands const commands(program, action, "inventory", "what clients have reported of themselves");
    auto const& target = commands.target();
    auto options = std::make_shared<ShowOptions>();
    auto* one = commands.add("show", "what a client has, instance by instance",
                             [target, options] { return show(*target, *options); });
    one->add_option("client", options->client, "SMSID or name")->required()->type_name("CLIENT");
    one->add_option("--class", options->class_name, "only that class")->type_name("CLASS");
    one->add_flag("--history", options->history, "with the states of before, and what changed");
    one->add_option("--at", options->at, "as it was known then: ISO 8601, UTC")->type_name("TIME");
    auto who = std::make_shared<std::string>();
    commands
        .add("resource", "a client as discovery knows it",
             [target, who] { return show_resource(*target, *who); })
        ->add_option("client", *who, "SMSID or name")
        ->required()
        ->type_name("CLIENT");
    auto products = std::make_shared<bool>(false);
    auto* software =
        commands.add("software", "files that a client reported, or the products that they are of",
                     [target, who, products] {
                         return *products ? list_products(*target, *who) : list_software(*target, *who);
                     });
    software->add_option("client", *who, "SMSID or name")->required()->type_name("CLIENT");
    software->add_flag("--products", *products, "products instead of files");
    auto save = std::make_shared<std::string>();
    auto* files = commands.add("files", "files that were collected from a client, revision by revision",
                               [target, who, save] { return list_collected_files(*target, *who, *save); });
    files->add_option("client", *who, "SMSID or name")->required()->type_name("CLIENT");
    files->add_option("--save", *save, "puts copies of them in that directory")->type_name("DIR");
    commands.add("classes", "every class that was ever reported", [target] { return list_classes(*target); });
    commands.add("resyncs", "full reports that were asked for and have not come",
                 [target] { return list_resyncs(*target); });
}

} // namespace pointman::cli
