// SPDX-License-Identifier: Apache-2.0
#include "client/load/engine.hpp"

#include "client/load/builder.hpp"
#include "client/load/chance.hpp"
#include "client/load/expect.hpp"
#include "client/load/link_pool.hpp"
#include "client/load/meter.hpp"
#include "client/load/schedule.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <random>
#include <sys/resource.h>
#include <unordered_map>

namespace pointman::client::load {

namespace asio = boost::asio;

namespace {

using Task = asio::awaitable<void>;
constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);

/// How long before its time a message is made.
constexpr std::chrono::milliseconds ahead{250};
/// Messages under way in the generator itself. A generator that has so many is too slow for its schedule.
constexpr std::size_t most_in_making = 10'000;
/// Retries wait at least so long, that a server which says "at once" is not hammered.
constexpr std::chrono::milliseconds shortest_wait{100};

namespace purpose {
constexpr std::uint64_t cut = 101;
constexpr std::uint64_t duplicate = 102;
constexpr std::uint64_t lost_delta = 103;
constexpr std::uint64_t mix = 104;
constexpr std::uint64_t schedule = 105;
} // namespace purpose

/// A message that is to be sent, from the first try to the last.
struct Job {
    Kind kind = Kind::policy;
    std::uint32_t client = 0;
    std::uint64_t number = 0;
    std::optional<Instant> due{}; ///< open: when it is to be sent
    TimePoint when{};             ///< the time that it tells
    unsigned tries = 0;
    bool held_up = false;           ///< by its own client: that it is late is not the generator's doing
    std::optional<unsigned> user{}; ///< closed: who waits for it
    std::shared_ptr<PolicyBody const> body{};
};

struct Made {
    std::string request;
    Work work;
};

enum class Outcome : std::uint8_t { done, again, given_up };

struct Try {
    Outcome outcome = Outcome::done;
    std::optional<Span> wait{}; ///< again: as the server says
};

/// Of a closed phase: one after another.
struct User {
    explicit User(asio::io_context& io)
        : wake(io) {}
    asio::steady_timer wake;
    bool waits = false;
};

asio::awaitable<Made> make(Builder const& builder, Order order) {
    auto const began = std::chrono::steady_clock::now();
    auto const cpu = thread_cpu();
    Made made{.request = builder.make(order), .work = {}};
    made.work = {std::chrono::steady_clock::now() - began, thread_cpu() - cpu};
    co_return made;
}

struct Read {
    Reading reading;
    Work work;
};

asio::awaitable<Read> read(Builder const& builder, Kind kind, std::uint64_t client, Answer answer) {
    auto const began = std::chrono::steady_clock::now();
    auto const cpu = thread_cpu();
    Read done{.reading = builder.read(kind, client, answer.content_type, answer.body), .work = {}};
    done.work = {std::chrono::steady_clock::now() - began, thread_cpu() - cpu};
    co_return done;
}

std::uint64_t run_number() {
    std::random_device device;
    return (std::uint64_t{device()} << 32U) ^ device();
}

double peak_rss_mb() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    constexpr double kb_in_mb = 1024;
    return static_cast<double>(usage.ru_maxrss) / kb_in_mb;
}

class Engine {
public:
    Engine(Scenario const& scenario, RunOptions const& options, Server& server)
        : scenario_(scenario)
        , options_(options)
        , server_(server)
        , builder_(scenario, server.authority(), run_number())
        , makers_(scenario.builders)
        , members_(scenario.clients)
        , busy_(scenario.clients)
        , timer_(io_)
        , second_(io_)
        , settled_(io_)
        , signals_(io_) {}

    RunFigures play() {
        began_ = Clock::now();
        if (options_.handle_signals) watch_signals();
        asio::co_spawn(io_, phases(), [](std::exception_ptr const& failure) {
            if (failure) std::rethrow_exception(failure);
        });
        io_.run();
        makers_.join();
        run_.clients = members_.size();
        run_.registered = static_cast<std::uint64_t>(std::ranges::count(members_, true, &Member::registered));
        std::uint64_t bytes = 0;
        for (auto const& member : members_) bytes += member.memory();
        run_.bytes_per_client = bytes / members_.size();
        run_.peak_rss_mb = peak_rss_mb();
        run_.handshakes = server_.handshakes();
        run_.resumed = server_.resumed();
        return std::move(run_);
    }

private:
    using Clock = std::chrono::steady_clock;

    // ---- Phases ----

