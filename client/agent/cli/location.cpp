// SPDX-License-Identifier: Apache-2.0
#include "client/agent/cli/commands.hpp"
#include "client/agent/place.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

namespace pointman::client::agent::cli {

namespace {

using Rows = std::vector<std::vector<std::string>>;

/// JSON objects with the keys of the heading in lower case, or a table.
int tell(Common const& common, std::vector<std::string> const& heading, Result<Rows> rows) {
    if (!rows) return report(rows.error());
    if (!common.json) {
        print_table(heading, std::move(*rows));
        return done;
    }
    boost::json::array array;
    for (auto const& row : *rows) {
        boost::json::object object;
        for (std::size_t i = 0; i < row.size(); ++i) object[CLI::detail::to_lower(heading[i])] = row[i];
        array.emplace_back(std::move(object));
    }
    print_json(array);
    return done;
}

/// A row, or several, for each item.
template <class T, class ToRows>
Result<Rows> rows_of(Result<std::vector<T>> const& items, ToRows const& to_rows) {
    if (!items) return std::unexpected(items.error());
    Rows rows;
    for (auto const& item : *items) to_rows(item, rows);
    return rows;
}

int tell_management_points(Common const& common, LocalClient& client) {
    return tell(
        common, {"SITE", "VERSION", "NAME"},
        rows_of(list_management_points(client.session()), [](ManagementPoint const& point, Rows& rows) {
            rows.push_back(
                {point.site_code, point.version, point.name.empty() ? point.internet_name : point.name});
        }));
}

int tell_site(Common const& common, LocalClient& client) {
    return tell(common, {"SITE", "VERSION", "BUILD"},
                rows_of(find_site(client.session(), client.settings().site),
                        [](SiteInformation const& site, Rows& rows) {
                            rows.push_back({site.site_code, site.version, site.build});
                        }));
}

int tell_update_servers(Common const& common, LocalClient& client) {
    return tell(common, {"SITE", "VERSION", "URL"},
                rows_of(find_update_servers(client.session(), place_of_this_machine()),
                        [](UpdateServer const& server, Rows& rows) {
                            rows.push_back({server.site_code, server.version, server.url});
                        }));
}

int tell_content(Common const& common, LocalClient& client, std::string const& package,
                 std::string const& version) {
    ContentQuery const query{.package_id = package, .version = version, .place = place_of_this_machine()};
    return tell(common, {"SITE", "LOCALITY", "SERVER", "URL"},
                rows_of(find_content(client.session(), query), [](ContentSite const& site, Rows& rows) {
                    for (auto const& point : site.points)
                        for (auto const& url : point.urls)
                            rows.push_back({site.site_code, point.locality, point.server, url});
                }));
}

} // namespace

void add_location(CLI::App& program) {
    auto* const location = program.add_subcommand("location", "ask where things are; needs no registration");
    location->require_subcommand(1);
    add_command(*location, "mps", "the management points of the site", tell_management_points);
    add_command(*location, "site", "version and build of the site", tell_site);
    add_command(*location, "wsus", "servers for software updates", tell_update_servers);
    auto package = std::make_shared<std::string>();
    auto version = std::make_shared<std::string>("1");
    auto* const content = add_command(*location, "content", "where a package lies, for this machine",
                                      [package, version](Common const& common, LocalClient& client) {
                                          return tell_content(common, client, *package, *version);
                                      });
    content->add_option("package", *package, "its id, LAB00001")->required()->type_name("PACKAGE");
    content->add_option("version", *version, "its version, 1 where none is given")->type_name("VERSION");
}

} // namespace pointman::client::agent::cli
