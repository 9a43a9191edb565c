// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Marks what the shared library shows.
#define POINTMAN_API __attribute__((visibility("default")))