    Task phases() {
        for (auto const& phase : scenario_.phases) {
            if (run_.interrupted) break;
            phase_ = &phase;
            co_await play(phase);
        }
        signals_.cancel();
    }

    Task play(Phase const& phase) {
        PhaseFigures figures{
            .name = phase.name, .open = phase.mode == Mode::open, .measured = phase.measured};
        meter_.emplace(std::move(figures), began_, Clock::now());
        links_.emplace(io_, server_,
                       LinkPool::Terms{.links = scenario_.connections,
                                       .most_requests = scenario_.requests_per_connection,
                                       .most_waiting = scenario_.most_waiting});
        phase_began_ = Clock::now();
        over_ = false;
        dropped_ = false;
        asio::co_spawn(io_, rows(phase), asio::detached);
        if (phase.mode == Mode::open)
            co_await open(phase);
        else
            co_await closed(phase);
        over_ = true;
        meter_->over(Clock::now(), scenario_.builders);
        co_await drain(phase.drain);
        co_await dismiss_users();
        phase_ = nullptr;
        second_.cancel();
        row();
        auto done = meter_->finish(Clock::now());
        if (done.measured) done.invalid = why_invalid(done, scenario_.bounds);
        run_.phases.push_back(std::move(done));
        links_.reset();
    }

    Task rows(Phase const& phase) {
        for (auto at = phase_began_ + std::chrono::seconds(1);;
             at = std::max(at + std::chrono::seconds(1), Clock::now())) {
            second_.expires_at(at);
            co_await second_.async_wait(awaiting);
            if (phase_ != &phase) co_return;
            meter_->stood_still(Clock::now() - at);
            row();
        }
    }

    void row() {
        auto const& figures =
            meter_->row(Clock::now(), links_->in_use(), links_->waiting() + behind_.size() + later_.size());
        if (options_.on_second) options_.on_second(meter_->figures(), figures);
    }

    void watch_signals() {
        signals_.add(SIGINT);
        signals_.add(SIGTERM);
        signals_.async_wait([this](boost::system::error_code const& error, int) {
            if (error) return;
            run_.interrupted = true;
            over_ = true;
            timer_.cancel();
            settled_.cancel();
        });
    }

    // ---- Open: by the clock ----

    Task open(Phase const& phase) {
        Schedule schedule(bits(scenario_.seed, run_.phases.size(), purpose::schedule), scenario_.clients,
                          rates(phase), phase.ramp, phase.duration);
        auto next = schedule.next();
        while (next && !over_) {
            auto const due = phase_began_ + next->due;
            if (due - ahead > Clock::now()) {
                co_await wake_at(std::min(due - ahead, next_later()));
            } else {
                arrive(*next, due);
                next = schedule.next();
            }
            start_later();
        }
        while (!over_ && Clock::now() < phase_began_ + phase.duration) {
            co_await wake_at(std::min(phase_began_ + phase.duration, next_later()));
            start_later();
        }
    }

    ByKind<double> rates(Phase const& phase) const {
        ByKind<double> rates{};
        auto const clients = static_cast<double>(scenario_.clients);
        double weights = 0;
        for (auto const weight : phase.mix) weights += weight;
        auto const* const other = run_.phase(phase.rate_of);
        auto const rate = other != nullptr ? other->rate() * phase.rate_factor : phase.rate;
        for (std::size_t i = 0; i < kinds; ++i) {
            auto const kind = static_cast<Kind>(i);
            if (phase.periods[kind] > 0) rates[kind] = clients * phase.compression / phase.periods[kind];
            if (phase.mix[kind] > 0) rates[kind] = rate * phase.mix[kind] / weights;
        }
        return rates;
    }

    void arrive(Arrival const& arrival, Instant due) {
        auto job = job_for(arrival.kind, arrival.client);
        job.due = due;
        if (in_making_ < most_in_making) return start(std::move(job));
        ++meter_->figures().unmade;
        ++meter_->counts(arrival.kind).lost;
    }

    Job job_for(Kind kind, std::uint64_t client) {
        return {.kind = kind,
                .client = static_cast<std::uint32_t>(client),
                .number = number_++,
                .when = options_.clock.now()};
    }

    // ---- Closed: by the answers ----

