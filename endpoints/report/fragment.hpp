// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"

#include <string>

namespace pointman::endpoints {

/// A whole report made of the header in a message's body and an attachment that is only a `ReportBody`, which
/// the 2007 pages leave possible (ddr.md, open questions). UTF-8; the fragment keeps its lines. Fails with
/// schema_violation where the body has no `ReportHeader`, else like schemas::parse.
Result<std::string> complete_report(BytesView fragment, BytesView body);

} // namespace pointman::endpoints
