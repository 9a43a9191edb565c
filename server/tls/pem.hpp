// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"
#include "server/tls/openssl.hpp"

#include <filesystem>
#include <vector>

namespace pointman::tls {

/// The certificates of a PEM file, in its order, at least one. Errors are usage errors that name the file.
Result<std::vector<Certificate>> read_certificates(std::filesystem::path const& file);

/// The certificate revocation lists of a PEM file, in its order, at least one. Errors as above.
Result<std::vector<Crl>> read_crls(std::filesystem::path const& file);

/// The private key of a PEM file without a password. Errors are usage errors that name the file.
Result<PrivateKey> read_private_key(std::filesystem::path const& file);

} // namespace pointman::tls
