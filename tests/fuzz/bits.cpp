// SPDX-License-Identifier: Apache-2.0
// What strangers write in the packets of an upload, one after the other with NULs between: the path behind
// the host, BITS-Packet-Type, BITS-Supported-Protocols, BITS-Session-Id, Content-Range, Host.
#include "base/ids.hpp"
#include "base/text.hpp"
#include "server/http/head.hpp"
#include "server/uploads/packets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

namespace {

using namespace pointman;

void require(bool condition) {
    if (!condition) std::abort();
}

/// What becomes the name of a file.
void require_name(std::string const& uuid) {
    constexpr std::string_view allowed = "0123456789ABCDEF-";
    require(uuid.size() == 36 && uuid.find_first_not_of(allowed) == std::string::npos);
}

void check_path(std::string_view target) {
    auto const parts = http::parse_target(target);
    if (!parts) return;
    auto const message = uploads::message_in_path(parts->path);
    if (!message) return;
    require_name(*message);
    require(uploads::message_in_path(to_lower(uploads::folder_told) + "{" + to_lower(*message) + "}") ==
            message);
}

void check_range(std::string_view text) {
    auto const range = uploads::content_range_in(text);
    if (!range) return;
    require(range->first <= range->last && range->last < range->total && range->size() <= range->total);
    auto const again = fmt::format("bytes {}-{}/{}", range->first, range->last, range->total);
    require(uploads::content_range_in(again) == range);
}

void check_authority(std::string_view text) {
    auto const authority = uploads::authority_in(text);
    if (!authority) return;
    require(authority->whole == text && !authority->host.empty());
    require(authority->whole.starts_with(authority->host));
    require(text.find_first_of("/?#@<>&\"' \\%") == std::string_view::npos);
    require(std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7F'; }));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto rest = as_chars(std::as_bytes(std::span(data, size)));
    std::array<std::string_view, 6> fields;
    for (auto& field : fields) {
        field = rest.substr(0, rest.find('\0'));
        rest.remove_prefix(std::min(rest.size(), field.size() + 1));
    }
    check_path(fields[0]);
    (void)uploads::packet_of(fields[1]);
    if (uploads::offers_upload_protocol(fields[2]))
        require(to_lower(fields[2]).find(uploads::upload_protocol) != std::string::npos);
    if (auto const session = uuid_in(trim(fields[3]))) require_name(*session);
    check_range(fields[4]);
    check_authority(fields[5]);
    return 0;
}
