// SPDX-License-Identifier: Apache-2.0
// Hardware inventory from the report to what is stored of it.
#include "db/policies.hpp"
#include "endpoints/inventory/resync.hpp"
#include "schemas/document.hpp"
#include "tests/unit/endpoints/inventory_report.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>

using namespace pointman;
using namespace pointman::test;
using namespace std::chrono_literals;
using endpoints::Note;

namespace {

std::string hardware(std::string const& name) {
    return sample("hardware_inventory/valid/hardware_inventory_report." + name + ".xml");
}

/// A bench with the client of the samples.
struct Desk : Bench {
    Desk() { enroll(workstation); }

    endpoints::Reply take(std::string report) {
        auto reply = deliver(hardware_draft(std::move(report)));
        if (!reply) throw std::runtime_error(describe(reply.error()));
        return std::move(*reply);
    }
    /// The reason of the refusal; "" = taken.
    std::string refused(std::string report) {
        auto const reply = take(std::move(report));
        return reply.refusal ? std::string(name_of(reply.refusal->code)) : "";
    }
    std::string free_space(std::string_view device) {
        for (auto const& state : current(*this, "Win32_LogicalDisk")) {
            if (state.key != fmt::format("[\"{}\"]", device)) continue;
            auto const found = std::ranges::find(state.properties, "FreeSpace", &db::InventoryProperty::name);
            if (found != state.properties.end()) return found->values.front();
        }
        return "none";
    }
    /// Assignments to the client that ask for a resync.
    std::size_t resync_assignments() {
        auto const own = store().read([](db::Session& session) {
            return db::PolicyAssignments(session).of_client(ClientId::parse(workstation).value());
        });
        auto const id = endpoints::inventory::resync_policy_id(endpoints::inventory::hardware);
        return static_cast<std::size_t>(
            std::ranges::count(own.value(), id, &db::PolicyAssignment::policy_id));
    }
};

/// What a report says, read by other means than the endpoint's.
std::vector<std::pair<std::string, db::InventoryProperties>> said_in(std::string const& report) {
    std::vector<std::pair<std::string, db::InventoryProperties>> said;
    auto const document = schemas::parse(as_bytes(report)).value();
    for (auto const instance : document.root().child("ReportBody")->children()) {
        auto const inner = instance.first_child().value();
        db::InventoryProperties properties;
        for (auto const child : inner.children()) {
            if (properties.empty() || properties.back().name != child.name())
                properties.push_back({std::string(child.name()), {}});
            properties.back().values.emplace_back(child.text());
        }
        said.emplace_back(inner.name(), std::move(properties));
    }
    return said;
}

} // namespace

TEST_CASE("what is stored is what the client sent, property by property") {
    auto const name = GENERATE(as<std::string>{}, "2007_full", "vendor_class");
    CAPTURE(name);
    auto const report = hardware(name);
    Desk desk;
    REQUIRE(desk.refused(report) == "");
    auto said = said_in(report);
    std::vector<std::pair<std::string, db::InventoryProperties>> stored;
    for (auto& state : current(desk)) {
        CHECK(state.revision == 1);
        CHECK(state.since == bench_time);
        stored.emplace_back(state.class_name, std::move(state.properties));
    }
    auto const by_class = [](auto const& a, auto const& b) { return a.first < b.first; };
    std::ranges::stable_sort(said, by_class);
    std::ranges::stable_sort(stored, by_class);
    CHECK(stored.size() == said.size());
    REQUIRE(std::ranges::equal(stored, said));
}

TEST_CASE("a delta changes what it names, and the states of before are history") {
    Desk desk;
    REQUIRE(desk.refused(hardware("2007_full")) == "");
    auto const before = current(desk);
    desk.clock().advance(24h);
    REQUIRE(desk.refused(hardware("2007_delta_1")) == "");

    CHECK(desk.free_space("C:") == "115082264576");
    CHECK(current(desk, "Win32_QuickFixEngineering").size() == 3);
    CHECK(current(desk, "Win32Reg_AddRemovePrograms").empty());

    auto const disk = history(desk, "win32_logicaldisk"); // C: twice, D: once
    REQUIRE(disk.size() == 3);
    CHECK(disk[0].group_id == disk[1].group_id);
    CHECK(disk[0].revision == 1);
    CHECK(disk[0].until == bench_time + 24h);
    CHECK_FALSE(disk[0].deleted);
    CHECK(disk[1].revision == 2);
    CHECK(disk[1].since == bench_time + 24h);
    CHECK_FALSE(disk[1].until);

    auto const program = history(desk, "Win32Reg_AddRemovePrograms");
    REQUIRE(program.size() == 1);
    CHECK(program.front().deleted);

    auto const then = desk.store().read([](db::Session& session) {
        return db::Inventory(session).at(ClientId::parse(workstation).value(), "", bench_time + 12h);
    });
    REQUIRE(then->size() == before.size());
    for (std::size_t i = 0; i < before.size(); ++i) CHECK((*then)[i].properties == before[i].properties);
}

