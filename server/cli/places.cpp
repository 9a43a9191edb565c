// SPDX-License-Identifier: Apache-2.0
#include "server/cli/places.hpp"

#include "base/text.hpp"
#include "db/site.hpp"
#include "endpoints/location/replies.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pointman::cli {

namespace {

bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

} // namespace

CLI::Option* add_repeatable(CLI::App& command, std::string const& name, std::vector<std::string>& values,
                            std::string const& help) {
    return command.add_option(name, values, help)->allow_extra_args(false);
}

void AreaOptions::add_options(CLI::App& command) {
    add_repeatable(command, "--subnet", subnets, "subnet of IPv4")->type_name("A/N");
    add_repeatable(command, "--range", ranges, "range of IPv4 addresses")->type_name("A-B");
    add_repeatable(command, "--ad-site", ad_sites, "site of Active Directory")->type_name("NAME");
    add_repeatable(command, "--ipv6", prefixes, "prefix of IPv6")->type_name("P/N");
}

Result<std::vector<Area>> AreaOptions::areas() const {
    std::vector<Area> areas;
    for (auto const& [kind, texts] :
         {std::pair(Area::Kind::subnet, &subnets), std::pair(Area::Kind::range, &ranges),
          std::pair(Area::Kind::ad_site, &ad_sites), std::pair(Area::Kind::ipv6, &prefixes)}) {
        for (auto const& text : *texts) {
            auto area = parse_area(kind, text);
            if (!area) return std::unexpected(std::move(area.error()));
            areas.push_back(std::move(*area));
        }
    }
    return areas;
}

Result<std::optional<db::SiteRow>> site_of(Target const& target, db::Store& store) {
    if (target.config.empty() && target.lab.empty()) return store.read(db::SiteRow::find);
    auto const settings = target.settings();
    if (!settings) return std::unexpected(settings.error());
    auto const& site = settings->site;
    std::string const mode = site.mode == config::SiteMode::native ? "native" : "mixed";
    return db::SiteRow{site.code, mode, site.host,
                       std::filesystem::absolute(settings->storage.files).string()};
}

Result<std::string> own_site(Target const& target, db::Store& store) {
    auto const site = site_of(target, store);
    if (!site) return std::unexpected(site.error());
    return *site ? (*site)->site_code : std::string();
}

Result<std::string> kept_site(Target const& target, db::Store& store, std::string const& given) {
    if (given.empty()) return given;
    if (given.size() != 3 || !std::ranges::all_of(given, is_letter_or_digit)) {
        return fail(Code::usage,
                    fmt::format("\"{}\" is no site code: --site takes three letters or digits", given));
    }
    auto const own = own_site(target, store);
    if (!own) return own;
    return equal_ignoring_case(given, *own) ? std::string() : to_upper(given);
}

std::string shown_site(std::string const& kept, std::string const& own) {
    return kept.empty() ? own : kept;
}

boost::json::object to_json(Area const& area) {
    return {{"kind", name_of(area.kind)}, {"value", area.value}};
}

std::string describe(Area const& area) {
    switch (area.kind) {
    case Area::Kind::ad_site:
        return fmt::format("AD site {}", area.value);
    case Area::Kind::ipv6:
        return fmt::format("IPv6 {}", area.value);
    default:
        return fmt::format("{} {}", name_of(area.kind), area.value);
    }
}

Result<std::string> kept_http_url(std::string_view url) {
    url = trim(url);
    while (url.ends_with('/')) url.remove_suffix(1);
    bool const is_http =
        starts_with_ignoring_case(url, "http://") || starts_with_ignoring_case(url, "https://");
    auto const unusable = [](char c) {
        return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '\x7f';
    };
    if (!is_http || endpoints::location::host_of(url).empty() || std::ranges::any_of(url, unusable)) {
        return fail(Code::usage,
                    fmt::format("\"{}\" is no URL: write http://HOST or https://HOST, with a port "
                                "and a path where needed",
                                url));
    }
    auto const host_end = url.find('/', url.find("://") + 3);
    auto const host = url.substr(0, host_end);
    return to_lower(host) + std::string(url.substr(host.size()));
}

} // namespace pointman::cli
