// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/peer_process.hpp"

#include <boost/asio/awaitable.hpp>

#include <any>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pointman::tls {
class Peer;
}

namespace pointman::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// One request, read whole, in neutral types: nothing behind the connection knows Beast.
struct Request {
    std::string id;     ///< for the logs; unique within the life of the process, e.g. "r1f3a"
    std::string method; ///< as sent: "CCM_POST", "GET" ...
    std::string target; ///< as sent, scheme and authority of an absolute form removed
    std::string path;   ///< of the target, percent-decoded, lower case
    std::string query;  ///< of the target, as sent, without '?'
    Headers headers;    ///< names in lower case, in the order sent
    Bytes body;         ///< chunks put together; trailers are dropped
    /// Address of the other side, without port; IPv4 in dotted form on a dual-stack socket too. Over the
    /// local socket the text of its process.
    std::string peer;
    std::optional<PeerProcess> process; ///< at the other end of the local socket; none over TCP
    bool tls = false;
    std::shared_ptr<tls::Peer> tls_peer; ///< what the client showed at the handshake; null without TLS
    /// The same object for all requests of one connection, for what belongs to the connection: NTLM
    /// authenticates connections, not requests (wire.md 2.1). Empty at first; requests of one connection
    /// never overlap.
    std::shared_ptr<std::any> connection_state;

    /// Value of the first header of that name (given in lower case); "" where absent.
    std::string_view header(std::string_view name) const;
};

struct Response {
    unsigned status = 200;
    Headers headers; ///< without Content-Length and Connection; a value with a line break is left out
    Bytes body;
    bool close = false; ///< close the connection after this answer
    /// Keep the connection although the client asked to close: the 401s of an NTLM handshake (wire.md 2.1).
    bool keep_open = false;
};

/// Answers a request. Runs on the connection's executor; must not block it. The request lives until the
/// answer is there. An exception is logged and becomes 500, and the connection is closed.
using Handler = std::function<boost::asio::awaitable<Response>(Request const&)>;

/// What is known from the head of a request, before its body is read.
struct Head {
    std::string_view method;
    std::string_view path; ///< as in Request
    bool tls = false;
    std::string_view peer{};       ///< as in Request
    tls::Peer* tls_peer = nullptr; ///< as in Request
    bool is_local = false;         ///< over the local socket
};

/// A refusal without reading the body, or how large the body may be.
struct Admission {
    std::uint64_t max_body = 0;
    /// Sent instead of reading on where status is not 0.
    unsigned refuse_status = 0;
    Headers refuse_headers{};
    std::string refuse_body{};
    std::string refuse_reason{}; ///< for the log; "" = status, method and path say it all
};
using Admit = std::function<Admission(Head const&)>;

} // namespace pointman::http
