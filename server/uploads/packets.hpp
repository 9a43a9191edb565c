// SPDX-License-Identifier: Apache-2.0
// What stands in the requests of a BITS upload (wire.md 10.2). Pure functions over text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pointman::uploads {

enum class Packet { ping, create_session, fragment, close_session, cancel_session };

/// Compared without case. Nothing for a type that is not known.
std::optional<Packet> packet_of(std::string_view type);

/// The one protocol of uploads, as BITS-Protocol names it.
inline constexpr std::string_view upload_protocol = "{7df0354d-249b-430f-820d-3d2a9bef4931}";

/// Whether the list of BITS-Supported-Protocols holds it.
bool offers_upload_protocol(std::string_view list);

/// Which bytes of a file a fragment holds.
struct ContentRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0; ///< inclusive
    std::uint64_t total = 0;

    std::uint64_t size() const { return last - first + 1; }
    bool operator==(ContentRange const&) const = default;
};

/// `bytes FIRST-LAST/TOTAL`, first <= last < total. Nothing for any other text.
std::optional<ContentRange> content_range_in(std::string_view text);

/// The folder of uploads in lower case, as request paths are, and as clients are told it.
inline constexpr std::string_view folder = "/ccm_incoming/";
inline constexpr std::string_view folder_told = "/CCM_Incoming/";

/// The UUID of the message that a request's path names: decoded, in lower case. Nothing where the folder
/// holds anything but one GUID: a client's text never becomes the name of a file.
std::optional<std::string> message_in_path(std::string_view path);

/// The address that a client used, from its Host header; nothing where that could not stand in a URL.
struct Authority {
    std::string whole; ///< `mp1.lab.example:8080`, `[::1]:8080`
    std::string host;  ///< `mp1.lab.example`, `[::1]`
};
std::optional<Authority> authority_in(std::string_view host_header);

} // namespace pointman::uploads
