// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <benchmark/benchmark.h>

#include <map>
#include <string>
#include <unistd.h>
#include <vector>

namespace pointman::bench {

/// Prints as usual and keeps the medians.
class Medians final : public benchmark::ConsoleReporter {
public:
    Medians()
        : ConsoleReporter(isatty(STDOUT_FILENO) != 0 ? OO_ColorTabular : OO_Tabular) {}
    void ReportRuns(std::vector<Run> const& runs) override {
        ConsoleReporter::ReportRuns(runs);
        for (auto const& run : runs) {
            if (run.aggregate_name == "median")
                medians_[run.run_name.function_name] = run.GetAdjustedCPUTime();
        }
    }
    /// CPU time.
    double of(std::string const& name) const { return medians_.at(name); }

private:
    std::map<std::string, double> medians_;
};

} // namespace pointman::bench
