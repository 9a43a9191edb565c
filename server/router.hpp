// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "db/store.hpp"
#include "server/bits_server.hpp"
#include "server/certificate_gate.hpp"
#include "server/http/types.hpp"
#include "server/logging.hpp"
#include "server/service/message_service.hpp"
#include "server/site/look_ups.hpp"
#include "server/site/policy_bodies.hpp"
#include "server/tls/client_trust.hpp"
#include "server/windows_auth.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace pointman {

/// Where a request goes (wire.md 1.1).
enum class Route {
    message,           ///< /ccm_system/request
    windows_auth,      ///< /ccm_system_windowsauth/...: asks for integrated authentication
    alternative,       ///< /ccm_system_altauth/request: TLS without a client certificate
    alternative_probe, ///< GET /ccm_system_altauth/: 403 tells a probe that a management point is here
    upload,            ///< /ccm_incoming/...
    look_up,           ///< /sms_mp/.sms_aut, and /sms_mp_altauth/.sms_aut: the site's pages
    policy_body,       ///< /sms_mp/.sms_pol, and below the other folders that clients use (policy.md 5)
    health,
    metrics,
    not_found,
    wrong_method,   ///< a path of ours with another of its methods
    unknown_method, ///< a method that a management point has nowhere
};

/// `path` in lower case.
Route route_of(std::string_view method, std::string_view path);

/// Turns HTTP requests into messages and pages, and answers back into HTTP.
class Router {
public:
    struct Parts {
        config::Settings const& settings;
        service::MessageService& messages;
        service::Metrics const& metrics;
        db::Store& store;
        tls::ClientTrust const& trust;
        CertificateGate const& gate;
        service::FailureLimit& failures;
        WindowsAuth const& windows_auth;
        std::atomic<std::shared_ptr<site::LookUps const>> const& look_ups;
        log::Log look_up_log;
        site::PolicyBodies& policy_bodies;
        BitsServer* bits = nullptr; ///< null = uploads are off
    };
    explicit Router(Parts parts)
        : parts_(std::move(parts)) {}

    http::Admission admit(http::Head const& head) const;
    boost::asio::awaitable<http::Response> handle(http::Request const& request) const;

private:
    boost::asio::awaitable<http::Response> receive_message(http::Request const& request,
                                                           std::string integrated_account = {}) const;
    boost::asio::awaitable<http::Response> integrated(http::Request const& request) const;
    boost::asio::awaitable<http::Response> receive_authenticated(http::Request const& request,
                                                                 std::string const& account) const;
    http::Response look_up(http::Request const& request) const;
    http::Response policy_body(http::Request const& request) const;
    Parts parts_;
};

} // namespace pointman
