// SPDX-License-Identifier: Apache-2.0
// Private to mif.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace pointman::mif {

/// What of the first bytes are whole characters.
std::string_view cut_to(std::string_view utf8, std::size_t bytes);

/// What is written in quotes, the pieces one after the other, without control characters but those that lay
/// out text. An escape for a byte past ASCII means the character of Windows-1252.
std::string unescaped_text(std::span<std::string_view const> pieces);
/// The bytes.
std::string unescaped_bytes(std::span<std::string_view const> pieces);

} // namespace pointman::mif
