// SPDX-License-Identifier: Apache-2.0
#include "tests/support/bits_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace pointman::test {

Halves halves_of(wire::OutgoingRequest request) {
    request.header.payload_type = "localcache";
    auto id = request.header.id;
    auto const whole = wire::encode_request(std::move(request));
    auto const decoded = wire::decode(wire::content_type, whole).value();
    auto const& envelope = std::get<wire::Envelope>(decoded);
    auto post = fmt::format("--{}\r\ncontent-type: text/plain; charset=UTF-16\r\n\r\n", wire::boundary);
    post += as_chars(envelope.document);
    post += fmt::format("\r\n--{}--", wire::boundary);
    return {std::move(id), to_bytes(post), {envelope.payload.begin(), envelope.payload.end()}};
}

HttpResponse send_post(HttpConnection& connection, Halves const& halves) {
    return connection.request("CCM_POST", message_path, {{"Content-Type", std::string(wire::content_type)}},
                              halves.post);
}

BitsClient::BitsClient(HttpConnection connection, std::string_view id)
    : connection_(std::move(connection))
    , target_(fmt::format("/CCM_Incoming/{}", id)) {}

HttpResponse BitsClient::packet(std::string const& type, Headers headers, BytesView body) {
    headers.emplace_back("BITS-Packet-Type", type);
    return connection_.request("BITS_POST", target_, headers, body);
}

HttpResponse BitsClient::create() {
    return packet("Create-Session", {{"BITS-Supported-Protocols", std::string(protocol)}});
}

HttpResponse BitsClient::fragment(std::string const& session, std::size_t first, BytesView bytes,
                                  std::size_t total) {
    auto range = fmt::format("bytes {}-{}/{}", first, first + bytes.size() - 1, total);
    return packet("Fragment", {{"BITS-Session-Id", session}, {"Content-Range", std::move(range)}}, bytes);
}

HttpResponse BitsClient::in_session(std::string const& type, std::string const& session) {
    return packet(type, {{"BITS-Session-Id", session}});
}

void BitsClient::send(std::string const& session, BytesView bytes, std::size_t from, std::size_t piece) {
    while (from < bytes.size()) {
        auto const part = bytes.subspan(from, std::min(piece, bytes.size() - from));
        auto const answer = fragment(session, from, part, bytes.size());
        from += part.size();
        if (answer.status != 200 || answer.header("bits-received-content-range") != std::to_string(from))
            throw std::runtime_error(fmt::format("HTTP {} for a fragment", answer.status));
    }
}

void BitsClient::upload(BytesView bytes, std::size_t piece) {
    auto const session = create().header("bits-session-id");
    send(session, bytes, 0, piece);
    if (auto const closed = in_session("Close-Session", session); closed.status != 200)
        throw std::runtime_error(fmt::format("HTTP {} for the end of an upload", closed.status));
}

} // namespace pointman::test
