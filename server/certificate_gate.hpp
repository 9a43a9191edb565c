// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "server/http/types.hpp"
#include "server/service/failure_limit.hpp"
#include "server/tls/client_trust.hpp"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pointman {

/// What a path asks of the client's TLS certificate.
enum class Access {
    open,        ///< nothing: /health, /metrics, what is not found
    alternative, ///< none, but TLS in native mode
    certificate, ///< a trusted one, where tls.client_certificates is `required`
};

/// `path` in lower case.
Access access_of(std::string_view path);

/// Turns requests away for their certificate, before their body is read. No other place does.
class CertificateGate {
public:
    CertificateGate(config::Settings const& settings, tls::ClientTrust const& trust,
                    service::FailureLimit& failures)
        : settings_(settings)
        , trust_(trust)
        , failures_(failures) {}

    /// A 403 with its reason for the log; nothing where the request may go on. The handshake takes any
    /// certificate or none, since the altauth paths work without (interfaces.md, "native mode"). All paths
    /// work without over the local socket: signatures are what counts there.
    std::optional<http::Admission> check(http::Head const& head) const;

    std::atomic<std::uint64_t> const& refusals() const { return refusals_; }

private:
    config::Settings const& settings_;
    tls::ClientTrust const& trust_;
    service::FailureLimit& failures_;
    mutable std::atomic<std::uint64_t> refusals_{0};
};

} // namespace pointman
