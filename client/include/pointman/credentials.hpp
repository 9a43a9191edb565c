// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <pointman/error.hpp>
#include <span>
#include <vector>

namespace pointman::client {

using Bytes = std::vector<std::byte>;
using BytesView = std::span<std::byte const>;

/// A certificate and its RSA key: what signs messages, and what a client shows in a TLS handshake. Cheap to
/// copy.
class POINTMAN_API Credentials {
public:
    /// PEM files without a password; both may be the same file, and CAs may follow the certificate. They are
    /// named again when a connection is made or a queued message is delivered, so they have to stay.
    static Result<Credentials> from_files(std::filesystem::path const& certificate,
                                          std::filesystem::path const& key);

    std::filesystem::path const& certificate_file() const;
    std::filesystem::path const& key_file() const;
    /// DER.
    Bytes certificate() const;
    /// Opens CMS EnvelopedData that was sealed for the certificate, e.g. a secret policy.
    Result<Bytes> open(BytesView envelope) const;

    struct Impl;
    explicit Credentials(std::shared_ptr<Impl const> impl);
    Impl const& impl() const { return *impl_; }

private:
    std::shared_ptr<Impl const> impl_;
};

} // namespace pointman::client
