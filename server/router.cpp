// SPDX-License-Identifier: Apache-2.0
#include "server/router.hpp"

#include "server/site/pages.hpp"

#include <algorithm>
#include <array>
#include <unistd.h>
#include <utility>

namespace pointman {

namespace {

// What a real management point's web server lets through (wire.md 1.1); anything else is not implemented.
constexpr std::array<std::string_view, 7> known_methods{"GET",       "HEAD",     "POST",   "CCM_POST",
                                                        "BITS_POST", "PROPFIND", "OPTIONS"};
constexpr std::uint64_t small_page_body = std::uint64_t{64} * 1024;

bool is_read(std::string_view method) {
    return method == "GET" || method == "HEAD";
}
bool is_message(std::string_view method) {
    return method == "CCM_POST" || method == "POST";
}

/// The path itself or something below it.
bool is_under(std::string_view path, std::string_view folder) {
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

http::Admission come_back_after(std::chrono::seconds wait) {
    http::Admission admission;
    admission.refuse_status = 503;
    admission.refuse_headers = {{"Retry-After", std::to_string(wait.count())}};
    admission.refuse_reason = "too many failed authentications from this address";
    return admission;
}

bool is_look_up(std::string_view path) {
    return path == "/sms_mp/.sms_aut" || path == "/sms_mp_altauth/.sms_aut";
}

/// The folders that later management points have too are one here.
bool is_policy_body(std::string_view path) {
    constexpr std::array<std::string_view, 4> paths{"/sms_mp/.sms_pol", "/sms_mp_altauth/.sms_pol",
                                                    "/sms_mp_windowsauth/.sms_pol",
                                                    "/sms_mp_tokenauth/.sms_pol"};
    return std::ranges::find(paths, path) != paths.end();
}

/// The trusted certificate of the TLS client; empty without one. One that is not trusted is no identity; that
/// is no fault where none is required.
BytesView trusted_certificate(http::Request const& request, tls::ClientTrust const& trust) {
    auto* const peer = request.tls_peer.get();
    if (peer == nullptr || !peer->has_certificate() || !trust.judge(*peer)) return {};
    return peer->certificate();
}

std::string_view allowed_methods(std::string_view path) {
    if (is_under(path, "/ccm_incoming")) return "BITS_POST";
    if (path == "/health" || path == "/metrics" || is_look_up(path) || is_policy_body(path))
        return "GET, HEAD";
    return "CCM_POST, POST";
}

} // namespace

Route route_of(std::string_view method, std::string_view path) {
    if (std::ranges::find(known_methods, method) == known_methods.end()) return Route::unknown_method;
    if (path == "/ccm_system/request") return is_message(method) ? Route::message : Route::wrong_method;
    if (is_under(path, "/ccm_system_windowsauth")) return Route::windows_auth;
    if (is_under(path, "/ccm_system_altauth")) {
        if (is_read(method)) return Route::alternative_probe;
        return is_message(method) && path == "/ccm_system_altauth/request" ? Route::alternative
                                                                           : Route::wrong_method;
    }
    if (is_under(path, "/ccm_incoming")) return method == "BITS_POST" ? Route::upload : Route::wrong_method;
    if (is_look_up(path)) return is_read(method) ? Route::look_up : Route::wrong_method;
    if (is_policy_body(path)) return is_read(method) ? Route::policy_body : Route::wrong_method;
    if (path == "/health") return is_read(method) ? Route::health : Route::wrong_method;
    if (path == "/metrics") return is_read(method) ? Route::metrics : Route::wrong_method;
    return Route::not_found;
}

/// Whether somebody may prove there who he is, or fail to.
bool is_authenticating(Route route) {
    return route == Route::message || route == Route::windows_auth || route == Route::alternative ||
           route == Route::upload || route == Route::policy_body;
}

http::Admission Router::admit(http::Head const& head) const {
    auto const route = route_of(head.method, head.path);
    if (is_authenticating(route)) {
        if (auto const wait = parts_.failures.blocked_for(head.peer)) return come_back_after(*wait);
    }
    if (auto refusal = parts_.gate.check(head)) return std::move(*refusal);
    http::Admission admission;
    switch (route) {
    case Route::message:
    case Route::windows_auth:
    case Route::alternative:
    case Route::upload:
        admission.max_body = parts_.settings.limits.max_body;
        break;
    case Route::alternative_probe:
    case Route::look_up:
    case Route::policy_body:
    case Route::health:
    case Route::metrics:
        admission.max_body = small_page_body;
        break;
    case Route::not_found:
        admission.refuse_status = 404;
        break;
    case Route::unknown_method:
        admission.refuse_status = 501;
        break;
    case Route::wrong_method:
        admission.refuse_status = 405;
        admission.refuse_headers = {{"Allow", std::string(allowed_methods(head.path))}};
        break;
    }
    return admission;
}

boost::asio::awaitable<http::Response> Router::handle(http::Request const& request) const {
    switch (route_of(request.method, request.path)) {
    case Route::message:
        co_return co_await receive_message(request);
    case Route::alternative:
        // A probe posts nothing there and expects the empty 200.
        if (request.body.empty()) co_return http::Response{};
        co_return co_await receive_message(request);
    case Route::windows_auth:
        co_return co_await integrated(request);
    case Route::alternative_probe:
        co_return http::Response{403, {}, {}};
    case Route::upload:
        if (parts_.bits == nullptr) co_return uploads_are_off();
        co_return co_await parts_.bits->answer(request);
    case Route::look_up:
        co_return look_up(request);
    case Route::policy_body:
        co_return policy_body(request);
    case Route::health:
        co_return site::health(parts_.settings, parts_.store);
    case Route::metrics:
        co_return site::metrics(parts_.metrics);
    case Route::wrong_method:
        co_return http::Response{405, {{"Allow", std::string(allowed_methods(request.path))}}, {}};
    case Route::unknown_method:
        co_return http::Response{501, {}, {}};
    case Route::not_found:
        break;
    }
    co_return http::Response{404, {}, {}};
}

/// What belongs to nobody there gets the 401 too: as with IIS, authentication comes before all else.
boost::asio::awaitable<http::Response> Router::integrated(http::Request const& request) const {
    auto verdict = co_await parts_.windows_auth.admit(request);
    if (auto* challenge = std::get_if<http::Response>(&verdict)) co_return std::move(*challenge);
    auto& admitted = std::get<WindowsAuth::Admitted>(verdict);
    auto response = co_await receive_authenticated(request, admitted.account);
    for (auto& header : admitted.headers) response.headers.push_back(std::move(header));
    co_return response;
}

boost::asio::awaitable<http::Response> Router::receive_authenticated(http::Request const& request,
                                                                     std::string const& account) const {
    // Some clients authenticate with a GET, which needs no more than an answer that is no 401 (wire.md 2.1).
    if (is_read(request.method)) co_return http::Response{};
    if (request.path != "/ccm_system_windowsauth/request") co_return http::Response{404, {}, {}};
    if (!is_message(request.method)) {
        co_return http::Response{405, {{"Allow", "GET, HEAD, CCM_POST, POST"}}, {}};
    }
    if (request.body.empty()) co_return http::Response{};
    co_return co_await receive_message(request, account);
}

http::Response Router::look_up(http::Request const& request) const {
    auto response = parts_.look_ups.load()->answer(request);
    constexpr std::size_t most_in_log = 200;
    parts_.look_up_log.info({.request = request.id, .client = {}}, "{} asked for {}: {}", request.peer,
                            std::string_view(request.query).substr(0, most_in_log), response.status);
    return response;
}

http::Response Router::policy_body(http::Request const& request) const {
    auto answer = parts_.policy_bodies.answer(request, trusted_certificate(request, parts_.trust));
    if (answer.failed_authentication) parts_.failures.failed(request.peer);
    return std::move(answer.response);
}

boost::asio::awaitable<http::Response> Router::receive_message(http::Request const& request,
                                                               std::string integrated_account) const {
    service::Submission submission;
    submission.request_id = request.id;
    submission.path = request.path;
    submission.content_type = request.header("content-type");
    submission.body = request.body;
    submission.peer = request.peer;
    auto const certificate = trusted_certificate(request, parts_.trust);
    submission.certificate.assign(certificate.begin(), certificate.end());
    submission.integrated_account = std::move(integrated_account);
    submission.host = request.header("host");
    submission.is_tls = request.tls;
    submission.by_operator = request.process && request.process->is_operator_of(::geteuid());
    auto answer = co_await parts_.messages.receive(std::move(submission));
    if (answer.error && answer.error->code == Code::bad_signature) parts_.failures.failed(request.peer);
    if (answer.retry) co_return http::Response{503, {{"Retry-After", "5"}}, {}};
    http::Response response;
    if (!answer.body.empty()) response.headers.emplace_back("Content-Type", wire::content_type);
    response.body = std::move(answer.body);
    co_return response;
}

} // namespace pointman
