// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pointman/identity.hpp>
#include <pointman/messaging.hpp>
#include <pointman/report.hpp>

namespace pointman::client {

/// The machine and the program that speak.
struct Agent {
    std::string netbios_name;
    std::string fqdn{}; ///< "" = the NetBIOS name again
    std::string version = "5.00.8325.0000";
    std::string program = "pointman";
    std::string site_code{};
    unsigned code_page = 1252;
    unsigned lcid = 1033;
};

/// Who speaks to which management point, and how: what the typed messages need. The three objects outlive it.
struct Session {
    Messaging& messaging;
    Identity& identity;
    std::string host; ///< as for Messaging::invoke
    Agent agent;
    bool native = false; ///< HTTPS, and the identity's certificate comes from a PKI
    bool compress = true;
    bool encrypt = false; ///< reports; mixed mode only
    std::filesystem::path trusted_roots{};
    std::chrono::seconds timeout{}; ///< of posts, see Message::set_timeout

    enum class Signature : std::uint8_t { none, signed_by_client };

    /// A message with that body, and with the security that the endpoint and the mode ask for.
    POINTMAN_API Message message(std::string_view endpoint, std::string_view xml,
                                 Signature signature = Signature::signed_by_client) const;
    POINTMAN_API Sender sender() const;
    /// The reply's body in UTF-8.
    POINTMAN_API Result<std::string> invoke(Message const& message) const;
};

} // namespace pointman::client
