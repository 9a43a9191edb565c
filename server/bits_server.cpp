// SPDX-License-Identifier: Apache-2.0
#include "server/bits_server.hpp"

#include "base/ids.hpp"
#include "base/text.hpp"
#include "server/uploads/packets.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace pointman {

namespace {

using uploads::Outcome;
using uploads::Refusal;
using uploads::SessionKey;
using uploads::Why;

/// Where the fault lies that BITS-Error-Context speaks of.
constexpr std::string_view in_the_server = "0x5";      ///< what answers the packets
constexpr std::string_view in_the_application = "0x7"; ///< what keeps the file

/// How a refusal is told.
struct Words {
    unsigned status;
    std::string_view code; ///< an HRESULT; "" = the status says it all
    std::string_view context;
};

Words words_for(Why why) {
    switch (why) {
    case Why::unknown_session:
        return {500, "0x8020001F", in_the_server};
    case Why::gap:
        return {416, "", ""}; // no failure: the client goes on where it is told to
    case Why::bad_argument:
        return {400, "0x80070057", in_the_server};
    case Why::too_large:
        return {413, "0x80200020", in_the_server};
    case Why::no_room:
        return {503, "0x800700AA", in_the_server}; // ERROR_BUSY
    case Why::disk_full:
        return {503, "0x80070070", in_the_application}; // ERROR_DISK_FULL
    case Why::failed:
        break;
    }
    return {503, "0x80004005", in_the_application}; // E_FAIL
}

http::Response acknowledgement(unsigned status = 200) {
    return {status, {{"BITS-Packet-Type", "Ack"}}, {}};
}

http::Response refusal_in(Words const& words) {
    auto response = acknowledgement(words.status);
    if (words.code.empty()) return response;
    // The first name is the Windows SDK's, the second the specification's.
    for (auto const* const name : {"BITS-Error-Code", "BITS-Error"})
        response.headers.emplace_back(name, words.code);
    response.headers.emplace_back("BITS-Error-Context", words.context);
    return response;
}

http::Response response_to(Refusal const& refusal) {
    auto response = refusal_in(words_for(refusal.why));
    if (refusal.why == Why::gap)
        response.headers.emplace_back("BITS-Received-Content-Range", std::to_string(refusal.received));
    constexpr auto seconds_until_retry = "60";
    if (response.status == 503) response.headers.emplace_back("Retry-After", seconds_until_retry);
    return response;
}

std::unexpected<Refusal> bad_argument(std::string text) {
    return std::unexpected(Refusal(Why::bad_argument, std::move(text)));
}

http::Response in_session(std::string_view session_id) {
    auto response = acknowledgement();
    response.headers.emplace_back("BITS-Session-Id", fmt::format("{{{}}}", session_id));
    return response;
}

/// A client's text in a log: short.
std::string_view shortened(std::string_view text) {
    constexpr std::size_t most = 100;
    return text.substr(0, most);
}

} // namespace

http::Response uploads_are_off() {
    return refusal_in({501, "0x80070005", in_the_server});
}

boost::asio::awaitable<http::Response> BitsServer::answer(http::Request const& request) const {
    co_return co_await boost::asio::co_spawn(workers_, answer_on_worker(request), boost::asio::use_awaitable);
}

boost::asio::awaitable<http::Response> BitsServer::answer_on_worker(http::Request const& request) const {
    auto response = handle(request);
    if (response) co_return std::move(*response);
    auto const& refusal = response.error();
    if (refusal.why == Why::gap) { // how a client asks where to go on
        log_.debug({.request = request.id, .client = {}}, "{} is told where to go on: {}", request.peer,
                   refusal.message);
        co_return response_to(refusal);
    }
    ++refusals_;
    log_.warning({.request = request.id, .client = {}}, "Refused {} of an upload from {} to {}: {}",
                 shortened(request.header("bits-packet-type")), request.peer, shortened(request.path),
                 refusal.message);
    co_return response_to(refusal);
}

Outcome<http::Response> BitsServer::handle(http::Request const& request) const {
    using uploads::Packet;
    auto const message_id = uploads::message_in_path(request.path);
    if (!message_id) return bad_argument("the path names no GUID");
    auto const packet = uploads::packet_of(request.header("bits-packet-type"));
    if (!packet) return bad_argument("no such packet");
    if (*packet == Packet::ping) return acknowledgement();
    if (*packet == Packet::create_session) return create(request, *message_id);

    auto const session_id = uuid_in(trim(request.header("bits-session-id")));
    // Ids of sessions are ours, so another form is one that was never given.
    if (!session_id) return std::unexpected(Refusal(Why::unknown_session, "the session's id is no GUID"));
    SessionKey const key{*session_id, *message_id};
    if (*packet == Packet::fragment) return append(request, key);
    if (*packet == Packet::close_session) return close(request, key);
    return cancel(request, key);
}

Outcome<http::Response> BitsServer::create(http::Request const& request,
                                           std::string const& message_id) const {
    if (!uploads::offers_upload_protocol(request.header("bits-supported-protocols")))
        return bad_argument("the client offers no protocol of ours");
    auto const session_id = sessions_.create(message_id, request.peer);
    if (!session_id) return std::unexpected(session_id.error());
    log_.info({.request = request.id, .client = {}}, "{} uploads the payload of message {} in session {}",
              request.peer, message_id, *session_id);
    auto response = in_session(*session_id);
    response.headers.emplace_back("BITS-Protocol", uploads::upload_protocol);
    response.headers.emplace_back("Accept-Encoding", "identity");
    return response;
}

Outcome<http::Response> BitsServer::append(http::Request const& request, SessionKey const& key) const {
    auto const encoding = trim(request.header("content-encoding"));
    if (!encoding.empty() && !equal_ignoring_case(encoding, "identity"))
        return bad_argument("fragments are taken without Content-Encoding");
    auto const range = uploads::content_range_in(request.header("content-range"));
    if (!range) return bad_argument("no Content-Range that a fragment can have");
    auto const next = sessions_.append(key, *range, request.body);
    if (!next) return std::unexpected(next.error());
    log_.debug({.request = request.id, .client = {}}, "Session {} has {} of {} bytes", key.session_id, *next,
               range->total);
    auto response = in_session(key.session_id);
    response.headers.emplace_back("BITS-Received-Content-Range", std::to_string(*next));
    return response;
}

Outcome<http::Response> BitsServer::close(http::Request const& request, SessionKey const& key) const {
    if (auto closed = sessions_.close(key); !closed) return std::unexpected(std::move(closed.error()));
    log_.info({.request = request.id, .client = {}},
              "The payload of message {} is there: {} has closed session {}", key.message_id, request.peer,
              key.session_id);
    return in_session(key.session_id);
}

Outcome<http::Response> BitsServer::cancel(http::Request const& request, SessionKey const& key) const {
    if (auto gone = sessions_.cancel(key); !gone) return std::unexpected(std::move(gone.error()));
    log_.info({.request = request.id, .client = {}}, "{} has cancelled session {} of message {}",
              request.peer, key.session_id, key.message_id);
    return in_session(key.session_id);
}

} // namespace pointman
