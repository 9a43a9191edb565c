// SPDX-License-Identifier: Apache-2.0
#include "server/integrated/ntlm_users.hpp"

#include "base/text.hpp"
#include "server/integrated/secret_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pointman::integrated {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
/// The mechanism reads lines into a buffer of 1,024 bytes.
constexpr std::size_t longest_line = 1000;

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

bool same_account(NtlmUsers::User const& a, NtlmUsers::User const& b) {
    return equal_ignoring_case(a.domain, b.domain) && equal_ignoring_case(a.name, b.name);
}

Result<NtlmUsers::User> parse_line(std::string_view line, std::size_t number) {
    if (line.size() > longest_line) return at_line(number, fmt::format("longer than {} bytes", longest_line));
    if (!is_utf8_text(line)) return at_line(number, "not UTF-8, or with a control character");
    auto const fields = std::ranges::count(line, ':') + 1;
    if (fields > 3) return at_line(number, "more than three fields; a password cannot hold ':'");
    if (fields < 3) return at_line(number, "expected DOMAIN:USER:PASSWORD");
    auto const domain = line.substr(0, line.find(':'));
    auto const rest = line.substr(domain.size() + 1);
    auto const name = rest.substr(0, rest.find(':'));
    if (name.empty()) return at_line(number, "the USER is empty");
    if (rest.size() == name.size() + 1) return at_line(number, "the PASSWORD is empty");
    if (!is_plain_name(domain) || !is_plain_name(name)) {
        return at_line(number, "DOMAIN and USER cannot hold '\\', '@' or '/'");
    }
    return NtlmUsers::User{std::string(domain), std::string(name)};
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

Result<NtlmUsers> parse_ntlm_users(std::string_view text) {
    NtlmUsers result;
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    for (std::size_t number = 1; !text.empty(); ++number) {
        auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.starts_with('#') || trim(line).empty()) continue;
        auto user = parse_line(line, number);
        if (!user) return std::unexpected(std::move(user.error()));
        bool const repeated =
            std::ranges::any_of(result.users, [&](auto const& other) { return same_account(other, *user); });
        if (repeated) return at_line(number, "the account stands above already");
        result.users.push_back(std::move(*user));
        result.text += fmt::format("{}\n", line);
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
