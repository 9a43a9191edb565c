// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

namespace pointman::test {

/// One zlib stream as zlib itself makes it at its best, which packs bombs tighter than the daemon's library.
Bytes deflated(BytesView plain);

} // namespace pointman::test
