// SPDX-License-Identifier: Apache-2.0
#include "server/tls/contexts.hpp"

#include "server/tls/pem.hpp"
#include "server/tls/shown.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <array>
#include <map>
#include <string_view>

namespace pointman::tls {
namespace {

namespace ssl = boost::asio::ssl;
using Context = std::shared_ptr<ssl::context>;

/// Protocols and ciphers as Mozilla's server side TLS guidelines 5.7 name them.
struct Profile {
    int oldest;
    int security_level;
    char const* ciphers; ///< up to TLS 1.2
};

constexpr char const* intermediate_ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305";

// For operating systems of 2007. What OpenSSL was built without is skipped by it.
constexpr char const* legacy_ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305:"
    "ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:"
    "ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES256-SHA384:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA:"
    "DHE-RSA-AES128-SHA256:DHE-RSA-AES256-SHA256:AES128-GCM-SHA256:AES256-GCM-SHA384:AES128-SHA256:"
    "AES256-SHA256:AES128-SHA:AES256-SHA:DES-CBC3-SHA";

Profile profile_of(config::TlsProfile profile) {
    switch (profile) {
    case config::TlsProfile::modern:
        return {TLS1_3_VERSION, 2, intermediate_ciphers};
    // TLS 1.0 and 1.1 sign with SHA-1 and MD5, which OpenSSL 3 does at level 0 only.
    case config::TlsProfile::legacy:
        return {TLS1_VERSION, 0, legacy_ciphers};
    case config::TlsProfile::intermediate:
        break;
    }
    return {TLS1_2_VERSION, 2, intermediate_ciphers};
}

/// The handshake proves that the client has the key of its certificate. Whether the certificate is worth
/// anything depends on the path and on who registered with it: that is decided per request.
int take_any_certificate(X509_STORE_CTX*, void*) {
    return 1;
}

/// HTTP/1.1 and nothing else, for clients that ask.
int choose_protocol(SSL*, unsigned char const** out, unsigned char* out_length, unsigned char const* offered,
                    unsigned offered_length, void*) {
    constexpr std::string_view name = "http/1.1";
    std::string_view list(reinterpret_cast<char const*>(offered), offered_length);
    while (!list.empty()) {
        auto const length = static_cast<unsigned char>(list.front());
        auto const one = list.substr(1, length);
        if (one == name) {
            *out = offered + (offered_length - list.size() + 1);
            *out_length = length;
            return SSL_TLSEXT_ERR_OK;
        }
        list.remove_prefix(std::min(list.size(), std::size_t{1} + length));
    }
    // A client that offers other protocols only mostly speaks HTTP/1.1 too.
    return SSL_TLSEXT_ERR_NOACK;
}

void ask_for_certificates(SSL_CTX* context) {
    // A longer chain ends the handshake. OpenSSL's own limit would let each client keep 100 KB of memory.
    constexpr long max_certificate_bytes = 64L * 1024;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE, nullptr);
    SSL_CTX_set_cert_verify_callback(context, take_any_certificate, nullptr);
    SSL_CTX_set_max_cert_list(context, max_certificate_bytes);
    keep_in_tickets(context);
}

Result<void> apply(SSL_CTX* context, Profile const& profile) {
    SSL_CTX_set_security_level(context, profile.security_level);
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_dh_auto(context, 1);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);

    // Without an identity of its own a context that asks for certificates refuses to resume any session.
    constexpr std::string_view identity = "pointman";
    auto const* const bytes = reinterpret_cast<unsigned char const*>(identity.data());
    bool const ok = SSL_CTX_set_session_id_context(context, bytes, identity.size()) == 1 &&
                    SSL_CTX_set_min_proto_version(context, profile.oldest) == 1 &&
                    SSL_CTX_set_cipher_list(context, profile.ciphers) == 1 &&
                    SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1;
    // Tickets carry the session; a cache beside them would only hold memory.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    if (!ok) return fail(Code::usage, "the TLS profile cannot be used", openssl_reason());
    return {};
}

using KeyTypes = std::map<int, std::filesystem::path>;

Result<void> add_pair(SSL_CTX* context, std::filesystem::path const& certificate_file,
                      std::filesystem::path const& key_file, KeyTypes& known) {
    auto chain = read_certificates(certificate_file);
    if (!chain) return std::unexpected(std::move(chain.error()));
    auto const key = read_private_key(key_file);
    if (!key) return std::unexpected(key.error());
    auto* const leaf = chain->front().get();
    if (X509_check_private_key(leaf, key->get()) != 1) {
        ERR_clear_error();
        return fail(Code::usage, fmt::format("the private key in {} does not belong to the certificate in {}",
                                             key_file.string(), certificate_file.string()));
    }
    auto const [other, added] = known.emplace(EVP_PKEY_get_base_id(key->get()), certificate_file);
    if (!added)
        return fail(Code::usage,
                    fmt::format("{} and {} have keys of the same type: one certificate of each type is used",
                                other->second.string(), certificate_file.string()));

    std::unique_ptr<STACK_OF(X509), decltype([](STACK_OF(X509) * stack) { sk_X509_free(stack); })> issuers(
        sk_X509_new_null());
    for (std::size_t i = 1; i < chain->size(); ++i) sk_X509_push(issuers.get(), (*chain)[i].get());
    if (SSL_CTX_use_cert_and_key(context, leaf, key->get(), issuers.get(), 1) != 1)
        return fail(Code::usage, fmt::format("the certificate in {} cannot be used: {}",
                                             certificate_file.string(), openssl_reason()));
    return {};
}

Result<Context> make(Options const& options) {
    if (options.certificates.empty()) return fail(Code::usage, "TLS needs a certificate");
    if (options.certificates.size() != options.private_keys.size())
        return fail(Code::usage,
                    fmt::format("{} certificates, but {} private keys: each certificate needs its own",
                                options.certificates.size(), options.private_keys.size()));
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    auto* const handle = context->native_handle();
    if (auto done = apply(handle, profile_of(options.profile)); !done)
        return std::unexpected(std::move(done.error()));
    if (options.ask_for_certificates) ask_for_certificates(handle);
    KeyTypes known;
    for (std::size_t i = 0; i < options.certificates.size(); ++i) {
        auto done = add_pair(handle, options.certificates[i], options.private_keys[i], known);
        if (!done) return std::unexpected(std::move(done.error()));
    }
    return context;
}

} // namespace

Result<std::unique_ptr<Contexts>> Contexts::load(Options options) {
    std::unique_ptr<Contexts> contexts(new Contexts(std::move(options)));
    auto loaded = contexts->reload();
    if (!loaded) return std::unexpected(std::move(loaded.error()));
    return contexts;
}

Context Contexts::current() const {
    return context_.load();
}

Result<void> Contexts::reload() {
    auto context = make(options_);
    if (!context) return std::unexpected(std::move(context.error()));
    context_.store(std::move(*context));
    return {};
}

} // namespace pointman::tls
