// SPDX-License-Identifier: Apache-2.0
#include "endpoints/location/location.hpp"

#include "base/text.hpp"
#include "endpoints/location/lookup.hpp"
#include "endpoints/location/replies.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pointman::endpoints {

namespace {

/// Lines that one request may put into the log for the points that hold its package.
constexpr std::size_t most_lines = 20;

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

void inform(Reply& reply, std::string text) {
    reply.notes.push_back({Note::Kind::info, "MP LM: " + std::move(text)});
}

void tell(Reply& reply, location::ContentAnswer const& answer) {
    std::vector<std::string> lines;
    std::size_t offered = 0;
    for (auto const& [site, points] : answer.sites) {
        for (auto const& offer : points) {
            lines.push_back(fmt::format("{}. {} of site {}, {}: {}", ++offered, offer.point.name, site.code,
                                        location::name_of(offer.locality), offer.why));
        }
    }
    for (auto const& [name, why] : answer.withheld) lines.push_back(fmt::format("not {}: {}", name, why));
    auto const shown = std::min(lines.size(), most_lines);
    for (std::size_t i = 0; i < shown; ++i) inform(reply, std::move(lines[i]));
    if (shown < lines.size()) inform(reply, fmt::format("and {} more", lines.size() - shown));
    if (offered == 0) inform(reply, "no location records");
}

/// One request with what is known around its client.
class Answering {
public:
    Answering(LocationRequest const& request, Site const& site, db::Session& session)
        : request_(&request)
        , session_(&session)
        , own_site_(site.settings.site.code)
        , host_(site.settings.site.host)
        , where_(location::where_of(request.where)) {}

    Result<void> into(Reply& reply) const {
        switch (request_->kind) {
        case LocationKind::content:
            return content(reply);
        case LocationKind::local_mp:
            return with_surroundings([&](location::Surroundings const& known) {
                auto const sites = location::sites_or_fallback(known, where_);
                for (auto const& site : sites) tell_site(reply, site);
                reply.xml = location::local_mp_reply(version(), sites, own_site_);
            });
        case LocationKind::wsus:
            return wsus(reply);
        case LocationKind::site_information:
            site_information(reply);
            return {};
        case LocationKind::assigned_site:
            return with_surroundings([&](location::Surroundings const& known) {
                auto const sites = location::sites_around(known, where_);
                for (auto const& site : sites) tell_site(reply, site);
                if (sites.empty()) inform(reply, "no boundary contains the client: no site to assign");
                reply.xml = location::assigned_site_reply(version(), own_site_, host_, !sites.empty());
            });
        case LocationKind::enumerate_mp:
            return with_surroundings([&](location::Surroundings const& known) {
                auto const sites = location::decide_management_points(request_->request_type,
                                                                      request_->site_code, known, where_);
                for (auto const& listed : sites) tell_site(reply, listed.site);
                reply.xml = location::management_points_reply(version(), sites, own_site_, host_);
            });
        }
        return {};
    }

private:
    std::string const& version() const { return request_->schema_version; }

    static void tell_site(Reply& reply, location::SiteHere const& site) {
        inform(reply, fmt::format("site {}, {}: {}", site.code, location::name_of(site.locality), site.why));
    }

    template <class F>
    Result<void> with_surroundings(F const& answer) const {
        auto const known = location::surroundings_of(*session_, where_, own_site_);
        if (!known) return std::unexpected(known.error());
        answer(*known);
        return {};
    }

    Result<void> content(Reply& reply) const {
        // Without a package, which only a request for the client package may be, nothing is held.
        auto const wanted = request_->packages.empty() ? WantedPackage{} : request_->packages.front();
        auto const answer = location::find_content(*session_, wanted.id,
                                                   {wanted.version, request_->site_code, where_}, own_site_);
        if (!answer) return std::unexpected(answer.error());
        tell(reply, *answer);
        for (std::size_t i = 1; i < request_->packages.size(); ++i) {
            auto const& other = request_->packages[i];
            if (i > most_lines) break;
            reply.notes.push_back(
                {Note::Kind::warning,
                 fmt::format("MP LM: package {} version {} is not answered: the reply is for "
                             "the first of {} packages",
                             other.id, other.version, request_->packages.size())});
        }
        reply.xml = location::content_reply(version(), *answer, own_site_);
        return {};
    }

    Result<void> wsus(Reply& reply) const {
        auto const servers = db::WsusServers(*session_).list();
        if (!servers) return std::unexpected(servers.error());
        return with_surroundings([&](location::Surroundings const& known) {
            auto const sites = location::decide_wsus(
                {request_->catalogue.version, request_->site_code, where_}, known, *servers);
            bool nothing = true;
            for (auto const& [site, found] : sites) {
                for (auto const& server : found) {
                    inform(reply, fmt::format("{} version {} of site {}, {}: {}", server.url, server.version,
                                              site.code, location::name_of(site.locality), site.why));
                    nothing = false;
                }
            }
            if (nothing) inform(reply, "no location records");
            reply.xml = location::wsus_reply(version(), sites);
        });
    }

    void site_information(Reply& reply) const {
        bool const own = request_->site_code.empty() || equal_ignoring_case(request_->site_code, own_site_);
        if (!own) inform(reply, fmt::format("site {} is not this one", request_->site_code));
        reply.xml = location::site_information_reply(version(), own_site_, own);
    }

    LocationRequest const* request_;
    db::Session* session_;
    std::string own_site_;
    std::string host_;
    location::Where where_;
};

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

Result<Reply> LocationEndpoint::handle(Message const& message, db::Session& session) const {
    Reply reply;
    inform(reply, fmt::format("{}{}, site {}, {} addresses", location_kind(message.kind).root,
                              what_is_wanted(message), message.site_code, message.where.addresses.size()));
    if (auto done = Answering(message, site_, session).into(reply); !done)
        return std::unexpected(done.error());
    return reply;
}

} // namespace pointman::endpoints
