// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "db/store.hpp"
#include "endpoints/endpoint.hpp"
#include "endpoints/inventory/kind.hpp"
#include "endpoints/inventory/sequence.hpp"
#include "endpoints/report/received_report.hpp"

#include <functional>
#include <string>
#include <vector>

namespace pointman::endpoints::inventory {

/// A report of one of the kinds whose versions are in sequence, read as far as they have in common.
struct Arrival {
    Kind const& kind;
    config::ReportMode mode;
    ReceivedReport const& report;
    Submitted const& submitted;
    std::vector<Error> const& unusable; ///< parts that were left out
    std::string size;                   ///< for the log: "230 instances, 51200 bytes"
};

/// What matters of a report for its place among the others. `content` is what makes it the same as another:
/// its bytes, or what is known to follow from them.
Submitted submitted(ReceivedReport const& report, BytesView content);

/// Loads what the report says; returns what the log is to tell of it. A refusal undoes what was written.
using Loading = std::function<Result<std::vector<Note>>()>;

/// What all of them go through: the table of versions, lenient or strict, loading, the request of a full
/// report where one is needed and its end where that has come. Fails with invalid_machine where the client is
/// not registered.
Result<Reply> arrive(Arrival const& arrival, config::Settings const& settings, db::Transaction& transaction,
                     Loading const& load);

} // namespace pointman::endpoints::inventory
