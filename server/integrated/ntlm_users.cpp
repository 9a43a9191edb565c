// SPDX-License-Identifier: Apache-2.0
#include "server/integrated/ntlm_users.hpp"

#include "base/bytes.hpp"
#include "base/hex.hpp"
#include "base/text.hpp"
#include "server/integrated/nt_hash.hpp"
#include "server/integrated/secret_file.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <unordered_set>

namespace pointman::integrated {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
/// The mechanism reads lines of at most 1,023 bytes, and what it needs beside the names is less than 100.
constexpr std::size_t longest_name = 400;
constexpr std::size_t hash_size = 16;

std::unexpected<Error> at_line(std::size_t number, std::string_view what) {
    return fail(Code::usage, fmt::format("line {}: {}", number, what));
}

bool is_utf8_text(std::string_view text) {
    while (!text.empty()) {
        auto const character = first_utf8_character(text);
        if (character.size == 0 || character.value < 0x20) return false;
        text.remove_prefix(character.size);
    }
    return true;
}

bool is_plain_name(std::string_view name) {
    return name.find_first_of("\\@/") == std::string_view::npos;
}

Result<NtlmUsers::User> parse_line(std::string_view line, std::size_t number, NtHasher const& hasher) {
    if (!is_utf8_text(line)) return at_line(number, "not UTF-8, or with a control character");
    auto const end_of_domain = line.find(':');
    auto const end_of_name = line.find(':', end_of_domain + 1);
    if (end_of_domain == std::string_view::npos || end_of_name == std::string_view::npos) {
        return at_line(number, "expected DOMAIN:USER:PASSWORD");
    }
    auto const domain = line.substr(0, end_of_domain);
    auto const name = line.substr(end_of_domain + 1, end_of_name - end_of_domain - 1);
    auto const password = line.substr(end_of_name + 1);
    if (name.empty()) return at_line(number, "the USER is empty");
    if (password.empty()) return at_line(number, "the PASSWORD is empty");
    if (domain.size() > longest_name || name.size() > longest_name) {
        return at_line(number, fmt::format("a name of more than {} bytes", longest_name));
    }
    if (!is_plain_name(domain) || !is_plain_name(name)) {
        return at_line(number, "DOMAIN and USER cannot hold '\\', '@' or '/'");
    }
    return NtlmUsers::User{std::string(domain), std::string(name), hasher.hash(password)};
}

} // namespace

bool NtlmUsers::has(std::string_view account) const {
    auto const slash = account.find('\\');
    bool const any_domain = slash == std::string_view::npos;
    auto const domain = any_domain ? std::string_view{} : account.substr(0, slash);
    auto const name = any_domain ? account : account.substr(slash + 1);
    return std::ranges::any_of(users, [&](User const& user) {
        return equal_ignoring_case(user.name, name) && (any_domain || user.domain == domain);
    });
}

Result<std::string> NtlmUsers::mechanism_file() const {
    std::string text;
    for (auto const& user : users) {
        // In the place of the LM hash, which no password has: something that nobody can know. Zeros would be
        // a key where the operator allows version 1.
        Bytes lm(hash_size);
        if (RAND_bytes(reinterpret_cast<unsigned char*>(lm.data()), static_cast<int>(lm.size())) != 1) {
            return fail(Code::io, "no random numbers");
        }
        text += fmt::format("{}\\{}:0:{}:{}:\n", user.domain, user.name, to_hex(lm), user.nt_hash);
    }
    return text;
}

Result<NtlmUsers> parse_ntlm_users(std::string_view text) {
    auto const hasher = NtHasher::make();
    if (!hasher) return std::unexpected(hasher.error());
    NtlmUsers result;
    std::unordered_set<std::string> accounts;
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    for (std::size_t number = 1; !text.empty(); ++number) {
        auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.starts_with('#') || trim(line).empty()) continue;
        auto user = parse_line(line, number, *hasher);
        if (!user) return std::unexpected(std::move(user.error()));
        if (!accounts.insert(to_lower(user->domain + '\\' + user->name)).second) {
            return at_line(number, "the account stands above already");
        }
        result.users.push_back(std::move(*user));
    }
    if (result.users.empty()) return fail(Code::usage, "no line DOMAIN:USER:PASSWORD in it");
    return result;
}

Result<NtlmUsers> read_ntlm_users(std::filesystem::path const& file) {
    auto text = read_secret_file(file);
    if (!text) return std::unexpected(std::move(text.error()));
    auto users = parse_ntlm_users(*text);
    if (!users) {
        users.error().message = fmt::format("{}: {}", file.string(), users.error().message);
    }
    return users;
}

} // namespace pointman::integrated
