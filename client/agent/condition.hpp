// SPDX-License-Identifier: Apache-2.0
// Whether policies, and rules in them, apply to this machine.
#pragma once

#include "client/inventory/root.hpp"
#include "client/inventory/snapshot.hpp"

#include <optional>
#include <pointman/policy.hpp>
#include <string>
#include <string_view>

namespace pointman::client::agent {

/// What conditions can ask: the agent itself (`SMS_Client` with its `ClientVersion`), and of this machine the
/// computer, the operating system, the firmware and the processors, in the classes of hardware inventory.
inventory::Snapshot facts_of(std::string_view agent_version, inventory::Root const& root);
/// Of the agent alone.
inventory::Snapshot facts_of(std::string_view agent_version);

/// Whether it holds. Nothing where that depends on what is not known here: an operator, a language, a class,
/// a property, or a query of another form than query_holds() knows.
std::optional<bool> holds(PolicyCondition const& condition, inventory::Snapshot const& facts);

/// `SELECT * FROM CLASS [WHERE ...]`, perhaps below a line such as `@root\ccm`, holds where there is such an
/// instance. Behind WHERE stand comparisons `PROPERTY op VALUE` with `=`, `<>`, `!=`, `<`, `<=`, `>`, `>=` or
/// `LIKE` (`%`, `_`), joined by AND, OR, NOT and brackets. Numbers and versions are compared part by part, so
/// that 5.0 is 5 and less than 10; all else as text in any case. Classes and properties in any case, too.
std::optional<bool> query_holds(std::string_view wql, inventory::Snapshot const& facts);

/// As a person reads it: "SELECT ... AND NOT (SELECT ...)".
std::string text_of(PolicyCondition const& condition);

} // namespace pointman::client::agent
