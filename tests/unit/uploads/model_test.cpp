// SPDX-License-Identifier: Apache-2.0
// Random lives of a few sessions against a model of what was acknowledged (wire.md 10.2).
#include "tests/unit/uploads/desk.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <ostream>

using namespace pointman;
using namespace pointman::test;
using namespace pointman::uploads;

namespace {

constexpr std::size_t most_sessions = 4;

enum class Action { create, append, close, cancel, restart, wait, sweep };

struct Step {
    Action action = Action::append;
    std::size_t session = 0; ///< which of those begun so far, by number
    std::uint64_t back = 0;  ///< how far the fragment begins before what is wanted
    std::uint64_t gap = 0;   ///< and how far behind it
    std::uint64_t length = 1;
    bool other_total = false;
    bool other_path = false;
    int days = 0;

    friend std::ostream& operator<<(std::ostream& out, Step const& step) {
        return out << "{" << static_cast<int>(step.action) << " session " << step.session << " back "
                   << step.back << " gap " << step.gap << " length " << step.length << " other total "
                   << step.other_total << " other path " << step.other_path << " days " << step.days << "}";
    }
};

rc::Gen<Step> any_step() {
    auto const action = rc::gen::weightedElement<Action>({{4, Action::create},
                                                          {16, Action::append},
                                                          {4, Action::close},
                                                          {1, Action::cancel},
                                                          {2, Action::restart},
                                                          {1, Action::wait},
                                                          {1, Action::sweep}});
    auto const rarely = rc::gen::weightedElement<bool>({{9, false}, {1, true}});
    auto const small = rc::gen::weightedOneOf<std::uint64_t>(
        {{3, rc::gen::just<std::uint64_t>(0)}, {1, rc::gen::inRange<std::uint64_t>(1, 9)}});
    return rc::gen::build<Step>(rc::gen::set(&Step::action, action),
                                rc::gen::set(&Step::session, rc::gen::inRange<std::size_t>(0, most_sessions)),
                                rc::gen::set(&Step::back, small), rc::gen::set(&Step::gap, small),
                                rc::gen::set(&Step::length, rc::gen::inRange<std::uint64_t>(1, 12)),
                                rc::gen::set(&Step::other_total, rarely),
                                rc::gen::set(&Step::other_path, rarely),
                                rc::gen::set(&Step::days, rc::gen::inRange(0, 9)));
}

/// What should be known of a session.
struct Known {
    SessionKey key;
    std::string text; ///< all of it
    std::optional<std::uint64_t> total{};
    std::uint64_t received = 0;
    bool finished = false;
    TimePoint expires{};
};

class Life {
public:
    void take(Step const& step) {
        switch (step.action) {
        case Action::create:
            return create();
        case Action::append:
            return with(step, [&](Known* known) { append(step, known); });
        case Action::close:
            return with(step, [&](Known* known) { close(known); });
        case Action::cancel:
            return with(step, [&](Known* known) { cancel(known); });
        case Action::restart:
            return desk_.restart();
        case Action::wait:
            return desk_.clock.advance(std::chrono::days{step.days});
        case Action::sweep:
            return sweep();
        }
    }

    /// What is finished can be read, and nothing else.
    void check() {
        std::multiset<std::string> expected;
        std::set<std::string> files;
        for (auto const& [id, known] : known_) {
            if (!is_alive(known)) continue;
            if (known.finished) expected.insert(known.text.substr(0, known.total.value_or(0)));
            if (known.received > 0) files.insert(id);
        }
        auto const texts = desk_.texts(message_a);
        RC_ASSERT((std::multiset<std::string>(texts.begin(), texts.end()) == expected));
        auto const names = desk_.names();
        RC_ASSERT(std::ranges::includes(names, files));
    }

private:
    bool is_alive(Known const& known) const { return desk_.clock.now() < known.expires; }

