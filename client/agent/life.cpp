// SPDX-License-Identifier: Apache-2.0
#include "client/agent/life.hpp"

#include "base/text.hpp"
#include "base/time.hpp"
#include "client/agent/files.hpp"
#include "client/agent/kept_files.hpp"
#include "client/agent/metering.hpp"
#include "client/agent/registering.hpp"
#include "client/agent/reports.hpp"
#include "client/agent/states.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pointman::client::agent {

namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

/// Discovery first: the site makes the record that all others belong to.
constexpr std::array tasks{Task::discovery, Task::hardware, Task::software,
                           Task::files,     Task::states,   Task::metering};

constexpr std::chrono::minutes longest_pause{60};
/// How often a waiting approval, or a queue that could not be delivered, is looked at again
/// (registration.md 3: 30 seconds to five minutes).
constexpr std::chrono::minutes usual_pause{1};

/// How old the list of management points may be: clients ask for places that often.
constexpr std::chrono::hours list_lasts{25};
/// How often it is tried whether the assigned management point answers again.
constexpr std::chrono::minutes between_looks_back{10};

std::chrono::minutes pause_after(unsigned failures) {
    constexpr unsigned enough = 6; // 2^6 minutes are more than an hour
    return std::min(longest_pause, std::chrono::minutes{1U << std::min(failures, enough)});
}

/// The key in done.json and what is told.
std::string key_of(Task task) {
    return std::string(name_of(task));
}

StateMessage framework_state(unsigned type, unsigned state, Time time) {
    return {.topic_id = "", .topic_type = type, .topic_id_type = 0, .state_id = state, .time = time};
}

} // namespace

Result<Life> Life::begin(LocalClient& client) {
    Life life(client);
    if (auto const loaded = life.load(); !loaded) return std::unexpected(loaded.error());
    return life;
}

Result<void> Life::load() {
    auto policy = load_policy(client_);
    if (!policy) return std::unexpected(policy.error());
    policy_ = std::move(*policy);
    instructions_ = read_instructions(client_, policy_);
    load_points();
    auto const object = client_.home().read(kept::done);
    if (!object) client_.tell(object.error().message); // everything is reported again
    auto const done = object.value_or(json::object());
    for (auto const task : tasks)
        if (auto const time = time_in(done, key_of(task))) done_[task] = *time;
    auto const met = texts_in(done, "met");
    met_.insert(met.begin(), met.end());
    return {};
}

Result<void> Life::save() const {
    json::object object{{"met", json::array(met_.begin(), met_.end())}};
    for (auto const& [task, time] : done_) object[key_of(task)] = iso_time_ms(time);
    return client_.home().write(kept::done, object);
}

Time Life::step() {
    auto const now = client_.now();
    if (now < not_before_) return not_before_;
    auto const worked = work();
    if (!worked) return back_off(worked.error());
    failure_.reset();
    failures_ = 0;
    points_.answered();
    return next();
}

Time Life::back_off(Error const& error) {
    auto const pause = std::max<std::chrono::seconds>(pause_after(failures_++), error.retry_after);
    client_.tell(fmt::format("{}; the next try is in {} seconds", error.message, pause.count()));
    failure_ = error;
    stands_ = false; // whoever is refused may have been deleted, or blocked
    not_before_ = client_.now() + pause;
    if (is_of_the_point(error) && points_.failed()) turn_to_current_point();
    return not_before_;
}

Result<void> Life::work() {
    look_back();
    if (auto const learned = learn_points(); !learned) return learned;
    auto const stands = stand();
    if (!stands) return std::unexpected(stands.error());
    if (!*stands) return {};
    if (policy_due() <= client_.now()) {
        if (auto const polled = poll(); !polled) return polled;
    }
    if (auto const metered = meter(); !metered) return metered;
    if (auto const performed = perform(); !performed) return performed;
    return deliver();
}

Result<bool> Life::stand() {
    if (stands_) return true;
    auto const registration = ensure_registration(client_);
    if (!registration) return std::unexpected(registration.error());
    if (registration->is_new) {
        client_.tell("registered as " + registration->smsid);
        // What was reported before is forgotten.
        policy_ = {};
        done_.clear();
        met_.clear();
        if (auto const loaded = load(); !loaded) return std::unexpected(loaded.error());
    }
    stands_ = registration->standing == Standing::approved;
    if (!stands_) client_.tell("waiting for approval");
    if (!stands_) return false;
    auto const said = say_that_communication_works();
    if (!said) return std::unexpected(said.error());
    return true;
}

/// The framework's states (relay.md 3.3): sent when they are others than before.
Result<void> Life::say_that_communication_works() {
    auto const now = client_.now();
    for (auto const type : {topic::communication, topic::certificate}) {
        auto const sent = report_state_change(client_, framework_state(type, state_ok, now));
        if (!sent) return std::unexpected(sent.error());
    }
    return {};
}

Result<void> Life::poll() {
    auto const update = update_policy(client_, policy_, PolicyAsk::changes);
    if (!update) return std::unexpected(update.error());
    for (auto const& failure : update->failures) client_.tell(failure);
    if (!update->added.empty() || !update->changed.empty() || !update->removed.empty()) {
        client_.tell(fmt::format("policy: {} added, {} changed, {} removed", update->added.size(),
                                 update->changed.size(), update->removed.size()));
    }
    instructions_ = read_instructions(client_, policy_);
    for (auto const& remark : instructions_.remarks)
        if (remarks_.insert(remark).second) client_.tell(remark);
    // What the site does not ask for any more may be asked for again.
    std::set<std::string> asked;
    for (auto const& [task, requests] : instructions_.resyncs) asked.insert(requests.begin(), requests.end());
    if (std::erase_if(met_, [&asked](std::string const& met) { return !asked.contains(met); }) > 0)
        return save();
    return {};
}

