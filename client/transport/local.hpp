// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pointman/error.hpp>
#include <string>
#include <string_view>

namespace pointman::client {

/// How a host begins that names the socket of a management point of this machine: `unix:/PATH`.
constexpr std::string_view local_scheme = "unix:";

/// The socket that a host names by `unix:/PATH`, or the usual one where it is empty: that of the variable
/// POINTMAN_SOCKET, else /run/pointman/pointman.sock. Fails with invalid_argument for a path that is relative
/// or too long for a socket.
Result<std::string> socket_of(std::string_view host);

} // namespace pointman::client
