// SPDX-License-Identifier: Apache-2.0
// State messages from the report to current states, history, gaps and the request that follows from them.
#include "db/clients.hpp"
#include "db/policies.hpp"
#include "db/states.hpp"
#include "endpoints/inventory/kind.hpp"
#include "endpoints/inventory/resync.hpp"
#include "endpoints/relay/state_loading.hpp"
#include "tests/unit/endpoints/inventory_report.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>

using namespace pointman;
using namespace pointman::test;
using namespace std::chrono_literals;
using endpoints::Note;

namespace {

using Texts = std::vector<std::string>;

/// A state message of a topic of type 500, at a second of the day; serial 0 = none.
std::string state(std::int64_t serial, std::string_view topic, int state_id, int second, int type = 500) {
    auto const number = serial == 0 ? std::string() : fmt::format(" SerialNumber=\"{}\"", serial);
    return fmt::format(
        "<StateMessage MessageTime=\"20261123{:02}{:02}{:02}.000000+000\"{}><Topic ID=\"{}\" "
        "Type=\"{}\" IDType=\"3\"/><State ID=\"{}\" Criticality=\"0\"/><UserParameters Flags=\"0\" "
        "Count=\"1\"><Param>p</Param></UserParameters></StateMessage>",
        second / 3600, second / 60 % 60, second % 60, number, topic, type, state_id);
}

std::string report(std::string_view states) {
    return relay_report("State Message Data", states);
}

struct Desk : Bench {
    Desk() { enroll(workstation); }

    endpoints::Reply take(std::string_view states, std::string_view smsid = workstation) {
        auto reply = deliver(Draft{.endpoint = "MP_RelayEndpoint",
                                   .source_id = std::string(smsid),
                                   .body = report(states),
                                   .file_type = "SMX"});
        if (!reply) throw std::runtime_error(describe(reply.error()));
        return std::move(*reply);
    }
    std::vector<db::TakenState> states(bool history = false) {
        return store()
            .read([history](db::Session& session) {
                return db::States(session).list({ClientId::parse(workstation).value(), {}, history});
            })
            .value();
    }
    /// "topic=state#serial", by topic.
    Texts current() { return shown(states()); }
    Texts history() { return shown(states(true)); }
    static Texts shown(std::vector<db::TakenState> const& states) {
        Texts texts;
        for (auto const& each : states) {
            texts.push_back(fmt::format("{}={}#{}", each.message.topic_id, each.message.state_id,
                                        each.message.serial.value_or(0)));
        }
        return texts;
    }
    db::StateSequence sequence() {
        return store()
            .read([](db::Session& session) {
                return db::States(session).sequence(ClientId::parse(workstation).value());
            })
            .value();
    }
    std::string gaps() {
        std::string text;
        for (auto const& gap : sequence().gaps) text += fmt::format("{}-{} ", gap.first, gap.last);
        return text;
    }
    /// How many were asked.
    std::size_t ask() {
        auto const now = clock().now();
        return store()
            .write_and_wait([&](db::Transaction& transaction) {
                return endpoints::relay::request_overdue_states(transaction, settings(), now);
            })
            .value()
            .size();
    }
    /// Assignments to the client that ask for all states.
    std::ptrdiff_t assignments() {
        auto const own = store().read([](db::Session& session) {
            return db::PolicyAssignments(session).of_client(ClientId::parse(workstation).value());
        });
        auto const id = endpoints::inventory::resync_policy_id(endpoints::inventory::states);
        return std::ranges::count(own.value(), id, &db::PolicyAssignment::policy_id);
    }
};

} // namespace

