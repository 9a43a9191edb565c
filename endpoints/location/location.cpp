// SPDX-License-Identifier: Apache-2.0
#include "endpoints/location/location.hpp"

#include "endpoints/location/replies.hpp"

#include <fmt/format.h>

namespace pointman::endpoints {

namespace {

std::string what_is_wanted(LocationRequest const& request) {
    if (!request.packages.empty()) {
        return fmt::format(" for package {} version {}", request.packages.front().id,
                           request.packages.front().version);
    }
    if (request.wants_client_package) return " for the client package";
    if (!request.catalogue.id.empty()) {
        return fmt::format(" for catalogue {} version {}", request.catalogue.id, request.catalogue.version);
    }
    return {};
}

} // namespace

Result<std::string_view> LocationEndpoint::schema(wire::Message const&, std::string_view root) const {
    if (auto const* row = location_kind(root)) return row->schema;
    return fail(Code::schema_violation,
                fmt::format("the root element is \"{}\", expected a location request such as \"{}\"", root,
                            location_kind(LocationKind::content).root));
}

Result<LocationEndpoint::Message> LocationEndpoint::parse(Incoming const&,
                                                          schemas::Document const& document) const {
    return read_location_request(document.root());
}

Result<Reply> LocationEndpoint::handle(Message const& message, db::Session&) const {
    Reply reply;
    reply.xml = nothing_found(message, site_.settings.site.code);
    reply.notes.push_back(
        {Note::Kind::info,
         fmt::format("MP LM: {}{}, site {}, {} addresses", location_kind(message.kind).root,
                     what_is_wanted(message), message.site_code, message.where.addresses.size())});
    if (message.packages.size() > 1) {
        // The reply has no field that names the package (location.md 10).
        reply.notes.push_back(
            {Note::Kind::warning,
             fmt::format("MP LM: answered for the first of {} packages", message.packages.size())});
    }
    reply.notes.push_back({Note::Kind::info, "MP LM: no location records"});
    return reply;
}

} // namespace pointman::endpoints
