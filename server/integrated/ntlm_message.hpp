// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// As much of NTLM's messages (MS-NLMP 2.2.1) as the daemon looks at itself. The mechanism does the rest.
namespace pointman::integrated {

enum class NtlmType : std::uint32_t { negotiate = 1, challenge = 2, authenticate = 3 };

/// The type of a bare NTLM message; nothing where the token is none.
std::optional<NtlmType> ntlm_type(BytesView token);

/// The account that an authenticate message claims, as DOMAIN\USER or USER, for the log: nothing about it is
/// proven. The message may be wrapped in SPNEGO. Nothing where there is none, or its fields lie outside.
std::optional<std::string> claimed_account(BytesView token);

/// A message of a client in a form that the mechanism (gss-ntlmssp 1.2) reads too; anything else stays as it
/// is:
///   - a negotiation that ends before its last field, the version of Windows, is lengthened. Curl sends such
///     ones, and so does the SDK on Linux (wire.md 2.1);
///   - an authentication that promises a version and has none does so no longer. Curl repeats the server's
///     flags, that one among them.
/// Clients of these kinds add no checksum over the messages, so the change breaks none.
Bytes readable(BytesView token);

} // namespace pointman::integrated
