// SPDX-License-Identifier: Apache-2.0
// Full or delta, and what is in it (policy.md 4).
#include "base/hex.hpp"
#include "endpoints/policy/decision.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <sstream>

using namespace pointman;
using namespace pointman::endpoints::policy;

namespace {

/// `A1.5` is the assignment A with a text of change 1 and one of change 5; `A1.5x` with another text there.
Assignment assignment_of(std::string const& written) {
    db::PolicyAssignment assignment{.assignment_id = written.substr(0, 1),
                                    .policy_id = "P" + written.substr(0, 1)};
    std::istringstream changes(written.substr(1));
    for (std::string change; std::getline(changes, change, '.');) {
        assignment.text = written.substr(0, 1) + change;
        assignment.texts.push_back({std::stoll(change), sha256_hex(as_bytes(assignment.text))});
    }
    return Assignment(std::move(assignment));
}

/// Groups of assignments: "A1 B2 | C3".
class Site {
public:
    explicit Site(std::string const& written) {
        std::istringstream words(written);
        std::vector<Assignment> group;
        for (std::string word; words >> word;) {
            if (word != "|") {
                group.push_back(assignment_of(word));
                continue;
            }
            groups_.emplace_back(std::move(group));
            group.clear();
        }
        groups_.emplace_back(std::move(group));
    }

    std::vector<Group const*> groups() const {
        std::vector<Group const*> all;
        for (auto const& group : groups_) all.push_back(&group);
        return all;
    }

private:
    std::vector<Group> groups_;
};

std::string shown(Told const& told) {
    std::string text = told.scope == Scope::full ? "full" : "delta";
    for (auto const* assignment : told.assignments) text += " " + assignment->id();
    return text;
}

} // namespace

TEST_CASE("a delta says what changed since the cookie, or all where that is not enough") {
    struct Row {
        std::string name;
        std::string then; ///< what reached the client when it got its cookie
        std::int64_t then_change;
        std::string now; ///< what reaches it when it asks again
        std::int64_t now_change;
        std::string told;
    };
    auto const row = GENERATE(values<Row>({
        {"nothing then, nothing now", "", 0, "", 0, "delta"},
        {"nothing of its own, but others got something", "", 0, "", 7, "delta"},
        {"unchanged", "A1 B2", 2, "A1 B2", 2, "delta"},
        {"unchanged, while others got something", "A1 B2", 2, "A1 B2", 9, "delta"},
        {"unchanged in two groups", "A1 | B2", 2, "A1 | B2", 2, "delta"},
        {"the first assignment", "", 0, "A1", 1, "delta A"},
        {"one added", "A1", 1, "A1 B2", 2, "delta B"},
        {"one added in another group", "A1", 1, "A1 | B2", 2, "delta B"},
        {"two added", "A1", 1, "A1 B2 C3", 3, "delta B C"},
        {"two added, told in the order in which they were", "A1", 1, "C3 A1 | B2", 3, "delta B C"},
        {"one changed", "A1 B2", 2, "A1.3 B2", 3, "delta A"},
        {"one changed twice", "A1 B2", 2, "A1.3.4 B2", 4, "delta A"},
        {"changed before the cookie", "A1.2", 2, "A1.2", 5, "delta"},
        {"changed before and after the cookie", "A1.2", 2, "A1.2.6", 6, "delta A"},
        {"all changed", "A1 B2", 2, "A1.3 B2.4", 4, "delta A B"},
        {"one changed, one added", "A1", 1, "A1.3 B2", 3, "delta A B"},
        {"added and changed since", "A1", 1, "A1 B2.3", 3, "delta B"},
        {"one removed", "A1 B2", 2, "A1", 3, "full A"},
        {"the only one removed", "A1", 1, "", 2, "full"},
        {"one removed, one added", "A1 B2", 2, "A1 C4", 4, "full A C"},
        {"one removed, one changed", "A1 B2", 2, "A1.4", 4, "full A"},
        {"removed and assigned again as another", "A1", 1, "B3", 3, "full B"},
        {"joined a collection that had something before", "A1", 3, "A1 | B2", 3, "full A B"},
        {"joined one that got something since", "A1", 2, "A1 | B3", 3, "delta B"},
        {"joined one with something before and since", "A1", 2, "A1 | B2 C3", 3, "full A B C"},
        {"left a collection", "A1 | B2", 2, "A1", 2, "full A"},
        {"left one and joined another", "A1 | B2", 3, "A1 | C3", 3, "full A C"},
        {"changed where it is not remembered what it was", "A1", 1, "A5.6.7", 7, "full A"},
        {"a cookie of another database", "A1x", 1, "A1", 1, "full A"},
        {"a cookie from later than now", "A1 B2", 9, "A1 B2", 2, "full A B"},
        {"the database was restored and went another way", "A1.5x", 5, "A1.5", 5, "full A"},
        {"restored, went another way, and further", "A1.5x", 5, "A1.5.6", 6, "full A"},
        {"restored to before an assignment", "A1 B2", 2, "A1", 2, "full A"},
    }));
    CAPTURE(row.name);
    Site const then(row.then);
    Site const now(row.now);
    auto const first = decide(then.groups(), row.then_change, Scope::full, "");
    auto const told = decide(now.groups(), row.now_change, Scope::delta, first.cookie.text());
    CHECK(shown(told) == row.told);

    auto const afresh = decide(now.groups(), row.now_change, Scope::full, "");
    CHECK(told.cookie == afresh.cookie);
    // Asked once more, nothing has changed.
    CHECK(shown(decide(now.groups(), row.now_change, Scope::delta, told.cookie.text())) == "delta");
}

