// SPDX-License-Identifier: Apache-2.0
// The queue against a model: whatever servers do and whenever the process restarts, each message is delivered
// once and in order, or is expired, or was refused.
#include "client/messaging/courier.hpp"
#include "tests/support/paths.hpp"
#include "tests/unit/client/support.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <deque>
#include <map>

namespace pointman::client {

namespace {

enum class Mood { takes, is_busy, is_down, refuses };

struct ModelMessage {
    std::string id;
    std::optional<Time> expires;
};

/// The queue with its servers, and beside it what should be in it.
class World {
public:
    void post(int target, int lifetime) {
        auto const id = fmt::format("{{{:08}-0000-0000-0000-000000000000}}", ++posted_);
        QueueEntry entry{
            .tracking_id = id, .host = host_of(target), .endpoint = "MP_Test", .posted = now_, .expires = {}};
        if (lifetime != 0) entry.expires = now_ + std::chrono::seconds{lifetime};
        Outgoing outgoing;
        outgoing.target.route.host = host_of(target);
        outgoing.request.header.id = id;
        RC_ASSERT(courier_->queue().add(entry, outgoing).has_value());
        model_[target].push_back({id, entry.expires});
    }

    void set_mood(int target, Mood mood) { moods_[host_of(target)] = mood; }
    void advance(int seconds) { now_ += std::chrono::seconds{seconds}; }
    void restart() { courier_ = open(); }

    void flush() {
        std::size_t delivered = 0;
        std::size_t expired = 0;
        std::size_t refused = 0;
        std::size_t waiting = 0;
        std::vector<std::string> order;
        for (auto& [target, line] : model_) {
            std::erase_if(line, [&](ModelMessage const& message) {
                bool const over = message.expires && *message.expires <= now_;
                expired += over ? 1 : 0;
                return over;
            });
            auto const mood = moods_[host_of(target)];
            if (mood == Mood::takes) {
                for (auto const& message : line) expected_[host_of(target)].push_back(message.id);
                delivered += line.size();
            }
            if (mood == Mood::refuses) refused += line.size();
            if (mood == Mood::takes || mood == Mood::refuses) line.clear();
            waiting += line.size();
        }
        auto const delivery = courier_->pass(true, true);
        RC_ASSERT(delivery.has_value());
        RC_ASSERT(delivery->delivered == delivered);
        RC_ASSERT(delivery->expired == expired);
        RC_ASSERT(delivery->refused == refused);
        RC_ASSERT(delivery->waiting == waiting);
        RC_ASSERT(taken_ == expected_);
        refused_ += refused;
        RC_ASSERT(courier_->queue().refused()->size() == refused_);
    }

private:
    static std::string host_of(int target) { return fmt::format("http://mp{}", target); }

    std::unique_ptr<Courier> open() {
        return std::make_unique<Courier>(
            Queue::open(directory_.path() / "queue").value(), [this] { return now_; },
            std::vector{std::chrono::seconds{60}},
            [this](Outgoing const& outgoing) { return deliver(outgoing); });
    }

    Result<void> deliver(Outgoing const& outgoing) {
        auto const& host = outgoing.target.route.host;
        switch (moods_[host]) {
        case Mood::takes:
            taken_[host].push_back(outgoing.request.header.id);
            return {};
        case Mood::is_busy:
            return std::unexpected(Error{.code = Code::busy, .http_status = 503});
        case Mood::is_down:
            return std::unexpected(Error{.code = Code::cannot_connect});
        case Mood::refuses:
            return std::unexpected(Error{.code = Code::refused, .http_status = 404});
        }
        return {};
    }

    test::TemporaryDirectory directory_;
    Time now_ = test_time;
    std::map<std::string, Mood> moods_;
    std::map<std::string, std::vector<std::string>> taken_;
    std::map<std::string, std::vector<std::string>> expected_;
    std::map<int, std::deque<ModelMessage>> model_;
    std::size_t refused_ = 0;
    int posted_ = 0;
    std::unique_ptr<Courier> courier_ = open();
};

} // namespace

TEST_CASE("a queue does what its model says") {
    bool const holds = rc::check([] {
        World world;
        // Each message is synced to the disk: more steps would take long and show little more.
        constexpr int most_steps = 40;
        auto const any_steps = rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 100));
        auto const steps = *rc::gen::resize(most_steps, any_steps).as("steps");
        for (auto const step : steps) {
            auto const target = step % 3;
            if (step < 40) {
                world.post(target, step % 4 == 0 ? 30 : 0);
            } else if (step < 55) {
                world.set_mood(target, static_cast<Mood>(step % 4));
            } else if (step < 65) {
                world.advance(step - 50);
            } else if (step < 75) {
                world.restart();
            } else {
                world.flush();
            }
        }
        for (int target = 0; target < 3; ++target) world.set_mood(target, Mood::takes);
        world.flush();
    });
    CHECK(holds);
}

} // namespace pointman::client
