// SPDX-License-Identifier: Apache-2.0
#include "server/http/throttle.hpp"

#include <chrono>

namespace pointman::http {

std::optional<std::uint64_t> LogThrottle::pass(Event event) {
    auto& window = windows_.at(static_cast<std::size_t>(event));
    auto const second = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
    if (window.second.exchange(second) != second) window.passed = 0;
    if (window.passed.fetch_add(1) >= per_second) {
        ++window.held;
        return std::nullopt;
    }
    return window.held.exchange(0);
}

} // namespace pointman::http