TEST_CASE("what is no cookie of this server gets all") {
    Site const site("A1 B2");
    auto const good = decide(site.groups(), 2, Scope::full, "").cookie.text();
    struct Row {
        std::string name;
        Scope scope;
        std::string cookie;
        std::string told;
    };
    auto const row = GENERATE_COPY(
        Row{"good", Scope::delta, good, "delta"},
        Row{"good, with blanks around", Scope::delta, " " + good + "\n", "delta"},
        Row{"good, with a full request", Scope::full, good, "full A B"},
        Row{"none", Scope::delta, "", "full A B"},
        Row{"a time, as the product has it", Scope::delta, "2008-03-13 22:10:04.120", "full A B"},
        Row{"zero, as of a server with nothing assigned", Scope::delta, "0", "full A B"},
        Row{"cut short", Scope::delta, good.substr(0, good.size() - 1), "full A B"},
        Row{"too long", Scope::delta, good + "0", "full A B"},
        Row{"another sum", Scope::delta, "2-0000000000000000", "full A B"},
        Row{"no hexadecimal", Scope::delta, "2-00000000000000XY", "full A B"},
        Row{"negative", Scope::delta, "-1-0000000000000000", "full A B"},
        Row{"a change that no number holds", Scope::delta, "99999999999999999999-0000000000000000",
            "full A B"},
        Row{"a change that no time comes to", Scope::delta, "18446744073709551615-0000000000000000",
            "full A B"},
        Row{"NUL", Scope::delta, std::string("2\0-0000000000000000", 19), "full A B"});
    CAPTURE(row.name);
    CHECK(shown(decide(site.groups(), 2, row.scope, row.cookie)) == row.told);
}

TEST_CASE("a cookie reads as it was written") {
    auto const cookie =
        GENERATE(values<Cookie>({{0, 0}, {1, 1}, {17, 0x9F86D081884C7D65}, {INT64_MAX, UINT64_MAX}}));
    CHECK(Cookie::parse(cookie.text()) == cookie);
}

TEST_CASE("a group knows its policies") {
    Group const group = [] {
        std::vector<Assignment> assignments;
        for (auto const* written : {"B2", "A1", "C3"}) assignments.push_back(assignment_of(written));
        return Group(std::move(assignments));
    }();
    CHECK(group.has_policy("pa"));
    CHECK(group.has_policy("pc"));
    CHECK_FALSE(group.has_policy("pd"));
    CHECK_FALSE(Group().has_policy("pa"));
}
