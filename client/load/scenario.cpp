// SPDX-License-Identifier: Apache-2.0
#include "client/load/scenario.hpp"

#include "base/number.hpp"
#include "client/load/expect.hpp"
#include "config/table.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>

namespace pointman::client::load {

namespace {

using Faults = std::vector<config::Fault>;

/// Reads the keys of one table, and knows which it was asked for: the others are faults.
class Reader {
public:
    Reader(toml::table const& table, std::string what, std::string const& file, Faults& faults)
        : table_(table)
        , what_(std::move(what))
        , file_(file)
        , faults_(faults) {}

    template <class T>
    void whole(std::string_view key, T& value, std::int64_t least, std::int64_t most) {
        auto const* const node = take(key);
        if (node == nullptr) return;
        auto const number = node->value_exact<std::int64_t>();
        if (!number || *number < least || *number > most)
            return fault(*node, fmt::format("{} is a whole number from {} to {}", key, least, most));
        value = static_cast<T>(*number);
    }

    void number(std::string_view key, double& value, double least, double most) {
        auto const* const node = take(key);
        if (node == nullptr) return;
        auto const given = node->is_number() ? node->value<double>() : std::nullopt;
        if (!given || !(*given >= least && *given <= most))
            return fault(*node, fmt::format("{} is a number from {} to {}", key, least, most));
        value = *given;
    }

    void duration(std::string_view key, milliseconds& value) {
        auto const* const node = take(key);
        if (node == nullptr) return;
        if (auto const given = duration_of(*node))
            value = *given;
        else
            fault(*node, fmt::format(R"({} is a duration, e.g. "90s", "250ms", "60m", "7d")", key));
    }

    void text(std::string_view key, std::string& value) {
        auto const* const node = take(key);
        if (node == nullptr) return;
        auto const given = node->value_exact<std::string>();
        if (!given || given->empty()) return fault(*node, fmt::format("{} is a text", key));
        value = *given;
    }

    void flag(std::string_view key, bool& value) {
        auto const* const node = take(key);
        if (node == nullptr) return;
        auto const given = node->value_exact<bool>();
        if (!given) return fault(*node, fmt::format("{} is true or false", key));
        value = *given;
    }

    toml::node const* take(std::string_view key) {
        known_.push_back(key);
        return table_.get(key);
    }

    /// The table of that name; nullptr where there is none.
    toml::table const* inner(std::string_view key) {
        auto const* const node = take(key);
        if (node != nullptr && !node->is_table())
            fault(*node, fmt::format("{0} is a table: write [{0}]", key));
        return node == nullptr ? nullptr : node->as_table();
    }

    void fault(toml::node const& node, std::string message) { fault(node.source(), std::move(message)); }
    void fault(std::string message) { fault(table_.source(), std::move(message)); }

    /// After the last key.
    void finish() {
        for (auto const& [key, node] : table_) {
            if (std::ranges::find(known_, key.str()) != known_.end()) continue;
            auto const near = config::nearest(key.str(), known_);
            fault(key.source(), fmt::format("unknown key '{}' in {}: {}", key.str(), what_,
                                            near.empty() ? fmt::format("it has {}", fmt::join(known_, ", "))
                                                         : fmt::format("did you mean '{}'?", near)));
        }
    }

    static std::optional<milliseconds> duration_of(toml::node const& node) {
        if (auto const text = node.value_exact<std::string>()) return duration_in(*text);
        auto const number = node.is_number() ? node.value<double>() : std::nullopt;
        return number ? duration_in(fmt::format("{}", *number)) : std::nullopt;
    }

private:
    void fault(toml::source_region const& where, std::string message) {
        faults_.push_back(
            {fmt::format("{}:{}:{}", file_, where.begin.line, where.begin.column), std::move(message)});
    }

    toml::table const& table_;
    std::string what_;
    std::string const& file_;
    Faults& faults_;
    std::vector<std::string_view> known_;
};

class ScenarioReader {
public:
    explicit ScenarioReader(std::string const& file)
        : file_(file) {}

    std::expected<Scenario, Faults> read_all(toml::table const& table) {
        Reader reader(table, "a scenario", file_, faults_);
        constexpr std::int64_t most_clients = 10'000'000; // SyntheticMachine
        reader.whole("seed", scenario_.seed, 0, std::int64_t{1} << 62U);
        reader.whole("clients", scenario_.clients, 1, most_clients);
        reader.text("site", scenario_.site);
        reader.whole("key_bits", scenario_.key_bits, 1024, 4096);
        if (scenario_.key_bits % 64 != 0) reader.fault("key_bits is a multiple of 64");
        with(reader, "messages", &ScenarioReader::messages);
        with(reader, "connections", &ScenarioReader::connections);
        with(reader, "failures", &ScenarioReader::failures);
        with(reader, "generator", &ScenarioReader::generator);
        phases(reader);
        reader.finish();
        if (!faults_.empty()) return std::unexpected(std::move(faults_));
        return std::move(scenario_);
    }

private:
    void with(Reader& outer, std::string_view key, void (ScenarioReader::*read)(Reader&)) {
        auto const* const table = outer.inner(key);
        if (table == nullptr) return;
        Reader reader(*table, fmt::format("[{}]", key), file_, faults_);
        (this->*read)(reader);
        reader.finish();
    }

