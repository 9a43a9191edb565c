// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "db/locations.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/output.hpp"
#include "server/cli/places.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace pointman::cli {

namespace {

constexpr std::size_t longest_name = 255;

struct PointOptions {
    std::string name;
    std::vector<std::string> urls;
    AreaOptions area;
    std::string site;
    bool is_protected = false;
    bool internet = false;
};

boost::json::array to_array(std::vector<std::string> const& texts) {
    boost::json::array array;
    for (auto const& text : texts) array.emplace_back(text);
    return array;
}

boost::json::object to_json(db::DistributionPoint const& point, std::string const& own) {
    boost::json::array boundaries;
    for (auto const& area : point.areas) boundaries.emplace_back(cli::to_json(area));
    boost::json::object object;
    object["dp_id"] = point.dp_id;
    object["name"] = point.name;
    object["urls"] = to_array(point.urls);
    object["boundaries"] = std::move(boundaries);
    object["protected"] = point.is_protected;
    object["internet"] = point.internet;
    object["site"] = shown_site(point.site_code, own);
    return object;
}

std::string areas_of(db::DistributionPoint const& point) {
    std::vector<std::string> texts;
    texts.reserve(point.areas.size());
    for (auto const& area : point.areas) texts.push_back(describe(area));
    return fmt::format("{}", fmt::join(texts, ", "));
}

std::string traits_of(db::DistributionPoint const& point) {
    return fmt::format("{}{}", point.is_protected ? "protected" : "open", point.internet ? ", Internet" : "");
}

/// The name goes into URLs and to clients that resolve it.
Result<std::string> kept_name(std::string_view name) {
    name = trim(name);
    auto const allowed = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               std::string_view(".-_[]:").find(c) != std::string_view::npos;
    };
    if (name.empty() || name.size() > longest_name || !std::ranges::all_of(name, allowed)) {
        return fail(Code::usage,
                    fmt::format("\"{}\" is no name of a server: letters, digits, dots and hyphens", name));
    }
    return std::string(name);
}

/// A root is a URL or, for SMB, a share.
Result<std::string> kept_root(std::string_view root) {
    root = trim(root);
    if (!root.starts_with(R"(\\)")) return kept_http_url(root);
    auto const share = root.find('\\', 2);
    bool const whole = share != std::string_view::npos && share > 2 && share + 1 < root.size();
    auto const unusable = [](char c) {
        return static_cast<unsigned char>(c) < ' ' || c == '"' || c == '\x7f';
    };
    if (!whole || std::ranges::any_of(root, unusable)) {
        return fail(Code::usage, fmt::format(R"("{}" is no share: write \\HOST\SHARE)", root));
    }
    while (root.ends_with('\\')) root.remove_suffix(1);
    return std::string(root);
}

Result<db::DistributionPoint> point_from(Target const& target, db::Store& store,
                                         PointOptions const& options) {
    auto const name = kept_name(options.name);
    if (!name) return std::unexpected(name.error());
    db::DistributionPoint point{
        .name = *name, .is_protected = options.is_protected, .internet = options.internet};
    for (auto const& url : options.urls) {
        auto root = kept_root(url);
        if (!root) return std::unexpected(root.error());
        point.urls.push_back(std::move(*root));
    }
    if (point.urls.empty()) point.urls.push_back(fmt::format("http://{}/SMS_DP_SMSPKG$", *name));
    auto areas = options.area.areas();
    if (!areas) return std::unexpected(areas.error());
    point.areas = std::move(*areas);
    if (point.is_protected && point.areas.empty()) {
        return fail(Code::usage, "a protected point serves its own boundaries alone: give at least one of "
                                 "--subnet, --range, --ad-site and --ipv6");
    }
    auto site = kept_site(target, store, options.site);
    if (!site) return std::unexpected(site.error());
    point.site_code = std::move(*site);
    return point;
}

int add_point(Target const& target, PointOptions const& options) {
    auto store = target.open();
    if (!store) return report(store.error());
    auto point = point_from(target, **store, options);
    if (!point) return report(point.error());
    auto const id = (*store)->write_and_wait(
        [&point](db::Transaction& transaction) { return db::DistributionPoints::add(transaction, *point); });
    if (!id) return report(id.error());
    point->dp_id = *id;
    if (target.json) {
        print_json(to_json(*point, own_site(target, **store).value_or("")));
    } else {
        fmt::print("distribution point {} ({})\n", *id, point->name);
    }
    return done;
}

