// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/settings.hpp"
#include "server/wire/signature.hpp"

#include <string>

namespace pointman::endpoints::registration {

/// A certificate that a client brought. Nobody vouches for it: in mixed mode it is a container of a key,
/// whatever its dates, purposes and own signature (registration.md 4.9).
struct Certificate {
    Bytes der;
    wire::PublicKey key;
    std::string thumbprint; ///< upper-case hex SHA-1 of `der`, as the logs print it
    std::string issued_to;  ///< common name of the subject in UTF-8; "" where it has none
    TimePoint not_after;
};

/// Fails with malformed for what is no certificate of an RSA key, and with bad_signature for a key that
/// proves nothing or is out of bounds: an exponent that is even, 1 or absurdly long, fewer or more bits than
/// the settings allow.
Result<Certificate> read_certificate(BytesView der, config::Settings::Security const& bounds);

} // namespace pointman::endpoints::registration
