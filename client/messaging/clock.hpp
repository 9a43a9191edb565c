// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <pointman/time.hpp>

namespace pointman::client {

/// The one source of time.
using Now = std::function<Time()>;

} // namespace pointman::client
