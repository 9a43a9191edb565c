// SPDX-License-Identifier: Apache-2.0
#include "base/clock.hpp"
#include "base/time.hpp"
#include "client/agent/cli/commands.hpp"
#include "client/agent/life.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <ctime>

namespace pointman::client::agent::cli {

namespace {

struct RunOptions {
    bool once = false;
    std::string until;
};

/// SIGTERM and SIGINT: waited for, so that nothing is left half done.
class StopSignal {
public:
    StopSignal() {
        ::sigemptyset(&signals_);
        ::sigaddset(&signals_, SIGTERM);
        ::sigaddset(&signals_, SIGINT);
        ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
    }
    StopSignal(StopSignal const&) = delete;
    StopSignal& operator=(StopSignal const&) = delete;
    ~StopSignal() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

    /// Whether it came within that time.
    bool comes_within(std::chrono::milliseconds time) const {
        auto const left = std::max(time, std::chrono::milliseconds{0});
        timespec const most{.tv_sec = left.count() / 1000, .tv_nsec = left.count() % 1000 * 1'000'000};
        return ::sigtimedwait(&signals_, nullptr, &most) > 0;
    }

private:
    sigset_t signals_{};
    sigset_t before_{};
};

/// How long it may sleep: another clock than the wall's may move in steps.
constexpr std::chrono::minutes longest_rest{1};

int live(LocalClient& client, Life& life, std::optional<Time> until) {
    StopSignal const stop;
    for (;;) {
        auto const next = life.step();
        auto const now = client.now();
        if (until && now >= *until) return done;
        auto const rest = std::min<std::chrono::milliseconds>(next - now, longest_rest);
        if (stop.comes_within(until ? std::min(rest, *until - now) : rest)) return done;
    }
}

int run(LocalClient& client, RunOptions const& options) {
    auto life = Life::begin(client);
    if (!life) return report(life.error());
    if (options.once) {
        life->step();
        return life->failure() ? failed : done; // the reason was told
    }
    if (options.until.empty()) return live(client, *life, std::nullopt);
    auto const until = parse_iso_time(options.until);
    if (!until) {
        return report(
            {.code = Code::invalid_argument,
             .message = fmt::format("\"{}\" is no time of the form 2026-11-22T23:17:35Z", options.until)});
    }
    return live(client, *life, *until);
}

} // namespace

void add_run(CLI::App& program) {
    auto options = std::make_shared<RunOptions>();
    auto* const command =
        add_command(program, "run", "live: register, ask for policy, and do what it says until SIGTERM",
                    [options](Common const&, LocalClient& client) { return run(client, *options); });
    auto* const once = command->add_flag("--once", options->once, "do what is due now, and end");
    command->add_option("--until", options->until, "end at that time")->excludes(once)->type_name("TIME");
}

} // namespace pointman::client::agent::cli
