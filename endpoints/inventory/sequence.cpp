// SPDX-License-Identifier: Apache-2.0
#include "endpoints/inventory/sequence.hpp"

#include "base/number.hpp"
#include "base/text.hpp"
#include "endpoints/report/report_header.hpp"

#include <fmt/format.h>

namespace pointman::endpoints::inventory {

namespace {

Reject out_of_order(Code code, std::string message) {
    return {{code, std::move(message), {}}, true};
}

Load load_full(Submitted const& report, std::optional<db::ReportBaseline> const& baseline) {
    auto const version = ReportVersion::parse(report.version);
    Load load{version.value_or(ReportVersion{1, 0}), {}};
    if (!version) {
        load.remark = fmt::format("the version \"{}\" is none: 1.0 is assumed", report.version);
    } else if (baseline && is_older(report.date, baseline->date)) {
        load.remark =
            fmt::format("a full report {} of {}, older than {}.{} of {} that was loaded last", report.version,
                        report.date, baseline->major, baseline->minor, baseline->date);
    }
    return load;
}

Verdict judge_delta(Submitted const& report, db::ReportBaseline const& baseline) {
    auto const version = ReportVersion::parse(report.version);
    auto const stored = fmt::format("{}.{}", baseline.major, baseline.minor);
    if (!version) {
        return out_of_order(Code::delta_mismatch,
                            fmt::format("the delta's version \"{}\" is none, and {} was loaded last",
                                        report.version, stored));
    }
    auto const what = fmt::format("delta {} does not follow {}", report.version, stored);
    if (version->major != baseline.major) return out_of_order(Code::major_mismatch, what);
    if (version->minor <= baseline.minor) return out_of_order(Code::outdated, what);
    if (version->minor - baseline.minor > 1)
        return out_of_order(Code::delta_mismatch, what + ": one is missing");
    if (is_older(report.date, baseline.date)) {
        return out_of_order(Code::outdated,
                            fmt::format("{} in time: {} and {}", what, report.date, baseline.date));
    }
    return Load{*version, {}};
}

} // namespace

std::optional<ReportVersion> ReportVersion::parse(std::string_view text) {
    text = trim(text);
    auto const point = text.find('.');
    if (point == std::string_view::npos) return std::nullopt;
    // Unsigned, so that no sign is taken for a part of a number.
    auto const major = number_in<std::uint32_t>(text.substr(0, point));
    auto const minor = number_in<std::uint32_t>(text.substr(point + 1));
    if (!major || !minor) return std::nullopt;
    return ReportVersion{*major, *minor};
}

bool is_full_report(std::string_view report_type) {
    report_type = trim(report_type);
    return equal_ignoring_case(report_type, "Full") || equal_ignoring_case(report_type, "Resync");
}

Verdict judge(Submitted const& report, std::optional<db::ReportBaseline> const& baseline,
              bool is_resync_pending) {
    if (baseline && baseline->sha256 == report.sha256) return Repeat{};
    if (report.is_full) return load_full(report, baseline);
    if (is_resync_pending) {
        return Reject{
            {Code::resync_pending, "the site waits for a full report and takes no delta before", {}}, false};
    }
    if (!baseline) {
        return out_of_order(Code::no_baseline,
                            fmt::format("delta {} without a full report before it", report.version));
    }
    return judge_delta(report, *baseline);
}

} // namespace pointman::endpoints::inventory
