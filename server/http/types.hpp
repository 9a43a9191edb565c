// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

namespace pointman::http {

/// One request, read whole, in neutral types: nothing behind the connection knows Beast.
struct Request {
    std::string id;       ///< for the logs; unique within the life of the process, e.g. "r1f3a"
    std::string method;   ///< as sent: "CCM_POST", "GET" ...
    std::string target;   ///< as sent, scheme and authority of an absolute form removed
    std::string path;     ///< of the target, percent-decoded, lower case
    std::string query;    ///< of the target, as sent, without '?'
    std::vector<std::pair<std::string, std::string>> headers; ///< names in lower case
    Bytes body;
    std::string peer;     ///< address of the other side, without port
    bool tls = false;
    Bytes peer_certificate; ///< DER of the TLS client certificate; empty where none was shown

    /// Value of the first header of that name (given in lower case); "" where absent.
    std::string_view header(std::string_view name) const;
};

struct Response {
    unsigned status = 200;
    std::vector<std::pair<std::string, std::string>> headers; ///< without Content-Length and Connection
    Bytes body;
    bool close = false; ///< close the connection after this answer
};

/// Answers a request. Runs on the connection's executor; must not block it.
using Handler = std::function<boost::asio::awaitable<Response>(Request const&)>;

/// What is known from the head of a request, before its body is read.
struct Head {
    std::string_view method;
    std::string_view path; ///< as in Request
    bool tls = false;
};

/// A refusal without reading the body, or how large the body may be.
struct Admission {
    std::uint64_t max_body = 0;
    /// Sent instead of reading on where status is not 0.
    unsigned refuse_status = 0;
    std::vector<std::pair<std::string, std::string>> refuse_headers{};
    std::string refuse_body{};
};
using Admit = std::function<Admission(Head const&)>;

} // namespace pointman::http
