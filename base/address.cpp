// SPDX-License-Identifier: Apache-2.0
#include "base/address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <netinet/in.h>

namespace pointman {

std::string counted_address(std::string_view address) {
    // A link-local address comes with its interface.
    std::string text(address.substr(0, address.find('%')));
    in6_addr v6{};
    if (inet_pton(AF_INET6, text.c_str(), &v6) != 1) return text;
    std::array<char, INET6_ADDRSTRLEN> network{};
    if (IN6_IS_ADDR_V4MAPPED(&v6)) {
        inet_ntop(AF_INET, std::begin(v6.s6_addr) + 12, network.data(), network.size());
        return network.data();
    }
    std::fill(std::begin(v6.s6_addr) + 8, std::end(v6.s6_addr), std::uint8_t{0});
    inet_ntop(AF_INET6, &v6, network.data(), network.size());
    return std::string(network.data()) + "/64";
}

} // namespace pointman
