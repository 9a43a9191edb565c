// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include <memory>

namespace pointman::wire {

// OpenSSL's objects, owned.

template <auto Free>
struct Releaser {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};

using KeyPointer = std::unique_ptr<EVP_PKEY, Releaser<&EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Releaser<&EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Releaser<&EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Releaser<&BN_free>>;
using NumberContext = std::unique_ptr<BN_CTX, Releaser<&BN_CTX_free>>;
using Montgomery = std::unique_ptr<BN_MONT_CTX, Releaser<&BN_MONT_CTX_free>>;
using Certificate = std::unique_ptr<X509, Releaser<&X509_free>>;
using Bio = std::unique_ptr<BIO, Releaser<&BIO_free_all>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Releaser<&OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Releaser<&OSSL_PARAM_free>>;
using Content = std::unique_ptr<CMS_ContentInfo, Releaser<&CMS_ContentInfo_free>>;

} // namespace pointman::wire
