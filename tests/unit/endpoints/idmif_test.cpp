// SPDX-License-Identifier: Apache-2.0
// IDMIF reports, by both endpoints that take them, from report and files to what the views tell.
#include "base/text.hpp"
#include "db/clients.hpp"
#include "server/wire/utf16.hpp"
#include "tests/unit/endpoints/inventory_report.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>

using namespace pointman;
using namespace pointman::test;
using namespace std::chrono_literals;
using endpoints::Note;

namespace {

struct Attached {
    std::string name;
    std::string bytes;
};
using Files = std::vector<Attached>;

/// How the report comes: to which endpoint, and what its log calls itself.
struct Way {
    std::string endpoint;
    std::string file_type;
    std::string task;
};
Way const relay{"MP_RelayEndpoint", "IDMIF", "Relay"};
Way const file_collection{"MP_SinvCollFileEndpoint", "", "SinvCollFile"};

std::string listed(std::string_view id, std::string_view content = "New", std::string_view inside = "") {
    return fmt::format("<CollectedFile Content=\"{}\" ID=\"{}\">{}</CollectedFile>", content, id, inside);
}

struct Desk : Bench {
    explicit Desk(Way which = relay)
        : way(std::move(which)) {
        enroll(workstation);
    }

    Result<endpoints::Reply> send(std::string const& files, Files const& attachments,
                                  std::string_view type = "Full") {
        Draft draft{way.endpoint, std::string(workstation), file_report("0011", "IDMIF", type, "1.0", files)};
        draft.file_type = way.file_type;
        for (auto const& [name, bytes] : attachments) draft.attachments.push_back({name, to_bytes(bytes)});
        return deliver(draft);
    }
    /// Files with the IDs 1, 2 ...
    endpoints::Reply take(std::vector<std::string> const& mifs) {
        std::string files;
        Files attachments;
        for (auto const& mif : mifs) {
            attachments.push_back({std::to_string(attachments.size() + 1), mif});
            files += listed(attachments.back().name);
        }
        auto reply = send(files, attachments);
        if (!reply) throw std::runtime_error(describe(reply.error()));
        return std::move(*reply);
    }
    bool told(endpoints::Reply const& reply, std::string const& text) const {
        return noted(reply, Note::Kind::info, fmt::format("{}: {}", way.task, text));
    }
    bool warned(endpoints::Reply const& reply, std::string const& text) const {
        return noted(reply, Note::Kind::warning, fmt::format("{}: {}", way.task, text));
    }

    Way way;
};

struct AttributeOf {
    std::string name;
    std::string type = "String";
    std::string value = ""; ///< as MIF has it; "" = none
};

std::string attributes(std::vector<AttributeOf> const& all) {
    std::string text;
    int id = 0;
    for (auto const& [name, type, value] : all) {
        text += fmt::format("Start Attribute\nName = \"{}\"\nID = {}\nType = {}\n{}End Attribute\n", name,
                            ++id, type, value.empty() ? "" : fmt::format("Value = {}\n", value));
    }
    return text;
}

std::string component(std::string const& inside) {
    return "Start Component\nName = \"C\"\n" + inside + "End Component\n";
}

/// `statements`: NAME, CLASS, KEY.
std::string group(std::string const& statements, std::vector<AttributeOf> const& all) {
    return fmt::format("Start Group\n{}\n{}End Group\n", statements, attributes(all));
}

std::string widget(std::string const& asset, std::string const& hall) {
    return component(group("Name = \"Widget\" Class = \"Acme|WIDGET|1.0\" Key = 1",
                           {{"Asset Number", "String(10)", "\"" + asset + "\""}, {"Hall", "Integer", hall}}));
}

std::string const bad_mif = "Start Component\nName = \"C\nEnd Component\n";

} // namespace

