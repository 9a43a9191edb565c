// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"
#include "db/report_sequences.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace pointman::endpoints::inventory {

/// `2.25`: the 25th delta after the 2nd full.
struct ReportVersion {
    std::int64_t major = 0;
    std::int64_t minor = 0;
    bool operator==(ReportVersion const&) const = default;

    /// Nothing for what is not two decimal numbers.
    static std::optional<ReportVersion> parse(std::string_view text);
};

/// What matters of a report for its place among the others.
struct Submitted {
    bool is_full = false; ///< Full or Resync; anything else is a delta
    std::string version;  ///< as sent
    std::string date;     ///< as sent
    std::string sha256;   ///< of its bytes
};

struct Load {
    ReportVersion version; ///< stored with what is loaded
    std::string remark;    ///< for the log; "" = all is as it should be
};
struct Repeat {}; ///< the last loaded report once more: nothing is to be done
struct Reject {
    Error error;
    bool asks_for_resync = false;
};
using Verdict = std::variant<Load, Repeat, Reject>;

/// Whether `ReportType` means that everything is in the report.
bool is_full_report(std::string_view report_type);

/// The table of hardware-inventory.md, "Version sequencing": every full is taken, a delta only in order.
Verdict judge(Submitted const& report, std::optional<db::ReportBaseline> const& baseline,
              bool is_resync_pending);

} // namespace pointman::endpoints::inventory
