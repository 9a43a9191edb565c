// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "server/wire/signature.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::wire {

/// A text with its signature.
struct SignedText {
    std::string text; ///< as signed
    Bytes signature;  ///< least significant byte first
};

/// A signed statement of who speaks and when: `IDENTITY;TIME` and perhaps further fields (wire.md 5, 8.2), or
/// identity and time each on its own.
struct ClientToken {
    std::string identity; ///< `GUID:X`, `{X}` ... as sent
    TimePoint time;
    std::vector<SignedText> parts; ///< at least one; all must be signed by the same key
};

/// From the token and the hexadecimal text of its signature. Fails with bad_signature.
Result<ClientToken> read_token(std::string_view text, std::string_view signature);

/// The older form in which bodies of policy are asked for: the values of the headers `CCMClientID`,
/// `CCMClientTimestamp` and their signatures (policy.md 5). Fails with bad_signature.
struct SignedHeaders {
    std::string_view id;
    std::string_view id_signature;
    std::string_view time;
    std::string_view time_signature;
};
Result<ClientToken> read_signed_headers(SignedHeaders const& headers);

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
