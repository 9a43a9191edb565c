// SPDX-License-Identifier: Apache-2.0
#include "client/transport/url.hpp"

#include "client/transport/failure.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <fmt/format.h>

namespace pointman::client {

namespace {

std::unexpected<Error> unusable(std::string_view text, std::string_view why) {
    return fail(Code::invalid_argument, fmt::format("'{}' is no URL of a management point: {}", text, why));
}

} // namespace

Result<Url> parse_url(std::string_view text) {
    auto const parsed = boost::urls::parse_uri({text.data(), text.size()});
    if (!parsed) return unusable(text, "write http://HOST[:PORT] or https://HOST[:PORT]");
    auto const& url = *parsed;
    bool const tls = url.scheme_id() == boost::urls::scheme::https;
    if (!tls && url.scheme_id() != boost::urls::scheme::http)
        return unusable(text, "only http and https are there");
    if (!url.has_authority() || url.encoded_host().empty()) return unusable(text, "it names no host");
    if (url.has_userinfo()) return unusable(text, "a user in it would not be used");
    if (url.has_fragment()) return unusable(text, "a server never sees what follows #");
    if (url.has_port() && url.port_number() == 0) return unusable(text, "a port is a number from 1 to 65535");
    Url result{.tls = tls, .host = url.host_address(), .port = url.port_number(), .target = {}};
    auto const target = url.encoded_target();
    if (target != "/") result.target = std::string(target.data(), target.size());
    return result;
}

} // namespace pointman::client
