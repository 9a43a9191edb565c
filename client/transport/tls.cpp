// SPDX-License-Identifier: Apache-2.0
#include "client/transport/tls.hpp"

#include "client/transport/failure.hpp"

#include <boost/asio/ssl/verify_mode.hpp>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace pointman::client {

namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

std::unexpected<Error> unusable(std::string_view what, std::string_view file, std::string_view why) {
    ERR_clear_error();
    return fail(Code::secure_failure, fmt::format("cannot use {} in {}: {}", what, file, why));
}

Result<void> trust(ssl::context& context, TlsFiles const& files) {
    error_code error;
    if (files.roots.empty()) {
        context.set_default_verify_paths(error);
        if (error) return unusable("the certificates of CAs", "the system's directory", error.message());
        return {};
    }
    context.load_verify_file(files.roots, error);
    if (error) return unusable("the certificates of CAs", files.roots, error.message());
    return {};
}

Result<void> show(ssl::context& context, TlsFiles const& files) {
    if (files.certificate.empty()) return {};
    error_code error;
    context.use_certificate_chain_file(files.certificate, error);
    if (error) return unusable("the client certificate", files.certificate, error.message());
    context.use_private_key_file(files.key, ssl::context::pem, error);
    if (error) return unusable("the private key", files.key, error.message());
    return {};
}

/// Without a list the handshake fails: nothing is taken for not revoked that was not looked up.
Result<void> check_revocation(ssl::context& context, TlsFiles const& files) {
    if (!files.check_revocation) return {};
    auto* const store = SSL_CTX_get_cert_store(context.native_handle());
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
    if (files.revocation_lists.empty()) return {};
    auto* const lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
    if (lookup == nullptr ||
        X509_load_crl_file(lookup, files.revocation_lists.c_str(), X509_FILETYPE_PEM) < 1)
        return unusable("the revocation lists", files.revocation_lists, "no list in PEM form");
    return {};
}

} // namespace

Result<ssl::context> tls_context(TlsFiles const& files, Time now) {
    ssl::context context(ssl::context::tls_client);
    context.set_verify_mode(ssl::verify_peer);
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    auto const seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(context.native_handle()), seconds);
    for (auto const step : {&trust, &show, &check_revocation}) {
        if (auto const done = step(context, files); !done) return std::unexpected(done.error());
    }
    return context;
}

} // namespace pointman::client
