// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "endpoints/endpoint.hpp"
#include "endpoints/policy/request.hpp"

namespace pointman::endpoints {

/// Policy assignments (policy.md). No policy can be assigned yet, so every request that is in order gets the
/// well-formed reply without assignments.
struct PolicyEndpoint {
    static constexpr EndpointInfo info{.name = "MP_PolicyManager",
                                       .delivery = Delivery::invoke,
                                       .carrier = Carrier::body,
                                       .mixed = Proof::signature,
                                       .native = Proof::none,
                                       .takes_token = true,
                                       .log = "MP_Policy"};

    struct Message {
        PolicyRequest request;
        std::string medium; ///< name of the boot medium that asks; "" = a registered client does
    };

    explicit PolicyEndpoint(Site const& site)
        : site_(site) {}

    Result<std::string_view> schema(wire::Message const& message, std::string_view root) const;
    /// Fails like read_policy_request, and with wrong_client where ClientID and SourceID name different
    /// machines.
    Result<Message> parse(Incoming const& incoming, schemas::Document const& document) const;
    Result<Reply> handle(Message const& message, db::Session& session) const;

private:
    Site site_;
};

} // namespace pointman::endpoints
