// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <pointman/error.hpp>
#include <string>
#include <string_view>

namespace pointman::client {

/// What a URL says of a server and a page.
struct Url {
    bool tls = false;
    std::string host;       ///< name or address, IPv6 without brackets
    std::uint16_t port = 0; ///< 0 = the URL names none
    std::string target;     ///< path and query as written; "" = the URL has none
};

/// `http://` or `https://`, and nothing that no request may carry: user, fragment, blanks, control
/// characters. Fails with invalid_argument.
Result<Url> parse_url(std::string_view text);

} // namespace pointman::client