int list_points(Target const& target) {
    auto store = target.open();
    if (!store) return report(store.error());
    auto const points =
        (*store)->read([](db::Session& session) { return db::DistributionPoints(session).list(); });
    if (!points) return report(points.error());
    auto const own = own_site(target, **store).value_or("");
    if (target.json) {
        boost::json::array array;
        for (auto const& point : *points) array.emplace_back(to_json(point, own));
        print_json(array);
        return done;
    }
    std::vector<std::vector<std::string>> rows;
    for (auto const& point : *points) {
        rows.push_back({std::to_string(point.dp_id), shown_site(point.site_code, own), point.name,
                        traits_of(point), areas_of(point)});
    }
    print_table({"ID", "SITE", "NAME", "FOR", "NEAR"}, rows);
    return done;
}

int show_point(Target const& target, std::string const& who) {
    auto store = target.open();
    if (!store) return report(store.error());
    auto const point =
        (*store)->read([&who](db::Session& session) { return db::DistributionPoints(session).resolve(who); });
    if (!point) return report(point.error());
    auto const contents = (*store)->read([](db::Session& session) { return db::Contents(session).list(); });
    if (!contents) return report(contents.error());
    std::vector<std::string> held;
    boost::json::array held_json;
    for (auto const& content : *contents) {
        if (std::ranges::find(content.dps, point->name) == content.dps.end()) continue;
        held.push_back(fmt::format("{} version {}", content.package, content.version));
        held_json.emplace_back(
            boost::json::object{{"package", content.package}, {"version", content.version}});
    }
    auto const own = own_site(target, **store).value_or("");
    if (target.json) {
        auto object = to_json(*point, own);
        object["content"] = std::move(held_json);
        print_json(object);
        return done;
    }
    print_fields({{"id", std::to_string(point->dp_id)},
                  {"name", point->name},
                  {"site", shown_site(point->site_code, own)},
                  {"for", traits_of(*point)},
                  {"URLs", fmt::format("{}", fmt::join(point->urls, ", "))},
                  {"near", areas_of(*point)},
                  {"content", fmt::format("{}", fmt::join(held, ", "))}});
    return done;
}

int remove_point(Target const& target, std::string const& who) {
    return carry_out_and_tell(
        target,
        [&who](db::Transaction& transaction) -> Result<db::DistributionPoint> {
            auto point = db::DistributionPoints(transaction).resolve(who);
            if (!point) return point;
            auto removed = db::DistributionPoints::remove(transaction, point->dp_id);
            if (!removed) return std::unexpected(removed.error());
            return point;
        },
        [](db::DistributionPoint const& gone) {
            return boost::json::object{{"dp_id", gone.dp_id}, {"name", gone.name}};
        },
        [](db::DistributionPoint const& gone) {
            return fmt::format("removed distribution point {} ({})", gone.dp_id, gone.name);
        });
}

} // namespace

void add_dp_command(CLI::App& program, Action& action) {
    Commands const commands(program, action, "dp", "the distribution points, from which clients get content");
    auto const& target = commands.target();
    auto options = std::make_shared<PointOptions>();
    auto who = std::make_shared<std::string>();
    auto takes_point = [&who](CLI::App* sub) {
        sub->add_option("point", *who, "its name or id")->required()->type_name("NAME|ID");
    };

    auto* added = commands.add("add", "a distribution point; given again, it becomes this one",
                               [target, options] { return add_point(*target, *options); });
    added->add_option("name", options->name, "of the server, as clients resolve it")
        ->required()
        ->type_name("NAME");
    add_repeatable(*added, "--url", options->urls, "root of the packages; http://NAME/SMS_DP_SMSPKG$ if none")
        ->type_name("URL");
    options->area.add_options(*added);
    added->add_flag("--protected", options->is_protected, "it serves nobody outside these");
    added->add_flag("--internet", options->internet, "it can be reached from the Internet");
    added->add_option("--site", options->site, "the site, where it is not this one")->type_name("CODE");
    commands.add("list", "all distribution points", [target] { return list_points(*target); });
    takes_point(commands.add("show", "one of them, with its content",
                             [target, who] { return show_point(*target, *who); }));
    takes_point(commands.add("remove", "forget it, with what it holds",
                             [target, who] { return remove_point(*target, *who); }));
}

} // namespace pointman::cli
