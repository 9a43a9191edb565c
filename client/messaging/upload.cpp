// SPDX-License-Identifier: Apache-2.0
#include "client/messaging/upload.hpp"

#include "base/number.hpp"
#include "base/text.hpp"
#include "client/transport/failure.hpp"
#include "client/transport/url.hpp"
#include "schemas/document.hpp"

#include <fmt/format.h>

namespace pointman::client {

namespace {

/// Servers write the message's id with its braces (wire.md 10.1), which no URL may hold as they are.
std::string with_escaped_braces(std::string_view url) {
    std::string escaped;
    for (char const c : url) {
        if (c == '{') {
            escaped += "%7B";
        } else if (c == '}') {
            escaped += "%7D";
        } else {
            escaped += c;
        }
    }
    return escaped;
}

constexpr std::string_view protocol = "{7df0354d-249b-430f-820d-3d2a9bef4931}";
constexpr std::size_t largest_fragment = std::size_t{4} * 1024 * 1024;
constexpr std::size_t smallest_fragment = 4096;
// In a row without a byte getting further. Who called tries again later.
constexpr int most_failures = 5;
constexpr std::uint32_t session_not_found = 0x8020001F;
constexpr std::size_t longest_session = 100;

constexpr int range_not_satisfiable = 416;
constexpr int too_large = 413;

std::optional<std::uint32_t> bits_error(HttpReply const& reply) {
    // The two documents spell it differently.
    for (auto const* const name : {"BITS-Error-Code", "BITS-Error"}) {
        auto text = reply.header(name);
        if (starts_with_ignoring_case(text, "0x")) text.remove_prefix(2);
        if (auto const number = number_in<std::uint32_t>(text, 16)) return number;
    }
    return std::nullopt;
}

std::unexpected<Error> refused(std::string_view type, HttpReply const& reply) {
    auto const bits = bits_error(reply);
    return std::unexpected(
        Error{.code = reply.status == 401 || reply.status == 403 ? Code::access_denied : Code::refused,
              .message = fmt::format("the upload's {} was answered {} {}{}", type, reply.status, reply.reason,
                                     bits ? fmt::format(", error 0x{:08X}", *bits) : std::string()),
              .http_status = reply.status});
}

bool is_done(HttpReply const& reply) {
    return reply.status / 100 == 2;
}

/// No such path or method: of a server without BITS, or with it switched off.
bool knows_no_uploads(Error const& error) {
    return error.http_status == 404 || error.http_status == 405 || error.http_status == 501;
}

/// Another attempt may succeed: the connection or the server was lost.
bool is_passing(Error const& error) {
    return error.code == Code::connection_lost || error.code == Code::timeout ||
           error.code == Code::cannot_connect;
}

} // namespace

Result<Uploader::Outcome> Uploader::upload(std::string const& message_id, BytesView payload) {
    message_id_ = message_id;
    payload_ = payload;
    fragment_size_ = std::min(payload.size(), largest_fragment);
    auto place = ask_for_place(message_id);
    if (!place) return std::unexpected(place.error());
    if (place->empty()) return Outcome::not_offered;
    place_ = std::move(*place);
    for (auto const step : {&Uploader::ping, &Uploader::begin_session}) {
        auto const done = (this->*step)();
        if (!done && knows_no_uploads(done.error())) return Outcome::not_offered;
        if (!done) return std::unexpected(done.error());
    }
    for (auto const step : {&Uploader::send_fragments, &Uploader::end_session}) {
        if (auto const done = (this->*step)(); !done) return std::unexpected(done.error());
    }
    return Outcome::uploaded;
}

/// Of the URL only the path counts: scheme, host and port are those of the management point (wire.md 10.1).
Result<std::string> Uploader::ask_for_place(std::string const& message_id) {
    auto const body = wire::encode_upload_request({.network_type = "Intranet", .message_id = message_id});
    auto const reply = send_(target_.route, {.method = "CCM_POST",
                                             .target = target_.path,
                                             .headers = {{"Content-Type", std::string(wire::content_type)}},
                                             .body = as_chars(body)});
    if (!reply) return std::unexpected(reply.error());
    if (!is_done(*reply)) return refused("request", *reply);
    auto const decoded = wire::decode_reply(reply->header("Content-Type"), as_bytes(reply->body));
    if (!decoded || decoded->xml.empty()) return std::string(); // the empty answer, or a header alone
    auto const document = schemas::parse(as_bytes(decoded->xml));
    auto const url = document && document->root().name() == "UploadReply"
                         ? parse_url(with_escaped_braces(trim(document->root().child_text("URL"))))
                         : Result<Url>(fail(Code::bad_reply, "no UploadReply"));
    if (!url || url->target.empty())
        return fail(Code::bad_reply, "the place for an upload is no absolute URL with a path");
    return url->target.substr(0, url->target.find('?'));
}

Result<HttpReply> Uploader::packet(Packet packet) {
    packet.headers.emplace_back("BITS-Packet-Type", packet.type);
    if (!session_.empty()) packet.headers.emplace_back("BITS-Session-Id", session_);
    return send_(target_.route, {.method = "BITS_POST",
                                 .target = place_,
                                 .headers = std::move(packet.headers),
                                 .body = as_chars(packet.content)});
}

Result<void> Uploader::ping() {
    auto const reply = packet({.type = "Ping"});
    if (!reply) return std::unexpected(reply.error());
    if (!is_done(*reply)) return refused("Ping", *reply);
    return {};
}

Result<void> Uploader::begin_session() {
    session_.clear();
    acknowledged_ = 0;
    auto const reply =
        packet({.type = "Create-Session", .headers = {{"BITS-Supported-Protocols", std::string(protocol)}}});
    if (!reply) return std::unexpected(reply.error());
    if (!is_done(*reply)) return refused("Create-Session", *reply);
    session_ = reply->header("BITS-Session-Id");
    if (session_.empty() || session_.size() > longest_session)
        return fail(Code::bad_reply, "the answer to Create-Session names no session");
    if (auto const host = reply->header("BITS-Host-Id"); !host.empty()) target_.route.host = host;
    return {};
}

Result<void> Uploader::send_fragments() {
    int failures = 0;
    auto furthest = acknowledged_;
    while (acknowledged_ < payload_.size()) {
        auto const size = fragment_size_;
        auto const sent = next_fragment();
        if (!sent && !is_passing(sent.error())) return sent;
        if (fragment_size_ < size) continue; // as the server asked, and only so often
        if (acknowledged_ > furthest) {
            furthest = acknowledged_;
            failures = 0;
        } else if (++failures == most_failures) {
            return sent ? Result<void>(fail(Code::bad_reply, "the upload gets no further")) : sent;
        }
    }
    return {};
}

/// From the last acknowledged byte on: bytes that the server has already are ignored there.
Result<void> Uploader::next_fragment() {
    auto const content =
        payload_.subspan(acknowledged_, std::min(fragment_size_, payload_.size() - acknowledged_));
    Packet fragment{
        .type = "Fragment",
        .headers = {{"Content-Range", fmt::format("bytes {}-{}/{}", acknowledged_,
                                                  acknowledged_ + content.size() - 1, payload_.size())}},
        .content = content};
    if (acknowledged_ == 0) fragment.headers.emplace_back("Content-Name", message_id_);
    auto const reply = packet(std::move(fragment));
    if (!reply) return std::unexpected(reply.error());
    return is_done(*reply) ? take_acknowledged(*reply) : fragment_failed(*reply);
}

Result<void> Uploader::fragment_failed(HttpReply const& reply) {
    if (reply.status == range_not_satisfiable) return take_acknowledged(reply);
    if (reply.status == too_large && fragment_size_ > smallest_fragment) {
        fragment_size_ = std::max(fragment_size_ / 2, smallest_fragment);
        return {};
    }
    if (bits_error(reply) == session_not_found) return begin_session();
    return refused("Fragment", reply);
}

Result<void> Uploader::take_acknowledged(HttpReply const& reply) {
    auto const next = number_in<std::size_t>(trim(reply.header("BITS-Received-Content-Range")));
    if (!next || *next > payload_.size())
        return fail(Code::bad_reply, "the answer to a fragment does not say what came");
    acknowledged_ = *next;
    return {};
}

Result<void> Uploader::end_session() {
    Result<void> last;
    for (int i = 0; i < most_failures; ++i) {
        auto const reply = packet({.type = "Close-Session"});
        if (reply && is_done(*reply)) return {};
        last = reply ? Result<void>(refused("Close-Session", *reply)) : std::unexpected(reply.error());
        bool const again = reply ? reply->status / 100 == 5 : is_passing(reply.error());
        if (!again) break;
    }
    return last;
}

} // namespace pointman::client
