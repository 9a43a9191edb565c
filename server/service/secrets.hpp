// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "db/clients.hpp"
#include "db/media.hpp"
#include "server/wire/envelope.hpp"

#include <string_view>

namespace pointman::service {

/// Which content encryption a client of that version is sent, by `security.secret_cipher`. With `automatic`:
/// AES-256 for agents of version 5.00.9040 (2103) and later, 3DES for all others. 3DES is what everybody
/// opens; public tools that open nothing else call themselves 5.00.8325 (wire.md 8.3, 12). Where the boundary
/// lies is a judgement: no page tells which versions of the product began to send AES.
wire::Cipher cipher_for(config::SecretCipher choice, std::string_view agent_version);

/// For whom, and how, a secret is sealed.
struct Recipient {
    Bytes certificate; ///< DER
    wire::Cipher cipher = wire::Cipher::triple_des;
};

/// Fails with blocked or not_approved for a client that must not have secrets.
Result<void> may_have_secrets(db::Client const& client);

/// A client's encryption certificate, or the signing one where it brought only that (policy.md 5). Fails like
/// may_have_secrets.
Result<Recipient> recipient_of(db::Client const& client, config::SecretCipher choice);
/// Boot media say nothing of their version: with `automatic` they get what everybody opens.
Recipient recipient_of(db::Medium const& medium, config::SecretCipher choice);

/// Fails with malformed where the certificate is unusable.
Result<Bytes> seal_secret(Recipient const& recipient, BytesView plain);

} // namespace pointman::service