TEST_CASE("the states of the documented report, field by field") {
    Desk desk;
    desk.enroll(lab_pc, "LAB-PC-0042");
    auto const reply = desk.deliver(Draft{.endpoint = "MP_RelayEndpoint",
                                          .source_id = std::string(lab_pc),
                                          .body = sample("relay/valid/state_message_report.2007_style.xml"),
                                          .file_type = "SMX"});
    REQUIRE(reply);
    CHECK_FALSE(reply->unusable_part);
    CHECK(noted(*reply, Note::Kind::info,
                "2 of 2 state messages are current, 0 late, 0 duplicates, 0 invalid"));
    auto const states =
        desk.store().read([](db::Session& session) { return db::States(session).list({}); }).value();
    REQUIRE(states.size() == 2);
    constexpr TimePoint day = std::chrono::sys_days{std::chrono::January / 31 / 2024};
    CHECK(states[0].message == db::StateMessage{.topic_type = 301,
                                                .topic_id = "{0B6E3C1D-77A4-4B0E-9D2F-33C1E5A80917}",
                                                .topic_id_type = 2,
                                                .state_id = 1,
                                                .time = day + 9h + 4min + 56s,
                                                .serial = 42,
                                                .detail_type = 1,
                                                .details = "<Detail><Step>4</Step></Detail>",
                                                .parameters = {},
                                                .user = {},
                                                .user_sid = {}});
    CHECK(states[0].topic_name == "Assignment enforcement");
    CHECK(states[0].state_name == "Installing");
    CHECK(states[0].client.text() == lab_pc);
    CHECK(states[0].name == "LAB-PC-0042");
    CHECK(states[0].received == bench_time);
    CHECK(states[1].message.parameters == Texts{"200"});
    CHECK(states[1].message.serial == 41);
    CHECK(states[1].state_name == "Required");
    CHECK(desk.reports().empty());

    CHECK(
        ask(desk, "SELECT s.TopicType, s.TopicID, s.TopicIDType, s.StateID, s.StateTime, s.Criticality,"
                  " s.SerialNumber, n.StateName, r.Name0 FROM v_StateMessage s"
                  " JOIN v_StateNames n ON n.TopicType = s.TopicType AND n.StateID = s.StateID"
                  " JOIN v_R_System r ON r.ResourceID = s.ResourceID WHERE s.TopicType = 500") ==
        "500|7f0c9a52-1f7d-4e1c-8b16-5a3de0c2b911|3|2|2024-01-31T09:04:55.000Z|0|41|Required|LAB-PC-0042\n");
}

TEST_CASE("the newest of a topic by serial number is current, the others are history") {
    struct Row {
        std::string name;
        Texts reports;
        Texts current;
        Texts history;
    };
    auto const row = GENERATE_COPY(
        Row{"one after the other", {state(1, "a", 1, 1), state(2, "a", 2, 2)}, {"a=2#2"}, {"a=1#1", "a=2#2"}},
        Row{"topics are apart",
            {state(1, "a", 1, 1) + state(2, "b", 2, 2)},
            {"a=1#1", "b=2#2"},
            {"a=1#1", "b=2#2"}},
        Row{"a topic in another spelling",
            {state(1, "{AB}", 1, 1), state(2, "{ab}", 2, 2)},
            {"{ab}=2#2"},
            {"{AB}=1#1", "{ab}=2#2"}},
        Row{"late, and older than what is current",
            {state(1, "a", 1, 1), state(3, "a", 3, 3), state(2, "a", 2, 2)},
            {"a=3#3"},
            {"a=1#1", "a=2#2", "a=3#3"}},
        Row{"late, about something else",
            {state(1, "a", 1, 1), state(3, "a", 3, 3), state(2, "b", 2, 2)},
            {"a=3#3", "b=2#2"},
            {"a=1#1", "a=3#3", "b=2#2"}},
        Row{"a duplicate",
            {state(1, "a", 1, 1), state(2, "a", 2, 2), state(1, "a", 1, 1)},
            {"a=2#2"},
            {"a=1#1", "a=2#2"}},
        Row{"the newest number once more, later",
            {state(1, "a", 1, 1), state(1, "a", 5, 9)},
            {"a=5#1"},
            {"a=1#1", "a=5#1"}},
        Row{"a client that counts anew",
            {state(7, "a", 1, 1), state(1, "a", 2, 2)},
            {"a=2#1"},
            {"a=1#7", "a=2#1"}},
        Row{"without serial numbers by time",
            {state(0, "a", 1, 5), state(0, "a", 2, 9), state(0, "a", 3, 7)},
            {"a=2#0"},
            {"a=1#0", "a=3#0", "a=2#0"}},
        Row{"without after with", {state(1, "a", 1, 5), state(0, "a", 2, 9)}, {"a=2#0"}, {"a=2#0", "a=1#1"}},
        Row{"a clock that was set back",
            {state(1, "a", 1, 9), state(2, "a", 2, 5)},
            {"a=2#2"},
            {"a=1#1", "a=2#2"}});
    CAPTURE(row.name);
    Desk desk;
    for (auto const& each : row.reports) REQUIRE_FALSE(desk.take(each).unusable_part);
    CHECK(desk.current() == row.current);
    CHECK(desk.history() == row.history);
}

