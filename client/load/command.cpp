// SPDX-License-Identifier: Apache-2.0
#include "client/load/command.hpp"

#include "base/number.hpp"
#include "base/text.hpp"
#include "client/load/engine.hpp"
#include "client/load/summary.hpp"
#include "embedded/pointman_load.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>
#include <unistd.h>

namespace pointman::client::load {

namespace {

constexpr int wrong_usage = 2;

struct Options {
    std::string scenario;
    RunOptions run;
    std::uint64_t clients = 0; ///< 0 = as the scenario says
    std::uint64_t seed = 0;
    std::filesystem::path csv{};
    std::uint64_t server_pid = 0; ///< 0 = not known
    bool json = false;
    bool quiet = false;
    bool list = false;
    bool show = false;
};

int complain(std::string_view message) {
    fmt::print(stderr, "pointman-agent: {}\n", message);
    return wrong_usage;
}

/// Name of a scenario file without its ending, for those inside the program.
std::string_view stem(std::string_view file) {
    return file.substr(0, file.rfind('.'));
}

/// A file, or one of the scenarios that the program brings.
std::optional<std::string> text_of_scenario(std::string const& name) {
    for (auto const& file : ready::embedded_files())
        if (stem(file.name) == name) return std::string(file.content);
    std::error_code ignored;
    std::ifstream in(name, std::ios::binary);
    if (!in || std::filesystem::is_directory(name, ignored)) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(in), {});
}

int list_scenarios() {
    for (auto const& file : ready::embedded_files()) {
        // Its first line that is a comment says what it is for; that before it is the licence.
        std::string_view rest = file.content.substr(file.content.find('\n') + 1);
        fmt::print("{:<14}{}\n", stem(file.name), trim(rest.substr(1, rest.find('\n') - 1)));
    }
    return 0;
}

/// How the run goes, for whoever watches: one line that is written over on a terminal, else one every ten
/// seconds.
class Progress {
public:
    explicit Progress(bool quiet)
        : quiet_(quiet)
        , terminal_(isatty(STDERR_FILENO) == 1) {}
    ~Progress() {
        if (terminal_ && !quiet_ && seconds_ > 0) fmt::print(stderr, "\n");
    }
    Progress(Progress const&) = delete;
    Progress& operator=(Progress const&) = delete;

    void tell(PhaseFigures const& phase, Second const& second) {
        constexpr unsigned between_lines = 10;
        auto const number = seconds_++;
        if (quiet_) return;
        if (terminal_)
            fmt::print(stderr, "\r{:<79}", progress_line(phase, second));
        else if (number % between_lines == 0)
            fmt::print(stderr, "{}\n", progress_line(phase, second));
        std::fflush(stderr);
    }

private:
    bool quiet_;
    bool terminal_;
    unsigned seconds_ = 0;
};

bool expects_server_memory(Scenario const& scenario) {
    return std::ranges::any_of(scenario.phases, [](Phase const& phase) {
        return std::ranges::find(phase.expect, "server_mb", &Expectation::key) != phase.expect.end();
    });
}

/// VmHWM of the process; 0 where there is none.
double peak_memory_mb(std::uint64_t pid) {
    std::ifstream status(fmt::format("/proc/{}/status", pid));
    constexpr std::string_view wanted = "VmHWM:";
    constexpr double kb_in_mb = 1024;
    for (std::string line; std::getline(status, line);) {
        if (!line.starts_with(wanted)) continue;
        auto const rest = trim(std::string_view(line).substr(wanted.size()));
        return static_cast<double>(number_in<std::uint64_t>(rest.substr(0, rest.find(' '))).value_or(0)) /
               kb_in_mb;
    }
    return 0;
}

int tell(Options const& options, Scenario const& scenario, RunFigures const& run) {
    auto const verdicts = judge(scenario, run);
    if (options.json)
        fmt::print("{}\n", boost::json::serialize(json_of(run, verdicts)));
    else
        fmt::print("{}", text_of(run, verdicts, options.scenario));
    return static_cast<int>(ending_of(run, verdicts));
}

int play(Options options) {
    if (options.list) return list_scenarios();
    auto const text = text_of_scenario(options.scenario);
    if (!text)
        return complain(fmt::format("there is no scenario '{}': give a file, or a name that --list shows",
                                    options.scenario));
    if (options.show) {
        fmt::print("{}", *text);
        return 0;
    }
    auto scenario = read_scenario(*text, options.scenario);
    if (!scenario) {
        for (auto const& fault : scenario.error())
            complain(fmt::format("{}: {}", fault.place, fault.message));
        return wrong_usage;
    }
    if (options.clients > 0) scenario->clients = options.clients;
    if (options.seed > 0) scenario->seed = options.seed;
    if (options.run.url.empty()) return complain("--mp URL says which management point is to be loaded");
    if (expects_server_memory(*scenario) && peak_memory_mb(options.server_pid) <= 0)
        return complain("the scenario expects server_mb: --server-pid PID says whose memory that is, of a "
                        "process on this machine");

    std::ofstream csv;
    if (!options.csv.empty()) {
        csv.open(options.csv);
        if (!csv) return complain(fmt::format("cannot write {}", options.csv.string()));
        csv << csv_heading;
    }
    Progress progress(options.quiet);
    options.run.on_second = [&](PhaseFigures const& phase, Second const& second) {
        if (csv.is_open()) csv << csv_row(phase, second) << std::flush;
        progress.tell(phase, second);
    };
    auto run = load::run(*scenario, options.run);
    if (!run) return complain(run.error().message);
    if (options.server_pid > 0) run->server_peak_mb = peak_memory_mb(options.server_pid);
    return tell(options, *scenario, *run);
}

} // namespace

void add_load(CLI::App& program, std::function<int()>& action, Clock const& clock) {
    auto* const command =
        program.add_subcommand("load", "Be many clients at once, and measure the management point");
    auto const options = std::make_shared<Options>(
        Options{.scenario = {}, .run = {.url = {}, .clock = clock, .handle_signals = true}});
    command->add_option("scenario", options->scenario, "A TOML file, or the name of a ready one")
        ->type_name("SCENARIO");
    command->add_option("--mp", options->run.url, "The management point, e.g. http://127.0.0.1:8080")
        ->type_name("URL");
    command->add_option("--ca", options->run.ca, "PEM of the CA that TLS trusts")->type_name("FILE");
    command->add_option("--clients", options->clients, "So many clients, whatever the scenario says")
        ->check(CLI::Range(1, 10'000'000));
    command->add_option("--seed", options->seed, "Another fleet")->check(CLI::PositiveNumber);
    command->add_option("--csv", options->csv, "A row for each second")->type_name("FILE");
    command->add_option("--server-pid", options->server_pid, "Tell the peak memory of this process too")
        ->type_name("PID");
    command->add_flag("--json", options->json, "Print the summary as JSON");
    command->add_flag("--quiet", options->quiet, "No progress on standard error");
    command->add_flag("--list", options->list, "Print the ready scenarios");
    command->add_flag("--show", options->show, "Print the scenario");
    command->callback([options, &action] { action = [options] { return play(*options); }; });
}

} // namespace pointman::client::load
