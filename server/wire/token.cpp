// SPDX-License-Identifier: Apache-2.0
#include "server/wire/token.hpp"

#include "base/hex.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "server/wire/utf16.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pointman::wire {

namespace {

constexpr std::string_view token_line = "ClientToken:";
constexpr std::string_view signature_line = "ClientTokenSignature:";
/// An identity, a time and a few short fields: no client comes near.
constexpr std::size_t longest_token = 512;

std::unexpected<Error> refuse(std::string_view why) {
    return fail(Code::bad_signature, "client token not accepted", std::string(why));
}

/// One client writes an offset and a Z behind it, `+00:00Z` (wire.md 8.2).
Result<TimePoint> time_of(std::string_view text) {
    auto time = parse_iso_time(text);
    if (!time && text.ends_with('Z')) time = parse_iso_time(text.substr(0, text.size() - 1));
    return time;
}

std::string_view next_line(std::string_view& rest) {
    auto const end = std::min(rest.find_first_of("\r\n"), rest.size());
    auto const line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return line;
}

} // namespace

Result<ClientToken> read_token(std::string_view text, std::string_view signature) {
    if (text.size() > longest_token) return refuse("too long");
    auto const semicolon = text.find(';');
    if (semicolon == std::string_view::npos) return refuse("no time");
    auto const identity = trim(text.substr(0, semicolon));
    if (identity.empty()) return refuse("no identity");
    auto const behind = text.substr(semicolon + 1);
    auto const time = time_of(trim(behind.substr(0, behind.find(';'))));
    if (!time) return refuse("its time is not of the form 2008-03-14T09:30:00Z");
    auto bytes = from_hex(signature);
    if (!bytes) return refuse("its signature is not hexadecimal");
    return ClientToken{std::string(identity), *time, {{std::string(text), std::move(*bytes)}}};
}

Result<ClientToken> read_signed_headers(SignedHeaders const& headers) {
    if (headers.id.size() > longest_token || headers.time.size() > longest_token) return refuse("too long");
    auto const time = time_of(headers.time);
    if (!time) return refuse("its time is not of the form 2008-03-14T09:30:00Z");
    auto id_signature = from_hex(headers.id_signature);
    auto time_signature = from_hex(headers.time_signature);
    if (!id_signature || !time_signature) return refuse("its signature is not hexadecimal");
    return ClientToken{std::string(headers.id),
                       *time,
                       {{std::string(headers.id), std::move(*id_signature)},
                        {std::string(headers.time), std::move(*time_signature)}}};
}

Result<ClientToken> read_token_property(std::string_view property) {
    std::string_view token;
    std::string_view signature;
    while (!property.empty()) {
        auto const line = next_line(property);
        if (starts_with_ignoring_case(line, token_line)) token = line.substr(token_line.size());
        if (starts_with_ignoring_case(line, signature_line)) signature = line.substr(signature_line.size());
    }
    if (token.empty()) return refuse("no ClientToken");
    if (signature.empty()) return refuse("no ClientTokenSignature");
    return read_token(token, signature);
}

bool token_is_signed_by(ClientToken const& token, PublicKey const& key) {
    return std::ranges::all_of(token.parts, [&key](SignedText const& part) {
        auto const with_nul = signed_text(part.text);
        auto const without_nul = to_utf16le(part.text);
        return std::ranges::any_of(std::array{Digest::sha256, Digest::sha1}, [&](Digest digest) {
            return key.verify(with_nul, part.signature, digest, true) ||
                   key.verify(without_nul, part.signature, digest, true);
        });
    });
}

Result<void> check_token_age(ClientToken const& token, TimePoint now, std::chrono::seconds tolerance) {
    auto const age = now - token.time;
    if (age <= tolerance && age >= -tolerance) return {};
    return refuse(
        fmt::format("it is of {}, more than {} seconds from now", iso_time(token.time), tolerance.count()));
}

std::string make_token_property(PrivateKey const& key, std::string_view identity, TimePoint time, bool bare) {
    auto const token = fmt::format("{};{}", identity, iso_time(time));
    return fmt::format("{}{}\r\n{}{}\r\n", token_line, token, signature_line,
                       to_hex(key.sign(signed_text(token), Digest::sha256, bare)));
}

} // namespace pointman::wire
