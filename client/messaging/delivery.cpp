// SPDX-License-Identifier: Apache-2.0
#include "client/messaging/delivery.hpp"

#include "base/hex.hpp"
#include "base/number.hpp"
#include "client/messaging/upload.hpp"
#include "client/transport/failure.hpp"
#include "schemas/document.hpp"
#include "server/wire/envelope.hpp"

#include <fmt/format.h>

#include <ctime>

namespace pointman::client {

namespace {

// A renewed certificate is used soon: what is encrypted for the old one is lost.
constexpr std::chrono::minutes certificate_lifetime{15};

/// Seconds, or a date of HTTP.
std::chrono::seconds pause_in(std::string_view retry_after, Time now) {
    constexpr std::chrono::seconds longest =
        std::chrono::hours{24}; // a server that errs must not stop a queue for good
    if (auto const seconds = number_in<std::uint32_t>(retry_after))
        return std::min(std::chrono::seconds{*seconds}, longest);
    std::tm date{};
    std::string const text(retry_after);
    if (::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date) == nullptr) return {};
    auto const until = std::chrono::sys_seconds{std::chrono::seconds{::timegm(&date)}};
    auto const pause = std::chrono::ceil<std::chrono::seconds>(until - now);
    return std::clamp(pause, std::chrono::seconds{0}, longest);
}

Code code_of(int status) {
    if (status == 401 || status == 403) return Code::access_denied;
    return status == 408 || status == 429 || status == 503 ? Code::busy : Code::refused;
}

std::string certificate_text(schemas::Document const& page) {
    auto const root = page.root();
    return root.name() == "MPCertificates" ? std::string(root.child_text("Certificate2")) : std::string();
}

} // namespace

Result<HttpReply> Deliverer::exchange(Route const& route, HttpRequest const& request) {
    if (!observe_) return transport_.send(route, request);
    auto const begun = now_();
    auto reply = transport_.send(route, request);
    HttpReply const none;
    auto const& answer = reply ? *reply : none;
    auto const server = route.socket.empty()
                            ? fmt::format("{}://{}", route.tls ? "https" : "http", authority_of(route))
                            : name_of(route);
    observe_({.server = server,
              .method = request.method,
              .target = request.target,
              .request_headers = request.headers,
              .request_body = request.body,
              .status = answer.status,
              .reply_headers = answer.headers,
              .reply_body = answer.body,
              .failure = reply ? nullptr : &reply.error(),
              .begun = begun,
              .ended = now_()});
    return reply;
}

Result<HttpReply> Deliverer::send(Route const& route, HttpRequest const& request) {
    auto reply = exchange(route, request);
    if (!reply || reply->status / 100 == 2) return reply;
    return std::unexpected(
        Error{.code = code_of(reply->status),
              .message = fmt::format("{} answered {} {}", name_of(route), reply->status, reply->reason),
              .http_status = reply->status,
              .retry_after = pause_in(reply->header("Retry-After"), now_())});
}

Result<HttpReply> Deliverer::get(Route const& route, std::string target, HttpHeaders headers) {
    return send(route,
                {.method = "GET", .target = std::move(target), .headers = std::move(headers), .body = {}});
}

/// The SDK first asks for MPLIST1 to learn whom to ask; here that is known.
Result<Bytes> Deliverer::encryption_certificate(Route const& route) {
    {
        std::scoped_lock const lock(guard_);
        auto const known = certificates_.find(route);
        if (known != certificates_.end() && now_() < known->second.until) return known->second.der;
    }
    auto const page = get(route, "/SMS_MP/.sms_aut?MPCERT2", {});
    if (!page) return std::unexpected(page.error());
    auto const document = schemas::parse(as_bytes(page->body));
    auto certificate = from_hex(document ? certificate_text(*document) : "");
    if (!certificate || !wire::PublicKey::from_certificate(*certificate))
        return fail(Code::bad_reply,
                    fmt::format("{} does not say which certificate to encrypt for", name_of(route)));
    std::scoped_lock const lock(guard_);
    certificates_.insert_or_assign(route, Known{.der = *certificate, .until = now_() + certificate_lifetime});
    return std::move(*certificate);
}

Result<wire::PreparedRequest> Deliverer::sealed(Outgoing const& outgoing) {
    auto certificate = outgoing.encryption_certificate.empty() ? encryption_certificate(outgoing.target.route)
                                                               : outgoing.encryption_certificate;
    if (!certificate) return std::unexpected(certificate.error());
    auto request = outgoing.request;
    auto envelope = wire::seal_envelope(request.payload, *certificate, wire::Cipher::triple_des);
    if (!envelope) return fail(Code::invalid_argument, envelope.error());
    request.header.hooks.push_back({"Hook2", "encrypt", {}});
    request.payload = std::move(*envelope);
    return request;
}

Result<HttpReply> Deliverer::deliver(Outgoing const& outgoing) {
    auto const& [route, path] = outgoing.target;
    auto const request = outgoing.encrypt ? sealed(outgoing) : outgoing.request;
    if (!request) return std::unexpected(request.error());
    bool is_uploaded = false;
    if (upload_threshold_ != 0 && request->payload.size() > upload_threshold_) {
        Uploader uploader([this](Route const& to, HttpRequest const& one) { return exchange(to, one); },
                          outgoing.target);
        auto const outcome = uploader.upload(request->header.id, request->payload);
        if (!outcome) return std::unexpected(outcome.error());
        is_uploaded = *outcome == Uploader::Outcome::uploaded;
    }
    auto const body = is_uploaded ? wire::encode_uploaded(request->header) : wire::encode_inline(*request);
    return send(route, {.method = "CCM_POST",
                        .target = path,
                        .headers = {{"Content-Type", std::string(wire::content_type)}},
                        .body = as_chars(body)});
}

} // namespace pointman::client
