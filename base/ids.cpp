// SPDX-License-Identifier: Apache-2.0
#include "base/ids.hpp"

#include "base/hex.hpp"
#include "base/text.hpp"

#include <openssl/rand.h>

#include <array>
#include <stdexcept>

namespace pointman {

namespace {

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool const dash = i == 8 || i == 13 || i == 18 || i == 23;
        char const c = text[i];
        bool const digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (dash ? c != '-' : !digit) return false;
    }
    return true;
}

} // namespace

Result<ClientId> ClientId::parse(std::string_view text) {
    text = trim(text);
    if (starts_with_ignoring_case(text, "GUID:")) text.remove_prefix(5);
    auto const uuid = uuid_in(text);
    if (!uuid)
        return fail(Code::malformed, "not a client id of the form GUID:xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
    return ClientId{"GUID:" + *uuid};
}

ClientId ClientId::random() { return ClientId{"GUID:" + random_uuid()}; }

std::optional<std::string> uuid_in(std::string_view text) {
    if (text.size() >= 2 && text.front() == '{' && text.back() == '}') text = text.substr(1, text.size() - 2);
    if (!is_uuid(text)) return std::nullopt;
    return to_upper(text);
}

std::string random_uuid() {
    std::array<unsigned char, 16> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
        throw std::runtime_error("the random generator failed");
    }
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0FU) | 0x40U); // version 4
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3FU) | 0x80U); // variant of RFC 4122
    auto text = to_hex(std::as_bytes(std::span(bytes)));
    for (std::size_t const at : {8U, 13U, 18U, 23U}) text.insert(at, 1, '-');
    return text;
}

std::string random_message_id() { return "{" + random_uuid() + "}"; }

} // namespace pointman
