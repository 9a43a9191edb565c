// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pointman::test {

/// Name of the schema for a reply of that root, e.g. "reply_assignments.xsd"; "" for none of the management
/// point's.
std::string_view schema_of(std::string_view reply);

/// What xmllint, which knows nothing of this project's readers, has against a reply of the management point
/// by the schema of its root element; "" where it is valid. A reply of no known root is at fault.
std::string faults_by_xmllint(std::string_view reply);

} // namespace pointman::test
