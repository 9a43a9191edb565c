// SPDX-License-Identifier: Apache-2.0
#include "client/messaging/outgoing.hpp"

#include "base/ids.hpp"
#include "base/time.hpp"
#include "client/messaging/credentials_impl.hpp"
#include "client/transport/failure.hpp"
#include "client/transport/local.hpp"
#include "client/transport/url.hpp"
#include "server/wire/client_auth.hpp"

#include <fmt/format.h>

namespace pointman::client {

namespace {

constexpr std::string_view usual_path = "/ccm_system/request";

wire::Digest digest_of(HashAlgorithm algorithm) {
    switch (algorithm) {
    case HashAlgorithm::sha1:
        return wire::Digest::sha1;
    case HashAlgorithm::sha256:
        return wire::Digest::sha256;
    case HashAlgorithm::sha384:
        return wire::Digest::sha384;
    case HashAlgorithm::sha512:
        return wire::Digest::sha512;
    }
    return wire::Digest::sha256;
}

TlsFiles tls_files(Message::Impl const& settings) {
    TlsFiles files{.roots = settings.roots,
                   .certificate = {},
                   .key = {},
                   .revocation_lists = settings.revocation_lists,
                   .check_revocation = settings.has(security::enable_crl_checking)};
    if (settings.credentials && settings.has(security::native_mode)) {
        files.certificate = settings.credentials->certificate_file().string();
        files.key = settings.credentials->key_file().string();
    }
    return files;
}

Result<void> check_flags(Message::Impl const& message) {
    if (message.endpoint.empty())
        return fail(Code::invalid_argument, "the message has no target endpoint: set_target_endpoint");
    if (message.has(security::sign_message)) {
        if (!message.credentials)
            return fail(Code::invalid_argument,
                        "sign_message needs a key to sign with: set_client_certificate");
        if (message.client_id.empty())
            return fail(Code::invalid_argument, "sign_message needs to know who signs: set_client_id");
    }
    if (message.has(security::encrypt_message) && message.has(security::native_mode))
        return fail(Code::invalid_argument, "encrypt_message is for mixed mode: in native mode TLS encrypts");
    if (message.has(security::enable_crl_checking) && !message.has(security::native_mode))
        return fail(Code::invalid_argument,
                    "enable_crl_checking is for native mode: there is no TLS certificate in mixed mode");
    return {};
}

HeaderTerms terms_of(Message::Impl const& message, Target const& target, ReplyMode mode) {
    HeaderTerms terms{.id = random_message_id(),
                      .endpoint = message.endpoint,
                      .target_host = authority_of(target.route),
                      .client_id = message.client_id,
                      .properties = message.properties,
                      .compress = message.has(security::compress),
                      .mode = mode};
    if (message.timeout > std::chrono::seconds{0}) terms.timeout = message.timeout;
    return terms;
}

/// The hook says over what kind of connection it comes (wire.md 2.2).
wire::Hook signature_of(Message::Impl const& message, std::string_view machine, bool over_tls,
                        BytesView payload) {
    auto hook = wire::make_client_auth(message.credentials->impl().key, message.client_id, machine, payload,
                                       digest_of(message.hash));
    for (auto& property : hook.properties)
        if (over_tls && property.name == "ClientCapabilities") property.value = "SSL";
    return hook;
}

} // namespace

wire::Header header_of(HeaderTerms terms, Origin const& origin) {
    wire::Header header;
    header.reply_compression = terms.compress ? "zlib" : "none";
    header.schema_version = "1.1";
    header.correlation_id = "{00000000-0000-0000-0000-000000000000}";
    header.id = std::move(terms.id);
    header.payload_type = "inline";
    header.priority = "0";
    header.properties = std::move(terms.properties);
    header.protocol = "http";
    header.reply_mode = terms.mode == ReplyMode::sync ? "Sync" : "Async";
    header.reply_to = fmt::format("direct:{}:SccmMessaging", origin.host);
    header.sent_time = iso_time(origin.now);
    header.source_host = origin.host;
    header.source_id = std::move(terms.client_id);
    header.target_address = fmt::format("mp:{}", terms.endpoint);
    header.target_endpoint = std::move(terms.endpoint);
    header.target_host = std::move(terms.target_host);
    header.timeout = std::to_string(std::chrono::milliseconds(terms.timeout).count());
    return header;
}

namespace {

/// What the message says of TLS, port and proxy is for HTTP.
Result<Target> local_target(std::string_view host) {
    auto socket = socket_of(host);
    if (!socket) return std::unexpected(socket.error());
    return Target{
        .route = {.tls = false, .host = "localhost", .files = {}, .proxy = {}, .socket = std::move(*socket)},
        .path = std::string(usual_path)};
}

} // namespace

Result<Target> target_of(std::string_view host, Message::Impl const& settings) {
    if (host.empty() || host.starts_with(local_scheme)) return local_target(host);
    if (host.find("://") == std::string_view::npos)
        return fail(Code::invalid_argument,
                    fmt::format("'{}' is no URL, and remote DCOM exists on Windows only: write http://{}",
                                host, host));
    auto url = parse_url(host);
    if (!url) return std::unexpected(url.error());
    bool const tls = settings.has(security::native_mode) || url->tls;
    std::uint16_t const usual_port = tls ? 443 : 80;
    auto const port = settings.port != 0 ? settings.port : url->port != 0 ? url->port : usual_port;
    return Target{.route = {.tls = tls,
                            .host = std::move(url->host),
                            .port = port,
                            .files = tls ? tls_files(settings) : TlsFiles{},
                            .proxy = settings.proxy},
                  .path = url->target.empty() ? std::string(usual_path) : std::move(url->target)};
}

Result<Outgoing> prepare(std::string_view host, Message::Impl const& message, Origin const& origin,
                         ReplyMode mode) {
    if (auto const fits = check_flags(message); !fits) return std::unexpected(fits.error());
    auto target = target_of(host, message);
    if (!target) return std::unexpected(target.error());
    wire::OutgoingRequest request;
    request.header = header_of(terms_of(message, *target, mode), origin);
    request.body = message.body;
    request.attachments = message.attachments;
    request.compress = message.has(security::compress);
    if (message.has(security::sign_message)) {
        request.sign = [&message, &origin, tls = target->route.tls](BytesView payload) {
            return signature_of(message, origin.host, tls, payload);
        };
    }
    return Outgoing{.target = std::move(*target),
                    .request = wire::prepare_request(std::move(request)),
                    .encrypt = message.has(security::encrypt_message),
                    .encryption_certificate = message.encryption_certificate};
}

} // namespace pointman::client
