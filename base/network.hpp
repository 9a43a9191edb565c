// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pointman {

/// An address of IPv4 or IPv6. An IPv4 address that comes mapped into IPv6 (`::ffff:10.0.0.1`) is the IPv4
/// address: a client is one place, however its stack writes it.
class IpAddress {
public:
    /// Dotted, or IPv6 with or without a zone (`fe80::1%12`), which is dropped. Nothing else: no port, no
    /// octets with leading zeros.
    static std::optional<IpAddress> parse(std::string_view text);

    bool is_v6() const { return v6_; }
    unsigned bits() const { return v6_ ? 128 : 32; }
    std::string text() const;
    /// Lower-case hex of fixed width, 8 or 32 digits: the order of the texts is the order of the addresses,
    /// so that any database can search in it.
    std::string key() const;
    /// The first and the last address that share the first `prefix` bits (at most bits()) with this one.
    IpAddress first_of(unsigned prefix) const { return with_host_bits(prefix, false); }
    IpAddress last_of(unsigned prefix) const { return with_host_bits(prefix, true); }

    bool operator==(IpAddress const&) const = default;

private:
    IpAddress with_host_bits(unsigned prefix, bool set) const;

    std::array<std::uint8_t, 16> bytes_{}; ///< IPv4 uses the first four
    bool v6_ = false;
};

/// Whom an address is counted under where addresses are limited: itself, or its /64 where it is IPv6, since
/// one host has all addresses of its network. `2001:db8:1:2::9` gives `2001:db8:1:2::/64`, `::ffff:192.0.2.1`
/// gives `192.0.2.1`. Of a process on this machine its user counts, who can start any number: `uid 1000, pid
/// 4711` gives `uid 1000`. What is neither stands for itself.
std::string counted_address(std::string_view address);

/// A part of the network, as administrators describe boundaries.
struct Area {
    enum class Kind { subnet, range, ad_site, ipv6 };
    Kind kind = Kind::subnet;
    /// Normal form: "10.77.4.0/24", "10.77.4.10-10.77.4.20", "2001:db8::/32", the AD site as it was given.
    std::string value = {};
    /// Bounds to search in, both inclusive: keys of addresses. An AD site has its lower-case name in both.
    std::string first = {};
    std::string last = {};

    bool contains(IpAddress const& address) const;
    bool is_ad_site(std::string_view name) const;

    bool operator==(Area const&) const = default;
};

/// "subnet", "range", "ad_site", "ipv6".
std::string_view name_of(Area::Kind kind);
std::optional<Area::Kind> area_kind_of(std::string_view name);

/// From what an operator wrote: `A/N` with N from 0 to 32; `A-B`, both IPv4 and A not behind B; a name of 1
/// to 255 bytes without control characters; `P/N` with N from 0 to 128. Host bits that are set are cleared
/// (10.77.4.31/24 is 10.77.4.0/24): which subnet is meant is plain. An IPv6 prefix inside the mapped
/// addresses is refused, since clients are compared by their IPv4 address. Fails with usage.
Result<Area> parse_area(Area::Kind kind, std::string_view text);

} // namespace pointman
