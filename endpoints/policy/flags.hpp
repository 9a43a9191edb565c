// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace pointman::endpoints::policy {

// Bits of PolicyFlags (policy.md 3) that mean something to the server.

constexpr std::uint32_t flag_task_sequence = 1;
constexpr std::uint32_t flag_requires_authentication = 2;
constexpr std::uint32_t flag_secret = 4;
constexpr std::uint32_t flag_compressed = 64;

/// What is not for everybody who knows the URL.
constexpr std::uint32_t flags_protected = flag_requires_authentication | flag_secret;

} // namespace pointman::endpoints::policy
