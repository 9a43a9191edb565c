// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/wire/envelope.hpp"
#include "server/wire/signature.hpp"

#include <pointman/credentials.hpp>

namespace pointman::client {

struct Credentials::Impl {
    std::filesystem::path certificate_file;
    std::filesystem::path key_file;
    wire::PrivateKey key;
    wire::EnvelopeOpener opener; ///< holds the certificate too
};

} // namespace pointman::client
