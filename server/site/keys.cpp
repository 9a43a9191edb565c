// SPDX-License-Identifier: Apache-2.0
#include "server/site/keys.hpp"

#include "server/tls/certificate.hpp"
#include "server/tls/pem.hpp"

#include <fmt/format.h>

namespace pointman::site {

namespace {

Result<Bytes> read_certificate(std::filesystem::path const& file) {
    auto const chain = tls::read_certificates(file);
    if (!chain) return std::unexpected(chain.error());
    return tls::to_der(chain->front().get());
}

/// The key that belongs to the certificate. Only RSA has a PUBLICKEYBLOB.
Result<wire::PrivateKey> read_key_of(std::filesystem::path const& file, BytesView certificate) {
    auto const read = tls::read_private_key(file);
    if (!read) return std::unexpected(read.error());
    auto key = wire::PrivateKey::from_pem(tls::to_pem(read->get()));
    if (!key) return fail(Code::usage, fmt::format("{}: {}", file.string(), key.error().message));
    auto const certified = wire::PublicKey::from_certificate(certificate);
    if (!certified || certified->spki() != key->public_key().spki())
        return fail(Code::usage,
                    fmt::format("{} is not the key of the certificate beside it", file.string()));
    return key;
}

} // namespace

Result<SiteKeys> load_site_keys(tls::LabPki const& files, Bytes mp_encryption) {
    SiteKeys keys;
    struct Row {
        std::filesystem::path const& file;
        Bytes& certificate;
    };
    for (auto const& row : {Row{files.ca, keys.root}, Row{files.site_signing, keys.site_signing},
                            Row{files.mp_signing, keys.mp_signing}}) {
        auto der = read_certificate(row.file);
        if (!der) return std::unexpected(std::move(der.error()));
        row.certificate = std::move(*der);
    }
    keys.mp_encryption = std::move(mp_encryption);

    auto const root = read_key_of(files.ca_key, keys.root);
    if (!root) return std::unexpected(root.error());
    keys.root_key = root->public_key().blob();
    keys.root_key_signature = root->sign(keys.root_key, wire::Digest::sha256);
    keys.mp_signing_signature = root->sign(keys.mp_signing, wire::Digest::sha256);
    return keys;
}

Result<wire::PrivateKey> load_site_signing_key(tls::LabPki const& files) {
    auto const certificate = read_certificate(files.site_signing);
    if (!certificate) return std::unexpected(certificate.error());
    return read_key_of(files.site_signing_key, *certificate);
}

} // namespace pointman::site
