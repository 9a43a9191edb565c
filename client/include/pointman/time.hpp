// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace pointman::client {

/// UTC with milliseconds: the finest time that messages carry.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;

} // namespace pointman::client
