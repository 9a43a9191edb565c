// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "endpoints/endpoint.hpp"
#include "endpoints/policy/request.hpp"

#include <memory>
#include <optional>

namespace pointman::endpoints {

/// Policy assignments (policy.md): what reaches whoever asks, in full or what changed since its cookie.
struct PolicyEndpoint {
    static constexpr EndpointInfo info{.name = "MP_PolicyManager",
                                       .delivery = Delivery::invoke,
                                       .carrier = Carrier::body,
                                       .mixed = Proof::signature,
                                       .native = Proof::none,
                                       .takes_token = true,
                                       .log = "MP_Policy"};

    struct Message {
        policy::PolicyRequest request;
        ClientId id;                      ///< who asks
        std::optional<db::Client> client; ///< none: a computer that nobody registered
        std::string medium;               ///< name of the boot medium at which it asks
    };

    explicit PolicyEndpoint(Site const& site);

    Result<std::string_view> schema(wire::Message const& message, std::string_view root) const;
    /// Fails like read_policy_request; with unknown_client for who is neither registered nor at a boot
    /// medium; with wrong_client where ClientID and SourceID name different machines, or where the connection
    /// proved another user than the one whose policy is wanted.
    Result<Message> parse(Incoming const& incoming, schemas::Document const& document) const;
    Result<Reply> handle(Message const& message, db::Session& session) const;

private:
    Site site_;
    std::shared_ptr<policy::Books> books_;
};

} // namespace pointman::endpoints
