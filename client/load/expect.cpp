// SPDX-License-Identifier: Apache-2.0
#include "client/load/expect.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

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

template <std::uint64_t Counts::* Member>
double count(Subject const& subject) {
    return static_cast<double>(subject.figures.total().*Member);
}

template <std::uint64_t Counts::* Member>
double count_share(Subject const& subject) {
    auto const total = subject.figures.total();
    return share(total.*Member, total.sent);
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

double server_rss(Subject const& subject) {
    return subject.run.server_peak_mb;
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

} // namespace pointman::client::load
