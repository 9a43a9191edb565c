// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/http/core.hpp"
#include "server/http/memory_stream.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <memory>
#include <optional>
#include <string>

namespace pointman::http {

using PlainStream = boost::asio::ip::tcp::socket;
using TlsStream = boost::asio::ssl::stream<PlainStream>;
using LocalStream = boost::asio::local::stream_protocol::socket;

/// Who is at the other end.
struct Peer {
    std::string text; ///< Request::peer
    std::optional<PeerProcess> process{};
};

/// Serves one connection until it ends. The stream's executor must be a strand (or a context with one
/// thread). `tls_context` is kept for the stream's life; null for plain streams. Instantiated for
/// PlainStream, TlsStream, LocalStream and MemoryStream.
template <class Stream>
void start_connection(Stream stream, std::shared_ptr<Core> core, Gate::Slot slot, Peer peer,
                      std::shared_ptr<boost::asio::ssl::context> tls_context = {});

} // namespace pointman::http
