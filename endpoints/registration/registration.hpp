// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "endpoints/endpoint.hpp"
#include "endpoints/registration/request.hpp"

#include <string>
#include <string_view>

namespace pointman::endpoints {

/// MP_ClientRegistration: clients introduce themselves, get an SMSID, and later ask whether they are known
/// (registration.md). Every request gets a reply with a status, refused ones too.
struct RegistrationEndpoint {
    static constexpr EndpointInfo info{.name = "MP_ClientRegistration",
                                       .delivery = Delivery::invoke,
                                       .carrier = Carrier::body,
                                       .mixed = Proof::own,
                                       .native = Proof::own,
                                       .log = "MP_ClientRegistration"};

    /// A request that is complete and, as far as the key stands in it, proven.
    struct Message {
        registration::Request request;
        std::string integrated_account;
        TimePoint received;
        Bytes tls_certificate; ///< DER of the trusted one that the connection showed; empty = none
    };

    explicit RegistrationEndpoint(Site const& site)
        : site_(site) {}

    Result<std::string_view> schema(wire::Message const& message, std::string_view root) const;

    /// Reads the request and checks its signature with the key that it brings. Fails with schema_violation,
    /// malformed or bad_signature. In native mode the certificate in Signing must be trusted, and the one
    /// that the connection showed where it showed one; behind a proxy handle() sees to that.
    Result<Message> parse(Incoming const& incoming, schemas::Document const& document) const;

    /// Decides who the client is and stores it. All that needs the database happens here, inside one
    /// transaction. Fails with bad_signature (another key than the registered one, a proxy that did not
    /// sign, in native mode another TLS certificate than the signer's), unknown_client (no such proxy),
    /// blocked (the client or its proxy), or the store's errors. A confirmation of an unknown SMSID is no
    /// error: Status 2 sends the client to register again.
    Result<Reply> handle(Message const& message, db::Transaction& transaction) const;

    /// Status 2 when the daemon failed, 3 when the message is to blame; "" where the body is no XML
    /// (registration.md 7).
    std::string refusal_reply(schemas::Document const* document, Error const& error) const;

private:
    Result<void> check_certificate(registration::Request const& request, BytesView shown) const;

    Site site_;
};

} // namespace pointman::endpoints
