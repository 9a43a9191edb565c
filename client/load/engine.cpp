// SPDX-License-Identifier: Apache-2.0
// The phases of a run, one after the other.
#include "client/load/engine.hpp"

#include "client/load/chance.hpp"
#include "client/load/expect.hpp"
#include "client/load/schedule.hpp"
#include "client/load/traffic.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <csignal>
#include <sys/resource.h>

namespace pointman::client::load {

namespace asio = boost::asio;

namespace {

constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);

namespace purpose {
constexpr std::uint64_t mix = 104;
constexpr std::uint64_t schedule = 105;
} // namespace purpose

/// Of a closed phase: one after another.
struct User {
    explicit User(asio::io_context& io)
        : wake(io) {}
    asio::steady_timer wake;
    bool waits = false;
};

double peak_rss_mb() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    constexpr double kb_in_mb = 1024;
    return static_cast<double>(usage.ru_maxrss) / kb_in_mb;
}

double sum_of(ByKind<double> const& weights) {
    double sum = 0;
    for (auto const weight : weights) sum += weight;
    return sum;
}

class Engine {
public:
    Engine(Scenario const& scenario, RunOptions const& options, Server& server)
        : scenario_(scenario)
        , options_(options)
        , traffic_(io_, scenario, server, options.clock)
        , timer_(io_)
        , second_(io_)
        , signals_(io_) {}

    RunFigures play() {
        began_ = Clock::now();
        if (options_.handle_signals) watch_signals();
        asio::co_spawn(io_, traffic_.send_again(), asio::detached);
        asio::co_spawn(io_, phases(), [](std::exception_ptr const& failure) {
            if (failure) std::rethrow_exception(failure);
        });
        io_.run();
        tell_of_clients();
        return std::move(run_);
    }

private:
    using Clock = std::chrono::steady_clock;

    void tell_of_clients() {
        auto const& members = traffic_.members();
        run_.clients = members.size();
        run_.registered = static_cast<std::uint64_t>(std::ranges::count(members, true, &Member::registered));
        std::uint64_t bytes = 0;
        for (auto const& member : members) bytes += member.memory();
        run_.bytes_per_client = bytes / members.size();
        run_.peak_rss_mb = peak_rss_mb();
        run_.last_fault = traffic_.last_fault();
    }

    void watch_signals() {
        signals_.add(SIGINT);
        signals_.add(SIGTERM);
        signals_.async_wait([this](boost::system::error_code const& error, int) {
            if (error) return;
            run_.interrupted = true;
            over_ = true;
            timer_.cancel();
            traffic_.wake();
        });
    }

    Task phases() {
        for (auto const& phase : scenario_.phases) {
            if (run_.interrupted) break;
            phase_ = &phase;
            co_await play(phase);
        }
        traffic_.stop();
        signals_.cancel();
    }

    Task play(Phase const& phase) {
        PhaseFigures figures{
            .name = phase.name, .open = phase.mode == Mode::open, .measured = phase.measured};
        phase_began_ = Clock::now();
        Meter meter(std::move(figures), began_, phase_began_);
        traffic_.begin(meter);
        over_ = false;
        asio::co_spawn(io_, rows(phase, meter), asio::detached);
        if (phase.mode == Mode::open)
            co_await open(phase);
        else
            co_await closed(phase);
        over_ = true;
        meter.over(Clock::now(), scenario_.builders);
        co_await drain(phase.drain);
        co_await dismiss_users();
        phase_ = nullptr;
        second_.cancel();
        row(meter);
        auto done = meter.finish(Clock::now());
        if (done.measured) done.invalid = why_invalid(done, scenario_.bounds);
        run_.phases.push_back(std::move(done));
        traffic_.end();
    }

    Task drain(Span longest) {
        auto const end = Clock::now() + longest;
        while (traffic_.outstanding() > 0 && !run_.interrupted && Clock::now() < end)
            co_await traffic_.settle(end);
        if (traffic_.outstanding() > 0) co_await traffic_.drop();
    }

    Task wake_at(Instant at) {
        timer_.expires_at(at);
        co_await timer_.async_wait(awaiting);
    }

    // ---- A row for each second ----

    Task rows(Phase const& phase, Meter& meter) {
        for (auto at = phase_began_ + std::chrono::seconds(1);;
             at = std::max(at + std::chrono::seconds(1), Clock::now())) {
            second_.expires_at(at);
            co_await second_.async_wait(awaiting);
            if (phase_ != &phase) co_return;
            meter.stood_still(Clock::now() - at);
            row(meter);
        }
    }

    void row(Meter& meter) {
        auto const& figures = meter.row(Clock::now(), traffic_.in_flight(), traffic_.waiting());
        if (options_.on_second) options_.on_second(meter.figures(), figures);
    }

    // ---- Open: by the clock ----