TEST_CASE("a full report keeps the identity of what is in both") {
    Desk desk;
    REQUIRE(desk.refused(hardware_report(
                "Full", "1.0", disk("New", "C:", "1") + disk("New", "D:", "2") + disk("New", "E:", "3"))) ==
            "");
    auto const before = current(desk);
    auto const reply = desk.take(hardware_report("Full", "2.0",
                                                 disk("New", "D:", "2") + disk("New", "E:", "4") +
                                                     disk("New", "F:", "5") + disk("Deleted", "C:", "1")));
    CHECK(noted(reply, Note::Kind::info, "1 added, 1 changed, 1 removed, 1 as they were"));
    auto const now = current(desk);
    REQUIRE(now.size() == 3);
    CHECK(now[0].group_id == before[1].group_id);
    CHECK(now[0].revision == 1);
    CHECK(now[1].group_id == before[2].group_id);
    CHECK(now[1].revision == 2);
    CHECK(now[2].key == R"(["F:"])");
}

TEST_CASE("classes that a full report repeats are left alone, and those that it lacks go") {
    Desk desk;
    auto const vendor = instance_xml({"New", "Vendor_Thing", {{"Name", {"a"}}, {"Size", {"1"}}}});
    REQUIRE(desk.refused(hardware_report("Full", "1.0", disk("New", "C:", "1") + vendor)) == "");
    auto const again = desk.take(hardware_report("Full", "2.0", disk("New", "C:", "1") + vendor));
    CHECK(noted(again, Note::Kind::info, "0 added, 0 changed, 0 removed, 2 as they were"));
    // A delta in between: what was remembered of the class does not hold any more.
    REQUIRE(desk.refused(hardware_report("Delta", "2.1", disk("Updated", "C:", "9"))) == "");
    REQUIRE(desk.refused(hardware_report("Full", "3.0", disk("New", "C:", "1") + vendor)) == "");
    CHECK(desk.free_space("C:") == "1");
    REQUIRE(desk.refused(hardware_report("Full", "4.0", vendor)) == "");
    CHECK(current(desk, "Win32_LogicalDisk").empty());
    CHECK(history(desk, "Win32_LogicalDisk").back().deleted);
    // It comes back as another instance.
    auto const gone = history(desk, "Win32_LogicalDisk").back().group_id;
    REQUIRE(desk.refused(hardware_report("Full", "5.0", disk("New", "C:", "1") + vendor)) == "");
    CHECK(current(desk, "Win32_LogicalDisk").front().group_id > gone);
}

