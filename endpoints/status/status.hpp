// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/status_messages.hpp"
#include "endpoints/endpoint.hpp"

#include <vector>

namespace pointman::endpoints {

/// A status message of a client (status.md): any class, with its properties and qualifiers as sent, and in
/// the form that status viewers show.
struct StatusEndpoint {
    static constexpr EndpointInfo info{.name = "StatusReceiver",
                                       .delivery = Delivery::post,
                                       .carrier = Carrier::body,
                                       .mixed = Proof::none,
                                       .native = Proof::signature,
                                       .log = "MP_Status"};

    struct Message {
        db::StatusMessage stored;
        std::vector<Note> warnings; ///< of what was tolerated
    };

    explicit StatusEndpoint(Site const& site)
        : settings_(site.settings) {}

    Result<std::string_view> schema(wire::Message const& message, std::string_view root) const;
    /// Fails with schema_violation for an empty Type or a SchemaVersion other than 1.0 (SDK: 1.00),
    /// wrong_client for a ClientID that is another client's. A property without Name is left out, with a
    /// warning (status.md 6).
    Result<Message> parse(Incoming const& incoming, schemas::Document const& document) const;
    Result<Reply> handle(Message const& message, db::Transaction& transaction) const;

private:
    config::Settings const& settings_;
};

} // namespace pointman::endpoints
