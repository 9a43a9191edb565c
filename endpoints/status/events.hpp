// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/status_messages.hpp"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace pointman::endpoints::status {

/// An event class that status.md 3 documents.
struct EventClass {
    std::string_view name;
    db::StatusSeverity severity = db::StatusSeverity::informational;
    std::string_view component;
    std::span<std::string_view const> strings; ///< properties by position; "" = the position is not used
    std::string_view description;              ///< `{Name}` stands for a property
};

std::span<EventClass const> event_classes();

/// Fills what follows from the class, properties and qualifiers of a message (status.md 5): severity, type,
/// number, component, strings, attributes, description. Of unknown classes it is as much as they carry
/// themselves. Returns what could not be read, for the log.
std::vector<std::string> derive(db::StatusMessage& message);

} // namespace pointman::endpoints::status
