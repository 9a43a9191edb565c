// SPDX-License-Identifier: Apache-2.0
#include "client/load/expect.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace pointman::client::load {

namespace {

/// A phase in its run.
struct Subject {
    Phase const& phase;
    PhaseFigures const& figures;
    RunFigures const& run;
};

double share(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

template <int PerMille>
double latency(Subject const& subject) {
    return milliseconds_of(subject.figures.latency().percentile(PerMille / 10.0));
}

template <std::uint64_t Counts::*Member>
double count(Subject const& subject) {
    return static_cast<double>(subject.figures.total().*Member);
}

template <std::uint64_t Counts::*Member>
double count_share(Subject const& subject) {
    auto const total = subject.figures.total();
    return share(total.*Member, total.sent);
}

/// Follows the size of the fleet, which --clients may set.
double ok_per_client(Subject const& subject) {
    return share(subject.figures.total().ok, subject.run.clients);
}

double rate(Subject const& subject) {
    return subject.figures.rate();
}

double rate_share(Subject const& subject) {
    auto const* const other = subject.run.phase(subject.phase.share_of);
    return other == nullptr || other->rate() <= 0 ? 0 : subject.figures.rate() / other->rate();
}

double duration(Subject const& subject) {
    return subject.figures.seconds + subject.figures.drained;
}

double recovery(Subject const& subject) {
    auto const bound = subject.phase.recovery_p99_ms;
    return subject.figures.recovery(bound > 0 ? std::optional(bound) : std::nullopt);
}

double peak_rss(Subject const& subject) {
    return subject.run.peak_rss_mb;
}

/// What nobody could measure is not under any bound.
double server_rss(Subject const& subject) {
    auto const peak = subject.run.server_peak_mb;
    return peak > 0 ? peak : std::numeric_limits<double>::infinity();
}

struct Row {
    std::string_view key;
    bool at_least;
    double (*value)(Subject const&);
};

constexpr std::array rows{
    Row{"p50_ms", false, &latency<500>},
    Row{"p90_ms", false, &latency<900>},
    Row{"p99_ms", false, &latency<990>},
    Row{"p999_ms", false, &latency<999>},
    Row{"max_ms", false, &latency<1000>},
    Row{"error_rate", false, &count_share<&Counts::failed>},
    Row{"refused_rate", false, &count_share<&Counts::refused>},
    Row{"failed", false, &count<&Counts::failed>},
    Row{"refused", false, &count<&Counts::refused>},
    Row{"lost", false, &count<&Counts::lost>},
    Row{"duration_s", false, &duration},
    Row{"recovery_s", false, &recovery},
    Row{"generator_mb", false, &peak_rss},
    Row{"server_mb", false, &server_rss},
    Row{"min_ok", true, &count<&Counts::ok>},
    Row{"min_ok_per_client", true, &ok_per_client},
    Row{"min_refused", true, &count<&Counts::refused>},
    Row{"min_rate", true, &rate},
    Row{"min_share", true, &rate_share},
};

constexpr auto keys = [] {
    std::array<std::string_view, rows.size()> names{};
    std::ranges::transform(rows, names.begin(), &Row::key);
    return names;
}();

Verdict verdict(Subject const& subject, Expectation const& expectation) {
    auto const& row = *std::ranges::find(rows, expectation.key, &Row::key); // the reader takes no other
    auto const value = row.value(subject);
    return {.phase = subject.phase.name,
            .expectation = expectation,
            .value = value,
            .holds = row.at_least ? value >= expectation.bound : value <= expectation.bound,
            .at_least = row.at_least};
}

} // namespace

std::span<std::string_view const> expectation_keys() {
    return keys;
}

std::string describe(Verdict const& verdict) {
    return fmt::format("{} is {:.6g}, expected at {} {:.6g}", verdict.expectation.key, verdict.value,
                       verdict.at_least ? "least" : "most", verdict.expectation.bound);
}

std::vector<Verdict> judge(Scenario const& scenario, RunFigures const& run) {
    std::vector<Verdict> verdicts;
    for (auto const& phase : scenario.phases) {
        auto const* const figures = run.phase(phase.name);
        if (figures == nullptr) continue;
        for (auto const& each : phase.expect) verdicts.push_back(verdict({phase, *figures, run}, each));
    }
    return verdicts;
}

std::string why_invalid(PhaseFigures const& figures, Bounds const& bounds) {
    auto const bound = std::chrono::duration<double, std::milli>(bounds.lag).count();
    auto const lag = milliseconds_of(figures.lag.percentile(99));
    constexpr double stops_allowed = 20; // times the bound: one such stop spoils every percentile
    auto const busy = std::max(figures.io_busy, figures.build_busy);
    auto const working =
        fmt::format("its threads worked {:.0f} % (making) and {:.0f} % (sending) of the time",
                    100 * figures.build_busy, 100 * figures.io_busy);
    if (figures.unmade > 0)
        return fmt::format("{} messages were not sent, because the generator could not make them in time; {}",
                           figures.unmade, working);
    auto const longest_stop = stops_allowed * bound / 1'000;
    if (figures.stopped > longest_stop)
        return fmt::format("the generator itself stood still for {:.1f} s, the bound is {:.1f} s",
                           figures.stopped, longest_stop);
    if (figures.open && lag > bound)
        return fmt::format(
            "the generator was late: 99 % of the messages within {:.1f} ms, the bound is {:.1f} ms; {}", lag,
            bound, working);
    if (busy >= bounds.busy && (!figures.open || lag > bound / 2))
        return fmt::format("the generator was the limit: {}, the bound is {:.0f} %", working,
                           100 * bounds.busy);
    return {};
}

} // namespace pointman::client::load
