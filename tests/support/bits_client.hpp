// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/test_client.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pointman::test {

/// A message in the two halves that a client uploads and posts (wire.md 10.1a).
struct Halves {
    std::string id; ///< `{GUID}`
    Bytes post;     ///< one part
    Bytes payload;
};

Halves halves_of(wire::OutgoingRequest request);
HttpResponse send_post(HttpConnection& connection, Halves const& halves);

/// The client's side of BITS (wire.md 10.2), on one connection and for one message.
class BitsClient {
public:
    using Headers = std::vector<std::pair<std::string, std::string>>;
    static constexpr std::string_view protocol = "{7df0354d-249b-430f-820d-3d2a9bef4931}";

    /// `id` as the message has it: `{GUID}`.
    BitsClient(HttpConnection connection, std::string_view id);

    HttpResponse packet(std::string const& type, Headers headers = {}, BytesView body = {});
    HttpResponse create();
    HttpResponse fragment(std::string const& session, std::size_t first, BytesView bytes, std::size_t total);
    /// Close-Session or Cancel-Session.
    HttpResponse in_session(std::string const& type, std::string const& session);

    /// The fragments from `from` on. Throws std::runtime_error where one is not acknowledged.
    void send(std::string const& session, BytesView bytes, std::size_t from, std::size_t piece);
    /// The whole exchange. Throws likewise.
    void upload(BytesView bytes, std::size_t piece = std::size_t{256} * 1024);

private:
    HttpConnection connection_;
    std::string target_;
};

} // namespace pointman::test