TEST_CASE("one state message that cannot be used leaves the others as they are") {
    struct Row {
        std::string name;
        std::string message;
        std::string why;
    };
    auto const good = state(2, "b", 2, 2);
    auto const row = GENERATE_COPY(
        Row{"no Topic", replaced(good, "<Topic ID=\"b\" Type=\"500\" IDType=\"3\"/>", ""), "without Topic"},
        Row{"no State", replaced(good, "<State ID=\"2\" Criticality=\"0\"/>", ""), "without State"},
        Row{"a topic type in words", replaced(good, "\"500\"", "\"updates\""),
            "Type of Topic is \"updates\""},
        Row{"no topic type", replaced(good, " Type=\"500\"", ""), "Type of Topic is \"\""},
        Row{"a state in words", replaced(good, "State ID=\"2\"", "State ID=\"on\""), "ID of State is \"on\""},
        Row{"a state below nothing", replaced(good, "State ID=\"2\"", "State ID=\"-2\""),
            "ID of State is \"-2\""},
        Row{"a serial in words", replaced(good, "SerialNumber=\"2\"", "SerialNumber=\"two\""),
            "SerialNumber is \"two\""},
        Row{"serial 0", replaced(good, "SerialNumber=\"2\"", "SerialNumber=\"0\""), "SerialNumber is \"0\""},
        Row{"a serial below nothing", replaced(good, "SerialNumber=\"2\"", "SerialNumber=\"-1\""),
            "SerialNumber is \"-1\""},
        Row{"a serial beyond numbers",
            replaced(good, "SerialNumber=\"2\"", "SerialNumber=\"9223372036854775808\""),
            "not from 1 to 2^63-1"},
        Row{"a time in ISO form", replaced(good, "20261123000002.000000+000", "2026-11-23T00:00:02Z"),
            "no CIM time"},
        Row{"no time", replaced(good, "MessageTime=\"20261123000002.000000+000\"", ""),
            "MessageTime is \"\""},
        Row{"another number of Param", replaced(good, "Count=\"1\"", "Count=\"2\""),
            "1 Param, and Count is \"2\""},
        Row{"six Param",
            replaced(replaced(good, "Count=\"1\"", "Count=\"6\""), "<Param>p</Param>",
                     "<Param/><Param/><Param/><Param/><Param/><Param/>"),
            "6 Param, and 5 may be"});
    CAPTURE(row.name);
    Desk desk;
    auto const reply = desk.take(state(1, "a", 1, 1) + row.message + state(3, "c", 3, 3));
    CHECK_FALSE(reply.refusal);
    REQUIRE(reply.unusable_part);
    CHECK(reply.unusable_part->code == Code::unusable_instance);
    CHECK_THAT(reply.unusable_part->message, Catch::Contains(row.why));
    CHECK(reply.unusable_part->line == 1);
    CHECK(desk.current() == Texts{"a=1#1", "c=3#3"});
    CHECK(noted(reply, Note::Kind::info, "1 invalid records"));
}

