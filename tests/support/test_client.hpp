// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/ids.hpp"
#include "server/wire/message.hpp"
#include "server/wire/signature.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/registration_request.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pointman::test {

/// One of a few RSA keys, made once for the whole test program: making keys is slow.
wire::PrivateKey const& test_key(std::size_t number);

inline constexpr std::string_view message_path = "/ccm_system/request";
inline constexpr std::string_view alternative_path = "/ccm_system_altauth/request";

/// A client that follows registration.md and wire.md.
class TestClient {
public:
    TestClient(std::string name, wire::PrivateKey key)
        : name_(std::move(name))
        , key_(std::move(key)) {}

    std::string const& name() const { return name_; }
    /// After a registration.
    ClientId const& id() const { return *id_; }

    /// Registers or registers again; keeps the SMSID. Returns the reply's XML.
    std::string register_with(HttpConnection& connection, std::string_view path = message_path);
    std::string confirm(HttpConnection& connection, std::string_view path = message_path);
    /// What registrations show from now on in place of a self-signed one. DER, for the client's key.
    void use_certificate(Bytes certificate) { certificate_ = std::move(certificate); }

    /// A message in the layout of the recorded clients, signed unless told otherwise, with a message id of
    /// its own.
    wire::OutgoingRequest message(std::string_view endpoint, std::string xml, bool is_signed = true) const;
    static HttpResponse send(HttpConnection& connection, wire::OutgoingRequest request,
                             std::string_view path = message_path);
    /// The reply's XML in UTF-8; "" for the empty answer. Throws where xmllint finds fault with it.
    static std::string invoke(HttpConnection& connection, wire::OutgoingRequest request,
                              std::string_view path = message_path);

    /// The header of a report of this client.
    std::string report(std::string_view content, std::string_view action, std::string_view body,
                       std::string_view version = "1.0", std::string_view type = "Full") const;

private:
    std::string name_;
    wire::PrivateKey key_;
    Bytes certificate_; ///< empty = self-signed ones
    std::optional<ClientId> id_;
};

/// Value of an attribute in a text of XML: enough for the flat replies of tests.
std::string attribute_in(std::string_view xml, std::string_view name);

} // namespace pointman::test
