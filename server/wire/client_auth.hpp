// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/wire/header.hpp"
#include "server/wire/signature.hpp"

namespace pointman::wire {

/// Makes the clientauth hook as the recorded clients do (wire.md 5): PublicKey, both signatures, NonSSL,
/// SHA-256.
Hook make_client_auth(PrivateKey const& key, std::string_view source_id, std::string_view sender_machine,
                      BytesView signed_payload, Digest digest = Digest::sha256);

/// Checks a clientauth hook with the key that is registered for the sender; the key inside the hook is
/// ignored. PayloadSignature must verify over `signed_payload`; ClientIDSignature, where present, over the id
/// in one of the spellings `GUID:X`, `GUID:{X}`, `{X}`. Fails with bad_signature; the detail says which and
/// why.
Result<void> verify_client_auth(Hook const& hook, PublicKey const& registered, std::string_view source_id,
                                BytesView signed_payload);

} // namespace pointman::wire
