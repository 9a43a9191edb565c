// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/http/types.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace pointman::http {

/// Why a request is not served, and with which status the client learns it.
struct Refusal {
    unsigned status = 400;
    std::string reason; ///< for the log
};

/// How the body follows the head and what becomes of the connection.
struct Framing {
    bool chunked = false;
    std::uint64_t length = 0; ///< of Content-Length; 0 where chunked or absent
    bool keep_alive = true;   ///< what the client asked for: version and Connection header
    bool http_1_0 = false;
    bool expects_continue = false;

    bool has_body() const { return chunked || length > 0; }
};

/// The head of a request: everything of Request that its bytes tell, without body.
struct RequestHead {
    Request request;
    Framing framing;
};

/// Where the head that `bytes` begins with ends, behind its empty line; nothing while that line has not come.
/// The first `seen` bytes were searched by an earlier call. Bare line feeds end a head too, so that
/// parse_head can refuse it at once.
std::optional<std::size_t> find_head_end(std::string_view bytes, std::size_t seen = 0);

/// Whether a request can begin with this byte. Anything else (a TLS handshake on a plain port) is refused at
/// once.
bool may_begin_method(char c);

/// Reads a whole head, empty line included. Refuses with 400 what could be framed in two ways (RFC
/// 9112, 6.3): both or several of Content-Length and Transfer-Encoding, and with 501 a transfer coding other
/// than chunked.
std::expected<RequestHead, Refusal> parse_head(std::string_view bytes);

/// A request target taken apart.
struct Target {
    std::string target; ///< without scheme and authority
    std::string path;   ///< decoded, lower case
    std::string query;
};
/// Takes `/path?query`, `http://host/path?query` (wire.md 1) and `*`.
std::expected<Target, Refusal> parse_target(std::string_view target);

} // namespace pointman::http
