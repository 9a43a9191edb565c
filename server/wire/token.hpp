// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "server/wire/signature.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace pointman::wire {

/// A signed statement of who speaks and when: `IDENTITY;TIME` and perhaps further fields (wire.md 5, 8.2).
struct ClientToken {
    std::string text;     ///< as signed
    std::string identity; ///< `GUID:X`, `{X}` ... as sent
    TimePoint time;
    Bytes signature; ///< least significant byte first
};

/// From the token and the hexadecimal text of its signature. Fails with bad_signature.
Result<ClientToken> read_token(std::string_view text, std::string_view signature);

/// From the `Token` property of a clientauth hook: the lines `ClientToken:...` and
/// `ClientTokenSignature:...`, in any order and with any line ends, since XML turns CRLF into LF. Fails with
/// bad_signature.
Result<ClientToken> read_token_property(std::string_view property);

/// Whether the token is signed with that key: SHA-1 or SHA-256, with DigestInfo or bare, with or without a
/// NUL behind the text (policy.md 5). Says nothing about its age.
bool token_is_signed_by(ClientToken const& token, PublicKey const& key);

/// Fails with bad_signature where the token's time is further from `now` than `tolerance`, before or after.
Result<void> check_token_age(ClientToken const& token, TimePoint now, std::chrono::seconds tolerance);

/// `ClientToken:...` CRLF `ClientTokenSignature:...` CRLF: for the client half and the tests. Signed with
/// SHA-256, `bare` as PublicKey::verify.
std::string make_token_property(PrivateKey const& key, std::string_view identity, TimePoint time,
                                bool bare = false);

} // namespace pointman::wire
