// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace pointman::integrated {

/// Makes what NTLM knows of a password: MD4 over its UTF-16 (MS-NLMP 3.3.1).
class NtHasher {
public:
    /// Fails with usage where OpenSSL has no MD4: it keeps that in its legacy provider, a file of its own.
    static Result<NtHasher> make();
    NtHasher(NtHasher&&) noexcept;
    NtHasher& operator=(NtHasher&&) noexcept;
    ~NtHasher();

    /// 32 hexadecimal digits in upper case. `password` is UTF-8.
    std::string hash(std::string_view password) const;

private:
    struct Impl;
    explicit NtHasher(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace pointman::integrated
