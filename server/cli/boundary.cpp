// SPDX-License-Identifier: Apache-2.0
#include "db/locations.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/output.hpp"
#include "server/cli/places.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

namespace pointman::cli {

namespace {

struct BoundaryOptions {
    AreaOptions area;
    std::string site;
    std::string name;
    bool slow = false;
};

boost::json::object to_json(db::Boundary const& boundary, std::string const& own) {
    auto object = cli::to_json(boundary.area);
    object["boundary_id"] = boundary.boundary_id;
    object["site"] = shown_site(boundary.site_code, own);
    object["slow"] = boundary.slow;
    object["name"] = boundary.name;
    return object;
}

std::string_view speed_of(db::Boundary const& boundary) {
    return boundary.slow ? "slow" : "fast";
}

int add_boundary(Target const& target, BoundaryOptions const& options) {
    auto const areas = options.area.areas();
    if (!areas) return report(areas.error());
    if (areas->size() != 1) {
        return report({Code::usage, "a boundary is one of --subnet, --range, --ad-site and --ipv6", {}});
    }
    auto store = target.open();
    if (!store) return report(store.error());
    auto const site = kept_site(target, **store, options.site);
    if (!site) return report(site.error());
    db::Boundary boundary{
        .name = options.name, .site_code = *site, .slow = options.slow, .area = areas->front()};
    auto const id = (*store)->write_and_wait(
        [&boundary](db::Transaction& transaction) { return db::Boundaries::add(transaction, boundary); });
    if (!id) return report(id.error());
    boundary.boundary_id = *id;
    if (target.json) {
        print_json(to_json(boundary, own_site(target, **store).value_or("")));
    } else {
        fmt::print("boundary {}: {}, {}\n", *id, describe(boundary.area), speed_of(boundary));
    }
    return done;
}

int list_boundaries(Target const& target) {
    auto store = target.open();
    if (!store) return report(store.error());
    auto const boundaries =
        (*store)->read([](db::Session& session) { return db::Boundaries(session).list(); });
    if (!boundaries) return report(boundaries.error());
    auto const own = own_site(target, **store).value_or("");
    if (target.json) {
        boost::json::array array;
        for (auto const& boundary : *boundaries) array.emplace_back(to_json(boundary, own));
        print_json(array);
        return done;
    }
    std::vector<std::vector<std::string>> rows;
    for (auto const& boundary : *boundaries) {
        rows.push_back({std::to_string(boundary.boundary_id), shown_site(boundary.site_code, own),
                        std::string(speed_of(boundary)), describe(boundary.area), boundary.name});
    }
    print_table({"ID", "SITE", "SPEED", "BOUNDARY", "NAME"}, rows);
    return done;
}

int show_boundary(Target const& target, std::int64_t id) {
    auto store = target.open();
    if (!store) return report(store.error());
    auto const found =
        (*store)->read([id](db::Session& session) { return db::Boundaries(session).find(id); });
    if (!found) return report(found.error());
    if (!*found) return report({Code::not_found, fmt::format("no boundary {}", id), {}});
    auto const& boundary = **found;
    auto const own = own_site(target, **store).value_or("");
    if (target.json) {
        print_json(to_json(boundary, own));
        return done;
    }
    print_fields({{"id", std::to_string(boundary.boundary_id)},
                  {"boundary", describe(boundary.area)},
                  {"site", shown_site(boundary.site_code, own)},
                  {"speed", std::string(speed_of(boundary))},
                  {"name", boundary.name}});
    return done;
}

int remove_boundary(Target const& target, std::int64_t id) {
    auto const remove = [id](db::Transaction& transaction) {
        return db::Boundaries::remove(transaction, id);
    };
    return carry_out(target, remove, {{"boundary_id", id}}, fmt::format("removed boundary {}", id));
}

} // namespace

void add_boundary_command(CLI::App& program, Action& action) {
    Commands const commands(program, action, "boundary", "where the site's clients are");
    auto const& target = commands.target();
    auto options = std::make_shared<BoundaryOptions>();
    auto id = std::make_shared<std::int64_t>();
    auto takes_id = [&id](CLI::App* sub) {
        sub->add_option("boundary", *id, "its id")->required()->type_name("ID");
    };

    auto* added = commands.add("add", "a boundary of a site; given again, its name and speed change",
                               [target, options] { return add_boundary(*target, *options); });
    options->area.add_options(*added);
    added->add_option("--site", options->site, "the site, where it is not this one")->type_name("CODE");
    added->add_option("--name", options->name, "what people call it")->type_name("TEXT");
    added->add_flag("--slow", options->slow, "the connection is slow: what is near is remote");
    commands.add("list", "all boundaries", [target] { return list_boundaries(*target); });
    takes_id(commands.add("show", "one boundary", [target, id] { return show_boundary(*target, *id); }));
    takes_id(commands.add("remove", "forget it", [target, id] { return remove_boundary(*target, *id); }));
}

} // namespace pointman::cli