    Task open(Phase const& phase) {
        Schedule schedule(seed_of_phase(), scenario_.clients, rates(phase), phase.ramp, phase.duration);
        auto next = schedule.next();
        while (next && !over_) {
            auto const due = phase_began_ + next->due;
            if (due - phase.ahead > Clock::now()) {
                co_await wake_at(due - phase.ahead);
                continue;
            }
            traffic_.arrive(next->kind, next->client, due);
            next = schedule.next();
        }
        auto const end = phase_began_ + phase.duration;
        while (!over_ && Clock::now() < end) co_await wake_at(end);
    }

    std::uint64_t seed_of_phase() const {
        return bits(scenario_.seed, run_.phases.size(), purpose::schedule);
    }

    ByKind<double> rates(Phase const& phase) const {
        ByKind<double> rates{};
        auto const clients = static_cast<double>(scenario_.clients);
        auto const weights = sum_of(phase.mix);
        auto const* const other = run_.phase(phase.rate_of);
        auto const rate = other != nullptr ? other->rate() * phase.rate_factor : phase.rate;
        for (std::size_t i = 0; i < kinds; ++i) {
            auto const kind = static_cast<Kind>(i);
            if (phase.periods[kind] > 0) rates[kind] = clients * phase.compression / phase.periods[kind];
            if (phase.mix[kind] > 0) rates[kind] = rate * phase.mix[kind] / weights;
        }
        return rates;
    }

    // ---- Closed: by the answers ----

    Task closed(Phase const& phase) {
        order_.emplace(seed_of_phase(), scenario_.clients);
        turn_ = 0;
        for (unsigned i = 0; i < phase.concurrency; ++i) users_.push_back(std::make_unique<User>(io_));
        active_users_ = phase.concurrency;
        for (unsigned i = 0; i < phase.concurrency; ++i)
            asio::co_spawn(io_, use(phase, *users_[i], phase.ramp * i / phase.concurrency), asio::detached);
        auto const end = phase.duration.count() > 0 ? phase_began_ + phase.duration : Instant::max();
        while (!over_ && active_users_ > 0 && Clock::now() < end) co_await wake_at(end);
    }

    Task use(Phase const& phase, User& user, Span begins_after) {
        co_await pause(user, begins_after);
        while (!over_ && (phase.steps.empty() || turn_ < scenario_.clients)) {
            auto const client = order_->at(turn_++);
            if (phase.steps.empty()) co_await send(phase, user, pick(phase.mix), client);
            for (auto const kind : phase.steps) {
                if (over_) break;
                co_await send(phase, user, kind, client);
            }
        }
        if (--active_users_ == 0) timer_.cancel();
    }

    /// Waits for the answer, and thinks.
    Task send(Phase const& phase, User& user, Kind kind, std::uint64_t client) {
        user.waits = true;
        traffic_.send(kind, client, [&user] {
            user.waits = false;
            user.wake.cancel();
        });
        while (user.waits) {
            user.wake.expires_at(Instant::max());
            co_await user.wake.async_wait(awaiting);
        }
        co_await pause(user, phase.think);
    }

    static Task pause(User& user, Span time) {
        if (time <= Span{0}) co_return;
        user.wake.expires_after(time);
        co_await user.wake.async_wait(awaiting);
    }

    /// Those that think are told that there is nothing more to do.
    Task dismiss_users() {
        for (auto const& user : users_) user->wake.cancel();
        while (active_users_ > 0) co_await wake_at(Instant::max());
        users_.clear();
    }

    Kind pick(ByKind<double> const& mix) const {
        auto left = draw(scenario_.seed, traffic_.next_number(), purpose::mix) * sum_of(mix);
        Kind picked = Kind::policy;
        for (std::size_t i = 0; i < kinds && left >= 0; ++i) {
            if (mix[static_cast<Kind>(i)] <= 0) continue;
            picked = static_cast<Kind>(i);
            left -= mix[picked];
        }
        return picked;
    }

    Scenario const& scenario_;
    RunOptions const& options_;
    asio::io_context io_{1};
    Traffic traffic_;
    asio::steady_timer timer_;  ///< of the phase
    asio::steady_timer second_; ///< for the next row
    asio::signal_set signals_;
    RunFigures run_;
    Instant began_{};

    // Of the phase:
    Phase const* phase_ = nullptr;
    Instant phase_began_{};
    bool over_ = false; ///< nothing new is started
    std::vector<std::unique_ptr<User>> users_;
    std::optional<Permutation> order_;
    std::uint64_t turn_ = 0;
    unsigned active_users_ = 0;
};

} // namespace

Result<RunFigures> run(Scenario const& scenario, RunOptions const& options) {
    auto server = Server::open(options.url, options.ca, options.clock.now());
    if (!server) return std::unexpected(server.error());
    auto figures = Engine(scenario, options, **server).play();
    figures.handshakes = (*server)->handshakes();
    figures.resumed = (*server)->resumed();
    return figures;
}

} // namespace pointman::client::load
