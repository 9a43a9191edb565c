// SPDX-License-Identifier: Apache-2.0
#include "base/network.hpp"

#include "base/number.hpp"
#include "base/peer_process.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <utility>

namespace pointman {

namespace {

constexpr std::array<std::pair<Area::Kind, std::string_view>, 4> kind_names{{
    {Area::Kind::subnet, "subnet"},
    {Area::Kind::range, "range"},
    {Area::Kind::ad_site, "ad_site"},
    {Area::Kind::ipv6, "ipv6"},
}};

constexpr std::size_t longest_ad_site = 255;
constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/// The two sides of a text with exactly one separator; nullopt for any other.
std::optional<std::pair<std::string_view, std::string_view>> halves(std::string_view text, char separator) {
    auto const at = text.find(separator);
    if (at == std::string_view::npos || text.find(separator, at + 1) != std::string_view::npos) return {};
    return std::pair(trim(text.substr(0, at)), trim(text.substr(at + 1)));
}

std::optional<unsigned> prefix_length(std::string_view text, unsigned most) {
    auto const value = number_in<unsigned>(text);
    return value && *value <= most ? value : std::nullopt;
}

std::unexpected<Error> wrong(std::string message) {
    return fail(Code::usage, std::move(message));
}

Area prefix_area(Area::Kind kind, IpAddress const& address, unsigned prefix) {
    auto const first = address.first_of(prefix);
    return {kind, fmt::format("{}/{}", first.text(), prefix), first.key(), address.last_of(prefix).key()};
}

Result<Area> parse_subnet(std::string_view text) {
    auto const sides = halves(text, '/');
    if (!sides) return wrong(fmt::format("\"{}\" is no subnet: write A/N, e.g. 10.77.4.0/24", text));
    auto const address = IpAddress::parse(sides->first);
    if (!address) return wrong(fmt::format("\"{}\" in \"{}\" is no IPv4 address", sides->first, text));
    if (address->is_v6() || sides->first.find(':') != std::string_view::npos) {
        return wrong(fmt::format("\"{}\" is IPv6: a subnet is IPv4, a prefix of IPv6 has a kind of its own "
                                 "(--ipv6)",
                                 text));
    }
    auto const prefix = prefix_length(sides->second, 32);
    if (!prefix) {
        return wrong(fmt::format("\"{}\" in \"{}\" is no prefix length of IPv4: a number from 0 to 32",
                                 sides->second, text));
    }
    return prefix_area(Area::Kind::subnet, *address, *prefix);
}

Result<Area> parse_range(std::string_view text) {
    auto const sides = halves(text, '-');
    if (!sides) return wrong(fmt::format("\"{}\" is no range: write A-B, e.g. 10.77.4.10-10.77.4.20", text));
    std::array<IpAddress, 2> ends;
    for (std::size_t i = 0; i < ends.size(); ++i) {
        auto const side = i == 0 ? sides->first : sides->second;
        auto const address = IpAddress::parse(side);
        if (!address) return wrong(fmt::format("\"{}\" in \"{}\" is no IPv4 address", side, text));
        if (address->is_v6() || side.find(':') != std::string_view::npos) {
            return wrong(
                fmt::format("\"{}\" is IPv6: a range is IPv4, use a prefix of IPv6 instead (--ipv6)", text));
        }
        ends.at(i) = *address;
    }
    auto const& [first, last] = ends;
    if (first.key() > last.key()) {
        return wrong(
            fmt::format("the range \"{}\" is reversed: {} comes behind {}", text, first.text(), last.text()));
    }
    return Area{Area::Kind::range, fmt::format("{}-{}", first.text(), last.text()), first.key(), last.key()};
}

Result<Area> parse_ad_site(std::string_view text) {
    auto const is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (text.empty() || text.size() > longest_ad_site || std::ranges::any_of(text, is_control)) {
        return wrong(fmt::format("the name of an AD site has 1 to {} bytes and no control characters",
                                 longest_ad_site));
    }
    auto const folded = to_lower(text);
    return Area{Area::Kind::ad_site, std::string(text), folded, folded};
}

Result<Area> parse_ipv6(std::string_view text) {
    auto const sides = halves(text, '/');
    if (!sides) return wrong(fmt::format("\"{}\" is no prefix of IPv6: write P/N, e.g. 2001:db8::/32", text));
    bool const has_zone = sides->first.find('%') != std::string_view::npos;
    auto const address = has_zone ? std::nullopt : IpAddress::parse(sides->first);
    if (!address) return wrong(fmt::format("\"{}\" in \"{}\" is no IPv6 address", sides->first, text));
    if (!address->is_v6()) {
        return wrong(fmt::format("\"{}\" stands for IPv4 ({}): use a subnet for it (--subnet)", text,
                                 address->text()));
    }
    auto const prefix = prefix_length(sides->second, 128);
    if (!prefix) {
        return wrong(fmt::format("\"{}\" in \"{}\" is no prefix length of IPv6: a number from 0 to 128",
                                 sides->second, text));
    }
    return prefix_area(Area::Kind::ipv6, *address, *prefix);
}

} // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    // inet_pton takes terminated texts; the longest is a mapped address in full.
    if (auto const zone = text.find('%');
        zone != std::string_view::npos && zone > 0 && text.find(':') < zone && zone + 1 < text.size()) {
        text = text.substr(0, zone);
    }
    if (text.empty() || text.size() >= INET6_ADDRSTRLEN || text.contains('\0')) return {};
    std::string const terminated(text);
    IpAddress address;
    if (inet_pton(AF_INET, terminated.c_str(), address.bytes_.data()) == 1) return address;
    address.bytes_.fill(0);
    if (inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) != 1) return {};
    if (std::equal(mapped.begin(), mapped.end(), address.bytes_.begin())) {
        IpAddress inner;
        std::copy(address.bytes_.begin() + mapped.size(), address.bytes_.end(), inner.bytes_.begin());
        return inner;
    }
    address.v6_ = true;
    return address;
}

