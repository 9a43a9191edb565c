// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/messaging/message_impl.hpp"

namespace pointman::client {

/// Where messages to a management point go.
struct Target {
    Route route;
    std::string path; ///< e.g. /ccm_system/request
};

/// A message on its way: all that its delivery needs. Not encrypted yet: the management point's certificate
/// may have to be fetched first.
struct Outgoing {
    Target target;
    wire::PreparedRequest request;
    bool encrypt = false;
    Bytes encryption_certificate; ///< DER; empty = to be fetched
};

/// How a message speaks of the machine that it is from.
struct Origin {
    std::string host;
    Time now;
};

enum class ReplyMode { sync, async };

/// What a message's header says of it, apart from where its parts lie.
struct HeaderTerms {
    std::string id; ///< `{GUID}`
    std::string endpoint;
    std::string target_host;
    std::string client_id{}; ///< "" = nobody is named
    std::vector<wire::Property> properties{};
    bool compress = true;
    ReplyMode mode = ReplyMode::async;
    std::chrono::seconds timeout{60}; ///< what every recorded client says
};
wire::Header header_of(HeaderTerms terms, Origin const& origin);

/// `host` as Messaging::invoke takes it. Fails with invalid_argument.
Result<Target> target_of(std::string_view host, Message::Impl const& settings);

/// With a message id of its own, signed where the flags say so. Fails with invalid_argument where flags and
/// certificates do not fit together.
Result<Outgoing> prepare(std::string_view host, Message::Impl const& message, Origin const& origin,
                         ReplyMode mode);

} // namespace pointman::client
