// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "server/tls/lab_pki.hpp"
#include "server/wire/signature.hpp"

namespace pointman::site {

/// What clients may know of the site's keys. Certificates are DER.
///
/// The root of their trust is the site's CA: its key is the trusted root key, as a CryptoAPI PUBLICKEYBLOB
/// (wire.md 5), and it signed the management point's certificates. The pages give two more signatures by it,
/// for clients that know the bare key and no chains. No page says over what and how, so both are as
/// everywhere else in the protocol (wire.md 6): RSA PKCS#1 v1.5 with DigestInfo, SHA-256, least significant
/// byte first.
struct SiteKeys {
    Bytes root;
    Bytes site_signing;  ///< signs policy assignments; self-signed
    Bytes mp_signing;    ///< of the management point, for what it signs
    Bytes mp_encryption; ///< of the management point: clients encrypt messages to it

    Bytes root_key;             ///< the blob of root's key
    Bytes root_key_signature;   ///< over the bytes of root_key. A site that changes its root would sign with
                                ///< the former one; there is one root here, so it vouches for itself
    Bytes mp_signing_signature; ///< over the DER of mp_signing
};

/// Reads the certificates and the CA's key. `mp_encryption` is given by whoever opens messages with it, so
/// that no other certificate can be published. Fails with usage and the name of the file that does not serve.
Result<SiteKeys> load_site_keys(tls::LabPki const& files, Bytes mp_encryption);

/// The key of the certificate that signs policy assignments. Fails with usage and the name of the file.
Result<wire::PrivateKey> load_site_signing_key(tls::LabPki const& files);

} // namespace pointman::site
