// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <string_view>

namespace pointman::bench {

/// A rate beside the floor that was measured in the same run: more is better.
struct Figure {
    std::string_view name;
    double rate = 0;        ///< a second
    std::string_view floor; ///< what does only what nobody can do without
    double floor_rate = 0;  ///< a second
    double wanted = 0;      ///< the least share of the floor's rate that is good; 0 = told only

    double share() const { return rate / floor_rate; }
    bool holds() const { return share() >= wanted; }
};

/// Adds the figure to the file that POINTMAN_BENCH_FIGURES names, if any: a line of its fields with tabs
/// between, which run.sh makes its table of. Whether it holds.
inline bool put_down(Figure const& figure) {
    if (char const* const path = std::getenv("POINTMAN_BENCH_FIGURES")) {
        std::ofstream(path, std::ios::app)
            << fmt::format("{}\t{:.6g}\t{}\t{:.6g}\t{:.4g}\t{:.4g}\t{}\n", figure.name, figure.rate,
                           figure.floor, figure.floor_rate, figure.share(), figure.wanted,
                           figure.holds() ? "true" : "false");
    }
    return figure.holds();
}

} // namespace pointman::bench
