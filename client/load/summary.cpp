// SPDX-License-Identifier: Apache-2.0
#include "client/load/summary.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace pointman::client::load {

namespace {

namespace json = boost::json;

std::string milliseconds_text(Histogram::Duration duration) {
    auto const value = milliseconds_of(duration);
    constexpr double many = 1'000;
    return value < many ? fmt::format("{:.2f}", value) : fmt::format("{:.0f}", value);
}

std::string line_of(std::string_view name, Counts const& counts, Histogram const& latency) {
    return fmt::format("{:<12}{:>10}{:>10}{:>9}{:>8}{:>7}{:>8}{:>8}{:>8}\n", name, counts.sent, counts.ok,
                       counts.refused, counts.failed, counts.lost, milliseconds_text(latency.percentile(50)),
                       milliseconds_text(latency.percentile(99)), milliseconds_text(latency.max()));
}

bool is_used(Counts const& counts) {
    return counts != Counts{};
}

std::string injected(Counts const& total) {
    if (total.cut + total.duplicates + total.withheld == 0) return {};
    return fmt::format("on purpose: {} requests cut, {} sent twice, {} deltas lost\n", total.cut,
                       total.duplicates, total.withheld);
}

std::string heading_of(PhaseFigures const& phase) {
    auto const name = phase.name.substr(0, 30);
    return fmt::format("{}: {}, {:.1f} s and {:.1f} s to settle, {:.1f} acknowledged a second\n", name,
                       phase.open ? "open" : "closed", phase.seconds, phase.drained, phase.rate());
}

std::string phase_text(PhaseFigures const& phase) {
    auto text = heading_of(phase);
    if (!phase.measured) return text;
    text += fmt::format("{:<12}{:>10}{:>10}{:>9}{:>8}{:>7}{:>8}{:>8}{:>8}\n", "", "sent", "ok", "refused",
                        "failed", "lost", "p50 ms", "p99 ms", "max ms");
    for (std::size_t i = 0; i < kinds; ++i) {
        auto const kind = static_cast<Kind>(i);
        auto const& figures = phase.by_kind[kind];
        if (is_used(figures.counts)) text += line_of(name_of(kind), figures.counts, figures.latency);
    }
    auto const total = phase.total();
    text += line_of("all", total, phase.latency()) + injected(total);
    text +=
        fmt::format("generator: {:.2f} cores, making {:.0f} %, sending {:.0f} %; p99 late {} ms\n", phase.cpu,
                    100 * phase.build_busy, 100 * phase.io_busy, milliseconds_text(phase.lag.percentile(99)));
    return text;
}

std::string expectations_text(std::span<Verdict const> verdicts, std::string_view file) {
    std::string text;
    for (auto const& verdict : verdicts)
        text += fmt::format("{} {}:{}: phase {}: {}\n", verdict.holds ? "held  " : "FAILED", file,
                            verdict.expectation.line, verdict.phase, describe(verdict));
    return text;
}

json::object latency_json(Histogram const& latency) {
    return {{"p50_ms", milliseconds_of(latency.percentile(50))},
            {"p90_ms", milliseconds_of(latency.percentile(90))},
            {"p99_ms", milliseconds_of(latency.percentile(99))},
            {"p999_ms", milliseconds_of(latency.percentile(99.9))},
            {"max_ms", milliseconds_of(latency.max())}};
}

json::object figures_json(Counts const& counts, Histogram const& latency) {
    json::object object{{"sent", counts.sent},
                        {"ok", counts.ok},
                        {"refused", counts.refused},
                        {"failed", counts.failed},
                        {"lost", counts.lost},
                        {"duplicates", counts.duplicates},
                        {"cut", counts.cut},
                        {"withheld", counts.withheld},
                        {"bytes_out", counts.bytes_out},
                        {"bytes_in", counts.bytes_in}};
    for (auto& each : latency_json(latency)) object.emplace(each.key(), each.value());
    return object;
}

json::object phase_json(PhaseFigures const& phase) {
    json::object by_kind;
    for (std::size_t i = 0; i < kinds; ++i) {
        auto const kind = static_cast<Kind>(i);
        auto const& figures = phase.by_kind[kind];
        if (is_used(figures.counts))
            by_kind.emplace(name_of(kind), figures_json(figures.counts, figures.latency));
    }
    return {{"name", phase.name},
            {"mode", phase.open ? "open" : "closed"},
            {"measured", phase.measured},
            {"seconds", phase.seconds},
            {"drained_seconds", phase.drained},
            {"rate", phase.rate()},
            {"all", figures_json(phase.total(), phase.latency())},
            {"kinds", std::move(by_kind)},
            {"generator", json::object{{"cores", phase.cpu},
                                       {"making", phase.build_busy},
                                       {"sending", phase.io_busy},
                                       {"lag_p99_ms", milliseconds_of(phase.lag.percentile(99))},
                                       {"unmade", phase.unmade}}},
            {"invalid", phase.invalid}};
}

json::object verdict_json(Verdict const& verdict) {
    return {{"phase", verdict.phase},           {"key", verdict.expectation.key},
            {"line", verdict.expectation.line}, {"bound", verdict.expectation.bound},
            {"value", verdict.value},           {"holds", verdict.holds}};
}

} // namespace

