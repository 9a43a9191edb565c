// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pointman {

/// The process at the other end of a Unix socket, as the kernel named it when it connected.
struct PeerProcess {
    std::uint32_t user = 0;   ///< effective user id
    std::int32_t process = 0; ///< its id; 0 where it is of another namespace, and has none here

    /// What logs and the quarantine say in place of an address: `uid 1000, pid 4711`.
    std::string text() const;
    /// From that text. Nothing from any other, such as an address.
    static std::optional<PeerProcess> parse(std::string_view text);
    /// Whether whatever this process says could as well be done to the daemon's files by it: it is root's, or
    /// of the daemon's own user.
    bool is_operator_of(std::uint32_t daemon_user) const;

    bool operator==(PeerProcess const&) const = default;
};

} // namespace pointman
