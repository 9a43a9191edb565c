// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/wire/header.hpp"
#include "server/wire/signature.hpp"

namespace pointman::wire {

/// What of a clientauth hook stays the same from one message of a client to the next.
struct SenderProof {
    Bytes public_key; ///< PublicKey::blob()
    Bytes id_signature;
};
SenderProof prove_sender(PrivateKey const& key, std::string_view source_id, Digest digest = Digest::sha256);

/// Makes the clientauth hook as the recorded clients do (wire.md 5): PublicKey, both signatures, NonSSL,
/// SHA-256.
Hook make_client_auth(SenderProof const& sender, std::string_view sender_machine,
                      BytesView payload_signature, Digest digest = Digest::sha256);
Hook make_client_auth(PrivateKey const& key, std::string_view source_id, std::string_view sender_machine,
                      BytesView signed_payload, Digest digest = Digest::sha256);

// Both check a signature of a clientauth hook with the key that is registered for the sender; the key inside
// the hook is ignored. They fail with bad_signature; the detail says which and why.

/// PayloadSignature, which must be there, over `signed_payload`.
Result<void> verify_payload_signature(Hook const& hook, PublicKey const& registered,
                                      BytesView signed_payload);

/// ClientIDSignature, where there is one, over the id in one of the spellings `GUID:X`, `GUID:{X}`, `{X}`.
Result<void> verify_id_signature(Hook const& hook, PublicKey const& registered, std::string_view source_id);

} // namespace pointman::wire
