// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pointman {

/// Whom an address is counted under where addresses are limited: itself, or its /64 where it is IPv6, since
/// one host has all addresses of its network. `2001:db8:1:2::9` gives `2001:db8:1:2::/64`, `::ffff:192.0.2.1`
/// gives `192.0.2.1`. What is no address stands for itself.
std::string counted_address(std::string_view address);

} // namespace pointman
