// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "endpoints/endpoint.hpp"
#include "endpoints/location/request.hpp"

namespace pointman::endpoints {

/// Where content, management points and update servers are (location.md): what the operator has told the
/// store of boundaries, distribution points, content and update servers, seen from where the client is. The
/// site itself is told truthfully. A request that is in order always gets a reply; where nothing is found,
/// the well-formed "nothing found" of its kind. Only reads.
///
/// Of several packages in a request the first is answered, and the others are logged, since the reply cannot
/// name a package (location.md 10). A ClientPackage names no package that is known here: nothing is found for
/// it.
struct LocationEndpoint {
    static constexpr EndpointInfo info{.name = "MP_LocationManager",
                                       .delivery = Delivery::invoke,
                                       .carrier = Carrier::body,
                                       .mixed = Proof::none,
                                       .native = Proof::none,
                                       .log = "MP_Location"};

    using Message = LocationRequest;

    explicit LocationEndpoint(Site const& site)
        : site_(site) {}

    Result<std::string_view> schema(wire::Message const& message, std::string_view root) const;
    /// Fails like read_location_request.
    Result<Message> parse(Incoming const& incoming, schemas::Document const& document) const;
    Result<Reply> handle(Message const& message, db::Session& session) const;

private:
    Site site_;
};

} // namespace pointman::endpoints