    Task closed(Phase const& phase) {
        order_.emplace(bits(scenario_.seed, run_.phases.size(), purpose::schedule), scenario_.clients);
        turn_ = 0;
        for (unsigned i = 0; i < phase.concurrency; ++i) users_.push_back(std::make_unique<User>(io_));
        active_users_ = phase.concurrency;
        for (unsigned i = 0; i < phase.concurrency; ++i) asio::co_spawn(io_, use(phase, i), asio::detached);
        auto const end = phase.duration.count() > 0 ? phase_began_ + phase.duration : Instant::max();
        while (!over_ && active_users_ > 0 && Clock::now() < end) {
            co_await wake_at(std::min(end, next_later()));
            start_later();
        }
    }

    Task use(Phase const& phase, unsigned number) {
        auto& user = *users_[number];
        co_await pause(user, phase.ramp * number / phase.concurrency);
        while (!over_ && (phase.steps.empty() || turn_ < scenario_.clients)) {
            auto const client = order_->at(turn_++);
            if (phase.steps.empty()) {
                co_await wait_for(user, number, pick(phase.mix), client);
                co_await pause(user, phase.think);
            }
            for (auto const kind : phase.steps) {
                if (over_) break;
                co_await wait_for(user, number, kind, client);
                co_await pause(user, phase.think);
            }
        }
        if (--active_users_ == 0) timer_.cancel();
    }

    /// Those that think are told that there is nothing more to do.
    Task dismiss_users() {
        for (auto const& user : users_) user->wake.cancel();
        while (active_users_ > 0) co_await wake_at(Instant::max());
        users_.clear();
    }

    Task wait_for(User& user, unsigned number, Kind kind, std::uint64_t client) {
        auto job = job_for(kind, client);
        job.user = number;
        user.waits = true;
        start(std::move(job));
        while (user.waits) {
            user.wake.expires_at(Instant::max());
            co_await user.wake.async_wait(awaiting);
        }
    }

    static Task pause(User& user, Span time) {
        if (time <= Span{0}) co_return;
        user.wake.expires_after(time);
        co_await user.wake.async_wait(awaiting);
    }

    Kind pick(ByKind<double> const& mix) const {
        double weights = 0;
        for (auto const weight : mix) weights += weight;
        auto left = draw(scenario_.seed, number_, purpose::mix) * weights;
        Kind picked = Kind::policy;
        for (std::size_t i = 0; i < kinds && left >= 0; ++i) {
            if (mix[static_cast<Kind>(i)] <= 0) continue;
            picked = static_cast<Kind>(i);
            left -= mix[picked];
        }
        return picked;
    }

    // ---- What waits for its time ----

    Instant next_later() const { return later_.empty() ? Instant::max() : later_.begin()->first; }

    void start_later() {
        while (!later_.empty() && later_.begin()->first <= Clock::now()) {
            auto job = std::move(later_.extract(later_.begin()).mapped());
            asio::co_spawn(io_, try_once(std::move(job)), asio::detached);
        }
    }

    void try_again_at(Instant at, Job job) {
        job.due.reset();
        later_.emplace(at, std::move(job));
        if (later_.begin()->first >= at) timer_.cancel();
    }

    Task wake_at(Instant at) {
        timer_.expires_at(at);
        co_await timer_.async_wait(awaiting);
    }

    Task drain(Span longest) {
        auto const end = Clock::now() + longest;
        while (outstanding_ > 0 && !run_.interrupted && Clock::now() < end) {
            co_await wake_at(std::min(end, next_later()));
            start_later();
        }
        if (outstanding_ == 0) co_return;
        dropped_ = true;
        links_->close();
        for (auto& [at, job] : std::exchange(later_, {})) give_up(job);
        while (outstanding_ > 0) { // what is being made or sent ends at once
            settled_.expires_at(Instant::max());
            co_await settled_.async_wait(awaiting);
        }
    }

    // ---- The life of a message ----

    /// One message of a client after the other.
    void start(Job job) {
        ++outstanding_;
        if (busy_[job.client]) {
            job.held_up = true;
            behind_.emplace(job.client, std::move(job));
            return;
        }
        busy_[job.client] = true;
        asio::co_spawn(io_, try_once(std::move(job)), asio::detached);
    }

    void give_up(Job const& job) {
        ++meter_->counts(job.kind).lost;
        finish(job);
    }