std::string IpAddress::text() const {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    inet_ntop(v6_ ? AF_INET6 : AF_INET, bytes_.data(), buffer.data(), buffer.size());
    return buffer.data();
}

std::string IpAddress::key() const {
    std::string key;
    for (std::size_t i = 0; i < bits() / 8; ++i) key += fmt::format("{:02x}", bytes_.at(i));
    return key;
}

IpAddress IpAddress::with_host_bits(unsigned prefix, bool set) const {
    IpAddress changed = *this;
    for (unsigned bit = prefix; bit < bits(); ++bit) {
        auto& byte = changed.bytes_.at(bit / 8);
        auto const mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
        byte = static_cast<std::uint8_t>(set ? byte | mask : byte & ~mask);
    }
    return changed;
}

std::string counted_address(std::string_view address) {
    constexpr unsigned network_bits = 64;
    if (auto const process = PeerProcess::parse(address)) return fmt::format("uid {}", process->user);
    auto const parsed = IpAddress::parse(address);
    if (!parsed) return std::string(address);
    if (!parsed->is_v6()) return parsed->text();
    return parsed->first_of(network_bits).text() + "/64";
}

bool Area::contains(IpAddress const& address) const {
    if (kind == Kind::ad_site || address.is_v6() != (kind == Kind::ipv6)) return false;
    auto const key = address.key();
    return first <= key && key <= last;
}

bool Area::is_ad_site(std::string_view name) const {
    return kind == Kind::ad_site && first == to_lower(name);
}

std::string_view name_of(Area::Kind kind) {
    return std::ranges::find(kind_names, kind, &decltype(kind_names)::value_type::first)->second;
}

std::optional<Area::Kind> area_kind_of(std::string_view name) {
    auto const* const found = std::ranges::find(kind_names, name, &decltype(kind_names)::value_type::second);
    if (found == kind_names.end()) return {};
    return found->first;
}

Result<Area> parse_area(Area::Kind kind, std::string_view text) {
    text = trim(text);
    switch (kind) {
    case Area::Kind::subnet:
        return parse_subnet(text);
    case Area::Kind::range:
        return parse_range(text);
    case Area::Kind::ad_site:
        return parse_ad_site(text);
    case Area::Kind::ipv6:
        return parse_ipv6(text);
    }
    return wrong("no such kind of area");
}

} // namespace pointman
