// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace pointman::tls {

/// Files of the keys that a lab makes for itself. Private keys are 0600, the directory 0700.
struct LabPki {
    std::filesystem::path ca; ///< ca.pem, ca.key
    std::filesystem::path ca_key;
    std::filesystem::path server_rsa; ///< server.pem, server.key
    std::filesystem::path server_rsa_key;
    std::filesystem::path server_p256; ///< server-p256.pem, server-p256.key
    std::filesystem::path server_p256_key;
    std::filesystem::path site_signing; ///< site-signing.pem, .key: signs policy assignments
    std::filesystem::path site_signing_key;
    std::filesystem::path mp_signing; ///< mp-signing.pem, .key
    std::filesystem::path mp_signing_key;
    std::filesystem::path mp_encryption; ///< mp-encryption.pem, .key: clients encrypt messages to it
    std::filesystem::path mp_encryption_key;
};

/// Makes what is missing in `directory` (an interrupted first start is completed, existing files are never
/// replaced) and returns the names. `hosts` are the DNS names and IP addresses of the server certificates.
/// EKUs: server authentication for the server's, 1.3.6.1.4.1.311.101 (SMS signing) and 1.3.6.1.4.1.311.101.2
/// (SMS encryption) as registration.md 4.9 names them. Files appear whole (written, synced, renamed).
Result<LabPki> ensure_lab_pki(std::filesystem::path const& directory, std::string const& site_code,
                              std::vector<std::string> const& hosts, Clock const& clock);

} // namespace pointman::tls