    void finish(Job const& job) {
        --outstanding_;
        busy_[job.client] = false;
        if (job.user) {
            users_[*job.user]->waits = false;
            users_[*job.user]->wake.cancel();
        }
        if (auto const next = behind_.find(job.client); next != behind_.end()) {
            auto waiting = std::move(behind_.extract(next).mapped());
            busy_[waiting.client] = true;
            asio::co_spawn(io_, try_once(std::move(waiting)), asio::detached);
        }
        if (outstanding_ == 0) {
            settled_.cancel();
            if (over_) timer_.cancel();
        }
    }

    Task try_once(Job job) {
        if (dropped_) {
            give_up(job);
            co_return;
        }
        ++job.tries;
        Try result;
        if (!members_[job.client].registered && job.kind != Kind::registration) {
            auto registration = job_for(Kind::registration, job.client);
            registration.due = job.due;
            registration.tries = job.tries;
            job.held_up = true;
            result = co_await send(registration);
        }
        if (result.outcome == Outcome::done) result = co_await send(job);
        if (result.outcome == Outcome::done) {
            finish(job);
        } else if (result.outcome == Outcome::given_up || job.tries > scenario_.retries || dropped_) {
            give_up(job);
        } else {
            auto const wait = std::max<Span>(result.wait.value_or(scenario_.retry_delay), shortest_wait);
            try_again_at(Clock::now() + wait, std::move(job));
        }
    }

    asio::awaitable<Try> send(Job& job) {
        auto& member = members_[job.client];
        resolve(job, member);
        if (withhold(job, member)) co_return Try{};
        auto const made = co_await make_on_pool(job, member);
        if (job.due) {
            co_await until(*job.due);
            if (job.tries == 1 && !job.held_up) meter_->lag(Clock::now() - *job.due);
        }
        if (dropped_) co_return Try{Outcome::given_up};
        auto const due = job.due.value_or(Clock::now());
        auto* const link = co_await links_->take(made.request.size());
        if (link == nullptr) co_return failed(job, due, "too many messages wait for a connection");
        auto const result = co_await exchange(job, *link, made.request, due);
        links_->put(link);
        co_return result;
    }

    /// A client without a report at the site, or one that was asked for it, sends everything.
    static void resolve(Job& job, Member const& member) {
        if (job.kind == Kind::hinv_delta && (member.resync || !member.has_baseline))
            job.kind = Kind::hinv_full;
    }

    bool withhold(Job const& job, Member& member) {
        if (job.kind != Kind::hinv_delta || job.tries != 1 ||
            draw(scenario_.seed, job.number, purpose::lost_delta) >= scenario_.failures.lost_delta)
            return false;
        ++meter_->counts(job.kind).withheld;
        reported_change(member);
        return true;
    }

    asio::awaitable<Made> make_on_pool(Job const& job, Member const& member) {
        Order order{
            .kind = job.kind, .client = job.client, .number = job.number, .when = job.when, .member = member};
        if (job.body) order.body = *job.body;
        ++in_making_;
        auto made = co_await asio::co_spawn(makers_.get_executor(), make(builder_, std::move(order)),
                                            asio::use_awaitable);
        --in_making_;
        meter_->built(made.work);
        co_return made;
    }

    Task until(Instant at) {
        if (at <= Clock::now()) co_return;
        asio::steady_timer timer(io_, at);
        co_await timer.async_wait(awaiting);
    }

    asio::awaitable<Try> exchange(Job const& job, Link& link, std::string const& request, Instant due) {
        auto const chance = [this, &job](std::uint64_t what) {
            return draw(scenario_.seed, job.number, what);
        };
        if (job.tries == 1 && chance(purpose::cut) < scenario_.failures.disconnect) {
            ++meter_->counts(job.kind).cut;
            co_await link.cut(request, scenario_.timeout);
        }
        auto& counts = meter_->counts(job.kind);
        ++counts.sent;
        counts.bytes_out += request.size();
        auto answer = co_await link.exchange(request, scenario_.timeout);
        counts.bytes_in += answer.body.size();
        auto const result = co_await settle(job, std::move(answer), due);
        if (result.outcome == Outcome::done && job.kind != Kind::registration &&
            chance(purpose::duplicate) < scenario_.failures.duplicate) {
            ++counts.duplicates;
            co_await link.exchange(request, scenario_.timeout);
        }
        co_return result;
    }

