// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <pointman/time.hpp>

namespace pointman::client {

/// 2026-11-23T10:00:00Z
inline constexpr Time test_time =
    std::chrono::sys_days{std::chrono::November / 23 / 2026} + std::chrono::hours{10};

} // namespace pointman::client
