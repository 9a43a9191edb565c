// SPDX-License-Identifier: Apache-2.0
#include "server/tls/pem.hpp"

#include <fmt/format.h>
#include <openssl/pem.h>

#include <cerrno>
#include <string_view>
#include <system_error>

namespace pointman::tls {
namespace {

Result<Bio> open(std::filesystem::path const& file) {
    errno = 0;
    Bio bio(BIO_new_file(file.c_str(), "rb"));
    if (bio) return bio;
    auto const cause = std::error_code(errno, std::generic_category());
    ERR_clear_error();
    return fail(Code::usage, fmt::format("cannot read {}: {}", file.string(), cause.message()));
}

/// Stands in for the terminal that OpenSSL would ask for a password.
int no_password(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

/// All objects of one kind in the file; others between them are passed over.
template <class Object, class Read>
Result<std::vector<Object>> read_all(std::filesystem::path const& file, std::string_view what, Read read) {
    auto const bio = open(file);
    if (!bio) return std::unexpected(bio.error());
    std::vector<Object> all;
    while (Object next{read(bio->get())}) all.push_back(std::move(next));

    bool const at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    auto const reason = openssl_reason();
    if (all.empty() && at_end)
        return fail(Code::usage, fmt::format("{} holds no {} in PEM form", file.string(), what));
    if (!at_end)
        return fail(Code::usage, fmt::format("a {} in {} is damaged: {}", what, file.string(), reason));
    return all;
}

} // namespace

Result<std::vector<Certificate>> read_certificates(std::filesystem::path const& file) {
    return read_all<Certificate>(file, "certificate",
                                 [](BIO* bio) { return PEM_read_bio_X509(bio, nullptr, nullptr, nullptr); });
}

Result<std::vector<Crl>> read_crls(std::filesystem::path const& file) {
    return read_all<Crl>(file, "revocation list",
                         [](BIO* bio) { return PEM_read_bio_X509_CRL(bio, nullptr, nullptr, nullptr); });
}

Result<PrivateKey> read_private_key(std::filesystem::path const& file) {
    auto const bio = open(file);
    if (!bio) return std::unexpected(bio.error());
    bool asked = false;
    PrivateKey key(PEM_read_bio_PrivateKey(bio->get(), nullptr, no_password, &asked));
    if (key) return key;
    auto const reason = openssl_reason();
    if (asked)
        return fail(Code::usage, fmt::format("the private key in {} has a password: remove it (openssl pkey)",
                                             file.string()));
    return fail(Code::usage, fmt::format("{} holds no private key in PEM form: {}", file.string(), reason));
}

} // namespace pointman::tls
