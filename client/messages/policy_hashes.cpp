// SPDX-License-Identifier: Apache-2.0
#include "client/messages/policy_hashes.hpp"

#include "base/digest.hpp"
#include "base/text.hpp"
#include "client/messages/reply_reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pointman::client {

namespace {

constexpr std::string_view sha256_prefix = "SHA256:";

struct Method {
    std::string_view name;
    EVP_MD const* (*type)();
    std::string of(BytesView bytes) const { return digest_hex(bytes, type()); }
};
constexpr std::array methods{Method{"MD5", &EVP_md5}, Method{"SHA-1", &EVP_sha1},
                             Method{"SHA-256", &EVP_sha256}};

/// By the number of digits; null for what is no digest in hexadecimal.
Method const* method_of(std::string_view digest) {
    bool const is_hex = digest.find_first_not_of("0123456789ABCDEFabcdef") == std::string_view::npos;
    if (!is_hex) return nullptr;
    switch (digest.size()) {
    case 32:
        return &methods[0];
    case 40:
        return &methods[1];
    case 64:
        return &methods[2];
    default:
        return nullptr;
    }
}

/// `.sms_pol?{guid}.SHA256:DIGEST`, the form of later servers; "" for that with a version.
std::string_view digest_in(std::string_view location) {
    auto const dot = location.rfind('.');
    auto const tail = dot == std::string_view::npos ? std::string_view() : location.substr(dot + 1);
    return starts_with_ignoring_case(tail, sha256_prefix) ? tail.substr(sha256_prefix.size())
                                                          : std::string_view();
}

/// Without the NUL that ends what was sealed (policy.md 5), which nobody says to be part of the digest.
BytesView without_end(BytesView body) {
    auto const is_nul = [](std::byte byte) { return byte == std::byte{0}; };
    bool const ends = body.size() >= 2 && std::ranges::all_of(body.last(2), is_nul);
    return ends ? body.first(body.size() - 2) : body;
}

Result<void> check(BytesView body, std::string_view digest) {
    if (starts_with_ignoring_case(digest, sha256_prefix)) digest.remove_prefix(sha256_prefix.size());
    auto const* const method = method_of(digest);
    if (method == nullptr) return {};
    auto const has = method->of(body);
    if (equal_ignoring_case(has, digest) || equal_ignoring_case(method->of(without_end(body)), digest))
        return {};
    return bad_reply(fmt::format("the body's {} is {} in place of {}: it is not the one that was assigned",
                                 method->name, has, digest));
}

} // namespace

Result<void> check_policy_hashes(BytesView body, PolicyAssignment const& assignment) {
    for (auto const digest : {std::string_view(assignment.hash), std::string_view(assignment.hash_ex),
                              digest_in(assignment.location)})
        if (auto const fits = check(body, digest); !fits) return fits;
    return {};
}

} // namespace pointman::client
