// SPDX-License-Identifier: Apache-2.0
#include "base/peer_process.hpp"

#include "base/number.hpp"

#include <fmt/format.h>

namespace pointman {

namespace {

constexpr std::string_view before_user = "uid ";
constexpr std::string_view before_process = ", pid ";

} // namespace

std::string PeerProcess::text() const {
    return fmt::format("{}{}{}{}", before_user, user, before_process, process);
}

std::optional<PeerProcess> PeerProcess::parse(std::string_view text) {
    if (!text.starts_with(before_user)) return std::nullopt;
    text.remove_prefix(before_user.size());
    auto const end = text.find(before_process);
    if (end == std::string_view::npos) return std::nullopt;
    auto const user = number_in<std::uint32_t>(text.substr(0, end));
    auto const process = number_in<std::int32_t>(text.substr(end + before_process.size()));
    if (!user || !process) return std::nullopt;
    return PeerProcess{*user, *process};
}

bool PeerProcess::is_operator_of(std::uint32_t daemon_user) const {
    constexpr std::uint32_t root = 0;
    // The kernel's name for every user that it cannot name here, those of foreign user namespaces.
    constexpr std::uint32_t nobody = 65534;
    return user == root || (user == daemon_user && user != nobody);
}

} // namespace pointman
