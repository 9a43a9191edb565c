// SPDX-License-Identifier: Apache-2.0
// Collections, made by the command while the server runs and clients register.
#include "db/unknown_machines.hpp"
#include "tests/integration/program.hpp"
#include "tests/support/lab.hpp"
#include "tests/support/process.hpp"
#include "tests/support/test_client.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>

namespace pointman::test {

namespace {

Texts texts_of(boost::json::value const& object, std::string_view key) {
    Texts texts;
    for (auto const& text : object.as_object().at(key).as_array()) texts.emplace_back(text.as_string());
    return texts;
}

std::string register_client(Lab& lab, std::string name, std::size_t key) {
    TestClient client(std::move(name), test_key(key));
    auto connection = lab.http();
    client.register_with(connection);
    return client.id().text();
}

Texts sorted(Texts texts) {
    std::ranges::sort(texts);
    return texts;
}

} // namespace

TEST_CASE("collections hold those who are listed, those whom the query finds, or everybody") {
    Lab lab;
    auto const first = register_client(lab, "WS-0417", 0);
    auto const second = register_client(lab, "PRESS042", 1);
    auto const machines = lab.store().read(db::UnknownMachines::find).value().value();

    auto const all = told(lab, {"collection", "add", "Everybody"});
    CHECK(text_of(all, "collection_id") == "LAB00001");
    CHECK(text_of(all, "name") == "Everybody");
    CHECK(all.as_object().at("everybody").as_bool());
    CHECK(texts_of(all, "members") == sorted({first, second}));
    CHECK(texts_of(all, "listed").empty());

    auto const plant = told(lab, {"collection", "add", "Plant", "--client", "press042", "--client",
                                  std::string(machines.x86.uuid()), "--query", " name like 'WS-%' "});
    CHECK(text_of(plant, "collection_id") == "LAB00002");
    CHECK_FALSE(plant.as_object().at("everybody").as_bool());
    CHECK(text_of(plant, "query") == "name like 'WS-%'");
    CHECK(texts_of(plant, "listed") == sorted({second, machines.x86.text()}));
    CHECK(texts_of(plant, "members") == sorted({first, second, machines.x86.text()}));

    auto const locale = told(lab, {"collection", "add", "English", "--query",
                                   "\"Locale ID\" = 1033 and smsid = " + first.substr(5)});
    CHECK(texts_of(locale, "members") == Texts{first});

    // The members are those of now.
    auto const third = register_client(lab, "WS-0418", 2);
    CHECK(texts_of(told(lab, {"collection", "show", "plant"}), "members") ==
          sorted({first, second, third, machines.x86.text()}));
    REQUIRE(pointman(lab, {"client", "delete", "PRESS042"}).exit_code == 0);
    auto const list = told(lab, {"collection", "list"}).as_array();
    REQUIRE(list.size() == 3);
    CHECK(texts_of(list[0], "members") == sorted({first, third}));
    CHECK(texts_of(list[1], "members") == sorted({first, third, machines.x86.text()}));
    CHECK(texts_of(list[1], "listed") == Texts{machines.x86.text()});
    CHECK(text_of(list[2], "name") == "English");

    auto const gone = told(lab, {"collection", "remove", "lab00002"});
    CHECK(text_of(gone, "name") == "Plant");
    CHECK(told(lab, {"collection", "list"}).as_array().size() == 2);
    CHECK(text_of(told(lab, {"collection", "add", "Plant"}), "collection_id") == "LAB00004");
}

TEST_CASE("collections can be read by people") {
    Lab lab;
    register_client(lab, "WS-0417", 0);
    auto const machines = lab.store().read(db::UnknownMachines::find).value().value();
    for (auto const& [command, says] : std::vector<std::pair<Texts, Texts>>{
             {{"collection", "list"}, {"ID  NAME  MEMBERS  WHO\n"}},
             {{"collection", "add", "All"}, {"collection LAB00001 (All): 1 member\n"}},
             {{"collection", "add", "Bare", "--client", machines.x64.text(), "--client", "WS-0417"},
              {"collection LAB00002 (Bare): 2 members\n"}},
             {{"collection", "add", "Old", "--query", "agent_version < 5\nor name = x"}, {": 0 members\n"}},
             {{"collection", "add", "Both", "--client", "WS-0417", "--query", "name = x"}, {": 1 member\n"}},
             {{"collection", "list"},
              {"LAB00001  All   1        everybody\n", "LAB00002  Bare  2        2 listed\n",
               "LAB00003  Old   0        agent_version < 5 or name = x\n",
               "LAB00004  Both  1        1 listed, and name = x\n"}},
             {{"collection", "show", "bare"},
              {"who      2 listed\n", "  WS-0417\n", machines.x64.text() + "  (unknown machine)\n"}},
             {{"collection", "show", "old"}, {"members  0\n"}},
             {{"collection", "remove", "bare"}, {"removed collection LAB00002 (Bare)\n"}}}) {
        auto const result = pointman(lab, command);
        INFO(result.err);
        CHECK(result.exit_code == 0);
        for (auto const& text : says) CHECK_THAT(result.out, Catch::Contains(text));
    }
}

TEST_CASE("collection exits with 1 for what is not there, and with 2 for wrong usage") {
    Lab lab;
    told(lab, {"collection", "add", "Plant"});
    struct Row {
        Texts arguments;
        int exit_code;
        std::string says;
    };
    for (auto const& row : std::vector<Row>{
             {{"show", "Attic"}, 1, "no collection \"Attic\""},
             {{"remove", "LAB00009"}, 1, "no collection \"LAB00009\""},
             {{"add", "New", "--client", "WS-9999"}, 1, "no client WS-9999"},
             {{"add", "New", "--client", "5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3"}, 1, "no client 5B0C7A52"},
             {{}, 2, "subcommand"},
             {{"add"}, 2, "name is required"},
             {{"add", "PLANT"}, 2, "there is a collection \"PLANT\" already"},
             {{"add", " "}, 2, "name has 1 to 255 bytes"},
             {{"add", "two\nlines"}, 2, "name has 1 to 255 bytes"},
             {{"add", std::string(256, 'x')}, 2, "name has 1 to 255 bytes"},
             {{"add", "New", "--query", "name is x"}, 2, "--query: column 6: an operator"},
             {{"add", "New", "--query", ""}, 2, "--query: column 1: a property"},
         }) {
        auto arguments = row.arguments;
        arguments.insert(arguments.begin(), "collection");
        auto const result = pointman(lab, arguments);
        INFO(Catch::StringMaker<Texts>::convert(arguments) << ": " << result.err);
        CHECK(result.exit_code == row.exit_code);
        CHECK(result.err.find(row.says) != std::string::npos);
    }
    CHECK(told(lab, {"collection", "list"}).as_array().size() == 1);
}

TEST_CASE("the database alone tells its site, once a daemon has served it") {
    Lab lab({"site.code=Q7T", "site.host=mp1.lab.example"});
    auto const database = (lab.directory() / "pointman.db").string();
    auto const added = pointman({"collection", "add", "All", "--db", database, "--json"});
    INFO(added.err);
    REQUIRE(added.exit_code == 0);
    CHECK(text_of(boost::json::parse(added.out), "collection_id") == "Q7T00001");

    auto const boundary =
        pointman({"boundary", "add", "--subnet", "10.0.0.0/8", "--site", "q7t", "--db", database, "--json"});
    CHECK(text_of(boost::json::parse(boundary.out), "site") == "Q7T");
    REQUIRE(pointman({"dp", "add", "dp1", "--db", database}).exit_code == 0);
    REQUIRE(pointman({"content", "add", "Q7T00001", "--dp", "dp1", "--db", database}).exit_code == 0);
    auto const explained = pointman(
        {"location", "explain", "--ip", "10.1.2.3", "--package", "Q7T00001", "--db", database, "--json"});
    REQUIRE(explained.exit_code == 0);
    auto const answer = boost::json::parse(explained.out).as_object();
    CHECK(text_of(answer.at("sites").as_array().at(0), "site") == "Q7T");
    CHECK(text_of(answer.at("points").as_array().at(0), "site") == "Q7T");
}

TEST_CASE("a database that no daemon has served does not know its site") {
    TemporaryDirectory const directory;
    auto const database = directory.path() / "pointman.db";
    REQUIRE(db::Store::open({.database = database}));
    auto const added = pointman({"collection", "add", "All", "--db", database.string()});
    CHECK(added.exit_code == 2);
    CHECK_THAT(added.err, Catch::Contains("give --config FILE or --lab DIR"));
    auto const boundary =
        pointman({"boundary", "add", "--subnet", "10.0.0.0/8", "--db", database.string(), "--json"});
    REQUIRE(boundary.exit_code == 0);
    CHECK(text_of(boost::json::parse(boundary.out), "site").empty());
}

} // namespace pointman::test
