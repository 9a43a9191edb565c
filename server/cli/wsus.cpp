// SPDX-License-Identifier: Apache-2.0
#include "db/locations.hpp"
#include "endpoints/location/decision.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/output.hpp"
#include "server/cli/places.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

namespace pointman::cli {

namespace {

struct WsusOptions {
    std::string url;
    std::string version;
    std::string site;
    bool internet = false;
};

boost::json::object to_json(db::WsusServer const& server, std::string const& own) {
    boost::json::object object;
    object["wsus_id"] = server.wsus_id;
    object["url"] = server.url;
    object["version"] = server.version;
    object["site"] = shown_site(server.site_code, own);
    object["internet"] = server.internet;
    return object;
}

int add_server(Target const& target, WsusOptions const& options) {
    auto const url = kept_http_url(options.url);
    if (!url) return report(url.error());
    auto const version = endpoints::location::version_number(options.version.empty() ? "1" : options.version);
    if (!version) {
        return report(
            {Code::usage, fmt::format("--version takes a number, \"{}\" is none", options.version), {}});
    }
    auto store = target.open();
    if (!store) return report(store.error());
    auto const site = kept_site(target, **store, options.site);
    if (!site) return report(site.error());
    db::WsusServer server{.url = *url, .version = *version, .site_code = *site, .internet = options.internet};
    auto const id = (*store)->write_and_wait(
        [&server](db::Transaction& transaction) { return db::WsusServers::add(transaction, server); });
    if (!id) return report(id.error());
    server.wsus_id = *id;
    if (target.json) {
        print_json(to_json(server, own_site(target, **store).value_or("")));
    } else {
        fmt::print("update server {} ({}, version {})\n", *id, server.url, server.version);
    }
    return done;
}

int list_servers(Target const& target) {
    auto store = target.open();
    if (!store) return report(store.error());
    auto const servers = (*store)->read([](db::Session& session) { return db::WsusServers(session).list(); });
    if (!servers) return report(servers.error());
    auto const own = own_site(target, **store).value_or("");
    if (target.json) {
        boost::json::array array;
        for (auto const& server : *servers) array.emplace_back(to_json(server, own));
        print_json(array);
        return done;
    }
    std::vector<std::vector<std::string>> rows;
    for (auto const& server : *servers) {
        rows.push_back({std::to_string(server.wsus_id), shown_site(server.site_code, own),
                        std::to_string(server.version), server.internet ? "yes" : "no", server.url});
    }
    print_table({"ID", "SITE", "VERSION", "INTERNET", "URL"}, rows);
    return done;
}

int remove_server(Target const& target, std::string const& which) {
    return carry_out_and_tell(
        target,
        [&which](db::Transaction& transaction) -> Result<db::WsusServer> {
            auto server = db::WsusServers(transaction).resolve(which);
            if (!server) return server;
            if (auto removed = db::WsusServers::remove(transaction, server->wsus_id); !removed)
                return std::unexpected(removed.error());
            return server;
        },
        [](db::WsusServer const& gone) {
            return boost::json::object{{"wsus_id", gone.wsus_id}, {"url", gone.url}};
        },
        [](db::WsusServer const& gone) {
            return fmt::format("removed update server {} ({})", gone.wsus_id, gone.url);
        });
}

} // namespace

void add_wsus_command(CLI::App& program, Action& action) {
    Commands const commands(program, action, "wsus", "the update servers");
    auto const& target = commands.target();
    auto options = std::make_shared<WsusOptions>();
    auto which = std::make_shared<std::string>();

    auto* added = commands.add("add", "an update server; given again, it becomes this one",
                               [target, options] { return add_server(*target, *options); });
    added->add_option("url", options->url, "such as http://sus1.plant.example:8530")
        ->required()
        ->type_name("URL");
    added->add_option("--version", options->version, "of its catalogue, 1 if not given")->type_name("N");
    added->add_flag("--internet", options->internet, "it can be reached from the Internet");
    added->add_option("--site", options->site, "the site, where it is not this one")->type_name("CODE");
    commands.add("list", "all update servers", [target] { return list_servers(*target); });
    commands.add("remove", "forget it", [target, which] { return remove_server(*target, *which); })
        ->add_option("server", *which, "its URL or id")
        ->required()
        ->type_name("URL|ID");
}

} // namespace pointman::cli
