// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pointman::test {

struct HttpResponse {
    int status = 0;
    std::string reason;
    std::multimap<std::string, std::string> headers; ///< names in lower case
    Bytes body;

    std::string header(std::string const& name) const;
    std::string_view text() const { return as_chars(body); }
};

/// A blocking client connection, plain or TLS: bytes out, answers in. Every read ends after ten seconds at
/// the latest, with an exception, so that a test never hangs.
class HttpConnection {
public:
    /// "127.0.0.1:8080", or the path of a Unix socket
    static HttpConnection plain(std::string const& address);
    /// Trusts only `ca_pem`; checks the server's name against `host`. `credentials` is a PEM file with the
    /// client's certificate, those of its CAs behind it, and the private key; "" = none.
    static HttpConnection tls(std::string const& address, std::string const& ca_pem, std::string const& host,
                              std::string const& credentials = {});
    HttpConnection(HttpConnection&&) noexcept;
    HttpConnection& operator=(HttpConnection&&) noexcept;
    ~HttpConnection();

    void send(std::string_view bytes);
    /// Throws std::runtime_error when the connection ends or times out before a whole answer.
    HttpResponse receive(bool head_only = false);
    /// Whether the other side has closed: waits for it, at most ten seconds.
    bool closed_by_peer();

    HttpResponse request(std::string_view method, std::string_view target,
                         std::vector<std::pair<std::string, std::string>> const& headers = {},
                         BytesView body = {});

private:
    struct Impl;
    explicit HttpConnection(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace pointman::test