    void create() {
        auto const made = desk_.sessions().create(message_a, "192.0.2.1");
        if (known_.size() == most_sessions) {
            RC_ASSERT(!made.has_value());
            RC_ASSERT(made.error().why == Why::no_room);
            return;
        }
        auto text = *rc::gen::container<std::string>(*rc::gen::inRange<std::size_t>(1, 40),
                                                     rc::gen::inRange('a', 'z'));
        known_.emplace(*made, Known{.key = {*made, message_a},
                                    .text = std::move(text),
                                    .expires = desk_.clock.now() + std::chrono::hours{1}});
        ids_.push_back(*made);
    }

    /// `act` is given nothing where the session must not be found.
    template <class F>
    void with(Step const& step, F const& act) {
        key_ = {"00000000-0000-4000-8000-000000000000", message_a};
        if (step.session >= ids_.size()) return act(nullptr);
        key_ = {ids_[step.session], step.other_path ? message_b : message_a};
        auto const found = known_.find(key_.session_id);
        bool const hidden = found == known_.end() || step.other_path || !is_alive(found->second);
        act(hidden ? nullptr : &found->second);
    }

    void append(Step const& step, Known* known) {
        auto const text = known != nullptr ? known->text : std::string("some text");
        auto const total = text.size() + (step.other_total ? 1 : 0);
        auto const wanted = known != nullptr ? known->received : 0;
        auto const first =
            std::min<std::uint64_t>(wanted - std::min(wanted, step.back) + step.gap, total - 1);
        auto const length = std::min<std::uint64_t>(step.length, total - first);
        // What overlaps is wrong on purpose, so that it would be seen.
        std::string sent;
        for (auto at = first; at < first + length; ++at)
            sent += at < wanted || at >= text.size() ? '#' : text[at];
        auto const next = desk_.append(key_, first, sent, total);

        if (known == nullptr || known->finished) return refused(next, Why::unknown_session);
        if (known->total && *known->total != total) return refused(next, Why::bad_argument);
        if (first > wanted) {
            refused(next, Why::gap);
            RC_ASSERT(next.error().received == wanted);
            return;
        }
        RC_ASSERT(next.has_value());
        if (first + length > wanted) {
            known->total = total;
            if (step.other_total) known->text += '#';
            known->received = first + length;
            known->expires = desk_.clock.now() + std::chrono::days{7};
        }
        RC_ASSERT(*next == known->received);
    }

    void close(Known* known) {
        auto const closed = desk_.sessions().close(key_);
        if (known == nullptr) return refused(closed, Why::unknown_session);
        if (known->finished) {
            RC_ASSERT(closed.has_value());
            return;
        }
        if (known->received != known->total.value_or(0)) return refused(closed, Why::bad_argument);
        RC_ASSERT(closed.has_value());
        known->finished = true;
        known->expires = desk_.clock.now() + std::chrono::days{2};
    }

    void cancel(Known* known) {
        auto const gone = desk_.sessions().cancel(key_);
        if (known == nullptr || known->finished) return refused(gone, Why::unknown_session);
        RC_ASSERT(gone.has_value());
        known_.erase(key_.session_id);
    }

    void sweep() {
        auto const went =
            std::erase_if(known_, [this](auto const& entry) { return !is_alive(entry.second); });
        RC_ASSERT(desk_.sessions().sweep().value() == went);
    }

    template <class T>
    static void refused(Outcome<T> const& outcome, Why why) {
        RC_ASSERT(!outcome.has_value());
        RC_ASSERT(outcome.error().why == why);
    }

    UploadDesk desk_{most_sessions};
    std::map<std::string, Known> known_;
    std::vector<std::string> ids_;
    SessionKey key_;
};

} // namespace

TEST_CASE("sessions are what was acknowledged, whatever is sent in whatever order", "[uploads][model]") {
    CHECK(rc::check("sessions and model agree", [] {
        Life life;
        for (auto const& step : *rc::gen::container<std::vector<Step>>(any_step())) {
            life.take(step);
            life.check();
        }
    }));
}
