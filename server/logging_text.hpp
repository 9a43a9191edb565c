// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Text that cannot break a record of a log (logging.md 7).
namespace pointman::log {

constexpr std::size_t max_message = 64UL * 1024;
constexpr std::size_t max_attribute = 100; ///< CMTrace reads component and file with %100[^"]
constexpr std::size_t max_context = 200;

/// UTF-8 without control characters, at most `limit` bytes and a note of what was left out.
std::string visible(std::string_view text, std::size_t limit);
/// The same, cut at max_message, and without the marks that begin and end a record.
std::string message_text(std::string_view text);
/// For an attribute: no quotation mark and no angle.
std::string attribute_text(std::string_view text, std::size_t limit);
/// A name that is a file's and fits the attribute `component`.
std::string safe_name(std::string_view name);

} // namespace pointman::log
