// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <pointman/credentials.hpp>
#include <pointman/time.hpp>
#include <string>

namespace pointman::client {

/// What a new self-signed certificate says (registration.md 4.9).
struct IdentityTerms {
    std::string common_name = "SMS";
    unsigned key_bits = 2048;
    Time now{}; ///< valid from a day before on
};

/// Who a client is, kept in a directory: key and certificate, the SMSID that registration gave, and how many
/// state messages it has sent.
class POINTMAN_API Identity {
public:
    /// Makes the directory (0700), and key and certificate in it (0600), where they are missing. Two
    /// processes that do so at once end up with one key. Fails with storage; with invalid_argument for a key
    /// or certificate that is damaged.
    static Result<Identity> open(std::filesystem::path directory, IdentityTerms const& terms);
    /// With a certificate of a PKI, as native mode wants it, in place of one of its own.
    static Result<Identity> open(std::filesystem::path directory, Credentials credentials);

    Credentials const& credentials() const { return credentials_; }
    bool is_self_signed() const { return self_signed_; }
    /// `GUID:` and the UUID; "" before registration.
    std::string const& smsid() const { return smsid_; }
    /// Durable when it returns.
    Result<void> remember(std::string smsid);
    Result<void> forget();

    /// The first of `count` serial numbers for state messages, which are never given again. Durable when it
    /// returns.
    Result<std::uint64_t> take_serials(std::uint64_t count);

private:
    Identity(std::filesystem::path directory, Credentials credentials, bool self_signed)
        : directory_(std::move(directory))
        , credentials_(std::move(credentials))
        , self_signed_(self_signed) {}
    Result<void> load();

    std::filesystem::path directory_;
    Credentials credentials_;
    bool self_signed_;
    std::string smsid_;
};

} // namespace pointman::client
