// SPDX-License-Identifier: Apache-2.0
#include "db/clients.hpp"
#include "db/collections.hpp"
#include "tests/unit/db/support.hpp"

#include <fmt/format.h>

namespace pointman::db::test {

namespace {

ClientId id_of(int number) {
    return ClientId::parse(fmt::format("GUID:00000000-0000-4000-8000-{:012}", number)).value();
}

Client client(int number) {
    Client made{.id = id_of(number)};
    made.name = fmt::format("PC{}", number);
    made.key_sha256 = fmt::format("key {}", number);
    made.key_spki = to_bytes("spki");
    made.signing_certificate = to_bytes("certificate");
    return made;
}

/// The two counts of the table policy_state.
struct State {
    std::int64_t change = 0;
    std::int64_t book = 0;
    bool operator==(State const&) const = default;
};

std::ostream& operator<<(std::ostream& out, State const& state) {
    return out << "change " << state.change << ", book " << state.book;
}

struct CollectionStore {
    CollectionStore()
        : store(open_store(options_for(directory.path() / "pointman.db"))) {}

    Result<std::string> try_add(Collection const& collection, std::string_view site = "LAB") {
        return store->write_and_wait(
            [&](Transaction& transaction) { return Collections::add(transaction, site, collection); });
    }
    std::string add(Collection const& collection) { return required(try_add(collection)); }
    Result<void> remove(std::string_view id) {
        return store->write_and_wait(
            [id](Transaction& transaction) { return Collections::remove(transaction, id); });
    }
    Result<Collection> resolve(std::string_view which) {
        return store->read([&](Session& session) { return Collections(session).resolve(which); });
    }
    std::vector<Collection> list() {
        return required(store->read([](Session& session) { return Collections(session).list(); }));
    }
    std::vector<std::string> listing(int number) {
        return required(
            store->read([&](Session& session) { return Collections(session).listing(id_of(number)); }));
    }
    void run(std::string_view sql) {
        required(store->write_and_wait(
            [sql](Transaction& transaction) { return transaction.connection().run_script(sql); }));
    }
    /// A policy "p" assigned once to that target.
    void assign(std::string_view kind, std::string_view target) {
        run(fmt::format(
            "INSERT INTO policy (policy_key, policy_id, category, resource)"
            " VALUES ('p', 'p', '', 'machine') ON CONFLICT DO NOTHING;"
            "INSERT INTO policy_assignment (assignment_id, policy_key, target_kind, target, condition)"
            " VALUES ('{0} {1}', 'p', '{0}', '{1}', '')",
            kind, target));
    }
    std::vector<std::string> assignments() {
        return required(store->read([](Session& session) {
            return session.connection().all(
                "SELECT assignment_id FROM policy_assignment ORDER BY assignment_id",
                [](Row const& row) -> Result<std::string> { return row.text(0); });
        }));
    }
    State state() {
        return required(store->read([](Session& session) {
                   return session.connection().one("SELECT change, book FROM policy_state",
                                                   [](Row const& row) -> Result<State> {
                                                       return State{row.integer(0), row.integer(1)};
                                                   });
               }))
            .value();
    }

    TemporaryDirectory directory;
    std::unique_ptr<Store> store;
};

} // namespace

TEST_CASE("collections come back whole, by id and by name", "[db][collections]") {
    CollectionStore lab;
    CHECK(lab.add({.name = "All"}) == "LAB00001");
    CHECK(lab.add({.name = "Plant", .query = "name like 'WS-%'", .listed = {id_of(2), id_of(1), id_of(2)}}) ==
          "LAB00002");
    CHECK(lab.add({.name = "LAB00001"}) == "LAB00003");

    auto const all = lab.list();
    REQUIRE(all.size() == 3);
    CHECK(all[0].collection_id == "LAB00001");
    CHECK(all[0].name == "All");
    CHECK(all[0].everybody);
    CHECK(all[0].query.empty());
    CHECK(all[0].listed.empty());
    CHECK(all[1].name == "Plant");
    CHECK_FALSE(all[1].everybody);
    CHECK(all[1].query == "name like 'WS-%'");
    CHECK(all[1].listed == std::vector{id_of(1), id_of(2)});

    for (auto const* const which : {"LAB00002", "lab00002", "Plant", "PLANT"}) {
        INFO(which);
        auto const found = required(lab.resolve(which));
        CHECK(found.collection_id == "LAB00002");
        CHECK(found.listed == all[1].listed);
    }
    CHECK(required(lab.resolve("lab00001")).name == "All"); // the id wins over a name
    auto const missing = lab.resolve("Plan");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == Code::not_found);
    CHECK(missing.error().message == "no collection \"Plan\"");
}

