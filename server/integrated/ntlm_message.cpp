// SPDX-License-Identifier: Apache-2.0
#include "server/integrated/ntlm_message.hpp"

#include <cstddef>
#include <string_view>

namespace pointman::integrated {

namespace {

constexpr std::string_view signature{"NTLMSSP\0", 8};
constexpr std::size_t domain_field = 28;
constexpr std::size_t user_field = 36;
constexpr std::size_t flags_field = 60;
constexpr std::uint32_t unicode_flag = 1;
constexpr std::uint32_t version_flag = 0x0200'0000;

constexpr std::size_t negotiation_without_version = 32;
constexpr std::size_t negotiation_with_version = 40;
constexpr std::size_t authentication_without_version = 64;
constexpr std::size_t authentication_with_version = 72;
/// Where the six fields of an authentication message begin and end; each is 8 bytes.
constexpr std::size_t first_field = 12;
constexpr std::size_t end_of_fields = flags_field;

std::optional<std::uint32_t> number_at(BytesView message, std::size_t at, std::size_t size) {
    if (at + size > message.size()) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = size; i-- > 0;)
        value = value << 8U | std::to_integer<std::uint32_t>(message[at + i]);
    return value;
}

/// UTF-16 reduced to ASCII, what lies outside as '?': enough to find an account in a log.
std::string narrow(BytesView utf16) {
    std::string text;
    for (std::size_t i = 0; i + 1 < utf16.size(); i += 2) {
        bool const ascii = utf16[i + 1] == std::byte{0} && utf16[i] < std::byte{0x80};
        text += ascii ? std::to_integer<char>(utf16[i]) : '?';
    }
    return text;
}

/// The text that a field of length, room and offset points at.
std::optional<std::string> text_of(BytesView message, std::size_t field, bool unicode) {
    auto const length = number_at(message, field, 2);
    auto const offset = number_at(message, field + 4, 4);
    if (!length || !offset || *offset > message.size() || *length > message.size() - *offset)
        return std::nullopt;
    auto const bytes = message.subspan(*offset, *length);
    return unicode ? narrow(bytes) : std::string(as_chars(bytes));
}

/// Whether something that a field points at lies where the version would be.
bool has_no_room_for_version(BytesView authentication) {
    for (auto field = first_field; field < end_of_fields; field += 8) {
        auto const offset = number_at(authentication, field + 4, 4).value_or(0);
        bool const used = number_at(authentication, field, 2).value_or(0) != 0;
        if (used && offset < authentication_with_version) return true;
    }
    return false;
}

} // namespace

std::optional<NtlmType> ntlm_type(BytesView token) {
    if (!as_chars(token).starts_with(signature)) return std::nullopt;
    auto const type = number_at(token, signature.size(), 4);
    if (!type || *type < 1 || *type > 3) return std::nullopt;
    return static_cast<NtlmType>(*type);
}

std::optional<std::string> claimed_account(BytesView token) {
    auto const begin = as_chars(token).find(signature);
    if (begin == std::string_view::npos) return std::nullopt;
    auto const message = token.subspan(begin);
    if (ntlm_type(message) != NtlmType::authenticate) return std::nullopt;
    bool const unicode = (number_at(message, flags_field, 4).value_or(unicode_flag) & unicode_flag) != 0;
    auto const domain = text_of(message, domain_field, unicode);
    auto const user = text_of(message, user_field, unicode);
    if (!domain || !user) return std::nullopt;
    return domain->empty() ? *user : *domain + '\\' + *user;
}

Bytes readable(BytesView token) {
    Bytes message(token.begin(), token.end());
    auto const type = ntlm_type(token);
    auto const size = message.size();
    if (type == NtlmType::negotiate && size >= negotiation_without_version &&
        size < negotiation_with_version) {
        message.resize(negotiation_with_version);
    }
    if (type == NtlmType::authenticate && size >= authentication_without_version &&
        has_no_room_for_version(token)) {
        constexpr std::size_t highest_byte = 3;
        message[flags_field + highest_byte] &= ~static_cast<std::byte>(version_flag >> 8 * highest_byte);
    }
    return message;
}

} // namespace pointman::integrated
