// SPDX-License-Identifier: Apache-2.0
#include "client/load/traffic.hpp"

#include "client/load/chance.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace pointman::client::load {

namespace asio = boost::asio;

namespace {

constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);

/// Messages under way in the generator itself. A generator that has so many is too slow for its schedule.
constexpr std::size_t most_in_making = 10'000;
/// Retries wait at least so long, that a server which says "at once" is not hammered.
constexpr std::chrono::milliseconds shortest_wait{100};

namespace purpose {
constexpr std::uint64_t cut = 101;
constexpr std::uint64_t duplicate = 102;
constexpr std::uint64_t lost_delta = 103;
} // namespace purpose

std::uint64_t run_number() {
    std::random_device device;
    return (std::uint64_t{device()} << 32U) ^ device();
}

/// What a thread of the builders does, and what it cost.
template <class T>
asio::awaitable<std::pair<T, Work>> timed(std::function<T()> what) {
    auto const began = std::chrono::steady_clock::now();
    auto const cpu = thread_cpu();
    auto result = what();
    co_return std::pair{std::move(result),
                        Work{std::chrono::steady_clock::now() - began, thread_cpu() - cpu}};
}

} // namespace

Traffic::Traffic(asio::io_context& io, Scenario const& scenario, Server& server, pointman::Clock const& clock)
    : io_(io)
    , scenario_(scenario)
    , clock_(clock)
    , server_(server)
    , builder_(scenario, server.authority(), run_number())
    , makers_(scenario.builders)
    , members_(scenario.clients)
    , busy_(scenario.clients)
    , again_(io)
    , settled_(io) {}

// ---- Of a phase ----

void Traffic::begin(Meter& meter) {
    meter_ = &meter;
    links_.emplace(io_, server_,
                   LinkPool::Terms{.links = scenario_.connections,
                                   .most_requests = scenario_.requests_per_connection,
                                   .most_waiting = scenario_.most_waiting});
    dropped_ = false;
}

void Traffic::end() {
    links_.reset();
    meter_ = nullptr;
}

void Traffic::arrive(Kind kind, std::uint64_t client, Instant due) {
    auto job = job_for(kind, client);
    job.due = due;
    if (in_making_ < most_in_making) return start(std::move(job));
    ++meter_->figures().unmade;
    ++meter_->counts(kind).lost;
}

void Traffic::send(Kind kind, std::uint64_t client, std::function<void()> settled) {
    auto job = job_for(kind, client);
    job.settled = std::move(settled);
    start(std::move(job));
}

Task Traffic::settle(Instant until) {
    if (outstanding_ == 0) co_return;
    settled_.expires_at(until);
    co_await settled_.async_wait(awaiting);
}

Task Traffic::drop() {
    dropped_ = true;
    links_->close();
    for (auto& [at, job] : std::exchange(later_, {})) give_up(job);
    while (outstanding_ > 0) co_await settle(Instant::max()); // what is being made or sent ends at once
}

// ---- One message of a client after the other ----

Traffic::Job Traffic::job_for(Kind kind, std::uint64_t client) {
    return {.kind = kind,
            .client = static_cast<std::uint32_t>(client),
            .number = number_++,
            .when = clock_.now()};
}

void Traffic::start(Job job) {
    ++outstanding_;
    if (busy_[job.client]) {
        job.held_up = true;
        behind_.emplace(job.client, std::move(job));
        return;
    }
    begin_try(std::move(job));
}

void Traffic::begin_try(Job job) {
    busy_[job.client] = true;
    asio::co_spawn(io_, try_once(std::move(job)), asio::detached);
}

void Traffic::give_up(Job const& job) {
    ++meter_->counts(job.kind).lost;
    finish(job);
}

void Traffic::finish(Job const& job) {
    --outstanding_;
    busy_[job.client] = false;
    if (job.settled) job.settled();
    if (auto const next = behind_.find(job.client); next != behind_.end())
        begin_try(std::move(behind_.extract(next).mapped()));
    if (outstanding_ == 0) settled_.cancel();
}

// ---- Tries ----

