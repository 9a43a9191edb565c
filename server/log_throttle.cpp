// SPDX-License-Identifier: Apache-2.0
#include "server/log_throttle.hpp"

#include <chrono>

namespace pointman::log {

std::optional<std::uint64_t> Throttle::pass(TimePoint now) {
    auto const second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    if (second_.exchange(second) != second) passed_ = 0;
    if (passed_.fetch_add(1) >= per_second) {
        ++held_;
        return std::nullopt;
    }
    return held_.exchange(0);
}

} // namespace pointman::log