Result<void> Life::perform() {
    for (auto const task : tasks) {
        if (auto const met = meet_resync(task); !met) return met;
        if (!is_due(task)) continue;
        if (auto const performed = perform(task); !performed) return performed;
    }
    return {};
}

Result<void> Life::perform(Task task) {
    if (auto const sent = send(task, false); !sent) return sent;
    done_[task] = client_.now();
    return save();
}

/// A full report is the answer to all requests of its kind, and is as good as one that is due.
Result<void> Life::meet_resync(Task task) {
    auto const requests = instructions_.resyncs.find(task);
    if (requests == instructions_.resyncs.end()) return {};
    if (std::ranges::includes(met_, requests->second)) return {};
    if (auto const sent = send(task, true); !sent) return sent;
    met_.insert(requests->second.begin(), requests->second.end());
    done_[task] = client_.now();
    return save();
}

Result<void> Life::send(Task task, bool is_resync) {
    auto const type = is_resync ? ReportType::resync : ReportType::next;
    Result<Reported> reported = Reported{};
    switch (task) {
    case Task::discovery:
        reported = report_discovery(client_, instructions_);
        break;
    case Task::hardware:
        reported = report_hardware(client_, instructions_, type);
        break;
    case Task::software:
        reported = report_software(client_, instructions_, type);
        break;
    case Task::files:
        reported = report_files(client_, instructions_, type);
        break;
    case Task::metering:
        reported = report_metering(client_, instructions_);
        break;
    case Task::states: {
        auto const count = report_all_states(client_);
        if (!count) return std::unexpected(count.error());
        reported = Reported{.type = "Resync", .version = "1.0", .items = *count};
        break;
    }
    }
    if (!reported) return std::unexpected(reported.error());
    client_.tell(fmt::format("{}: {} report {} with {} items", name_of(task), to_lower(reported->type),
                             reported->version, reported->items));
    return {};
}

Result<void> Life::deliver() {
    auto const delivery = client_.messaging().flush();
    if (!delivery) return std::unexpected(delivery.error());
    waits_ = delivery->waiting > 0;
    if (delivery->refused > 0)
        client_.tell(fmt::format("{} messages were refused: see {}", delivery->refused,
                                 (client_.home().queue() / "refused").string()));
    // What was queued for the assigned point waits for that.
    if (!delivery->last_failure || points_.is_away()) return {};
    return std::unexpected(*delivery->last_failure);
}

Result<void> Life::meter() {
    if (!instructions_.triggers.contains(Task::metering)) return {};
    return look_at_programs(client_, instructions_.metering);
}

// ---- The management point ----

void Life::load_points() {
    auto const object = client_.home().read(kept::points);
    if (!object) return client_.tell(object.error().message); // the site is asked again
    points_asked_ = time_in(*object, "asked");
    points_.set_others(texts_in(*object, "others"));
}

/// First of all: who cannot be registered here can be elsewhere. A point that does not tell the others is as
/// good as any.
Result<void> Life::learn_points() {
    auto const now = client_.now();
    if (points_asked_ && now < *points_asked_ + list_lasts) return {};
    auto const list = list_management_points(client_.session());
    if (!list && is_of_the_point(list.error())) return std::unexpected(list.error());
    if (!list) return {};
    auto const others = others_in(*list, points_.assigned(), client_.settings().site);
    points_asked_ = now;
    points_.set_others(others);
    client_.turn_to(points_.current());
    return client_.home().write(
        kept::points, {{"asked", iso_time_ms(now)}, {"others", json::array(others.begin(), others.end())}});
}

/// Back to the assigned point where that answers.
void Life::look_back() {
    if (!points_.is_away() || client_.now() < looked_back_ + between_looks_back) return;
    looked_back_ = client_.now();
    client_.turn_to(points_.assigned());
    // Its list alone says little: a point that is half dead may still have that.
    bool const answers = client_.require_registration()
                             ? confirm_registration(client_.session()).has_value()
                             : list_management_points(client_.session()).has_value();
    if (answers) {
        points_.go_back();
        return turn_to_current_point();
    }
    client_.turn_to(points_.current());
}

void Life::turn_to_current_point() {
    client_.tell("turning to " + points_.current());
    client_.turn_to(points_.current());
    looked_back_ = client_.now();
    stands_ = false; // another point has to confirm it
}

bool Life::is_due(Task task) const {
    auto const time = due(task);
    return time && *time <= client_.now();
}

std::optional<Time> Life::due(Task task) const {
    auto const triggers = instructions_.triggers.find(task);
    if (triggers == instructions_.triggers.end()) return std::nullopt;
    // Files are collected by rules only.
    auto const last = done_.find(task);
    if (task == Task::files && instructions_.files.empty() && last == done_.end()) return std::nullopt;
    if (last == done_.end()) return Time{}; // from the first minute on
    std::optional<Time> first;
    for (auto const& trigger : triggers->second) {
        auto const time = trigger.next_after(last->second);
        if (time && (!first || *time < *first)) first = time;
    }
    return first;
}

Time Life::policy_due() const {
    return policy_.asked ? *policy_.asked + instructions_.polling : Time{};
}

Time Life::next() const {
    auto const now = client_.now();
    if (!stands_ || waits_) return now + usual_pause;
    auto first = policy_due();
    for (auto const task : tasks)
        if (auto const time = due(task)) first = std::min(first, *time);
    if (instructions_.triggers.contains(Task::metering)) first = std::min(first, now + between_looks);
    if (points_.is_away()) first = std::min(first, looked_back_ + between_looks_back);
    return std::max(first, now);
}

} // namespace pointman::client::agent
