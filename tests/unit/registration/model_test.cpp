// SPDX-License-Identifier: Apache-2.0
// Random lives of a few clients against a model of the rules in registration.md 4.
#include "tests/unit/registration/desk.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <map>
#include <set>

using namespace pointman;
using namespace pointman::test;

namespace {

constexpr std::size_t key_count = 4;
constexpr std::size_t asked_count = 3;

enum class Action { enroll, confirm, change_key, block, approve, remove };

struct Step {
    Action action = Action::enroll;
    std::size_t key = 0; ///< who signs
    std::size_t target =
        0; ///< which of the SMSIDs seen so far, by number; one too many = none or an unused one
    std::size_t other = 0; ///< the key that a hint is made with
    friend std::ostream& operator<<(std::ostream& out, Step const& step) {
        return out << "{" << static_cast<int>(step.action) << " key " << step.key << " target " << step.target
                   << " other " << step.other << "}";
    }
};

rc::Gen<Step> any_step() {
    auto const action = rc::gen::weightedElement<Action>({{6, Action::enroll},
                                                          {4, Action::confirm},
                                                          {3, Action::change_key},
                                                          {1, Action::block},
                                                          {1, Action::approve},
                                                          {1, Action::remove}});
    auto const key = rc::gen::inRange<std::size_t>(0, key_count);
    return rc::gen::build<Step>(rc::gen::set(&Step::action, action), rc::gen::set(&Step::key, key),
                                rc::gen::set(&Step::target, rc::gen::inRange<std::size_t>(0, 8)),
                                rc::gen::set(&Step::other, key));
}

/// What should be registered: SMSID to key, and who is blocked.
class Model {
public:
    struct Expected {
        int status = 0;
        std::optional<std::string> smsid; ///< nullopt with Status 0 = a fresh one
    };

    Expected enroll(std::size_t key, std::string const& asked, std::optional<std::size_t> hint_by) {
        auto const holder = clients_.find(asked);
        if (auto const own = id_of(key)) return answer(*own);
        if (asked.empty()) return {0, std::nullopt};
        if (holder == clients_.end()) return {0, asked};
        if (hint_by != holder->second) return {0, std::nullopt};
        if (blocked_.contains(asked)) return {3, std::nullopt};
        return {0, asked};
    }
    int confirm(std::size_t key, std::string const& asked) const {
        auto const holder = clients_.find(asked);
        if (holder == clients_.end()) return 2;
        return holder->second == key && !blocked_.contains(asked) ? 0 : 3;
    }
    void learn(std::string const& smsid, std::size_t key) { clients_[smsid] = key; }
    void block(std::string const& smsid) { blocked_.insert(smsid); }
    void approve(std::string const& smsid) { blocked_.erase(smsid); }
    void remove(std::string const& smsid) {
        clients_.erase(smsid);
        blocked_.erase(smsid);
    }
    std::map<std::string, std::size_t> const& clients() const { return clients_; }
    bool is_blocked(std::string const& smsid) const { return blocked_.contains(smsid); }

private:
    std::optional<std::string> id_of(std::size_t key) const {
        for (auto const& [smsid, owner] : clients_) {
            if (owner == key) return smsid;
        }
        return std::nullopt;
    }
    Expected answer(std::string const& smsid) const {
        if (blocked_.contains(smsid)) return {3, std::nullopt};
        return {0, smsid};
    }

    std::map<std::string, std::size_t> clients_;
    std::set<std::string> blocked_;
};

class Life {
public:
    void take(Step const& step) {
        switch (step.action) {
        case Action::enroll:
            return enroll(step, std::nullopt);
        case Action::change_key:
            return enroll(step, step.other);
        case Action::confirm:
            return confirm(step);
        case Action::block:
            return judge(step, db::Approval::blocked);
        case Action::approve:
            return judge(step, db::Approval::approved);
        case Action::remove:
            return remove(step);
        }
    }

    void compare() {
        std::map<std::string, std::size_t> stored;
        for (auto const& client : desk_.clients()) {
            stored[client.id.text()] = key_number(client.key_sha256);
            RC_ASSERT((client.approval == db::Approval::blocked) == model_.is_blocked(client.id.text()));
        }
        RC_ASSERT(stored == model_.clients());
    }

private:
    /// An SMSID that was given out once, an unused one, or none.
    std::string pick(std::size_t number) const {
        if (number < seen_.size()) return seen_[number];
        return number % 2 == 0 ? std::string() : unused_.at(number % asked_count);
    }

    void enroll(Step const& step, std::optional<std::size_t> hint_by) {
        auto request = registration_of(test_key(step.key), "PC" + std::to_string(step.key));
        request.smsid = pick(step.target);
        if (hint_by && !request.smsid.empty()) {
            request.hint = registration_hint(test_key(*hint_by), request.smsid);
        }
        auto const expected = model_.enroll(step.key, request.smsid, hint_by);
        auto const answer = desk_.submit(test_key(step.key), request);
        RC_ASSERT(answer.status == expected.status);
        if (answer.status != 0) return;
        if (expected.smsid) {
            RC_ASSERT(answer.smsid == *expected.smsid);
        } else {
            RC_ASSERT(!model_.clients().contains(answer.smsid));
        }
        model_.learn(answer.smsid, step.key);
        if (std::ranges::find(seen_, answer.smsid) == seen_.end()) seen_.push_back(answer.smsid);
    }

    void confirm(Step const& step) {
        auto const smsid = pick(step.target);
        if (smsid.empty()) return;
        auto const answer = desk_.submit(test_key(step.key), confirmation_of(smsid));
        RC_ASSERT(answer.status == model_.confirm(step.key, smsid));
    }

    void judge(Step const& step, db::Approval approval) {
        auto const smsid = pick(step.target);
        if (!model_.clients().contains(smsid)) return;
        desk_.set_approval(smsid, approval);
        if (approval == db::Approval::blocked) {
            model_.block(smsid);
        } else {
            model_.approve(smsid);
        }
    }

    void remove(Step const& step) {
        auto const smsid = pick(step.target);
        if (!model_.clients().contains(smsid)) return;
        auto const removed = desk_.store().write_and_wait([&](db::Transaction& transaction) {
            return db::Clients::remove(transaction, ClientId::parse(smsid).value());
        });
        RC_ASSERT(removed.has_value());
        model_.remove(smsid);
    }

    static std::size_t key_number(std::string const& sha256) {
        for (std::size_t i = 0; i < key_count; ++i) {
            if (test_key(i).public_key().sha256() == sha256) return i;
        }
        RC_FAIL("a key that nobody has");
    }

    Desk desk_;
    Model model_;
    std::vector<std::string> seen_;
    std::vector<std::string> unused_ = {ClientId::random().text(), ClientId::random().text(),
                                        ClientId::random().text()};
};

} // namespace

TEST_CASE("random lives of clients follow the rules") {
    auto const held = rc::check("registrations, confirmations, new keys and operators' judgements", [] {
        // Every step waits for the disk: many short lives find as much as a few long ones, and sooner.
        constexpr int longest = 30;
        auto const steps = *rc::gen::resize(longest, rc::gen::container<std::vector<Step>>(any_step()));
        Life life;
        for (auto const& step : steps) life.take(step);
        life.compare();
    });
    CHECK(held);
}