TEST_CASE("state messages are taken as they come") {
    struct Row {
        std::string name;
        std::string message;
        std::string query; ///< of v_StateMessage
        std::string answer;
    };
    auto const good = state(1, "a", 2, 2);
    auto const row = GENERATE_COPY(
        Row{"a topic that nobody knows", replaced(good, "\"500\"", "\"4711\""), "TopicType", "4711\n"},
        Row{"a state that nobody knows", replaced(good, "State ID=\"2\"", "State ID=\"4711\""), "StateID",
            "4711\n"},
        Row{"no UserParameters",
            replaced(good, "<UserParameters Flags=\"0\" Count=\"1\"><Param>p</Param></UserParameters>", ""),
            "StateID", "2\n"},
        Row{"no Count", replaced(good, " Count=\"1\"", ""), "StateID", "2\n"},
        Row{"no IDType and no Criticality",
            replaced(replaced(good, " IDType=\"3\"", ""), " Criticality=\"0\"", ""),
            "TopicIDType || Criticality", "00\n"},
        Row{"no topic id", replaced(good, "ID=\"a\" ", ""), "'[' || TopicID || ']'", "[]\n"},
        Row{"a time that is to come", replaced(good, "20261123", "29991231"), "StateTime",
            "2999-12-31T00:00:02.000Z\n"},
        Row{"a time of another zone", replaced(good, "000002.000000+000", "010002.000000+060"), "StateTime",
            "2026-11-23T00:00:02.000Z\n"});
    CAPTURE(row.name);
    Desk desk;
    CHECK_FALSE(desk.take(row.message).unusable_part);
    CHECK(ask(desk, "SELECT " + row.query + " FROM v_StateMessage") == row.answer);
}

TEST_CASE("a gap that grows old leads to one request, and ends it when it is filled") {
    Desk desk;
    desk.take(state(1, "a", 1, 1));
    desk.take(state(4, "a", 4, 4));
    CHECK(desk.gaps() == "2-3 ");
    CHECK(desk.ask() == 0);
    desk.clock().advance(48h - 1s);
    CHECK(desk.ask() == 0);
    desk.clock().advance(1s); // relay.missing_age is 2880 minutes
    CHECK(desk.ask() == 1);
    CHECK(desk.assignments() == 1);
    CHECK(resyncs(desk) == Texts{"DeltaMismatch"});
    desk.clock().advance(240h);
    CHECK(desk.ask() == 0);

    desk.take(state(3, "b", 3, 3));
    CHECK(desk.gaps() == "2-2 ");
    CHECK(desk.assignments() == 1);
    auto const reply = desk.take(state(2, "b", 2, 2));
    CHECK(noted(reply, Note::Kind::info, "no state message is missing any more"));
    CHECK(desk.gaps().empty());
    CHECK(desk.assignments() == 0);
    CHECK(resyncs(desk).empty());
    desk.clock().advance(240h);
    CHECK(desk.ask() == 0);

    // Another gap is another matter.
    desk.take(state(9, "a", 9, 9));
    desk.clock().advance(48h);
    CHECK(desk.ask() == 1);
    CHECK(desk.assignments() == 1);
}

