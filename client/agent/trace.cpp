// SPDX-License-Identifier: Apache-2.0
#include "client/agent/trace.hpp"

#include "base/text.hpp"
#include "base/time.hpp"
#include "client/agent/readable.hpp"
#include "server/wire/message.hpp"
#include "server/wire/utf16.hpp"

#include <fmt/format.h>

#include <pointman/policy.hpp>
#include <variant>

namespace pointman::client::agent {

namespace {

std::string_view header_in(HttpHeaders const& headers, std::string_view name) {
    for (auto const& [key, value] : headers)
        if (equal_ignoring_case(key, name)) return value;
    return {};
}

/// XML in UTF-8 or UTF-16 in lines, of other bytes their number.
std::string readable_bytes(BytesView bytes) {
    auto const text = wire::to_utf8(wire::strip_trailer(bytes));
    bool const is_xml = text && trim(*text).starts_with('<');
    return is_xml ? readable_xml(*text) : fmt::format("({} bytes)\n", bytes.size());
}

std::string part(std::string_view mark, std::string_view title, std::string_view content) {
    return fmt::format("{} {}\n{}", mark, title, content);
}

std::string readable_payload(std::string_view mark, wire::Envelope const& envelope) {
    if (envelope.header.is_encrypted())
        return part(mark, fmt::format("payload of {} bytes, sealed", envelope.payload.size()), "");
    auto const message = wire::open(envelope.header, envelope.payload);
    if (!message) return part(mark, "payload that cannot be read: " + message.error().message, "");
    auto text = part(
        mark,
        fmt::format("body of {} bytes in a payload of {}", message->body().size(), envelope.payload.size()),
        readable_bytes(message->body()));
    for (auto const& [name, bytes] : message->attachments())
        text +=
            part(mark, fmt::format("attachment {} of {} bytes", name, bytes.size()), readable_bytes(bytes));
    return text;
}

/// A message, or what else stands in a body.
std::string readable_body(std::string_view mark, HttpHeaders const& headers, std::string_view body) {
    if (body.empty()) return part(mark, "empty", "");
    auto const type = header_in(headers, "Content-Type");
    auto const whole = [&] {
        return part(mark, fmt::format("{} bytes", body.size()), readable_bytes(as_bytes(body)));
    };
    if (!starts_with_ignoring_case(type, "multipart/")) return whole();
    auto const decoded = wire::decode(type, as_bytes(body));
    auto const* const envelope = decoded ? std::get_if<wire::Envelope>(&*decoded) : nullptr;
    if (envelope == nullptr) return whole();
    auto text = part(mark, "header", readable_bytes(envelope->document));
    if (envelope->has_payload) text += readable_payload(mark, *envelope);
    return text;
}

std::string readable_policy(std::string_view body, std::optional<Credentials> const& credentials) {
    auto const opened = credentials ? read_policy_body(as_bytes(body), *credentials)
                                    : Result<std::string>(std::unexpected(Error{}));
    return part("<", fmt::format("policy of {} bytes", body.size()),
                opened ? readable_xml(*opened) : std::string("(cannot be opened)\n"));
}

} // namespace

std::string readable(Exchange const& exchange, std::optional<Credentials> const& credentials) {
    auto text = fmt::format("> {} {} {}{}\n", iso_time_ms(exchange.begun), exchange.method, exchange.server,
                            exchange.target);
    for (auto const& [name, value] : exchange.request_headers)
        text += fmt::format("> {}: {}\n", name, shortened(value));
    if (!exchange.request_body.empty())
        text += readable_body(">", exchange.request_headers, exchange.request_body);
    auto const took = (exchange.ended - exchange.begun).count();
    if (exchange.failure != nullptr)
        return text + fmt::format("< no answer after {} ms: {}\n", took, exchange.failure->message);
    text += fmt::format("< {} after {} ms\n", exchange.status, took);
    bool const is_policy =
        exchange.status == 200 && exchange.target.find(".sms_pol?") != std::string_view::npos;
    return text + (is_policy ? readable_policy(exchange.reply_body, credentials)
                             : readable_body("<", exchange.reply_headers, exchange.reply_body));
}

} // namespace pointman::client::agent
