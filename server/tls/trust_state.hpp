// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/settings.hpp"
#include "server/tls/openssl.hpp"
#include "server/tls/shown.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace pointman::tls {

struct TrustOptions {
    std::vector<std::filesystem::path> authorities; ///< PEM, roots included; none: nobody is trusted
    std::vector<std::filesystem::path> crls;        ///< PEM
    config::CrlCheck crl_check = config::CrlCheck::off;
    /// Takes SHA-1 signatures and keys under 1024 bits in a chain: what tls.profile = legacy is for.
    bool takes_weak_chains = false;
};

TrustOptions trust_options(config::Settings::Tls const& settings);

/// What came of one look at a chain, and how long that stands.
struct Finding {
    /// Fails with malformed for what is no certificate, with bad_signature for one that is not trusted.
    Result<void> outcome;
    /// Lists that were missing or stale and passed over (crl_check = soft); "" = none.
    std::string passed_over;
    /// At least as long as the clock shows a time in here, the outcome is the same: no date of a certificate
    /// or list that had a part in it lies between.
    TimePoint from = TimePoint::min();
    TimePoint until = TimePoint::max();
};

/// The authorities and revocation lists as they were read at one time. Immutable, shared by all threads.
class TrustState {
public:
    /// Errors are usage errors that name the file. An intermediate CA whose issuer is not among the
    /// authorities is one: chains end at a root.
    static Result<std::shared_ptr<TrustState const>> read(TrustOptions const& options);

    /// Whether a client may identify itself by the certificate at that time: a chain of at most
    /// Shown::max_intermediates CAs to one of the roots, everything in it in force, none of it revoked as far
    /// as crl_check asks, the leaf no CA's and fit for TLS clients. As RFC 5280 (4.2.1.12) has it, a
    /// certificate without extended key usage is fit for everything, and so is one for anyExtendedKeyUsage.
    Finding check(Shown const& shown, TimePoint now) const;

private:
    using Store = std::unique_ptr<X509_STORE, Freed<X509_STORE_free>>;

    TrustState() = default;
    Result<void> add_authorities(std::filesystem::path const& file);
    Result<void> check_roots() const;
    Result<void> add_crls(std::filesystem::path const& file);
    Result<void> verify(X509* leaf, STACK_OF(X509) * intermediates, TimePoint now,
                        std::string& passed_over) const;

    struct Authority {
        Certificate certificate;
        std::filesystem::path file;
    };

    TrustOptions options_;
    Store store_;
    std::vector<Authority> authorities_;
    std::vector<TimePoint> dates_; ///< of authorities and lists
};

} // namespace pointman::tls