TEST_CASE("a request ends when all states have come again") {
    struct Row {
        std::string name;
        Texts answers;
        bool ended;
        std::string gaps;
    };
    // Before: 1 about a, 2 and 3 missing, 4 about b.
    auto const row = GENERATE_COPY(
        Row{"nothing", {}, false, "2-3 "}, Row{"one of two", {state(5, "a", 1, 5)}, false, "2-3 "},
        Row{"both", {state(5, "a", 1, 5), state(6, "b", 4, 6)}, true, ""},
        Row{"both in one report", {state(6, "b", 4, 6) + state(5, "a", 1, 5)}, true, ""},
        Row{"both, and something is missing since", {state(5, "a", 1, 5), state(8, "b", 4, 8)}, true, "6-7 "},
        Row{"it says so", {state(5, "", 1, 5, 700)}, true, ""},
        Row{"it counts anew", {state(1, "a", 1, 9)}, true, ""},
        Row{"it counts anew, and something is missing",
            {state(1, "a", 1, 9) + state(3, "a", 1, 10)},
            false,
            "2-2 "},
        Row{"it counts anew, and sends everything",
            {state(1, "a", 1, 9) + state(3, "a", 1, 10), state(4, "b", 4, 11)},
            true,
            "2-2 "});
    CAPTURE(row.name);
    Desk desk;
    desk.take(state(1, "a", 1, 1));
    desk.take(state(4, "b", 4, 4));
    desk.clock().advance(48h);
    REQUIRE(desk.ask() == 1);
    for (auto const& answer : row.answers) desk.take(answer);
    CHECK(desk.assignments() == (row.ended ? 0 : 1));
    CHECK(resyncs(desk).empty() == row.ended);
    CHECK(desk.gaps() == row.gaps);
    CHECK(desk.sequence().resync_serial.has_value() == !row.ended);
}

TEST_CASE("states that are not current are kept for some time") {
    Desk desk;
    desk.settings().relay.history_days = 10;
    desk.take(state(1, "a", 1, 1));
    desk.take(state(2, "a", 2, 2));
    desk.clock().advance(240h);
    desk.take(state(3, "b", 3, 3));
    CHECK(desk.history().size() == 3);
    desk.clock().advance(1s);
    desk.take(state(4, "b", 3, 4));
    CHECK(desk.history() == Texts{"a=2#2", "b=3#3", "b=3#4"});
}

TEST_CASE("states of a client that nobody has registered are refused") {
    Desk desk;
    auto const reply = desk.deliver(Draft{.endpoint = "MP_RelayEndpoint",
                                          .source_id = std::string(lab_pc),
                                          .body = replaced(report(state(1, "a", 1, 1)), workstation, lab_pc),
                                          .file_type = "SMX"});
    CHECK(refusal_of(reply) == "InvalidMachine");
}

TEST_CASE("ten thousand states in one report") {
    Desk desk;
    std::string states;
    for (int i = 1; i <= 10'000; ++i) states += state(i, fmt::format("t{}", i % 500), i % 4, i);
    auto const reply = desk.take(states);
    CHECK_FALSE(reply.unusable_part);
    CHECK(desk.states().size() == 500);
    CHECK(desk.sequence().newest == 10'000);
    CHECK(desk.sequence().gaps.empty());
}

TEST_CASE("whatever is lost, late or sent twice, the newest of what came is current") {
    CHECK(rc::check("any order of arrival", [] {
        // A client that sends 1, 2, 3 ... about three topics; what arrives, in which order, how often.
        auto const arrivals =
            *rc::gen::resize(30, rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 25)));
        auto const per_report = *rc::gen::inRange(1, 4);
        Desk desk;
        std::string text;
        int waiting = 0;
        auto const flush = [&] {
            if (waiting != 0) desk.take(text);
            text.clear();
            waiting = 0;
        };
        std::map<int, int> newest; // serial by topic
        std::set<int> came;
        for (auto const serial : arrivals) {
            text += state(serial, fmt::format("t{}", serial % 3), serial % 5, serial);
            if (++waiting == per_report) flush();
            came.insert(serial);
            newest[serial % 3] = std::max(newest[serial % 3], serial);
        }
        flush();
        Texts expected;
        for (auto const& [topic, serial] : newest)
            expected.push_back(fmt::format("t{}={}#{}", topic, serial % 5, serial));
        RC_ASSERT(desk.current() == expected);
        RC_ASSERT(desk.history().size() == came.size());
        std::string missing;
        for (int i = 1; !came.empty() && i < *came.rbegin(); ++i) {
            if (!came.contains(i)) missing += fmt::format("{} ", i);
        }
        std::string gaps;
        for (auto const& gap : desk.sequence().gaps) {
            for (auto i = gap.first; i <= gap.last; ++i) gaps += fmt::format("{} ", i);
        }
        RC_ASSERT(gaps == missing);
    }));
}
