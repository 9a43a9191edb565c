// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace pointman::wire {

/// Bounds that hold before any work is done on a message.
struct Limits {
    std::size_t max_parts = 4;
    std::size_t max_part_headers = 4096;                      ///< bytes of one part's header lines
    std::size_t max_header = std::size_t{256} * 1024;         ///< bytes of the Msg document as sent
    std::size_t max_inflated = std::size_t{64} * 1024 * 1024; ///< bytes after zlib
    std::size_t max_ratio = 1000; ///< inflated to compressed, looked at beyond 1 MiB inflated
    std::size_t max_attachments = 10'000;
    std::size_t max_hooks = 16;
    std::size_t max_properties = 256; ///< of the message, and of one hook
};

} // namespace pointman::wire
