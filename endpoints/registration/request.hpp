// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/ids.hpp"
#include "endpoints/registration/certificate.hpp"
#include "schemas/document.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pointman::endpoints::registration {

enum class RequestType { registration, confirmation };

/// registration.md 2; the other values decide nothing here and are kept as sent.
inline constexpr int agent_type_isv_proxy = 4;
inline constexpr int agent_type_isv_proxy_client = 8;

/// A `ClientRegistrationRequest`, complete and readable, its values taken from the signed text only.
struct Request {
    RequestType type = RequestType::registration;
    std::optional<ClientId> smsid; ///< always there in a confirmation
    std::string smsid_as_sent;     ///< hints may be signed in this spelling
    /// Whether the client names a hash: the 2007 generation does not, and knows no ApprovalStatus either.
    bool names_hash = false;
    wire::Digest digest = wire::Digest::sha1;

    int agent_type = 0;
    std::string agent_version;
    std::string agent_identity;

    std::optional<Certificate> signing; ///< always there in a registration
    Bytes encryption_certificate;       ///< DER; empty where the client sent only one, and in native mode

    std::string name; ///< NetBIOS name; like all below, of a registration
    std::string fqdn;
    std::string hardware_id;
    std::vector<std::pair<std::string, std::string>> discovery; ///< the other properties, as sent

    std::string hint;              ///< hex as sent, perhaps nonsense; "" = none
    std::optional<ClientId> proxy; ///< the ISV proxy that signed in the client's stead

    Bytes signed_bytes;
    Bytes signature; ///< least significant byte first

    /// By the name or, where there is none, the SMSID.
    std::string const& who() const { return name.empty() ? smsid_as_sent : name; }
    bool verified_by(wire::PublicKey const& key) const { return key.verify(signed_bytes, signature, digest); }
};

/// Reads the request out of a message's body. `document` is the same body after validation; only `Signature`,
/// which no signature can cover, is taken from it. The signature is not checked yet. Fails with
/// schema_violation naming the field that is missing or unusable, bad_signature for an unknown HashAlgorithm
/// or a key that proves nothing, malformed for what cannot be decoded. In native mode the encryption
/// certificate is not looked at (registration.md 2).
Result<Request> read_request(BytesView body, schemas::Document const& document,
                             config::Settings const& settings);

/// "Registration" or "Confirmation", as `RequestType` and `ResponseType` spell them.
std::string_view name_of(RequestType type);
/// Without regard to case.
std::optional<RequestType> request_type_of(std::string_view name);

} // namespace pointman::endpoints::registration
