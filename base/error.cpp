// SPDX-License-Identifier: Apache-2.0
#include "base/error.hpp"

#include <fmt/format.h>

#include <array>

namespace pointman {

namespace {
constexpr std::array<std::string_view, 29> names{
    "Malformed",      "SchemaViolation", "UnknownEndpoint", "BadSignature",    "UnknownClient",
    "NotApproved",    "Blocked",         "WrongClient",     "WrongAction",     "InvalidMachine",
    "NoBaseline",     "ResyncPending",   "Outdated",        "DeltaMismatch",   "MajorMismatch",
    "NonExistentRow", "GroupFailure",    "ExceedSizeLimit", "UnusableInstance", "BadMif",
    "LimitExceeded",  "NotFound",        "Ambiguous",       "Usage",           "Busy",
    "StorageFull",    "Storage",         "Io",              "Unavailable"};
static_assert(names.size() == static_cast<std::size_t>(Code::unavailable) + 1);
} // namespace

std::string_view name_of(Code code) { return names.at(static_cast<std::size_t>(code)); }

std::string describe(Error const& error) {
    auto text = fmt::format("{}: {}", name_of(error.code), error.message);
    if (error.line != 0) text += fmt::format(" (line {}, column {})", error.line, error.column);
    if (!error.detail.empty()) text += fmt::format(" [{}]", error.detail);
    return text;
}

} // namespace pointman