TEST_CASE("keys") {
    struct Row {
        std::string name;
        std::string class_name;
        db::InventoryProperties properties;
        std::string key;
    };
    auto const row = GENERATE(values<Row>({
        {"documented", "Win32_LogicalDisk", {{"Name", {"x"}}, {"DeviceID", {"C:"}}}, R"(["C:"])"},
        {"class in another case", "win32_logicaldisk", {{"DeviceID", {"C:"}}}, R"(["C:"])"},
        {"property in another case", "Win32_LogicalDisk", {{"deviceid", {"C:"}}}, R"(["C:"])"},
        {"two properties",
         "Win32_QuickFixEngineering",
         {{"ServicePackInEffect", {"SP1"}}, {"HotFixID", {"KB1"}}},
         R"(["KB1","SP1"])"},
        {"an empty value",
         "Win32_QuickFixEngineering",
         {{"HotFixID", {"KB1"}}, {"ServicePackInEffect", {""}}},
         R"(["KB1",""])"},
        {"unknown class, DeviceID first", "V", {{"Name", {"n"}}, {"DeviceID", {"d"}}}, R"(["d"])"},
        {"unknown class, then Name", "V", {{"ID", {"i"}}, {"Name", {"n"}}}, R"(["n"])"},
        {"unknown class, then InstanceKey", "V", {{"ID", {"i"}}, {"InstanceKey", {"k"}}}, R"(["k"])"},
        {"unknown class, then ID", "V", {{"Index", {"7"}}, {"ID", {"i"}}}, R"(["i"])"},
        {"unknown class, then Index", "V", {{"Index", {"7"}}, {"Other", {"o"}}}, R"(["7"])"},
        {"keyless", "V", {{"Other", {"o"}}}, "[]"},
        {"an array", "V", {{"Name", {"a", "b"}}}, R"([["a","b"]])"},
        {"quotation marks", "V", {{"Name", {R"(a"b)"}}}, R"(["a\"b"])"},
    }));
    CAPTURE(row.name);
    Desk desk;
    REQUIRE(desk.refused(
                hardware_report("Full", "1.0", instance_xml({"New", row.class_name, row.properties}))) == "");
    auto const stored = current(desk);
    REQUIRE(stored.size() == 1);
    CHECK(stored.front().key == row.key);
    CHECK(stored.front().properties == row.properties);
}

TEST_CASE("of several instances with one key, or without any, the latest is kept") {
    Desk desk;
    auto const of = [](std::string const& value) { return instance_xml({"New", "V", {{"Other", {value}}}}); };
    auto const reply = desk.take(hardware_report("Full", "1.0", of("first") + of("last")));
    CHECK(noted(reply, Note::Kind::info, "1 instances have the key of another"));
    REQUIRE(current(desk).size() == 1);
    CHECK(current(desk).front().properties.front().values.front() == "last");
}

TEST_CASE("an instance that cannot be used") {
    struct Row {
        std::string name;
        std::string xml;
        std::string why;
    };
    auto const row = GENERATE(values<Row>({
        {"no element inside", R"(<Instance Class="V" Content="New"></Instance>)", "no element V inside"},
        {"text inside", R"(<Instance Class="V" Content="New"> </Instance>)", "no element V inside"},
        {"another element inside", R"(<Instance Class="V" Content="New"><W><Name>n</Name></W></Instance>)",
         "the element inside is W"},
        {"properties without the element",
         R"(<Instance Class="V" Content="New"><Name>n</Name><Size>1</Size></Instance>)",
         "the element inside is Name"},
        {"a key is missing",
         R"(<Instance Class="Win32_LogicalDisk" Content="New"><Win32_LogicalDisk><Size>1</Size></Win32_LogicalDisk></Instance>)",
         "Win32_LogicalDisk without its key DeviceID"},
        {"one of two keys is missing",
         R"(<Instance Class="Win32_SystemAccount" Content="New"><Win32_SystemAccount><Name>n</Name></Win32_SystemAccount></Instance>)",
         "Win32_SystemAccount without its key Domain"},
        {"another Content", R"(<Instance Class="V" Content="Verified"><V><Name>n</Name></V></Instance>)",
         "Verified"},
        {"a value of 65,537 characters",
         R"(<Instance Class="V" Content="New"><V><Name>n</Name><Big>)" + std::string(65'537, 'x') +
             "</Big></V></Instance>",
         "Big is longer than 65536 characters"},
    }));
    CAPTURE(row.name);

    SECTION("is left out of a full report") {
        Desk desk;
        auto const reply = desk.take(
            hardware_report("Full", "1.0", disk("New", "C:", "1") + row.xml + disk("New", "D:", "2")));
        CHECK_FALSE(reply.refusal);
        REQUIRE(reply.unusable_part);
        CHECK(reply.unusable_part->code == Code::unusable_instance);
        CHECK(reply.unusable_part->message.find(row.why) != std::string::npos);
        CHECK(reply.unusable_part->line == 1);
        CHECK(reply.unusable_part->column > 0);
        CHECK(current(desk).size() == 2);
        CHECK(resyncs(desk).empty()); // the next would be no better
    }
    SECTION("is left out of a delta, and a full report asked for") {
        Desk desk;
        REQUIRE(desk.refused(hardware_report("Full", "1.0", disk("New", "C:", "1"))) == "");
        auto const reply = desk.take(hardware_report("Delta", "1.1", disk("Updated", "C:", "2") + row.xml));
        CHECK_FALSE(reply.refusal);
        CHECK(reply.unusable_part);
        CHECK(desk.free_space("C:") == "2");
        CHECK(resyncs(desk) == std::vector<std::string>{"UnusableInstance"});
        CHECK(desk.refused(hardware_report("Delta", "1.2", "")) == "ResyncPending");
    }
    SECTION("spoils the report where that is strict") {
        Desk desk;
        desk.settings().hardware_inventory.mode = config::ReportMode::strict;
        CHECK(desk.refused(hardware_report("Full", "1.0", disk("New", "C:", "1") + row.xml)) ==
              "UnusableInstance");
        CHECK(current(desk).empty());
        CHECK(resyncs(desk).empty());
        REQUIRE(desk.refused(hardware_report("Full", "1.0", disk("New", "C:", "1"))) == "");
        CHECK(desk.refused(hardware_report("Delta", "1.1", disk("Updated", "C:", "2") + row.xml)) ==
              "UnusableInstance");
        CHECK(desk.free_space("C:") == "1");
        CHECK(resyncs(desk) == std::vector<std::string>{"UnusableInstance"});
    }
}

TEST_CASE("of several that cannot be used the first is told, and how many there are") {
    Desk desk;
    std::string const empty = R"(<Instance Class="V" Content="New"></Instance>)";
    auto const reply = desk.take(hardware_report("Full", "1.0", empty + empty + disk("New", "C:", "1")));
    REQUIRE(reply.unusable_part);
    CHECK(reply.unusable_part->message == "no element V inside; 2 instances in all");
}

TEST_CASE("what else a message carries is stored beside the report") {
    Desk desk;
    auto draft = hardware_draft(hardware_report("Full", "1.0", disk("New", "C:", "1")));
    draft.attachments.push_back({"extra", to_bytes("whatever")});
    REQUIRE(desk.deliver(draft));
    auto const reports = desk.reports();
    REQUIRE(reports.size() == 1);
    CHECK(reports.front().document.empty());
    REQUIRE(reports.front().attachments.size() == 1);
    CHECK(as_chars(reports.front().attachments.front().bytes) == "whatever");
}

TEST_CASE("65,536 characters are kept, whatever their bytes") {
    std::string text;
    for (int i = 0; i < 65'536; ++i) text += "\u20AC";
    Desk desk;
    REQUIRE(desk.refused(hardware_report("Full", "1.0", instance_xml({"New", "V", {{"Big", {text}}}}))) ==
            "");
    CHECK(current(desk).front().properties.front().values.front() == text);
}

TEST_CASE("2,000 properties are kept, one more is too many") {
    auto const count = GENERATE(2'000, 2'001);
    db::InventoryProperties properties;
    for (int i = 0; i < count; ++i) properties.push_back({fmt::format("P{}", i), {"1"}});
    Desk desk;
    auto const reply =
        desk.take(hardware_report("Full", "1.0", instance_xml({"New", "V", std::move(properties)})));
    // A view has room for 1,900 columns: a class with more cannot be made.
    if (count == 2'000) {
        REQUIRE(reply.refusal);
        CHECK(reply.refusal->code == Code::group_failure);
    } else {
        REQUIRE(reply.unusable_part);
        CHECK(reply.unusable_part->message.find("more than 2000 properties") != std::string::npos);
    }
    CHECK(current(desk).empty());
}

TEST_CASE("a delta that does not follow is refused, and one full report is asked for") {
    struct Row {
        std::string version;
        std::string instances;
        std::string reason;
    };
    auto const row = GENERATE(values<Row>({
        {"1.2", disk("Updated", "C:", "2"), "DeltaMismatch"},
        {"1.0", disk("Updated", "C:", "2"), "Outdated"},
        {"2.1", disk("Updated", "C:", "2"), "MajorMismatch"},
        {"1.1", disk("Updated", "C:", "2") + disk("Updated", "X:", "2"), "NonExistentRow"},
        {"1.1", disk("Updated", "C:", "2") + disk("Deleted", "X:", "2"), "NonExistentRow"},
        {"1.1", disk("Deleted", "C:", "1") + disk("Updated", "C:", "2"), "NonExistentRow"},
    }));
    CAPTURE(row.version, row.instances);
    Desk desk;
    REQUIRE(desk.refused(hardware_report("Full", "1.0", disk("New", "C:", "1"))) == "");
    CHECK(desk.refused(hardware_report("Delta", row.version, row.instances)) == row.reason);
    CHECK(desk.free_space("C:") == "1"); // nothing of it stays
    CHECK(history(desk).size() == 1);
    CHECK(resyncs(desk) == std::vector{row.reason});
    CHECK(desk.resync_assignments() == 1);

    CHECK(desk.refused(hardware_report("Delta", "1.1", disk("Updated", "C:", "3"))) == "ResyncPending");
    CHECK(desk.resync_assignments() == 1);
    CHECK(desk.free_space("C:") == "1");

    REQUIRE(desk.refused(hardware_report("Resync", "2.0", disk("New", "C:", "4"))) == "");
    CHECK(desk.free_space("C:") == "4");
    CHECK(resyncs(desk).empty());
    CHECK(desk.resync_assignments() == 0);
    REQUIRE(desk.refused(hardware_report("Delta", "2.1", disk("Updated", "C:", "5"))) == "");
    CHECK(desk.free_space("C:") == "5");
}

TEST_CASE("a delta without a full report before it") {
    Desk desk;
    CHECK(desk.refused(hardware_report("Delta", "1.1", disk("New", "C:", "1"))) == "NoBaseline");
    CHECK(current(desk).empty());
    CHECK(desk.resync_assignments() == 1);
}

TEST_CASE("the report that was loaded last, once more, changes nothing") {
    Desk desk;
    REQUIRE(desk.refused(hardware_report("Full", "1.0", disk("New", "C:", "1"))) == "");
    auto const delta = hardware_report("Delta", "1.1", disk("Updated", "C:", "2"));
    REQUIRE(desk.refused(delta) == "");
    auto const reply = desk.take(delta);
    CHECK_FALSE(reply.refusal);
    CHECK(noted(reply, Note::Kind::info, "nothing to do"));
    CHECK(history(desk).size() == 2);
    CHECK(desk.reports().size() == 2);
}

TEST_CASE("a new instance in place of one with its key is another state of it") {
    Desk desk;
    REQUIRE(desk.refused(hardware_report("Full", "1.0", disk("New", "C:", "1"))) == "");
    REQUIRE(desk.refused(hardware_report("Delta", "1.1", disk("New", "C:", "2"))) == "");
    auto const states = history(desk);
    REQUIRE(states.size() == 2);
    CHECK(states[0].group_id == states[1].group_id);
}

TEST_CASE("a delta without instances only moves the version on") {
    Desk desk;
    REQUIRE(desk.refused(hardware_report("Full", "1.0", disk("New", "C:", "1"))) == "");
    REQUIRE(desk.refused(hardware_report("Delta", "1.1", "")) == "");
    CHECK(desk.refused(hardware_report("Delta", "1.2", disk("Updated", "C:", "2"))) == "");
}

TEST_CASE("history ends after its days") {
    Desk desk;
    desk.settings().hardware_inventory.history_days = 10;
    REQUIRE(desk.refused(hardware_report("Full", "1.0", disk("New", "C:", "1"))) == "");
    desk.clock().advance(24h);
    REQUIRE(desk.refused(hardware_report("Delta", "1.1", disk("Updated", "C:", "2"))) == "");
    desk.clock().advance(10 * 24h);
    REQUIRE(desk.refused(hardware_report("Delta", "1.2", disk("Updated", "C:", "3"))) == "");
    CHECK(history(desk).size() == 3); // not a moment too early
    desk.clock().advance(1ms);
    REQUIRE(desk.refused(hardware_report("Delta", "1.3", "")) == "");
    CHECK(history(desk).size() == 2);
}

TEST_CASE("a client that is deleted takes its inventory along") {
    Desk desk;
    REQUIRE(desk.refused(hardware_report("Full", "1.0", disk("New", "C:", "1"))) == "");
    REQUIRE(desk.refused(hardware_report("Delta", "1.1", disk("Updated", "C:", "2"))) == "");
    auto const id = ClientId::parse(workstation).value();
    REQUIRE(desk.store().write_and_wait(
        [&id](db::Transaction& transaction) { return db::Clients::remove(transaction, id); }));
    desk.enroll(workstation);
    CHECK(history(desk).empty());
    CHECK(desk.refused(hardware_report("Delta", "1.2", disk("Updated", "C:", "3"))) == "NoBaseline");
}
