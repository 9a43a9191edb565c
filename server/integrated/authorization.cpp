// SPDX-License-Identifier: Apache-2.0
#include "server/integrated/authorization.hpp"

#include "base/text.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <optional>

namespace pointman::integrated {

namespace {

constexpr std::size_t block_of_text = 4;
constexpr std::size_t block_of_bytes = 3;

bool is_base64_digit(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/// Strict: whole blocks, padding at the end alone. OpenSSL's decoder also takes white space and more padding.
std::optional<Bytes> decode_base64(std::string_view text) {
    if (text.empty() || text.size() % block_of_text != 0) return std::nullopt;
    auto digits = text;
    for (int i = 0; i < 2 && digits.ends_with('='); ++i) digits.remove_suffix(1);
    if (!std::ranges::all_of(digits, is_base64_digit)) return std::nullopt;
    Bytes bytes(text.size() / block_of_text * block_of_bytes);
    auto const size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                        reinterpret_cast<unsigned char const*>(text.data()), static_cast<int>(text.size()));
    if (size < 0) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(size) - (text.size() - digits.size()));
    return bytes;
}

std::optional<Scheme> scheme_of(std::string_view name) {
    for (auto const scheme : {Scheme::negotiate, Scheme::ntlm}) {
        if (equal_ignoring_case(name, name_of(scheme))) return scheme;
    }
    return std::nullopt;
}

} // namespace

std::string_view name_of(Scheme scheme) {
    return scheme == Scheme::negotiate ? "Negotiate" : "NTLM";
}

Result<Authorization> parse_authorization(std::string_view header) {
    header = trim(header);
    auto const name = header.substr(0, header.find_first_of(" \t"));
    auto const scheme = scheme_of(name);
    // What follows an unknown scheme may be a password: only the name goes into the log.
    if (!scheme) return fail(Code::malformed, fmt::format("the scheme '{}' is not offered", name));
    auto const text = trim(header.substr(name.size()));
    if (text.empty()) return fail(Code::malformed, fmt::format("{} without a token", name_of(*scheme)));
    if (text.size() > (max_token + block_of_bytes - 1) / block_of_bytes * block_of_text) {
        return fail(Code::limit_exceeded,
                    fmt::format("a token of {} characters; {} bytes are taken", text.size(), max_token));
    }
    auto token = decode_base64(text);
    if (!token) return fail(Code::malformed, fmt::format("the {} token is no base64", name_of(*scheme)));
    return Authorization{*scheme, std::move(*token)};
}

std::string challenge(Scheme scheme, BytesView token) {
    std::string text((token.size() + block_of_bytes - 1) / block_of_bytes * block_of_text + 1, '\0');
    auto const size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<unsigned char const*>(token.data()), static_cast<int>(token.size()));
    text.resize(static_cast<std::size_t>(size));
    return fmt::format("{} {}", name_of(scheme), text);
}

} // namespace pointman::integrated
