// SPDX-License-Identifier: Apache-2.0
#include "server/wire/envelope.hpp"

#include "server/wire/openssl.hpp"

#include <openssl/pem.h>

#include <limits>
#include <stdexcept>

namespace pointman::wire {

namespace {

/// A failure whose cause OpenSSL knows: said for the log, and the queue of errors left empty.
std::unexpected<Error> fail_with_reason(Code code, std::string message) {
    auto const* const reason = ERR_reason_error_string(ERR_peek_last_error());
    std::string detail = reason != nullptr ? reason : "";
    ERR_clear_error();
    return fail(code, std::move(message), std::move(detail));
}

Bytes bytes_of(BIO* memory) {
    char* data = nullptr;
    auto const size = BIO_get_mem_data(memory, &data);
    auto const view = as_bytes({data, static_cast<std::size_t>(size)});
    return {view.begin(), view.end()};
}

Content read_content(BytesView der) {
    if (der.size() > static_cast<std::size_t>(std::numeric_limits<long>::max())) return nullptr;
    auto const* at = reinterpret_cast<unsigned char const*>(der.data());
    return Content(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(der.size())));
}

Bytes der_of(CMS_ContentInfo* content) {
    unsigned char* data = nullptr;
    int const size = i2d_CMS_ContentInfo(content, &data);
    if (size < 0) throw std::runtime_error("cannot write an envelope");
    auto const view = as_bytes({reinterpret_cast<char const*>(data), static_cast<std::size_t>(size)});
    Bytes result(view.begin(), view.end());
    OPENSSL_free(data);
    return result;
}

EVP_CIPHER const* method_of(Cipher cipher) {
    return cipher == Cipher::aes256 ? EVP_aes_256_cbc() : EVP_des_ede3_cbc();
}

} // namespace

Result<EnvelopeOpener> EnvelopeOpener::from_pem(std::string_view certificate, std::string_view key) {
    Bio const bio(BIO_new_mem_buf(certificate.data(), static_cast<int>(certificate.size())));
    Certificate parsed(bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr);
    if (!parsed)
        return fail_with_reason(Code::usage, "the encryption certificate is no certificate in PEM form");
    auto private_key = PrivateKey::from_pem(key);
    if (!private_key)
        return fail(Code::usage, "the key of the encryption certificate: " + private_key.error().message);
    if (X509_check_private_key(parsed.get(), private_key->handle()) != 1) {
        return fail_with_reason(Code::usage, "the encryption certificate and its key do not belong together");
    }
    return EnvelopeOpener(std::shared_ptr<X509>(std::move(parsed)), std::move(*private_key));
}

Result<Bytes> EnvelopeOpener::open(BytesView der) const {
    auto const content = read_content(der);
    if (!content || OBJ_obj2nid(CMS_get0_type(content.get())) != NID_pkcs7_enveloped) {
        return fail_with_reason(Code::malformed, "the payload is no encrypted envelope");
    }
    Bio const plain(BIO_new(BIO_s_mem()));
    // With the certificate given, a recipient is looked for by name, and one that is not there is said so. A
    // wrong padding is not: OpenSSL goes on with a random key then, so that the time taken tells nothing.
    bool const opened =
        plain && CMS_decrypt(content.get(), key_.handle(), certificate_.get(), nullptr, plain.get(), 0) == 1;
    if (!opened)
        return fail_with_reason(Code::malformed,
                                "the encrypted envelope cannot be opened with this site's key");
    return bytes_of(plain.get());
}

Bytes EnvelopeOpener::certificate() const {
    unsigned char* data = nullptr;
    int const size = i2d_X509(certificate_.get(), &data);
    if (size < 0) throw std::runtime_error("cannot write a certificate");
    auto const view = as_bytes({reinterpret_cast<char const*>(data), static_cast<std::size_t>(size)});
    Bytes result(view.begin(), view.end());
    OPENSSL_free(data);
    return result;
}

Result<Bytes> seal_envelope(BytesView plain, BytesView certificate_der, Cipher cipher) {
    auto const* at = reinterpret_cast<unsigned char const*>(certificate_der.data());
    Certificate const certificate(d2i_X509(nullptr, &at, static_cast<long>(certificate_der.size())));
    if (!certificate) return fail_with_reason(Code::malformed, "the recipient's certificate does not parse");
    auto* const key = X509_get0_pubkey(certificate.get());
    if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
        return fail_with_reason(Code::malformed, "the recipient's certificate holds no RSA key");
    }
    // An empty view may have no address, which OpenSSL takes for a mistake.
    Bio const source(
        BIO_new_mem_buf(plain.empty() ? "" : as_chars(plain).data(), static_cast<int>(plain.size())));
    Content const content(CMS_encrypt(nullptr, nullptr, method_of(cipher), CMS_BINARY | CMS_PARTIAL));
    bool const sealed = source && content &&
                        CMS_add1_recipient_cert(content.get(), certificate.get(), 0) != nullptr &&
                        CMS_final(content.get(), source.get(), nullptr, CMS_BINARY) == 1;
    if (!sealed)
        return fail_with_reason(Code::malformed, "the envelope cannot be sealed for this certificate");
    return der_of(content.get());
}

} // namespace pointman::wire
