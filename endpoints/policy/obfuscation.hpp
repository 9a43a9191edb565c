// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"

#include <string>
#include <string_view>

namespace pointman::endpoints::policy {

/// The value of a property with secret="1" as bodies hold it (wire.md 8.5): upper-case hexadecimal of a
/// header, in which the key can be read, and the 3DES-CBC text of UTF-16LE with a NUL. It hides, it does not
/// protect; every client reads this form. Each call takes a fresh key. The value is UTF-8.
std::string obfuscate(std::string_view value);

/// What obfuscate() was given; reads the later AES-256 form too. White space around and in the hexadecimal is
/// skipped, bytes behind the stated length are ignored: real bodies have both. Fails with malformed.
Result<std::string> reveal(std::string_view hex);

} // namespace pointman::endpoints::policy
