// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "server/wire/signature.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pointman::test {

/// What a self-signed client certificate says beside its key.
struct CertificateOptions {
    std::string common_name = "LABPC01";
    std::chrono::sys_seconds not_before = std::chrono::sys_days{std::chrono::January / 1 / 2020};
    std::chrono::sys_seconds not_after = std::chrono::sys_days{std::chrono::January / 1 / 2050};
    /// SMS signing and SMS encryption: what recorded clients ask for (registration.md 4.9).
    std::vector<std::string> purposes = {"1.3.6.1.4.1.311.101.2", "1.3.6.1.4.1.311.101"};
};

/// DER. Key usage digitalSignature and dataEncipherment, SHA-256.
Bytes self_signed_certificate(wire::PrivateKey const& key, CertificateOptions const& options = {});

using Properties = std::vector<std::pair<std::string, std::string>>;

/// The discovery properties of the recorded clients, spelled as they do.
Properties discovery_properties(std::string_view netbios_name, std::string_view fqdn);

/// A registration or confirmation, to be changed field by field. As it stands it is a first registration of a
/// desktop client of the current generation; only the certificate is missing.
struct RegistrationRequest {
    std::string type = "Registration";
    std::string smsid; ///< as it shall be written
    std::string time = "2026-11-23T00:10:14Z";
    /// nullopt = the 2007 generation: SHA-1 and no HashAlgorithm.
    std::optional<wire::Digest> hash = wire::Digest::sha256;
    int agent_type = 0;
    std::string agent_version = "5.00.8325.0000";
    std::string agent_identity = "LabAgent";
    Bytes signing_certificate;    ///< empty = no Signing
    Bytes encryption_certificate; ///< empty = no Encryption
    Properties properties =
        discovery_properties("LABPC01", "LABPC01.lab.example"); ///< empty = no DiscoveryProperties
    std::string hint;                                           ///< hex, as an element; see registration_hint
    bool hint_as_attribute = false;
    std::string signer_smsid; ///< Signature/@SMSID; "" = absent
    std::string between;      ///< white space between the children of Data, signed with them
};

/// A registration with a certificate for that key, the same for signing and encryption.
RegistrationRequest registration_of(wire::PrivateKey const& key, std::string_view netbios_name);
/// A confirmation as the SDK sends it: no certificates, its own SMSID once more in Signature.
RegistrationRequest confirmation_of(std::string_view smsid);

/// `<Data ...>...</Data>`, the text that is signed.
std::string data_element(RegistrationRequest const& request);
/// Hex of the signature over the text as UTF-16 LE.
std::string signature_value(wire::PrivateKey const& signer, std::string_view data, wire::Digest digest);
/// The whole document around a signed `data`, in UTF-8, white space and all as given.
std::string request_around(std::string_view data, std::string_view signature,
                           std::string_view signer_smsid = "");
/// The whole document, signed.
std::string signed_request(wire::PrivateKey const& signer, RegistrationRequest const& request);

/// Hex signature of an SMSID under the key that is registered for it, for RegistrationHint.
std::string registration_hint(wire::PrivateKey const& registered, std::string_view smsid,
                              wire::Digest digest = wire::Digest::sha256, bool with_nul = true);

} // namespace pointman::test
