// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "client/messages/reply_reading.hpp"

#include <fmt/format.h>

#include <functional>
#include <pointman/location.hpp>

namespace pointman::client {

namespace {

using schemas::Element;

constexpr std::string_view endpoint = "MP_LocationManager";

std::string assigned_site(std::string_view site_code) {
    return fmt::format(R"(<AssignedSite SiteCode="{}"/>)", escape_xml(site_code));
}

/// Children of `ClientLocationInfo`.
std::string whereabouts(Place const& place) {
    std::string addresses;
    for (auto const& one : place.addresses) {
        addresses += fmt::format(R"(<IPAddress SubnetAddress="{}" Address="{}"/>)", escape_xml(one.subnet),
                                 escape_xml(one.address));
    }
    return fmt::format(R"(<ADSite Name="{}"/><IPAddresses>{}</IPAddresses>)", escape_xml(place.ad_site),
                       addresses);
}

std::string location_info(Place const& place) {
    return fmt::format(R"(<ClientLocationInfo OnInternet="{:d}">{}</ClientLocationInfo>)", place.on_internet,
                       whereabouts(place));
}

std::string_view name_of(ManagementPointKind kind) {
    switch (kind) {
    case ManagementPointKind::assigned:
        return "Assigned";
    case ManagementPointKind::proxy:
        return "Proxy";
    case ManagementPointKind::local:
        return "Local";
    case ManagementPointKind::internet:
        return "Internet";
    }
    return "Assigned";
}

void for_each_child(std::optional<Element> const& parent, std::string_view name,
                    std::function<void(Element const&)> const& visit) {
    if (!parent) return;
    for (Element const child : parent->children())
        if (child.name() == name) visit(child);
}

/// What `read` makes of each `Sites/Site` below that root.
template <class T>
Result<std::vector<T>> read_sites(std::string_view xml, std::string_view root,
                                  std::function<void(Element const& site, std::vector<T>&)> const& read) {
    auto const document = parse_reply(xml, root);
    if (!document) return std::unexpected(document.error());
    std::vector<T> found;
    for_each_child(document->root().child("Sites"), "Site", [&](Element const& site) { read(site, found); });
    return found;
}

std::vector<std::string> names_in(Element const& record, std::string_view child) {
    std::vector<std::string> names;
    for_each_child(record, child, [&](Element const& one) { names.push_back(value_of(one, "Name")); });
    return names;
}

DistributionPoint read_point(Element const& record) {
    auto const ad_site = record.child("ADSite");
    return {.server = text_of(record, "ServerRemoteName"),
            .urls = names_in(record, "URL"),
            .smb_paths = names_in(record, "SMBPath"),
            .ad_site = ad_site ? value_of(*ad_site, "Name") : std::string(),
            .version = text_of(record, "Version"),
            .type = text_of(record, "DPType"),
            .locality = text_of(record, "Locality")};
}

std::string site_code_of(Element const& site) {
    auto const mp_site = site.child("MPSite");
    return mp_site ? value_of(*mp_site, "SiteCode") : std::string();
}

ContentSite read_content_site(Element const& site) {
    ContentSite result;
    if (auto const mp_site = site.child("MPSite")) {
        result.site_code = value_of(*mp_site, "SiteCode");
        result.master_site_code = value_of(*mp_site, "MasterSiteCode");
        result.locality = value_of(*mp_site, "SiteLocality");
    }
    for_each_child(site.child("LocationRecords"), "LocationRecord",
                   [&](Element const& record) { result.points.push_back(read_point(record)); });
    return result;
}

SiteInformation read_site(Element const& site) {
    return {.site_code = text_of(site, "SiteCode"),
            .version = text_of(site, "Version"),
            .build = text_of(site, "BuildNumber")};
}

Result<std::vector<SiteInformation>> read_site_list(std::string_view xml, std::string_view root) {
    return read_sites<SiteInformation>(
        xml, root, [](Element const& site, auto& found) { found.push_back(read_site(site)); });
}

/// Not signed, and without a sender: recorded clients ask before they are registered (wire.md 4).
template <class T>
Result<T> exchange(Session const& session, std::string const& request, Result<T> (*read)(std::string_view)) {
    auto const xml = session.invoke(session.message(endpoint, request, Session::Signature::none));
    if (!xml) return std::unexpected(xml.error());
    return read(*xml);
}

} // namespace

std::string content_location_request(ContentQuery const& query, std::string_view site_code) {
    return fmt::format(
        R"(<ContentLocationRequest SchemaVersion="1.00"><Package ID="{}" Version="{}" DeploymentFlags="0"/>{})"
        R"(<ClientLocationInfo LocationType="{}" DistributeOnDemand="0" UseProtected="1" AllowCaching="0" BranchDPFlags="0" )"
        R"(AllowHTTP="1" AllowSMB="1" AllowMulticast="0" UseInternetDP="{:d}">{}</ClientLocationInfo>)"
        R"(</ContentLocationRequest>)",
        escape_xml(query.package_id), escape_xml(query.version), assigned_site(site_code),
        escape_xml(query.type), query.place.on_internet, whereabouts(query.place));
}

std::string local_mp_request(Place const& place, std::string_view site_code) {
    return fmt::format(R"(<LocalMPLocationRequest SchemaVersion="1.00">{}{}</LocalMPLocationRequest>)",
                       assigned_site(site_code), location_info(place));
}

std::string update_server_request(Place const& place, std::string_view site_code, std::string_view content,
                                  std::string_view version) {
    auto const source = content.empty() ? std::string()
                                        : fmt::format(R"(<Content ID="{}" Version="{}"/>)",
                                                      escape_xml(content), escape_xml(version));
    return fmt::format(R"(<WSUSLocationRequest SchemaVersion="1.00">{}{}{}</WSUSLocationRequest>)", source,
                       assigned_site(site_code), location_info(place));
}

std::string site_information_request(std::string_view site_code) {
    return fmt::format(
        R"(<SiteInformationRequest SchemaVersion="1.00"><SiteCode Name="{}"/></SiteInformationRequest>)",
        escape_xml(site_code));
}

std::string assigned_site_request(Place const& place) {
    return fmt::format(R"(<AssignedSiteRequest SchemaVersion="1.00">{}</AssignedSiteRequest>)",
                       location_info(place));
}

std::string management_points_request(Place const& place, std::string_view site_code,
                                      ManagementPointKind kind) {
    return fmt::format(
        R"(<EnumerateMPLocationRequest SchemaVersion="1.00" RequestType="{}">{}<SiteCode Name="{}"/>)"
        R"(</EnumerateMPLocationRequest>)",
        name_of(kind), location_info(place), escape_xml(site_code));
}

Result<std::vector<ContentSite>> read_content_locations(std::string_view xml) {
    return read_sites<ContentSite>(xml, "ContentLocationReply", [](Element const& site, auto& found) {
        found.push_back(read_content_site(site));
    });
}

Result<std::vector<BoundarySite>> read_local_mps(std::string_view xml) {
    return read_sites<BoundarySite>(xml, "LocalMPLocationReply", [](Element const& site, auto& found) {
        found.push_back({.site_code = value_of(site, "SiteCode"),
                         .master_site_code = value_of(site, "MasterSiteCode"),
                         .locality = value_of(site, "Locality")});
    });
}

Result<std::vector<UpdateServer>> read_update_servers(std::string_view xml) {
    return read_sites<UpdateServer>(xml, "WSUSLocationReply", [](Element const& site, auto& found) {
        for_each_child(site.child("LocationRecords"), "LocationRecord", [&](Element const& record) {
            found.push_back({.site_code = site_code_of(site),
                             .url = value_of(record, "WSUSURL"),
                             .server = value_of(record, "ServerName"),
                             .version = value_of(record, "Version")});
        });
    });
}

Result<std::vector<SiteInformation>> read_site_information(std::string_view xml) {
    return read_site_list(xml, "SiteInfoReply");
}

Result<std::vector<SiteInformation>> read_assigned_sites(std::string_view xml) {
    return read_site_list(xml, "AssignedSiteReply");
}

Result<std::vector<ManagementPoint>> read_management_points(std::string_view xml) {
    return read_sites<ManagementPoint>(xml, "EnumerateMPLocationReply", [](Element const& site, auto& found) {
        for_each_child(site.child("LocationRecords"), "MPLocationRecord", [&](Element const& record) {
            found.push_back({.site_code = site_code_of(site),
                             .name = text_of(record, "IntranetName"),
                             .internet_name = text_of(record, "InternetName"),
                             .version = text_of(record, "Version")});
        });
    });
}

/// Here the attribute FQDN is the name, and Name where there is none.
Result<std::vector<ManagementPoint>> read_management_point_list(std::string_view xml) {
    auto const document = parse_reply(xml, "MPList");
    if (!document) return std::unexpected(document.error());
    std::vector<ManagementPoint> found;
    for_each_child(document->root(), "MP", [&](Element const& point) {
        auto name = value_of(point, "FQDN");
        found.push_back({.site_code = value_of(point, "SiteCode"),
                         .name = name.empty() ? value_of(point, "Name") : std::move(name),
                         .internet_name = {},
                         .version = text_of(point, "Version")});
    });
    return found;
}

Result<std::vector<ContentSite>> find_content(Session const& session, ContentQuery const& query) {
    return exchange(session, content_location_request(query, session.agent.site_code),
                    &read_content_locations);
}

Result<std::vector<BoundarySite>> find_local_mps(Session const& session, Place const& place) {
    return exchange(session, local_mp_request(place, session.agent.site_code), &read_local_mps);
}

Result<std::vector<UpdateServer>> find_update_servers(Session const& session, Place const& place,
                                                      std::string_view content, std::string_view version) {
    return exchange(session, update_server_request(place, session.agent.site_code, content, version),
                    &read_update_servers);
}

Result<std::vector<SiteInformation>> find_site(Session const& session, std::string_view site_code) {
    return exchange(session, site_information_request(site_code), &read_site_information);
}

Result<std::vector<SiteInformation>> find_assigned_site(Session const& session, Place const& place) {
    return exchange(session, assigned_site_request(place), &read_assigned_sites);
}

Result<std::vector<ManagementPoint>> find_management_points(Session const& session, Place const& place,
                                                            ManagementPointKind kind) {
    return exchange(session, management_points_request(place, session.agent.site_code, kind),
                    &read_management_points);
}

Result<std::vector<ManagementPoint>> list_management_points(Session const& session) {
    auto const settings = session.message(endpoint, "", Session::Signature::none);
    auto const page = session.messaging.get(session.host, "/SMS_MP/.sms_aut?MPLIST1", settings);
    if (!page) return std::unexpected(page.error());
    return read_management_point_list(as_chars(*page));
}

} // namespace pointman::client