TEST_CASE("an IDMIF report becomes inventory with history, whichever way it comes") {
    auto const way = GENERATE(relay, file_collection);
    CAPTURE(way.endpoint);
    Desk desk(way);
    auto const first = desk.take({widget("1414", "11"), widget("1515", "12")});
    CHECK_FALSE(first.unusable_part);
    CHECK(first.xml == "");
    CHECK(desk.told(first, "Received 2 attachments"));
    CHECK(desk.told(first, "2 of 2 attachments successfully processed"));
    CHECK(desk.told(first, "2 instances added, 0 changed, 0 as they were"));
    CHECK(noted(first, Note::Kind::info, fmt::format("start message processing for {}", way.task)));
    CHECK(noted(first, Note::Kind::info, "Task completed successfully"));

    auto const now = current(desk, "WIDGET");
    REQUIRE(now.size() == 2);
    CHECK(now[0].key == "[\"1414\"]");
    CHECK(now[0].action == "0011");
    CHECK(now[0].time_stamp == "20100315083007.104000+060");
    CHECK(now[0].properties == db::InventoryProperties{{"Asset Number", {"1414"}}, {"Hall", {"11"}}});
    CHECK(ask(desk, "SELECT AgentID, Asset_Number0, Hall0 FROM v_GS_WIDGET ORDER BY 2") ==
          "11|1414|11\n11|1515|12\n");

    // The same once more is no change; what no file tells of stays.
    desk.clock().advance(1h);
    auto const again = desk.take({widget("1414", "11")});
    CHECK(desk.told(again, "0 instances added, 0 changed, 1 as they were"));
    CHECK(history(desk, "WIDGET").size() == 2);
    desk.clock().advance(1h);
    auto const moved = desk.take({widget("1414", "21")});
    CHECK(desk.told(moved, "0 instances added, 1 changed, 0 as they were"));
    CHECK(ask(desk, "SELECT Hall0 FROM v_GS_WIDGET ORDER BY Asset_Number0") == "21\n12\n");
    CHECK(ask(desk, "SELECT Asset_Number0, Hall0, RevisionID FROM v_HS_WIDGET") == "1414|11|1\n");
    CHECK(resyncs(desk).empty());
    CHECK(desk.reports().empty());
}

TEST_CASE("the sample files come through whole") {
    Desk desk;
    std::vector<std::string> mifs;
    for (auto const* const name : {"component_id", "widget_with_header", "table_of_cards"})
        mifs.push_back(read_text(test_data(fmt::format("mif/valid/{}.mif", name))));
    auto const reply = desk.take(mifs);
    CHECK_FALSE(reply.unusable_part);
    CHECK(ask(desk, "SELECT Product0, Serial_Number0, Installation0, Verify0 FROM v_GS_COMPONENTID") ==
          "Press 400|TM-0042|20070212083000.000000+060|It exists, and is functioning correctly\n");
    CHECK(ask(desk, "SELECT Asset_Number0, Hall0, Manual0 FROM v_GS_WIDGET") ==
          "1414|11|\\\\files\\manuals\\widget.pdf\n");
    CHECK(ask(desk, "SELECT Slot0, Type0, Address0, State0 FROM v_GS_CARDS ORDER BY 1") ==
          "1|controller|001EC93A51D2|Running\n2|network|001EC93A51D3|Running\n3|empty||Stopped\n");
}

