// SPDX-License-Identifier: Apache-2.0
#include "endpoints/location/replies.hpp"

#include "base/text.hpp"
#include "endpoints/location/product_level.hpp"

#include <fmt/format.h>

namespace pointman::endpoints::location {

namespace {

constexpr std::string_view package_share = "/SMS_DP_SMSPKG$";
constexpr std::string_view signature_share = "/SMS_DP_SMSSIG$";

std::string element(std::string_view name, std::string_view content) {
    return content.empty() ? fmt::format("<{}/>", name) : fmt::format("<{0}>{1}</{0}>", name, content);
}

/// A root element around a list of sites.
std::string document(std::string_view root, std::string_view schema_version, std::string_view sites) {
    return fmt::format("<{0} SchemaVersion=\"{1}\">{2}</{0}>", root, escape_xml(schema_version),
                       element("Sites", sites));
}

/// Every site but this one hangs below it.
std::string mp_site(SiteHere const& site, std::string_view own_site) {
    // Upper case on the wire, unlike in the pages of the 2007 SDK (location.md 2.2).
    return fmt::format("<MPSite SiteCode=\"{}\" MasterSiteCode=\"{}\" SiteLocality=\"{}\"/>",
                       escape_xml(site.code), escape_xml(own_site), name_of(site.locality));
}

std::string site_element(std::string_view mp_site, std::string_view records) {
    return fmt::format("<Site>{}{}</Site>", mp_site, element("LocationRecords", records));
}

std::string_view without_trailing(std::string_view text, std::string_view characters) {
    auto const last = text.find_last_not_of(characters);
    return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

std::string urls_of(OfferedPoint const& offer) {
    std::string urls;
    std::string shares;
    for (auto const& root : offer.point.urls) {
        auto const lies = content_url(root, offer.package, offer.version);
        if (lies.is_unc) {
            shares += fmt::format("<SMBPath Name=\"{}\"/>", escape_xml(lies.url));
        } else if (lies.signature.empty()) {
            urls += fmt::format("<URL Name=\"{}\"/>", escape_xml(lies.url));
        } else {
            urls += fmt::format("<URL Name=\"{}\" Signature=\"{}\"/>", escape_xml(lies.url),
                                escape_xml(lies.signature));
        }
    }
    return urls + shares;
}

std::string ad_site_of(db::DistributionPoint const& point) {
    for (auto const& area : point.areas) {
        if (area.kind == Area::Kind::ad_site) return area.value;
    }
    return {};
}

std::string subnets_of(db::DistributionPoint const& point) {
    std::string subnets;
    for (auto const& area : point.areas) {
        if (area.kind != Area::Kind::subnet && area.kind != Area::Kind::ipv6) continue;
        // Clients compare it with their own subnet address, which has no mask.
        subnets += fmt::format("<IPSubnet Address=\"{}\"/>", area.value.substr(0, area.value.find('/')));
    }
    return subnets;
}

std::string location_record(OfferedPoint const& offer) {
    return fmt::format("<LocationRecord>{}<ADSite Name=\"{}\"/>{}<Metric Value=\"\"/>"
                       "<Version>{}</Version><Capabilities SchemaVersion=\"1.0\"/>"
                       "<ServerRemoteName>{}</ServerRemoteName><DPType>SERVER</DPType>"
                       "<Locality>{}</Locality></LocationRecord>",
                       urls_of(offer), escape_xml(ad_site_of(offer.point)),
                       element("IPSubnets", subnets_of(offer.point)), ProductLevel::build,
                       escape_xml(offer.point.name), name_of(offer.locality));
}

std::string_view mixed_case(Locality locality) {
    switch (locality) {
    case Locality::local:
        return "Local";
    case Locality::remote:
        return "Remote";
    case Locality::fallback:
        return "Fallback";
    }
    return {};
}

std::string site_description(std::string_view own_site) {
    return fmt::format("<SiteCode>{}</SiteCode><Version>{}</Version><BuildNumber>{}</BuildNumber>",
                       escape_xml(own_site), ProductLevel::version, ProductLevel::build);
}

} // namespace

ContentUrl content_url(std::string_view root, std::string_view package, std::int64_t version) {
    if (starts_with_ignoring_case(package, "UID:")) package.remove_prefix(4);
    if (package.starts_with('{') && package.ends_with('}')) package = package.substr(1, package.size() - 2);
    auto const folder = starts_with_ignoring_case(package, "Content_")
                            ? fmt::format("{}.{}", package, version)
                            : std::string(package);
    if (root.starts_with(R"(\\)")) {
        return {.url = fmt::format(R"({}\{}\)", without_trailing(root, R"(\)"), folder), .is_unc = true};
    }
    root = without_trailing(root, "/");
    ContentUrl lies{.url = fmt::format("{}/{}", root, folder)};
    if (root.size() > package_share.size() &&
        equal_ignoring_case(root.substr(root.size() - package_share.size()), package_share)) {
        auto const server = root.substr(0, root.size() - package_share.size());
        lies.signature = fmt::format("{}{}/{}.{}.tar", server, signature_share, package, version);
    }
    return lies;
}

std::string content_reply(std::string_view schema_version, ContentAnswer const& answer,
                          std::string_view own_site) {
    std::string sites;
    for (auto const& [site, points] : answer.sites) {
        std::string records;
        for (auto const& offer : points) records += location_record(offer);
        sites += site_element(mp_site(site, own_site), records);
    }
    return document("ContentLocationReply", schema_version, sites);
}

std::string local_mp_reply(std::string_view schema_version, std::vector<SiteHere> const& sites,
                           std::string_view own_site) {
    std::string elements;
    for (auto const& site : sites) {
        elements += fmt::format("<Site SiteCode=\"{}\" MasterSiteCode=\"{}\" Locality=\"{}\"/>",
                                escape_xml(site.code), escape_xml(own_site), mixed_case(site.locality));
    }
    return document("LocalMPLocationReply", schema_version, elements);
}

std::string wsus_reply(std::string_view schema_version, std::vector<SiteWithServers> const& sites) {
    std::string elements;
    for (auto const& [site, servers] : sites) {
        std::string records;
        for (auto const& server : servers) {
            records += fmt::format("<LocationRecord WSUSURL=\"{}\" ServerName=\"{}\" Version=\"{}\"/>",
                                   escape_xml(server.url), escape_xml(host_of(server.url)), server.version);
        }
        elements += site_element(fmt::format("<MPSite SiteCode=\"{}\"/>", escape_xml(site.code)), records);
    }
    return document("WSUSLocationReply", schema_version, elements);
}

std::string site_information_reply(std::string_view schema_version, std::string_view own_site,
                                   bool is_known) {
    auto const site = is_known ? fmt::format("<Site>{}</Site>", site_description(own_site)) : std::string();
    return document("SiteInfoReply", schema_version, site);
}

std::string assigned_site_reply(std::string_view schema_version, std::string_view own_site,
                                std::string_view host, bool is_inside) {
    auto const site = is_inside ? fmt::format("<Site>{}<DefaultMP>{}</DefaultMP>"
                                              "<Capabilities SchemaVersion=\"1.0\"/></Site>",
                                              site_description(own_site), escape_xml(host))
                                : std::string();
    return document("AssignedSiteReply", schema_version, site);
}

std::string management_points_reply(std::string_view schema_version,
                                    std::vector<SiteWithManagementPoint> const& sites,
                                    std::string_view own_site, std::string_view host) {
    auto const record = fmt::format("<MPLocationRecord><IntranetName>{}</IntranetName><InternetName/>"
                                    "<Version>{}</Version><Capabilities SchemaVersion=\"1.0\"/>"
                                    "</MPLocationRecord>",
                                    escape_xml(host), ProductLevel::build);
    std::string elements;
    for (auto const& [site, has_this] : sites) {
        elements += site_element(mp_site(site, own_site), has_this ? record : std::string());
    }
    return document("EnumerateMPLocationReply", schema_version, elements);
}

std::string_view host_of(std::string_view url) {
    if (auto const scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    url = url.substr(0, url.find('/'));
    if (url.starts_with('[')) return url.substr(0, url.find(']') + 1);
    return url.substr(0, url.find(':'));
}

} // namespace pointman::endpoints::location
