// SPDX-License-Identifier: Apache-2.0
// What strangers write to get at policy, one after the other with NULs between: the query behind `.sms_pol?`,
// ClientToken and its signature, CCMClientID and its signature, CCMClientTimestamp and its signature,
// ServerCookie.
#include "base/text.hpp"
#include "endpoints/policy/decision.hpp"
#include "server/site/policy_bodies.hpp"
#include "server/wire/token.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace {

using namespace pointman;
using endpoints::policy::Cookie;

void require(bool condition) {
    if (!condition) std::abort();
}

std::string percent_encoded(std::string_view text) {
    std::string encoded;
    for (char const c : text) encoded += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    return encoded;
}

/// Whatever was read: written in full it is read again.
void check_query(std::string_view query) {
    auto const name = site::read_body_query(query);
    if (!name) return;
    require(!name->key.empty() && name->key == to_lower(name->key));
    auto full = percent_encoded("{" + name->key + "}");
    if (name->version) full += "." + *name->version;
    if (name->sha256) full += ".SHA256:" + *name->sha256;
    auto const again = site::read_body_query(full);
    if (!again) return require(full.size() > 1024);
    require(again->key == name->key && again->version == name->version && again->sha256 == name->sha256);
}

void check_token(Result<wire::ClientToken> const& token, std::initializer_list<std::string_view> texts) {
    if (!token) return require(token.error().code == Code::bad_signature && !token.error().detail.empty());
    require(token->parts.size() == texts.size());
    require(std::ranges::equal(token->parts, texts, {}, &wire::SignedText::text));
}

void check_cookie(std::string_view text) {
    auto const cookie = Cookie::parse(text);
    if (cookie) require(Cookie::parse(cookie->text()) == cookie && cookie->change >= 0);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto input = as_chars(std::as_bytes(std::span(data, size)));
    std::array<std::string_view, 8> parts;
    for (auto& part : parts) {
        part = input.substr(0, input.find('\0'));
        input.remove_prefix(std::min(input.size(), part.size() + 1));
    }
    auto const [query, token, token_signature, id, id_signature, time, time_signature, cookie] = parts;
    require(percent_decoded(query).size() <= query.size());
    check_query(query);
    check_token(wire::read_token(token, token_signature), {token});
    check_token(wire::read_signed_headers({id, id_signature, time, time_signature}), {id, time});
    check_cookie(cookie);
    return 0;
}
