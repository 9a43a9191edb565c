// SPDX-License-Identifier: Apache-2.0
#include "endpoints/location/request.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pointman::endpoints {

namespace {

using schemas::Element;

constexpr std::array<LocationKindRow, 6> kinds{{
    {LocationKind::content, "ContentLocationRequest", "content_location_request.xsd"},
    {LocationKind::local_mp, "LocalMPLocationRequest", "local_mp_location_request.xsd"},
    {LocationKind::wsus, "WSUSLocationRequest", "wsus_location_request.xsd"},
    {LocationKind::site_information, "SiteInformationRequest", "site_information_request.xsd"},
    {LocationKind::assigned_site, "AssignedSiteRequest", "assigned_site_request.xsd"},
    {LocationKind::enumerate_mp, "EnumerateMPLocationRequest", "enumerate_mp_location_request.xsd"},
}};

std::string attribute_of(Element const& element, std::string_view name) {
    return std::string(trim(element.attribute_or(name, "")));
}

WantedPackage read_package(Element const& element) {
    return {attribute_of(element, "ID"), attribute_of(element, "Version"),
            attribute_of(element, "DeploymentFlags")};
}

ClientLocation read_client_location(Element const& info) {
    ClientLocation where;
    where.location_type = attribute_of(info, "LocationType");
    where.on_internet = attribute_of(info, "OnInternet") == "1" || attribute_of(info, "UseInternetDP") == "1";
    for (Element const child : info.children()) {
        if (child.name() == "ADSite") {
            auto name = attribute_of(child, "Name");
            if (!name.empty()) where.ad_sites.push_back(std::move(name));
        } else if (child.name() == "IPAddresses") {
            for (Element const address : child.children()) {
                where.addresses.push_back(
                    {attribute_of(address, "SubnetAddress"), attribute_of(address, "Address")});
            }
        }
    }
    return where;
}

void read_child(Element const& child, LocationRequest& request) {
    auto const name = child.name();
    if (name == "AssignedSite") {
        request.site_code = attribute_of(child, "SiteCode");
    } else if (name == "SiteCode") {
        request.site_code = attribute_of(child, "Name");
    } else if (name == "Package") {
        request.packages.push_back(read_package(child));
    } else if (name == "ClientPackage") {
        request.wants_client_package = true;
    } else if (name == "Content") {
        request.catalogue = read_package(child);
    } else if (name == "ClientLocationInfo") {
        request.where = read_client_location(child);
    }
}

} // namespace

LocationKindRow const* location_kind(std::string_view root) {
    auto const found = std::ranges::find(kinds, root, &LocationKindRow::root);
    return found == kinds.end() ? nullptr : &*found;
}

LocationKindRow const& location_kind(LocationKind kind) {
    return kinds.at(static_cast<std::size_t>(kind));
}

Result<LocationRequest> read_location_request(Element const& root) {
    auto const* row = location_kind(root.name());
    if (row == nullptr) {
        return fail(Code::schema_violation, fmt::format("\"{}\" is no location request", root.name()));
    }
    LocationRequest request;
    request.kind = row->kind;
    request.schema_version = attribute_of(root, "SchemaVersion");
    if (request.schema_version.empty()) request.schema_version = "1.00";
    request.request_type = attribute_of(root, "RequestType");
    for (Element const child : root.children()) read_child(child, request);
    if (request.kind == LocationKind::content && request.packages.empty() && !request.wants_client_package) {
        return fail(Code::schema_violation, "the content request names neither Package nor ClientPackage");
    }
    return request;
}

} // namespace pointman::endpoints
