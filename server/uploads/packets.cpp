// SPDX-License-Identifier: Apache-2.0
#include "server/uploads/packets.hpp"

#include "base/ids.hpp"
#include "base/number.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace pointman::uploads {

namespace {

constexpr std::array packets{
    std::pair{std::string_view("Ping"), Packet::ping},
    std::pair{std::string_view("Create-Session"), Packet::create_session},
    std::pair{std::string_view("Fragment"), Packet::fragment},
    std::pair{std::string_view("Close-Session"), Packet::close_session},
    std::pair{std::string_view("Cancel-Session"), Packet::cancel_session},
};

constexpr std::string_view blanks = " \t";

/// What is before the mark; the text goes on behind it. Nothing where there is no mark.
std::optional<std::string_view> take_until(std::string_view& text, char mark) {
    auto const at = text.find(mark);
    if (at == std::string_view::npos) return std::nullopt;
    auto const before = text.substr(0, at);
    text.remove_prefix(at + 1);
    return before;
}

bool may_be_in_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
}

bool may_be_in_literal(char c) {
    return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') || c == ':' || c == '.';
}

/// A name or IPv4 address, or IPv6 in brackets.
bool is_host(std::string_view text) {
    if (!text.starts_with('[')) return !text.empty() && std::ranges::all_of(text, may_be_in_name);
    if (text.size() < 4 || !text.ends_with(']')) return false;
    return std::ranges::all_of(text.substr(1, text.size() - 2), may_be_in_literal);
}

} // namespace

std::optional<Packet> packet_of(std::string_view type) {
    auto const name = trim(type);
    auto const* const found = std::ranges::find_if(
        packets, [name](auto const& packet) { return equal_ignoring_case(packet.first, name); });
    if (found == packets.end()) return std::nullopt;
    return found->second;
}

bool offers_upload_protocol(std::string_view list) {
    for (;;) {
        list.remove_prefix(std::min(list.find_first_not_of(blanks), list.size()));
        if (list.empty()) return false;
        auto const entry = list.substr(0, list.find_first_of(blanks));
        if (equal_ignoring_case(entry, upload_protocol)) return true;
        list.remove_prefix(entry.size());
    }
}

std::optional<ContentRange> content_range_in(std::string_view text) {
    constexpr std::string_view unit = "bytes ";
    text = trim(text);
    if (!starts_with_ignoring_case(text, unit)) return std::nullopt;
    text.remove_prefix(unit.size());
    auto const first = take_until(text, '-');
    auto const last = take_until(text, '/');
    if (!first || !last) return std::nullopt;
    auto const from = number_in<std::uint64_t>(*first);
    auto const to = number_in<std::uint64_t>(*last);
    auto const total = number_in<std::uint64_t>(text);
    if (!from || !to || !total || *from > *to || *to >= *total) return std::nullopt;
    return ContentRange{*from, *to, *total};
}

std::optional<std::string> message_in_path(std::string_view path) {
    if (!path.starts_with(folder)) return std::nullopt;
    return uuid_in(path.substr(folder.size()));
}

std::optional<Authority> authority_in(std::string_view host_header) {
    constexpr std::size_t longest = 300; // a DNS name has at most 253
    if (host_header.size() > longest) return std::nullopt;
    auto host = host_header;
    // In an IPv6 address colons stand inside the brackets.
    auto const colon = host.find(':', host.starts_with('[') ? std::min(host.find(']'), host.size()) : 0);
    if (colon != std::string_view::npos) {
        auto const port = number_in<std::uint16_t>(host.substr(colon + 1));
        if (!port || *port == 0) return std::nullopt;
        host = host.substr(0, colon);
    }
    if (!is_host(host)) return std::nullopt;
    return Authority{std::string(host_header), std::string(host)};
}

} // namespace pointman::uploads
