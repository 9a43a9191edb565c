// SPDX-License-Identifier: Apache-2.0
#include "server/integrated/nt_hash.hpp"

#include "base/bytes.hpp"
#include "base/hex.hpp"
#include "base/text.hpp"

#include <openssl/evp.h>
#include <openssl/provider.h>

#include <algorithm>

namespace pointman::integrated {

namespace {

void append_unit(Bytes& out, std::uint32_t unit) {
    out.push_back(static_cast<std::byte>(unit & 0xFFU));
    out.push_back(static_cast<std::byte>(unit >> 8U & 0xFFU));
}

Bytes utf16_of(std::string_view utf8) {
    constexpr std::uint32_t first_pair = 0x1'0000;
    Bytes out;
    while (!utf8.empty()) {
        auto const character = first_utf8_character(utf8);
        auto const value = static_cast<std::uint32_t>(character.value);
        if (value < first_pair) {
            append_unit(out, value);
        } else {
            append_unit(out, 0xD800U + ((value - first_pair) >> 10U));
            append_unit(out, 0xDC00U + ((value - first_pair) & 0x3FFU));
        }
        utf8.remove_prefix(std::max(character.size, std::size_t{1}));
    }
    return out;
}

} // namespace

/// A library context of its own: the legacy provider stays out of TLS.
struct NtHasher::Impl {
    OSSL_LIB_CTX* library = OSSL_LIB_CTX_new();
    OSSL_PROVIDER* provider = library != nullptr ? OSSL_PROVIDER_load(library, "legacy") : nullptr;
    EVP_MD* md4 = provider != nullptr ? EVP_MD_fetch(library, "MD4", nullptr) : nullptr;

    Impl() = default;
    Impl(Impl const&) = delete;
    Impl& operator=(Impl const&) = delete;
    ~Impl() {
        EVP_MD_free(md4);
        if (provider != nullptr) OSSL_PROVIDER_unload(provider);
        OSSL_LIB_CTX_free(library);
    }
};

NtHasher::NtHasher(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}
NtHasher::NtHasher(NtHasher&&) noexcept = default;
NtHasher& NtHasher::operator=(NtHasher&&) noexcept = default;
NtHasher::~NtHasher() = default;

Result<NtHasher> NtHasher::make() {
    auto impl = std::make_unique<Impl>();
    if (impl->md4 == nullptr) {
        return fail(Code::usage, "OpenSSL has no MD4, which NTLM needs: its legacy provider is missing");
    }
    return NtHasher(std::move(impl));
}

std::string NtHasher::hash(std::string_view password) const {
    auto const text = utf16_of(password);
    Bytes digest(EVP_MAX_MD_SIZE);
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), &size, impl_->md4,
               nullptr);
    digest.resize(size);
    return to_hex(digest);
}

} // namespace pointman::integrated
