// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "server/wire/limits.hpp"

namespace pointman::wire {

/// One zlib stream (RFC 1950). Small texts, which most messages are, are compressed fast; large ones well.
Bytes zlib_compress(BytesView plain);

/// Undoes one zlib stream; bytes behind its end are ignored. Fails with malformed (no zlib stream, damaged,
/// cut short) or with limit_exceeded (`max_inflated`, `max_ratio`), before more than the bound is written.
Result<Bytes> zlib_decompress(BytesView compressed, Limits const& limits = {});

} // namespace pointman::wire
