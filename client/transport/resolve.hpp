// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <pointman/error.hpp>
#include <string>
#include <vector>

namespace pointman::client {

/// Addresses of a host, at least one. Fails with name_not_resolved or timeout.
Result<std::vector<boost::asio::ip::tcp::endpoint>> resolve(std::string const& host, std::uint16_t port,
                                                            std::chrono::milliseconds deadline);

} // namespace pointman::client
