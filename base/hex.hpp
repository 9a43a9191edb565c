// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"

#include <string>
#include <string_view>

namespace pointman {

/// Upper-case hexadecimal, the protocol's form for keys, certificates and signatures.
std::string to_hex(BytesView bytes);

/// Either case; white space between digits is skipped, since XML text may be wrapped.
/// Fails with Code::malformed on another character or an odd number of digits.
Result<Bytes> from_hex(std::string_view text);

/// Upper-case hexadecimal SHA-256 of the bytes.
std::string sha256_hex(BytesView bytes);

} // namespace pointman
