// SPDX-License-Identifier: Apache-2.0
#include "client/transport/local.hpp"

#include "client/transport/failure.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <sys/un.h>

namespace pointman::client {

namespace {

constexpr auto variable = "POINTMAN_SOCKET";
constexpr std::string_view usual_socket = "/run/pointman/pointman.sock";

/// `what` is where the path comes from.
Result<std::string> checked(std::string_view path, std::string_view what) {
    constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1; // a NUL follows
    if (!path.starts_with('/') || path.find('\0') != std::string_view::npos)
        return fail(Code::invalid_argument,
                    fmt::format("{} has to be an absolute path, e.g. {}", what, usual_socket));
    if (path.size() > longest)
        return fail(Code::invalid_argument, fmt::format("{} is a path of {} bytes, and a socket's has {} at "
                                                        "most",
                                                        what, path.size(), longest));
    return std::string(path);
}

} // namespace

Result<std::string> socket_of(std::string_view host) {
    if (host.starts_with(local_scheme))
        return checked(host.substr(local_scheme.size()), fmt::format("what follows '{}'", local_scheme));
    char const* const set = std::getenv(variable);
    if (set == nullptr || *set == '\0') return std::string(usual_socket);
    return checked(set, variable);
}

} // namespace pointman::client