    asio::awaitable<Try> settle(Job const& job, Answer answer, Instant due) {
        constexpr unsigned ok = 200;
        constexpr unsigned unavailable = 503;
        if (answer.status == 0) co_return failed(job, due, std::move(answer.fault));
        if (answer.status == unavailable) {
            ++meter_->counts(job.kind).refused;
            co_return Try{Outcome::again, answer.retry_after};
        }
        if (answer.status != ok) {
            auto const fault = fmt::format("HTTP status {}", answer.status);
            constexpr unsigned server_errors = 500;
            co_return failed(job, due, fault,
                             answer.status < server_errors ? Outcome::given_up : Outcome::again);
        }
        auto const acknowledged = Clock::now();
        Reading reading;
        if (has_reply(job.kind)) {
            auto done = co_await asio::co_spawn(makers_.get_executor(),
                                                read(builder_, job.kind, job.client, std::move(answer)),
                                                asio::use_awaitable);
            meter_->built(done.work);
            reading = std::move(done.reading);
        }
        // To ask again would have the same answer (messaging-api.md 9).
        if (!reading.fault.empty()) co_return failed(job, due, std::move(reading.fault), Outcome::given_up);
        meter_->latency(job.kind, acknowledged - due);
        ++meter_->counts(job.kind).ok;
        learn(job, std::move(reading));
        co_return Try{};
    }

    Try failed(Job const& job, Instant due, std::string fault, Outcome outcome = Outcome::again) {
        ++meter_->counts(job.kind).failed;
        meter_->latency(job.kind, Clock::now() - due);
        run_.last_fault = fmt::format("{}: {}", name_of(job.kind), fault);
        return {outcome};
    }

    // ---- What a client remembers ----

    void learn(Job const& job, Reading reading) {
        auto& member = members_[job.client];
        if (reading.uuid) {
            member.uuid = *reading.uuid;
            member.proof = std::move(reading.proof);
            member.registered = true;
        }
        if (reading.cookie) member.cookie = std::move(*reading.cookie);
        if (reading.asks_for_resync && member.has_baseline) member.resync = true;
        for (std::size_t i = 0; i < reading.bodies.size(); ++i)
            fetch(job, member, reading.policies[i], std::move(reading.bodies[i]));
        if (job.kind == Kind::state) member.serial += scenario_.states;
        if (job.kind == Kind::hinv_delta) reported_change(member);
        if (job.kind == Kind::hinv_full) {
            member.version = member.has_baseline ? member.version.next_full() : inventory::Version{};
            member.has_baseline = true;
            member.resync = false;
        }
    }

    static void reported_change(Member& member) {
        member.version = member.version.next_delta();
        ++member.generation;
    }

    void fetch(Job const& job, Member& member, std::uint32_t policy, PolicyBody body) {
        bool const always = policy == 0;
        if (!always) {
            if (std::ranges::find(member.policies, policy) != member.policies.end()) return;
            member.policies.push_back(policy);
        }
        auto fetching = job_for(Kind::policy_body, job.client);
        fetching.body = std::make_shared<PolicyBody const>(std::move(body));
        start(std::move(fetching));
    }

    Scenario const& scenario_;
    RunOptions const& options_;
    Server& server_;
    Builder builder_;
    asio::io_context io_{1};
    asio::thread_pool makers_;
    std::vector<Member> members_;
    std::vector<bool> busy_;     ///< a message of the client is under way
    asio::steady_timer timer_;   ///< for the next thing that comes due
    asio::steady_timer second_;  ///< for the next row
    asio::steady_timer settled_; ///< for the last message of a phase
    asio::signal_set signals_;
    RunFigures run_;
    Instant began_{};
    std::uint64_t number_ = 1; ///< of the next message

    // Of the phase:
    Phase const* phase_ = nullptr;
    Instant phase_began_{};
    std::optional<Meter> meter_;
    std::optional<LinkPool> links_;
    bool over_ = false;    ///< nothing new is started
    bool dropped_ = false; ///< nobody waits for what is still under way
    std::size_t outstanding_ = 0;
    std::size_t in_making_ = 0;
    std::multimap<Instant, Job> later_;                  ///< tries that wait for their time
    std::unordered_multimap<std::uint32_t, Job> behind_; ///< messages that wait for their client
    std::vector<std::unique_ptr<User>> users_;
    std::optional<Permutation> order_;
    std::uint64_t turn_ = 0;
    unsigned active_users_ = 0;
};

} // namespace

Result<RunFigures> run(Scenario const& scenario, RunOptions const& options) {
    auto server = Server::open(options.url, options.ca, options.clock.now());
    if (!server) return std::unexpected(server.error());
    return Engine(scenario, options, **server).play();
}

} // namespace pointman::client::load