    void messages(Reader& reader) {
        constexpr std::int64_t most_instances = 20'000;
        constexpr std::int64_t most_padding = 60'000; // a text of the protocol ends at 65,536
        reader.whole("instances", scenario_.instances, 50, most_instances);
        reader.whole("states", scenario_.states, 1, 1'000);
        reader.whole("padding", scenario_.padding, 0, most_padding);
    }

    void connections(Reader& reader) {
        reader.whole("most", scenario_.connections, 1, 20'000);
        reader.whole("requests", scenario_.requests_per_connection, 0, 1'000'000);
        reader.duration("timeout", scenario_.timeout);
        reader.whole("retries", scenario_.retries, 0, 1'000);
        reader.duration("retry_delay", scenario_.retry_delay);
    }

    void failures(Reader& reader) {
        reader.number("disconnect", scenario_.failures.disconnect, 0, 1);
        reader.number("duplicate", scenario_.failures.duplicate, 0, 1);
        reader.number("lost_delta", scenario_.failures.lost_delta, 0, 1);
    }

    void generator(Reader& reader) {
        reader.whole("builders", scenario_.builders, 1, 64);
        reader.whole("most_waiting", scenario_.most_waiting, 0, std::int64_t{1} << 32U);
        reader.duration("lag", scenario_.bounds.lag);
        reader.number("busy", scenario_.bounds.busy, 0, 1);
    }

    void phases(Reader& outer) {
        auto const* const node = outer.take("phase");
        auto const* const list = node == nullptr ? nullptr : node->as_array();
        if (list == nullptr || list->empty() || !list->is_homogeneous(toml::node_type::table))
            return outer.fault("a scenario needs at least one [[phase]]");
        for (auto const& each : *list) phase(*each.as_table());
    }

    void phase(toml::table const& table) {
        Phase phase;
        phase.name = fmt::format("phase {}", scenario_.phases.size() + 1);
        Reader reader(table, "[[phase]]", file_, faults_);
        reader.text("name", phase.name);
        reader.flag("measured", phase.measured);
        reader.duration("duration", phase.duration);
        reader.duration("ramp", phase.ramp);
        reader.duration("drain", phase.drain);
        by_kind(reader, "mix", phase.mix, &ScenarioReader::weight);
        mode(reader, phase);
        expect(reader, phase);
        check(reader, phase);
        reader.finish();
        scenario_.phases.push_back(std::move(phase));
    }

    void mode(Reader& reader, Phase& phase) {
        std::string text = "closed";
        reader.text("mode", text);
        if (text != "open" && text != "closed")
            reader.fault(*reader.take("mode"), R"(mode is "open" or "closed")");
        phase.mode = text == "open" ? Mode::open : Mode::closed;
        // All keys are read in both modes, so that one of the other mode is told as such and not as unknown.
        constexpr double most_rate = 1'000'000;
        reader.number("rate", phase.rate, 0.001, most_rate);
        reader.text("rate_of", phase.rate_of);
        reader.number("rate_factor", phase.rate_factor, 0.001, 1'000);
        reader.duration("ahead", phase.ahead);
        reader.number("compression", phase.compression, 0.001, 1'000'000);
        by_kind(reader, "schedule", phase.periods, &ScenarioReader::period);
        reader.whole("concurrency", phase.concurrency, 1, 20'000);
        reader.duration("think", phase.think);
        steps(reader, phase);
    }

    using Read = std::optional<double> (*)(toml::node const&);
    static std::optional<double> weight(toml::node const& node) {
        auto const value = node.is_number() ? node.value<double>() : std::nullopt;
        return value && *value >= 0 ? value : std::nullopt;
    }
    static std::optional<double> period(toml::node const& node) {
        auto const value = Reader::duration_of(node);
        if (!value || value->count() == 0) return std::nullopt;
        return std::chrono::duration<double>(*value).count();
    }

    void by_kind(Reader& outer, std::string_view key, ByKind<double>& values, Read read) {
        auto const* const table = outer.inner(key);
        if (table == nullptr) return;
        Reader reader(*table, fmt::format("[phase.{}]", key), file_, faults_);
        for (auto const name : kind_names) {
            auto const kind = kind_named(name);
            if (!kind) continue;
            auto const* const node = reader.take(name);
            if (node == nullptr) continue;
            if (auto const value = read(*node))
                values[*kind] = *value;
            else
                reader.fault(*node, read == &weight ? fmt::format("{} is a weight: 0 or more", name)
                                                    : fmt::format("{} is a period, e.g. \"60m\"", name));
        }
        reader.finish();
    }

    void steps(Reader& reader, Phase& phase) {
        auto const* const node = reader.take("steps");
        if (node == nullptr) return;
        auto const* const list = node->as_array();
        if (list == nullptr) return reader.fault(*node, R"(steps is a list, e.g. ["registration", "ddr"])");
        for (auto const& each : *list) {
            auto const name = each.value_exact<std::string>();
            auto const kind = name ? kind_named(*name) : std::nullopt;
            if (kind)
                phase.steps.push_back(*kind);
            else
                reader.fault(each, fmt::format("a step is one of {}", fmt::join(kind_names, ", ")));
        }
    }

    void expect(Reader& outer, Phase& phase) {
        auto const* const table = outer.inner("expect");
        if (table == nullptr) return;
        Reader reader(*table, "[phase.expect]", file_, faults_);
        reader.text("share_of", phase.share_of);
        constexpr double hour_in_ms = 3'600'000;
        reader.number("recovery_p99_ms", phase.recovery_p99_ms, 0, hour_in_ms);
        for (auto const key : expectation_keys()) {
            auto const* const node = reader.take(key);
            if (node == nullptr) continue;
            auto const bound = node->is_number() ? node->value<double>() : std::nullopt;
            if (!bound || !(*bound >= 0))
                reader.fault(*node, fmt::format("{} is a number from 0 on", key));
            else
                phase.expect.push_back({std::string(key), *bound, node->source().begin.line});
        }
        reader.finish();
        if (!phase.share_of.empty()) earlier(outer, phase.share_of, "share_of");
    }

    void earlier(Reader& reader, std::string const& name, std::string_view key) {
        auto const found = std::ranges::find(scenario_.phases, name, &Phase::name);
        if (found == scenario_.phases.end())
            reader.fault(fmt::format("{} names '{}', which is no phase before this one", key, name));
    }

    /// What fits together.
    void check(Reader& reader, Phase const& phase) {
        if (std::ranges::find(scenario_.phases, phase.name, &Phase::name) != scenario_.phases.end())
            reader.fault(fmt::format("there is a phase '{}' already", phase.name));
        auto const any = [](ByKind<double> const& values) {
            return std::ranges::any_of(values, [](double value) { return value > 0; });
        };
        if (phase.mode == Mode::open)
            check_open(reader, phase, any(phase.mix), any(phase.periods));
        else
            check_closed(reader, phase, any(phase.mix));
    }

    void check_open(Reader& reader, Phase const& phase, bool mix, bool schedule) {
        if (phase.duration.count() == 0) reader.fault("an open phase needs a duration");
        if (!phase.steps.empty())
            reader.fault("steps are for closed phases: an open one has mix or schedule");
        if (!phase.rate_of.empty()) earlier(reader, phase.rate_of, "rate_of");
        bool const rate = phase.rate > 0 || !phase.rate_of.empty();
        if (rate == schedule || rate != mix)
            reader.fault("an open phase needs rate (or rate_of) with [phase.mix], or [phase.schedule]");
    }

    void check_closed(Reader& reader, Phase const& phase, bool mix) {
        if (phase.steps.empty() != mix)
            reader.fault("a closed phase needs steps or [phase.mix], one of the two");
        if (mix && phase.duration.count() == 0)
            reader.fault("a closed phase with [phase.mix] needs a duration");
        if (phase.rate > 0 || !phase.rate_of.empty() ||
            std::ranges::any_of(phase.periods, [](double period) { return period > 0; }))
            reader.fault(R"(rate and schedule are for open phases: write mode = "open")");
    }

    std::string const& file_;
    Scenario scenario_;
    Faults faults_;
};

} // namespace

std::optional<milliseconds> duration_in(std::string_view text) {
    struct Unit {
        std::string_view name;
        double in_ms;
    };
    static constexpr std::array<Unit, 6> units{
        {{"ms", 1}, {"s", 1e3}, {"m", 6e4}, {"h", 3.6e6}, {"d", 8.64e7}, {"", 1e3}}};
    auto const digits = std::min(text.find_first_not_of("0123456789."), text.size());
    auto const unit = std::ranges::find(units, text.substr(digits), &Unit::name);
    double number = 0;
    auto const* const end = text.data() + digits;
    auto const [stop, error] = std::from_chars(text.data(), end, number);
    if (unit == units.end() || digits == 0 || error != std::errc{} || stop != end) return std::nullopt;
    constexpr double year = 366 * 8.64e7;
    auto const total = number * unit->in_ms;
    if (!(total <= year)) return std::nullopt;
    return milliseconds(std::llround(total));
}

std::expected<Scenario, Faults> read_scenario(std::string_view text, std::string const& name) {
    try {
        auto const table = toml::parse(text, name);
        return ScenarioReader(name).read_all(table);
    } catch (toml::parse_error const& error) {
        auto const& at = error.source().begin;
        return std::unexpected(Faults{{fmt::format("{}:{}:{}", name, at.line, at.column),
                                       fmt::format("not TOML: {}", error.description())}});
    }
}

} // namespace pointman::client::load
