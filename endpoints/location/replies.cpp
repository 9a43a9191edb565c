// SPDX-License-Identifier: Apache-2.0
#include "endpoints/location/replies.hpp"

#include "base/text.hpp"
#include "endpoints/location/product_level.hpp"

#include <fmt/format.h>

namespace pointman::endpoints {

namespace {

/// A root element with the request's SchemaVersion around its content.
std::string document(std::string_view root, LocationRequest const& request, std::string_view content) {
    return fmt::format("<{0} SchemaVersion=\"{1}\">{2}</{0}>", root, escape_xml(request.schema_version),
                       content);
}

/// Upper case on the wire, unlike in the pages of the 2007 SDK (location.md 2.2).
std::string site_without_records(std::string_view site) {
    return fmt::format(
        "<Sites><Site><MPSite SiteCode=\"{0}\" MasterSiteCode=\"{0}\" SiteLocality=\"FALLBACK\"/>"
        "<LocationRecords/></Site></Sites>",
        site);
}

std::string content_reply(LocationRequest const& request, std::string_view site) {
    return document("ContentLocationReply", request, site_without_records(site));
}

std::string local_mp_reply(LocationRequest const& request, std::string_view site) {
    return document(
        "LocalMPLocationReply", request,
        fmt::format("<Sites><Site SiteCode=\"{0}\" MasterSiteCode=\"{0}\" Locality=\"Fallback\"/></Sites>",
                    site));
}

std::string wsus_reply(LocationRequest const& request, std::string_view site) {
    return document(
        "WSUSLocationReply", request,
        fmt::format("<Sites><Site><MPSite SiteCode=\"{}\"/><LocationRecords/></Site></Sites>", site));
}

/// The one thing that is known: this site. Another site's code gets no record.
std::string site_information_reply(LocationRequest const& request, std::string_view site) {
    bool const own = request.site_code.empty() || equal_ignoring_case(request.site_code, site);
    if (!own) return document("SiteInfoReply", request, "<Sites/>");
    return document("SiteInfoReply", request,
                    fmt::format("<Sites><Site><SiteCode>{}</SiteCode><Version>{}</Version>"
                                "<BuildNumber>{}</BuildNumber></Site></Sites>",
                                site, ProductLevel::version, ProductLevel::build));
}

/// The later library cannot read a reply with a Site in it (wire.md 9).
std::string assigned_site_reply(LocationRequest const& request) {
    return document("AssignedSiteReply", request, "<Sites/>");
}

std::string enumerate_mp_reply(LocationRequest const& request, std::string_view site) {
    return document("EnumerateMPLocationReply", request, site_without_records(site));
}

} // namespace

std::string nothing_found(LocationRequest const& request, std::string_view site_code) {
    auto const site = escape_xml(site_code);
    switch (request.kind) {
    case LocationKind::content:
        return content_reply(request, site);
    case LocationKind::local_mp:
        return local_mp_reply(request, site);
    case LocationKind::wsus:
        return wsus_reply(request, site);
    case LocationKind::site_information:
        return site_information_reply(request, site);
    case LocationKind::assigned_site:
        return assigned_site_reply(request);
    case LocationKind::enumerate_mp:
        return enumerate_mp_reply(request, site);
    }
    return {};
}

} // namespace pointman::endpoints
