// SPDX-License-Identifier: Apache-2.0
#include "client/agent/place.hpp"

#include "client/inventory/machine.hpp"

#include <arpa/inet.h>

namespace pointman::client::agent {

namespace {

/// `10.77.4.0` of an IPv4 address with its mask; "" of any other.
std::string subnet_of(inventory::InterfaceAddress const& from) {
    in_addr address{};
    in_addr mask{};
    if (::inet_pton(AF_INET, from.address.c_str(), &address) != 1 ||
        ::inet_pton(AF_INET, from.mask.c_str(), &mask) != 1)
        return {};
    address.s_addr &= mask.s_addr;
    std::string text(INET_ADDRSTRLEN, '\0');
    ::inet_ntop(AF_INET, &address, text.data(), INET_ADDRSTRLEN);
    return text.substr(0, text.find('\0'));
}

Place place_of(std::vector<inventory::InterfaceAddress> const& addresses, bool with_loopback) {
    Place place;
    for (auto const& each : addresses) {
        if ((each.interface == "lo") == with_loopback)
            place.addresses.push_back({each.address, subnet_of(each)});
    }
    return place;
}

} // namespace

Place place_of_this_machine() {
    auto const addresses = inventory::running_system().addresses;
    auto place = place_of(addresses, false);
    return place.addresses.empty() ? place_of(addresses, true) : place;
}

} // namespace pointman::client::agent