Ending ending_of(RunFigures const& run, std::span<Verdict const> verdicts) {
    if (std::ranges::any_of(run.phases, [](auto const& phase) { return !phase.invalid.empty(); }))
        return Ending::invalid;
    bool const holds = std::ranges::all_of(verdicts, &Verdict::holds);
    return holds && !run.interrupted ? Ending::passed : Ending::failed;
}

std::string text_of(RunFigures const& run, std::span<Verdict const> verdicts, std::string_view file) {
    std::string text;
    for (auto const& phase : run.phases) text += phase_text(phase) + "\n";
    text += fmt::format("{} of {} clients registered; {} bytes each, {:.0f} MB in all\n", run.registered,
                        run.clients, run.bytes_per_client, run.peak_rss_mb);
    if (run.server_peak_mb > 0) text += fmt::format("server: {:.0f} MB at its peak\n", run.server_peak_mb);
    if (run.handshakes > 0)
        text += fmt::format("TLS: {} handshakes, {} resumed\n", run.handshakes, run.resumed);
    if (!run.last_fault.empty()) text += fmt::format("last failure: {}\n", run.last_fault);
    text += expectations_text(verdicts, file);
    for (auto const& phase : run.phases)
        if (!phase.invalid.empty())
            text += fmt::format("MEASUREMENT INVALID: phase {}: {}\n", phase.name, phase.invalid);
    if (run.interrupted) text += "interrupted\n";
    return text;
}

json::object json_of(RunFigures const& run, std::span<Verdict const> verdicts) {
    json::array phases;
    for (auto const& phase : run.phases) phases.push_back(phase_json(phase));
    json::array expectations;
    for (auto const& verdict : verdicts) expectations.push_back(verdict_json(verdict));
    return {{"clients", run.clients},
            {"registered", run.registered},
            {"bytes_per_client", run.bytes_per_client},
            {"generator_mb", run.peak_rss_mb},
            {"server_mb", run.server_peak_mb},
            {"handshakes", run.handshakes},
            {"resumed", run.resumed},
            {"last_failure", run.last_fault},
            {"interrupted", run.interrupted},
            {"phases", std::move(phases)},
            {"expectations", std::move(expectations)},
            {"exit_code", static_cast<int>(ending_of(run, verdicts))}};
}

std::string csv_row(PhaseFigures const& phase, Second const& second) {
    std::string name;
    for (auto const c : phase.name) name += c == '"' ? std::string("\"\"") : std::string(1, c);
    auto const& counts = second.counts;
    return fmt::format("{:.3f},\"{}\",{},{},{},{},{:.3f},{:.3f},{:.3f},{},{},{:.3f},{:.3f}\n", second.at,
                       name, counts.sent, counts.ok, counts.refused, counts.failed, second.p50_ms,
                       second.p99_ms, second.max_ms, second.in_flight, second.waiting, second.lag_ms,
                       second.cpu);
}

std::string progress_line(PhaseFigures const& phase, Second const& second) {
    auto const& counts = second.counts;
    auto line =
        fmt::format("{:.16} {:.0f} s: {} ok, {} refused, {} failed, p99 {:.1f} ms, {} waiting, {:.2f} cores",
                    phase.name, second.at - phase.began, counts.ok, counts.refused, counts.failed,
                    second.p99_ms, second.waiting, second.cpu);
    constexpr std::size_t columns = 79;
    return line.substr(0, columns);
}

} // namespace pointman::client::load
