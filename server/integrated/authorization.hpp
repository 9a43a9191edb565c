// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pointman::integrated {

/// What stands before the token in Authorization and WWW-Authenticate.
enum class Scheme : std::uint8_t {
    negotiate, ///< SPNEGO, or the bare token of a mechanism
    ntlm,      ///< NTLM messages as they are
};

/// "Negotiate", "NTLM"
std::string_view name_of(Scheme scheme);

/// The largest token that is read. Windows itself builds none over 48,000 bytes (its MaxTokenSize).
constexpr std::size_t max_token = 48'000;

struct Authorization {
    Scheme scheme = Scheme::negotiate;
    Bytes token;
};

/// Reads the value of an Authorization header: a scheme, in any case, and its token in base64. Fails with
/// malformed for another scheme, no token, what is no base64, and limit_exceeded for a token over max_token.
Result<Authorization> parse_authorization(std::string_view header);

/// The value of a WWW-Authenticate header that carries a token.
std::string challenge(Scheme scheme, BytesView token);

} // namespace pointman::integrated
