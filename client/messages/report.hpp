// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/include/pointman/report.hpp" // IWYU pragma: export