TEST_CASE("what a class and its views are called") {
    struct Row {
        std::string statements;
        std::string class_name;
        std::string view;
    };
    auto const row = GENERATE(
        Row{"Name=\"N\" Class=\"Acme|Card Cage|1.0\"", "Card Cage", "CARD_CAGE"},
        Row{"Name=\"N\" Class=\" Acme | Card |1.0|x\"", "Card", "CARD"},
        Row{"Name=\"N\" Class=\"Acme|Card\"", "Card", "CARD"},
        Row{"Name=\"N\" Class=\"wideWorldNumbers\"", "wideWorldNumbers", "WIDEWORLDNUMBERS"},
        Row{"Name=\"My Numbers\"", "My Numbers", "MY_NUMBERS"},
        Row{"Name=\"N\" Class=\"Acme||1.0\"", "N", "N"}, Row{"Name=\"N\" Class=\"|Card|\"", "Card", "CARD"},
        Row{"Name=\"N\" Class=\"A|SMS_Card|1\"", "SMS_Card", "CARD"},
        Row{"Name=\"N\" Class=\"A|abcdefghijklmnopqrstuvwxyz012345|1\"", "abcdefghijklmnopqrstuvwxyz012345",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"});
    CAPTURE(row.statements);
    Desk desk;
    auto const reply = desk.take({component(group(row.statements, {{"A", "Integer", "1"}}))});
    CHECK_FALSE(reply.unusable_part);
    REQUIRE(current(desk).size() == 1);
    CHECK(current(desk).front().class_name == row.class_name);
    CHECK(ask(desk, fmt::format("SELECT A0 FROM v_GS_{}", row.view)) == "1\n");
}

TEST_CASE("keys tell instances apart") {
    struct Row {
        std::string name;
        std::vector<std::string> mifs;
        std::string expected; ///< keys and what is B
    };
    auto const rows = [](std::string const& keys, std::string const& values) {
        return component(group("Name=\"T\" Class=\"A|T|1\" " + keys, {{"A", "Integer"}, {"B"}}) +
                         "Start Table Class=\"A|T|1\"\n" + values + "\nEnd Table\n");
    };
    auto const row = GENERATE_COPY(
        Row{"one key", {rows("Key=1", R"({1,"x"}{2,"y"})")}, "[\"1\"] x [\"2\"] y "},
        Row{"two keys", {rows("Key=2,1", R"({1,"x"}{1,"y"})")}, "[\"x\",\"1\"] x [\"y\",\"1\"] y "},
        Row{"one key twice: the last counts",
            {rows("Key=1", R"({1,"x"}{2,"z"}{1,"y"})")},
            "[\"1\"] y [\"2\"] z "},
        Row{"no key: one instance, the last", {rows("", R"({1,"x"}{2,"y"})")}, "[] y "},
        Row{"a key without value", {rows("Key=1", R"({,"x"})")}, "[\"\"] x "},
        Row{"one key in two files: the last counts",
            {rows("Key=1", R"({1,"x"}{2,"y"})"), rows("Key=1", R"({2,"z"}{3,"w"})")},
            "[\"1\"] x [\"2\"] z [\"3\"] w "},
        Row{"two groups of one class",
            {component(group("Name=\"T\" Key=1", {{"A", "Integer", "1"}, {"B", "String", "\"x\""}}) +
                       group("Name=\"t\" Key=1", {{"A", "Integer", "2"}, {"B", "String", "\"y\""}}))},
            "[\"1\"] x [\"2\"] y "});
    CAPTURE(row.name);
    Desk desk;
    auto const told = [&desk] {
        std::string text;
        auto states = current(desk, "T");
        std::ranges::sort(states, {}, &db::InventoryState::key);
        for (auto const& state : states)
            text += fmt::format("{} {} ", state.key, state.properties.back().values.front());
        return text;
    };
    CHECK_FALSE(desk.take(row.mifs).unusable_part);
    CHECK(told() == row.expected);
    // However often it comes: nothing changes back and forth.
    auto const again = desk.take(row.mifs);
    CHECK(told() == row.expected);
    CHECK(history(desk, "T").size() == current(desk, "T").size());
    CHECK(desk.told(again, "0 instances added, 0 changed"));
}

TEST_CASE("names of attributes that are awkward") {
    Desk desk;
    // A quote, a backslash and a tab as MIF writes them; the same name twice; names that share a column.
    auto const reply = desk.take({component(group("Name=\"T\"", {{"5\\\" disk", "Integer", "1"},
                                                                 {"a\\\\b", "Integer", "2"},
                                                                 {"a\\tb", "Integer", "3"},
                                                                 {"Same", "Integer", "4"},
                                                                 {"same", "Integer", "5"},
                                                                 {"Same_2", "Integer", "6"},
                                                                 {"it's $.x[0]", "Integer", "7"},
                                                                 {"\xC3\xA4", "Integer", "8"},
                                                                 {"GroupID", "Integer", "9"}}))});
    CHECK_FALSE(reply.unusable_part);
    CHECK(ask(desk,
              "SELECT \"5__disk0\", a_b0, a_b_20, Same0, same_20, Same_2_20, \"it_s___x_0_0\", _0, GroupID0 "
              "FROM v_GS_T") == "1|2|3|4|5|6|7|8|9\n");
}

TEST_CASE("a bad file is left out and told with its place, the others are loaded") {
    auto const way = GENERATE(relay, file_collection);
    struct Row {
        std::string name;
        std::string mif;
        Code code;
        std::string message;
        std::uint32_t line;
        std::uint32_t column;
    };
    auto const row = GENERATE(
        Row{"a text that does not end", bad_mif, Code::bad_mif,
            "file 2: a text that does not end on its line", 2, 8},
        Row{"no MIF", "<Report/>", Code::bad_mif,
            "file 2: expected a word, a number or a text in quotes, found \"<\"", 1, 1},
        Row{"nothing", "", Code::bad_mif, "file 2: expected START, found the end of the text", 1, 1},
        Row{"broken UTF-16",
            "\xFF\xFE"
            "abc",
            Code::bad_mif, "file 2: odd number of bytes in UTF-16 text", 1, 1},
        Row{"a long name of a class",
            component("\n  Start Group Name=\"N\" Class =  \"A|abcdefghijklmnopqrstuvwxyz0123456|1\"\n" +
                      attributes({{"A", "Integer", "1"}}) + "End Group\n"),
            Code::bad_mif,
            "file 2: the class \"abcdefghijklmnopqrstuvwxyz0123456\" has a name of 33 characters, and 32 may "
            "be",
            4, 33},
        Row{"too many attributes",
            component(group("Name=\"N\"", std::vector<AttributeOf>(2'001, {"A", "Integer", "1"}))),
            Code::limit_exceeded, "file 2: more than 2000 attributes in a group", 12'005, 1});
    CAPTURE(way.endpoint, row.name);
    Desk desk(way);
    auto const reply = desk.take({widget("1", "1"), row.mif, widget("3", "3")});
    REQUIRE(reply.unusable_part);
    CHECK(reply.unusable_part->code == row.code);
    CHECK(reply.unusable_part->message == row.message);
    CHECK(reply.unusable_part->line == row.line);
    CHECK(reply.unusable_part->column == row.column);
    CHECK(desk.warned(reply, "left out: " + describe(*reply.unusable_part)));
    CHECK(desk.told(reply, "2 of 3 attachments successfully processed"));
    CHECK(ask(desk, "SELECT Asset_Number0 FROM v_GS_WIDGET ORDER BY 1") == "1\n3\n");
    CHECK(current(desk).size() == 2);
}

TEST_CASE("several bad files are one part that cannot be used, and each has its line in the log") {
    Desk desk;
    auto const reply = desk.take({bad_mif, widget("2", "2"), bad_mif});
    REQUIRE(reply.unusable_part);
    CHECK(reply.unusable_part->message == "file 1: a text that does not end on its line; 2 files in all");
    CHECK(desk.warned(reply,
                      "left out: BadMif: file 1: a text that does not end on its line (line 2, column 8)"));
    CHECK(desk.warned(reply,
                      "left out: BadMif: file 3: a text that does not end on its line (line 2, column 8)"));

    auto const many = desk.take(std::vector<std::string>(30, bad_mif));
    CHECK(std::ranges::count(many.notes, Note::Kind::warning, &Note::kind) == 21);
    CHECK(desk.warned(many, "30 files are left out in all"));
}

TEST_CASE("files and their attachments") {
    struct Row {
        std::string name;
        std::string files;
        Files attachments;
        std::string unusable; ///< "" = all are used
        std::size_t loaded;
        std::string warning; ///< part of what the log warns of
    };
    auto const named = [](std::string const& name) { return fmt::format("<Name>{}</Name>", name); };
    auto const mif = widget("1414", "11");
    auto const row = GENERATE_COPY(
        Row{"ID in braces", listed("{1}"), {{"1", mif}}, "", 1, ""},
        Row{"attachment in braces", listed("1"), {{"{1}", mif}}, "", 1, ""},
        Row{"by name", listed("1", "updated", named("A.mif")), {{"a.MIF", mif}}, "", 1, ""},
        Row{"of several of one name the last", listed("1"), {{"1", bad_mif}, {"1", mif}}, "", 1, ""},
        Row{"updated, and not known before", listed("1", "Updated"), {{"1", mif}}, "", 1, ""},
        Row{"deleted", listed("1", "DELETED"), {}, "", 0, ""},
        Row{"no attachment",
            listed("1"),
            {},
            "UnusableInstance: the bytes of file 1 did not come",
            0,
            "left out"},
        Row{"no attachment of a file with name",
            listed("1", "New", named("a.mif")),
            {{"2", mif}},
            "UnusableInstance: the bytes of a.mif did not come",
            0,
            "1 attachments are of no file"},
        Row{"ID is no number",
            listed("one"),
            {{"one", mif}},
            "UnusableInstance: ID of a file is \"one\": no number",
            0,
            "left out"},
        Row{"one ID twice",
            listed("1") + listed("1"),
            {{"1", mif}},
            "UnusableInstance: ID 1 of a file is that of another file too",
            1,
            "left out"},
        Row{"another content",
            listed("1", "Verified"),
            {{"1", mif}},
            "UnusableInstance: Content of file 1 is \"Verified\": neither New, Updated nor Deleted",
            0,
            "left out"},
        Row{"another sum",
            listed("1") + "<CollectedFileSum>2</CollectedFileSum>",
            {{"1", mif}},
            "",
            1,
            "1 files, and CollectedFileSum is \"2\""},
        Row{"the sum", listed("1") + "<CollectedFileSum>1</CollectedFileSum>", {{"1", mif}}, "", 1, ""},
        Row{"an attachment without file",
            listed("1"),
            {{"1", mif}, {"notes", "x"}},
            "",
            1,
            "1 attachments are of no file"});
    auto const way = GENERATE(relay, file_collection);
    CAPTURE(way.endpoint, row.name);
    Desk desk(way);
    auto const reply = desk.send(row.files, row.attachments);
    REQUIRE(refusal_of(reply) == "");
    CHECK_FALSE(reply->refusal);
    REQUIRE(reply->unusable_part.has_value() == !row.unusable.empty());
    if (reply->unusable_part) {
        CHECK(fmt::format("{}: {}", name_of(reply->unusable_part->code), reply->unusable_part->message) ==
              row.unusable);
        CHECK(reply->unusable_part->line == 1); // in the report
        CHECK(reply->unusable_part->column > 1);
    }
    CHECK(current(desk, "WIDGET").size() == row.loaded);
    // Of several of one name the message has one.
    auto const sent =
        std::min<std::size_t>(row.attachments.size(), row.name.starts_with("of several") ? 1 : 2);
    CHECK(desk.told(*reply, fmt::format("{} of {} attachments", row.loaded, sent)));
    if (row.warning.empty()) {
        CHECK(std::ranges::count(reply->notes, Note::Kind::warning, &Note::kind) == 0);
    } else {
        CHECK(desk.warned(*reply, row.warning));
    }
}

TEST_CASE("a file that is deleted takes no data with it") {
    auto const type = GENERATE(as<std::string>{}, "Full", "Delta", "Resync");
    CAPTURE(type);
    Desk desk;
    desk.take({widget("1414", "11")});
    auto const reply = desk.send(listed("1", "Deleted"), {}, type);
    REQUIRE(refusal_of(reply) == "");
    CHECK(desk.told(*reply, "1 files are deleted, and what they said stays"));
    CHECK(current(desk, "WIDGET").size() == 1);
    REQUIRE(refusal_of(desk.send("", {}, type)) == "");
    CHECK(current(desk, "WIDGET").size() == 1);
}

TEST_CASE("a file over relay.max_idmif is not read") {
    Desk desk(GENERATE(relay, file_collection));
    auto const small = widget("1414", "11");
    desk.settings().relay.max_idmif = small.size();
    auto const reply = desk.take({small, bad_mif + std::string(small.size(), ' ')});
    REQUIRE(reply.unusable_part);
    CHECK(reply.unusable_part->code == Code::exceed_size_limit);
    CHECK(reply.unusable_part->message == fmt::format("file 2: {} bytes are more than relay.max_idmif ({})",
                                                      bad_mif.size() + small.size(), small.size()));
    CHECK(current(desk, "WIDGET").size() == 1);
}

TEST_CASE("10 MB of comments are too large, and 5 MB are no component") {
    Desk desk;
    std::string comments;
    while (comments.size() < 10'000'000) comments += "// nothing to see\n";
    auto const large = desk.take({comments});
    REQUIRE(large.unusable_part);
    CHECK(large.unusable_part->code == Code::exceed_size_limit);

    desk.settings().relay.max_idmif = 5'000'000;
    comments.resize(18 * 270'000);
    auto const allowed = desk.take({comments});
    REQUIRE(allowed.unusable_part);
    CHECK(allowed.unusable_part->code == Code::bad_mif);
    CHECK(allowed.unusable_part->line == 270'001);
    CHECK(allowed.unusable_part->column == 1);
}

TEST_CASE("encodings of a file") {
    auto const mif = widget("K\xC3\xA4se", "11");
    auto const utf16 = wire::to_utf16le(mif);
    auto const bytes =
        GENERATE_COPY(std::string(mif), "\xEF\xBB\xBF" + mif, replaced(mif, "\xC3\xA4", "\xE4"),
                      "\xFF\xFE" + std::string(as_chars(utf16)), std::string(as_chars(utf16)));
    Desk desk;
    CHECK_FALSE(desk.take({bytes}).unusable_part);
    CHECK(ask(desk, "SELECT Asset_Number0 FROM v_GS_WIDGET") == "K\xC3\xA4se\n");
}

TEST_CASE("a report has 50,000 instances at most, over all of its files") {
    auto const rows = [](int from, int count) {
        std::string text;
        for (int i = from; i < from + count; ++i) text += fmt::format("{{{}}}\n", i);
        return component(group("Name=\"T\" Class=\"A|T|1\" Key=1", {{"A", "Integer"}}) +
                         "Start Table Class=\"A|T|1\"\n" + text + "End Table\n");
    };
    Desk desk;
    auto const reply =
        desk.take({rows(0, 30'000), rows(30'000, 20'001), widget("1414", "11"), rows(50'000, 19'999)});
    REQUIRE(reply.unusable_part);
    CHECK(reply.unusable_part->code == Code::limit_exceeded);
    CHECK(reply.unusable_part->message == "file 2: more than 50000 instances");
    CHECK(ask(desk, "SELECT count(*) FROM v_GS_T") == "49999\n");
    CHECK(current(desk, "WIDGET").size() == 1);
}

TEST_CASE("a file whose classes there is no room for is left out alone") {
    Desk desk;
    std::vector<AttributeOf> all;
    for (int i = 0; i <= db::Inventory::most_columns; ++i)
        all.push_back({fmt::format("A{}", i), "Integer", "1"});
    auto const reply =
        desk.take({component(group("Name=\"Fine\"", {{"A", "Integer", "1"}}) + group("Name=\"Wide\"", all)),
                   widget("1414", "11")});
    REQUIRE(reply.unusable_part);
    CHECK(reply.unusable_part->code == Code::group_failure);
    CHECK_THAT(reply.unusable_part->message,
               Catch::StartsWith("file 1: the views of WIDE would have 1901 columns"));
    CHECK(desk.told(reply, "1 of 2 attachments successfully processed"));
    CHECK(current(desk).size() == 1);
    CHECK_THAT(ask(desk, "SELECT * FROM v_GS_FINE"), Catch::Contains("no such table"));
}

TEST_CASE("IDMIF and hardware inventory leave each other alone") {
    Desk desk;
    auto const mif = component(group("Name=\"L\" Class=\"MICROSOFT|Win32_LogicalDisk|1.0\" Key = 1",
                                     {{"DeviceID", "String", "\"C:\""}, {"FreeSpace", "Integer", "1"}}));
    REQUIRE(desk.deliver(hardware_draft(hardware_report("Full", "1.0", disk("New", "C:", "500")))));
    CHECK_FALSE(desk.take({mif}).unusable_part);
    CHECK(ask(desk, "SELECT AgentID, FreeSpace0 FROM v_GS_LOGICAL_DISK ORDER BY 1") == "1|500\n11|1\n");
    REQUIRE(desk.deliver(hardware_draft(hardware_report("Full", "2.0", disk("New", "D:", "600")))));
    CHECK(ask(desk, "SELECT AgentID, DeviceID0 FROM v_GS_LOGICAL_DISK ORDER BY 1") == "1|D:\n11|C:\n");
}

TEST_CASE("old history goes with the reports that come") {
    Desk desk;
    desk.settings().hardware_inventory.history_days = 10;
    desk.take({widget("1414", "11")});
    desk.take({widget("1414", "12")});
    desk.clock().advance(24h * 11);
    desk.take({widget("1414", "13")});
    CHECK(ask(desk, "SELECT Hall0 FROM v_HS_WIDGET") == "12\n");
}

TEST_CASE("IDMIF reports that are refused") {
    auto const way = GENERATE(relay, file_collection);
    CAPTURE(way.endpoint);
    Desk desk(way);
    auto const report = file_report("0011", "IDMIF", "Full", "1.0", listed("1"));
    auto const send = [&](std::string text, std::string_view source) {
        Draft draft{way.endpoint, std::string(source), std::move(text), {{"1", to_bytes(widget("1", "1"))}}};
        draft.file_type = way.file_type;
        return refusal_of(desk.deliver(draft));
    };
    CHECK(send(replaced(report, workstation, lab_pc), "") == "InvalidMachine");
    CHECK(send(replaced(report, workstation, lab_pc), workstation) == "WrongClient");
    CHECK(send(replaced(report, "000000000011}", "000000000001}"), workstation) == "WrongAction");
    CHECK(send(replaced(report, "<CollectedFile", "Start Component <CollectedFile"), workstation) ==
          "SchemaViolation");
    CHECK(current(desk).empty());
    CHECK(send(replaced(report, "000000000011}", "000000000012}"), workstation) == "");
    CHECK(current(desk).size() == 1);
}
