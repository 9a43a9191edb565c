// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/hex.hpp"

#include <openssl/evp.h>

#include <array>
#include <span>
#include <stdexcept>

namespace pointman {

/// Digest of the bytes in upper-case hexadecimal, e.g. with EVP_sha1().
inline std::string digest_hex(BytesView bytes, EVP_MD const* method) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, method, nullptr) != 1)
        throw std::runtime_error("OpenSSL: digest");
    return to_hex(std::as_bytes(std::span(digest).first(size)));
}

} // namespace pointman