TEST_CASE("a collection's id is the site's code and five hexadecimal digits", "[db][collections]") {
    CollectionStore lab;
    lab.run("UPDATE sequence SET next = 171 WHERE name = 'collection'");
    CHECK(required(lab.try_add({.name = "One"}, "q7t")) == "Q7T000AB");
    CHECK(required(lab.try_add({.name = "Two"}, "LAB")) == "LAB000AC");
    required(lab.remove("LAB000AC"));
    CHECK(lab.add({.name = "Two"}) == "LAB000AD"); // no id is given twice
}

TEST_CASE("only a collection that was given neither clients nor a query has everybody", "[db][collections]") {
    struct Case {
        Collection given;
        bool everybody;
    };
    CollectionStore lab;
    for (auto const& [given, everybody] : {
             Case{{.name = "none"}, true},
             Case{{.name = "clients", .listed = {id_of(1)}}, false},
             Case{{.name = "query", .query = "name = x"}, false},
             Case{{.name = "both", .query = "name = x", .listed = {id_of(1)}}, false},
             Case{{.name = "claimed", .everybody = true, .listed = {id_of(1)}}, false},
         }) {
        INFO(given.name);
        CHECK(required(lab.resolve(lab.add(given))).everybody == everybody);
    }
}

TEST_CASE("a name is given once, whatever its case", "[db][collections]") {
    CollectionStore lab;
    lab.add({.name = "Plant"});
    auto const before = lab.state();
    auto const refused = lab.try_add({.name = "PLANT", .listed = {id_of(1)}});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::usage);
    CHECK(refused.error().message == "there is a collection \"PLANT\" already");
    CHECK(lab.list().size() == 1);
    CHECK(lab.listing(1).empty());
    CHECK(lab.state() == before);
}

TEST_CASE("who lists a client", "[db][collections]") {
    CollectionStore lab;
    lab.add({.name = "A", .listed = {id_of(1), id_of(2)}});
    lab.add({.name = "B"});
    auto const last = lab.add({.name = "C", .listed = {id_of(1)}});
    CHECK(lab.listing(1) == std::vector<std::string>{"LAB00001", "LAB00003"});
    CHECK(lab.listing(2) == std::vector<std::string>{"LAB00001"});
    CHECK(lab.listing(3).empty());
    required(lab.remove(last));
    CHECK(lab.listing(1) == std::vector<std::string>{"LAB00001"});
}

TEST_CASE("a collection goes with the assignments to it, and is counted", "[db][collections]") {
    CollectionStore lab;
    CHECK(lab.state() == State{0, 0});
    auto const first = lab.add({.name = "A"});
    auto const second = lab.add({.name = "B"});
    CHECK(lab.state() == State{0, 2});
    lab.assign("collection", first);
    lab.assign("client", first); // no collection, though it is called so
    lab.assign("all", "");

    required(lab.remove(second));
    CHECK(lab.state() == State{0, 3});
    CHECK(lab.assignments().size() == 3);
    required(lab.remove(first));
    CHECK(lab.state() == State{1, 4});
    CHECK(lab.assignments() == std::vector<std::string>{"all ", "client LAB00001"});

    auto const missing = lab.remove(first);
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == Code::not_found);
    CHECK(lab.state() == State{1, 4});
}

TEST_CASE("a client that is removed leaves its collections, and its own policy goes", "[db][collections]") {
    CollectionStore lab;
    required(lab.store->write_and_wait([](Transaction& transaction) -> Result<void> {
        for (int const number : {1, 2, 3}) required(Clients::insert(transaction, client(number)));
        return {};
    }));
    auto const only = lab.add({.name = "Only the first", .listed = {id_of(1)}});
    lab.add({.name = "Both", .listed = {id_of(1), id_of(2)}});
    lab.assign("client", id_of(1).text());
    lab.assign("client", id_of(2).text());
    auto const remove = [&lab](int number) {
        required(lab.store->write_and_wait(
            [number](Transaction& transaction) { return Clients::remove(transaction, id_of(number)); }));
    };
    auto const before = lab.state();

    remove(3); // with nothing of this
    CHECK(lab.state() == before);
    remove(1);
    CHECK(lab.state() == State{before.change + 1, before.book});
    CHECK(lab.listing(1).empty());
    CHECK(lab.listing(2) == std::vector<std::string>{"LAB00002"});
    CHECK(lab.assignments() == std::vector<std::string>{"client " + id_of(2).text()});

    auto const empty = required(lab.resolve(only));
    CHECK(empty.listed.empty());
    CHECK_FALSE(empty.everybody);
}

} // namespace pointman::db::test
