// SPDX-License-Identifier: Apache-2.0
#include "server/certificate_gate.hpp"

#include <algorithm>
#include <array>

namespace pointman {

namespace {

struct Folder {
    std::string_view path;
    Access access;
};
// As on real sites, pages need a certificate where messages do, and have an altauth folder of their own: by
// the 403 probes know that certificates are wanted (wire.md 9, SMSTRC).
// Those folders that stand for another proof than a certificate are like altauth.
constexpr std::array folders{Folder{"/ccm_system", Access::certificate},
                             Folder{"/ccm_system_windowsauth", Access::certificate},
                             Folder{"/ccm_system_altauth", Access::alternative},
                             Folder{"/ccm_incoming", Access::certificate},
                             Folder{"/sms_mp", Access::certificate},
                             Folder{"/sms_mp_altauth", Access::alternative},
                             Folder{"/sms_mp_tokenauth", Access::alternative},
                             Folder{"/sms_mp_windowsauth", Access::certificate}};

} // namespace

Access access_of(std::string_view path) {
    for (auto const& folder : folders) {
        auto const below = path.substr(std::min(path.size(), folder.path.size()));
        if (path.starts_with(folder.path) && (below.empty() || below.starts_with('/'))) return folder.access;
    }
    return Access::open;
}

std::optional<http::Admission> CertificateGate::check(http::Head const& head) const {
    auto const refuse = [this](std::string reason) {
        ++refusals_;
        http::Admission admission;
        admission.refuse_status = 403;
        admission.refuse_reason = std::move(reason);
        return admission;
    };
    auto const access = access_of(head.path);
    // What is asked over the local socket nobody else can hear: it is as good as TLS without a certificate.
    if (access == Access::open || head.is_local) return std::nullopt;
    if (!head.tls) {
        if (settings_.site.mode == config::SiteMode::mixed) return std::nullopt;
        return refuse("in native mode clients come over TLS");
    }
    bool const required = settings_.tls.client_certificates == config::ClientCertificates::required;
    if (access == Access::alternative || !required) return std::nullopt;
    if (head.tls_peer == nullptr || !head.tls_peer->has_certificate())
        return refuse("the client showed no certificate");
    if (auto const& trusted = trust_.judge(*head.tls_peer); !trusted) {
        failures_.failed(head.peer);
        return refuse(trusted.error().message);
    }
    return std::nullopt;
}

} // namespace pointman
