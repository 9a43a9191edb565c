// SPDX-License-Identifier: Apache-2.0
// Options that the commands about locations share.
#pragma once

#include "base/network.hpp"
#include "db/site.hpp"
#include "server/cli/commands.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::cli {

/// `--subnet A/N`, `--range A-B`, `--ad-site NAME` and `--ipv6 P/N`, each repeatable.
struct AreaOptions {
    std::vector<std::string> subnets;
    std::vector<std::string> ranges;
    std::vector<std::string> ad_sites;
    std::vector<std::string> prefixes;

    void add_options(CLI::App& command);
    /// Fails with usage for the first that is none.
    Result<std::vector<Area>> areas() const;
};

/// One value for each time that it is given: what follows may be an argument of the command.
CLI::Option* add_repeatable(CLI::App& command, std::string const& name, std::vector<std::string>& values,
                            std::string const& help);

/// This site: by the settings, and for `--db` alone by the database; nothing there until a daemon has run.
Result<std::optional<db::SiteRow>> site_of(Target const& target, db::Store& store);
/// Its code; "" where it is not known.
Result<std::string> own_site(Target const& target, db::Store& store);
/// A site code as it is kept: upper case, "" for this site. Fails with usage.
Result<std::string> kept_site(Target const& target, db::Store& store, std::string const& given);
/// As it is shown: this site by its code, where that is known.
std::string shown_site(std::string const& kept, std::string const& own);

boost::json::object to_json(Area const& area);
/// "AD site Plant-North", "subnet 10.77.4.0/24".
std::string describe(Area const& area);

/// A root of a URL as clients are told it: `http://` or `https://` and a host in lower case. Fails with
/// usage.
Result<std::string> kept_http_url(std::string_view url);

} // namespace pointman::cli
