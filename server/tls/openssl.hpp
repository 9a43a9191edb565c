// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>
#include <filesystem>
#include <memory>
#include <string>

namespace pointman::tls {

template <auto free>
struct Freed {
    template <class T>
    void operator()(T* object) const {
        free(object);
    }
};

using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Crl = std::unique_ptr<X509_CRL, Freed<X509_CRL_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

/// The reason of OpenSSL's last error, for a log or an operator; the queue is empty afterwards.
inline std::string openssl_reason() {
    auto const code = ERR_peek_last_error();
    ERR_clear_error();
    auto const* const reason = ERR_reason_error_string(code);
    return reason != nullptr ? reason : "unknown reason";
}

} // namespace pointman::tls
