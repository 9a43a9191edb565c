// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"
#include "db/metering.hpp"
#include "schemas/document.hpp"

#include <string_view>
#include <vector>

namespace pointman::endpoints::relay {

inline constexpr std::size_t most_usages = 50'000; ///< of a report

struct ReportedUsages {
    std::vector<db::MeteredUsage> usable;
    std::vector<Error> unusable; ///< unusable_instance, with their places
};

/// The `HistoricalMeterData` of a `ReportBody`, each with its file and product (relay.md 4.1). A usage
/// without EndTime still runs, or ended nobody knows when: the report's Date counts, else its start. One is
/// unusable where it has no id, a time that is no CIM time, an end before its start, or a Status or FileSize
/// that is no number. Fails with limit_exceeded for too many.
Result<ReportedUsages> read_usages(schemas::Element const& body, std::string_view report_date);

} // namespace pointman::endpoints::relay