Task Traffic::try_once(Job job) {
    if (dropped_) {
        give_up(job);
        co_return;
    }
    ++job.tries;
    auto result = co_await register_first(job);
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

void Traffic::try_again_at(Instant at, Job job) {
    job.due.reset();
    later_.emplace(at, std::move(job));
    if (later_.begin()->first >= at) again_.cancel();
}

Task Traffic::send_again() {
    while (!stopped_) {
        again_.expires_at(later_.empty() ? Instant::max() : later_.begin()->first);
        co_await again_.async_wait(awaiting);
        while (!later_.empty() && later_.begin()->first <= Clock::now())
            begin_try(std::move(later_.extract(later_.begin()).mapped()));
    }
}

void Traffic::stop() {
    stopped_ = true;
    again_.cancel();
}

Traffic::Awaitable<Traffic::Try> Traffic::register_first(Job& job) {
    if (members_[job.client].registered || job.kind == Kind::registration) co_return Try{};
    auto registration = job_for(Kind::registration, job.client);
    registration.due = job.due;
    registration.tries = job.tries;
    job.held_up = true;
    co_return co_await send(registration);
}

Traffic::Awaitable<Traffic::Try> Traffic::send(Job& job) {
    auto& member = members_[job.client];
    if (job.kind == Kind::hinv_delta && member.owes_full_report()) job.kind = Kind::hinv_full;
    if (withhold(job, member)) co_return Try{};
    auto const request = co_await make(job, member);
    co_await until_due(job);
    if (dropped_) co_return Try{Outcome::given_up};
    auto const due = job.due.value_or(Clock::now());
    auto* const link = co_await links_->take(request.size());
    if (dropped_) co_return Try{Outcome::given_up};
    if (link == nullptr) co_return failed(job, due, "too many messages wait for a connection");
    auto const result = co_await exchange(job, *link, request, due);
    links_->put(link);
    co_return result;
}

bool Traffic::withhold(Job const& job, Member& member) {
    if (job.kind != Kind::hinv_delta || job.tries != 1 ||
        chance(job, purpose::lost_delta) >= scenario_.failures.lost_delta)
        return false;
    ++meter_->counts(job.kind).withheld;
    member.reported_changes();
    return true;
}

Traffic::Awaitable<std::string> Traffic::make(Job const& job, Member const& member) {
    Order order{
        .kind = job.kind, .client = job.client, .number = job.number, .when = job.when, .member = member};
    if (job.body) order.body = *job.body;
    std::function<std::string()> writes = [&builder = builder_, order = std::move(order)] {
        return builder.make(order);
    };
    ++in_making_;
    auto [request, work] =
        co_await asio::co_spawn(makers_.get_executor(), timed(std::move(writes)), asio::use_awaitable);
    --in_making_;
    meter_->built(work);
    co_return std::move(request);
}

Task Traffic::until_due(Job const& job) {
    if (!job.due) co_return;
    if (*job.due > Clock::now()) {
        asio::steady_timer timer(io_, *job.due);
        co_await timer.async_wait(awaiting);
    }
    if (job.tries == 1 && !job.held_up) meter_->lag(Clock::now() - *job.due);
}

Traffic::Awaitable<Traffic::Try> Traffic::exchange(Job const& job, Link& link, std::string const& request,
                                                   Instant due) {
    auto& counts = meter_->counts(job.kind);
    if (job.tries == 1 && chance(job, purpose::cut) < scenario_.failures.disconnect) {
        ++counts.cut;
        co_await link.cut(request, scenario_.timeout);
    }
    ++counts.sent;
    counts.bytes_out += request.size();
    auto answer = co_await link.exchange(request, scenario_.timeout);
    counts.bytes_in += answer.body.size();
    auto const result = co_await judge(job, std::move(answer), due);
    if (result.outcome == Outcome::done && job.kind != Kind::registration &&
        chance(job, purpose::duplicate) < scenario_.failures.duplicate) {
        ++counts.duplicates;
        co_await link.exchange(request, scenario_.timeout);
    }
    co_return result;
}

double Traffic::chance(Job const& job, std::uint64_t purpose) const {
    return draw(scenario_.seed, job.number, purpose);
}

// ---- Answers ----

Traffic::Awaitable<Traffic::Try> Traffic::judge(Job const& job, Answer answer, Instant due) {
    constexpr unsigned ok = 200;
    constexpr unsigned unavailable = 503;
    constexpr unsigned server_errors = 500;
    // What was under way when the phase was over is lost, and nobody's failure.
    if (answer.status == 0 && dropped_) co_return Try{Outcome::given_up};
    if (answer.status == 0) co_return failed(job, due, answer.fault);
    if (answer.status == unavailable) {
        ++meter_->counts(job.kind).refused;
        co_return Try{Outcome::again, answer.retry_after};
    }
    if (answer.status != ok)
        co_return failed(job, due, fmt::format("HTTP status {}", answer.status),
                         answer.status < server_errors ? Outcome::given_up : Outcome::again);
    auto const acknowledged = Clock::now();
    Reading reading;
    if (has_reply(job.kind)) reading = co_await read(job, std::move(answer));
    // To ask again would have the same answer (messaging-api.md 9).
    if (!reading.fault.empty()) co_return failed(job, due, reading.fault, Outcome::given_up);
    meter_->latency(job.kind, acknowledged - due);
    ++meter_->counts(job.kind).ok;
    learn(job, std::move(reading));
    co_return Try{};
}

Traffic::Awaitable<Reading> Traffic::read(Job const& job, Answer answer) {
    std::function<Reading()> reads = [&builder = builder_, kind = job.kind, client = job.client,
                                      answer = std::move(answer)] {
        return builder.read(kind, client, answer.content_type, answer.body);
    };
    auto [reading, work] =
        co_await asio::co_spawn(makers_.get_executor(), timed(std::move(reads)), asio::use_awaitable);
    meter_->built(work);
    co_return std::move(reading);
}

Traffic::Try Traffic::failed(Job const& job, Instant due, std::string const& fault, Outcome outcome) {
    ++meter_->counts(job.kind).failed;
    meter_->latency(job.kind, Clock::now() - due);
    last_fault_ = fmt::format("{}: {}", name_of(job.kind), fault);
    return {outcome};
}

// ---- What a client remembers ----

void Traffic::learn(Job const& job, Reading reading) {
    auto& member = members_[job.client];
    if (reading.uuid) {
        member.uuid = *reading.uuid;
        member.proof = std::move(reading.proof);
        member.registered = true;
    }
    if (reading.cookie) member.cookie = std::move(*reading.cookie);
    if (reading.asks_for_resync && member.has_baseline) member.resync = true;
    for (std::size_t i = 0; i < reading.bodies.size(); ++i)
        if (member.wants(reading.policies[i])) fetch(job, std::move(reading.bodies[i]));
    if (job.kind == Kind::state) member.serial += scenario_.states;
    if (job.kind == Kind::hinv_delta) member.reported_changes();
    if (job.kind == Kind::hinv_full) member.reported_everything();
}

void Traffic::fetch(Job const& job, PolicyBody body) {
    auto fetching = job_for(Kind::policy_body, job.client);
    fetching.body = std::make_shared<PolicyBody const>(std::move(body));
    start(std::move(fetching));
}

} // namespace pointman::client::load
