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

} // namespace pointman::integrated
