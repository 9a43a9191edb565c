// SPDX-License-Identifier: Apache-2.0
// Databases of earlier versions keep what they hold.
#include "base/time.hpp"
#include "db/inventory.hpp"
#include "db/migrations.hpp"
#include "db/processed_messages.hpp"
#include "db/states.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/process.hpp"
#include "tests/unit/db/support.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

using namespace pointman;
using namespace pointman::db;
using namespace pointman::test;
using pointman::db::test::open_store;
using pointman::db::test::options_for;
using pointman::db::test::required;

namespace {

std::string ask(std::filesystem::path const& database, std::string const& sql) {
    auto const result = run({"sqlite3", "-batch", database.string(), "PRAGMA foreign_keys=ON; " + sql});
    return result.exit_code == 0 ? result.out : result.err;
}

/// A database as the migrations up to that one leave it.
void make_database(std::filesystem::path const& database, int version) {
    std::vector<std::filesystem::path> files;
    for (auto const& entry : std::filesystem::directory_iterator(source_file("db/migrations")))
        files.push_back(entry.path());
    std::ranges::sort(files);
    std::string script = "PRAGMA foreign_keys=ON;\n";
    for (auto const& file : files) {
        if (std::stoi(file.filename().string()) <= version) script += read_text(file) + "\n";
    }
    script += fmt::format("PRAGMA application_id={}; PRAGMA user_version={};", application_id, version);
    REQUIRE(ask(database, script) == "");
}

} // namespace

TEST_CASE("instances, their hashes and views outlast the change of their table", "[db][migration]") {
    TemporaryDirectory const directory;
    auto const file = directory.path() / "pointman.db";
    make_database(file, 9);
    REQUIRE(ask(file,
                "INSERT INTO client VALUES ('GUID:7C1D9A52-3E0B-4F61-9B8E-52D4A0E7C913', 5, 'PC1', '',"
                " 'approved', '', '', 0, '', '', '', NULL, '2026-11-01T00:00:00.000Z',"
                " '2026-11-01T00:00:00.000Z', x'');"
                "INSERT INTO resource VALUES (5, 'GUID:7C1D9A52-3E0B-4F61-9B8E-52D4A0E7C913', 'PC1',"
                " '2026-11-01T00:00:00.000Z');"
                "INSERT INTO inventory_class VALUES (1, 'Win32_BIOS', 'PC_BIOS', 1), (2, 'V', 'V', 0);"
                "INSERT INTO inventory_instance VALUES"
                " (7, 5, 1, '[]', '0001', 3, 'then', '2026-11-02T00:00:00.000Z', '{\"A\":\"1\"}'),"
                " (8, 5, 2, '[\"x\"]', '0001', 1, 'now', '2026-11-03T00:00:00.000Z', '{\"B\":\"2\"}'),"
                " (9, 5, 2, '[\"y\"]', '0001', 1, 'now', '2026-11-03T00:00:00.000Z', '{\"B\":\"3\"}');"
                "INSERT INTO inventory_class_hash VALUES (5, 1, 'HASH');"
                "CREATE VIEW v_GS_V AS SELECT i.group_id AS GroupID, json_extract(i.properties, '$.B') AS B0"
                " FROM inventory_instance i WHERE i.class_id IN (2);") == "");
    {
        auto const store = open_store(options_for(file));
        auto const id = ClientId::parse("GUID:7C1D9A52-3E0B-4F61-9B8E-52D4A0E7C913").value();
        auto const states =
            required(store->read([&id](Session& session) { return Inventory(session).current(id, ""); }));
        REQUIRE(states.size() == 3);
        CHECK(states[0].group_id == 7);
        CHECK(states[0].revision == 3);
        CHECK(states[0].since == parse_iso_time("2026-11-02T00:00:00Z").value());
        CHECK(states[2].key == "[\"y\"]");
        CHECK(states[2].properties == InventoryProperties{{"B", {"3"}}});
    }
    CHECK(ask(file, "SELECT class_id, action, sha256 FROM inventory_presence ORDER BY class_id") ==
          "1|0001|HASH\n2|0001|\n");
    CHECK(ask(file, "SELECT * FROM v_GS_V ORDER BY GroupID") == "8|2\n9|3\n");
    CHECK(ask(file, "PRAGMA foreign_key_check") == "");
    CHECK(ask(file, "PRAGMA user_version") == fmt::format("{}\n", newest_version()));
    CHECK(ask(file, "DELETE FROM client; SELECT count(*) FROM inventory_instance") == "0\n");
}

TEST_CASE("states, their history and marks of messages outlast the change of their tables",
          "[db][migration]") {
    TemporaryDirectory const directory;
    auto const file = directory.path() / "pointman.db";
    make_database(file, 13);
    std::string const rest = "1, '2026-11-02T00:00:00.000Z', 0, 'why', 0, '[\"p\"]', '', ''";
    REQUIRE(
        ask(file,
            "INSERT INTO client VALUES ('GUID:7C1D9A52-3E0B-4F61-9B8E-52D4A0E7C913', 5, 'PC1', '',"
            " 'approved', '', '', 0, '', '', '', NULL, '2026-11-01T00:00:00.000Z',"
            " '2026-11-01T00:00:00.000Z', x'');"
            "INSERT INTO resource VALUES (5, 'GUID:7C1D9A52-3E0B-4F61-9B8E-52D4A0E7C913', 'PC1',"
            " '2026-11-01T00:00:00.000Z');"
            "INSERT INTO state_message (message_id, resource_id, topic_type, topic_id, topic_id_type,"
            " state_id, state_time, criticality, serial, is_current, epoch, received, detail_type, details,"
            " flags, parameters, user_name, user_sid) VALUES"
            " (1, 5, 500, 'a', 3, 2, '2026-11-01T00:00:00.000Z', 0, 1, 0, " +
                rest +
                "),"
                " (2, 5, 500, 'A', 3, 3, '2026-11-01T00:00:00.000Z', 0, 2, 1, " +
                rest +
                "),"
                " (3, 5, 501, 'a', 0, 5, '2026-11-01T00:00:00.000Z', 0, NULL, 1, " +
                rest +
                ");"
                "UPDATE sequence SET next = 4 WHERE name = 'state_message';"
                "INSERT INTO processed_message VALUES ('C', '{1}', 'AB', '2026-11-01T00:00:00.000Z');") ==
        "");
    {
        auto const store = open_store(options_for(file));
        auto const states = required(store->read([](Session& session) {
            return States(session).list({.client = {}, .topic_type = {}, .history = true});
        }));
        REQUIRE(states.size() == 3);
        CHECK_FALSE(states[0].is_current);
        CHECK(states[0].message.topic_id == "a");
        CHECK(states[0].message.serial == 1);
        CHECK(states[1].is_current);
        CHECK(states[1].message.topic_id == "A");
        CHECK(states[1].message.state_id == 3);
        CHECK(states[1].message.details == "why");
        CHECK(states[1].message.parameters == std::vector<std::string>{"p"});
        CHECK(states[1].received == parse_iso_time("2026-11-02T00:00:00Z").value());
        CHECK_FALSE(states[2].message.serial);
        CHECK_FALSE(required(store->write_and_wait([](Transaction& transaction) {
            return ProcessedMessages::add(transaction, {"C", "{1}", "AB", {}});
        })));
    }
    CHECK(ask(file, "SELECT superseded FROM state_history") == "2026-11-02T00:00:00.000Z\n");
    CHECK(ask(file, "SELECT count(*) FROM sequence WHERE name = 'state_history'") == "0\n");
    CHECK(ask(file, "PRAGMA foreign_key_check") == "");
}
