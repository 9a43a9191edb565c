// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/messaging/clock.hpp"
#include "client/messaging/outgoing.hpp"
#include "client/transport/transport.hpp"

namespace pointman::client {

using Observe = std::function<void(Exchange const&)>;

/// Takes messages to the management point: encrypts them, uploads what is large, and says what the answer's
/// status means.
class Deliverer {
public:
    Deliverer(TransportOptions const& options, std::size_t upload_threshold, Observe observe = {})
        : transport_(options)
        , now_(options.now)
        , upload_threshold_(upload_threshold)
        , observe_(std::move(observe)) {}

    /// The answer with status 200 (or another 2xx).
    Result<HttpReply> deliver(Outgoing const& outgoing);
    Result<HttpReply> get(Route const& route, std::string target, HttpHeaders headers);

private:
    /// A certificate that is not asked for again for a while.
    struct Known {
        Bytes der;
        Time until;
    };

    Result<wire::PreparedRequest> sealed(Outgoing const& outgoing);
    Result<Bytes> encryption_certificate(Route const& route);
    /// The answer, whatever its status.
    Result<HttpReply> exchange(Route const& route, HttpRequest const& request);
    /// The answer with status 2xx.
    Result<HttpReply> send(Route const& route, HttpRequest const& request);

    Transport transport_;
    Now now_;
    std::size_t upload_threshold_;
    Observe observe_; ///< may be empty
    std::mutex guard_;
    std::map<Route, Known> certificates_; ///< that management points were asked for
};

} // namespace pointman::client
