// SPDX-License-Identifier: Apache-2.0
#include "db/clients.hpp"
#include "db/processed_messages.hpp"
#include "db/reports.hpp"
#include "db/states.hpp"
#include "db/status_messages.hpp"
#include "tests/unit/db/support.hpp"

#include <fmt/format.h>

namespace pointman::db::test {

namespace {

auto const registered = at("2026-01-02T03:04:05.678Z");
auto const later = at("2026-02-03T04:05:06.789Z");

ClientId id_of(int number) {
    return ClientId::parse(fmt::format("GUID:00000000-0000-4000-8000-{:012}", number)).value();
}

Client client(int number, std::string name, std::string key) {
    Client made{.id = id_of(number)};
    made.name = std::move(name);
    made.fqdn = made.name + ".branch.example";
    made.approval = Approval::pending;
    made.agent_version = "4.00.6487.2000";
    made.agent_identity = "shopfloor-agent.exe";
    made.key_sha256 = std::move(key);
    made.key_spki = to_bytes("spki of " + made.key_sha256);
    made.signing_certificate = to_bytes("certificate of " + made.key_sha256);
    made.first_seen = registered;
    made.last_seen = registered;
    return made;
}

struct ClientStore {
    ClientStore()
        : store(open_store(options_for(directory.path() / "pointman.db"))) {}

    template <class F>
    auto read(F work) {
        return store->read([&](Session& session) { return work(Clients(session)); });
    }
    std::int64_t insert(Client const& made) {
        return required(store->write_and_wait(
            [&](Transaction& transaction) { return Clients::insert(transaction, made); }));
    }
    template <class F>
    auto write(F work) {
        return store->write_and_wait(std::move(work));
    }
    Client get(int number) {
        return required(read([&](Clients const& clients) { return clients.find(id_of(number)); })).value();
    }
    std::int64_t count(std::string_view table) {
        return required(store->read([&](Session& session) {
            return session.connection().number(fmt::format("SELECT count(*) FROM {}", table));
        }));
    }

    TemporaryDirectory directory;
    std::unique_ptr<Store> store;
};

std::vector<std::string> ids(std::vector<Client> const& clients) {
    std::vector<std::string> texts;
    for (auto const& each : clients) texts.push_back(each.id.text());
    return texts;
}

void check_equal(Client const& a, Client const& b) {
    CHECK(a.id == b.id);
    CHECK(a.name == b.name);
    CHECK(a.fqdn == b.fqdn);
    CHECK(a.approval == b.approval);
    CHECK(a.approval_method == b.approval_method);
    CHECK(a.agent_type == b.agent_type);
    CHECK(a.agent_version == b.agent_version);
    CHECK(a.agent_identity == b.agent_identity);
    CHECK(a.hardware_id == b.hardware_id);
    CHECK(a.proxy == b.proxy);
    CHECK(a.key_spki == b.key_spki);
    CHECK(a.key_sha256 == b.key_sha256);
    CHECK(a.signing_certificate == b.signing_certificate);
    CHECK(a.encryption_certificate == b.encryption_certificate);
    CHECK(a.discovery == b.discovery);
    CHECK(a.first_seen == b.first_seen);
    CHECK(a.last_seen == b.last_seen);
}

} // namespace

TEST_CASE("approval and conflict names", "[db][clients]") {
    struct Row {
        Approval approval;
        std::string_view name;
    };
    for (auto const& row :
         {Row{Approval::pending, "pending"}, Row{Approval::approved, "approved"},
          Row{Approval::blocked, "blocked"}, Row{Approval::not_applicable, "not_applicable"}}) {
        CHECK(name_of(row.approval) == row.name);
        CHECK(approval_of(row.name) == row.approval);
    }
    for (auto const* const unknown : {"", "Approved", "approved ", "denied"})
        CHECK_FALSE(approval_of(unknown));
    CHECK(name_of(ConflictKind::name) == "name");
    CHECK(name_of(ConflictKind::hardware_id) == "hardware_id");
    CHECK(name_of(ConflictKind::smsid) == "smsid");
}

TEST_CASE("a client is read as it was inserted", "[db][clients]") {
    ClientStore fixture;
    auto full = client(1, "PRESS042", "AA");
    full.approval = Approval::approved;
    full.approval_method = "integrated";
    full.agent_type = 8;
    full.hardware_id = "2:AB CD";
    full.proxy = id_of(9);
    full.encryption_certificate = to_bytes("encrypt");
    full.discovery = {{"Locale ID", "1033"}, {"InternetFlag", "0"}, {"Locale ID", "2057"}};
    full.last_seen = later;
    auto const resource_id = fixture.insert(full);
    auto const read = fixture.get(1);
    check_equal(read, full);
    CHECK(read.resource_id == resource_id);
    CHECK(read.conflicts.empty());

    auto const plain = client(2, "KIOSK07", "BB");
    fixture.insert(plain);
    check_equal(fixture.get(2), plain);
}

TEST_CASE("an SMSID registers once", "[db][clients]") {
    ClientStore fixture;
    fixture.insert(client(1, "PRESS042", "AA"));
    auto const again = fixture.write(
        [](Transaction& transaction) { return Clients::insert(transaction, client(1, "OTHER", "BB")); });
    REQUIRE_FALSE(again);
    CHECK(again.error().code == Code::storage);
    CHECK(fixture.get(1).name == "PRESS042");
    CHECK(fixture.count("resource") == 1);
}

TEST_CASE("resource ids begin above 2^24 and are never given again", "[db][clients]") {
    ClientStore fixture;
    CHECK(fixture.insert(client(1, "A", "AA")) == 16777217);
    CHECK(fixture.insert(client(2, "B", "BB")) == 16777218);
    REQUIRE(fixture.write([](Transaction& transaction) { return Clients::remove(transaction, id_of(2)); }));
    CHECK(fixture.insert(client(2, "B", "BB")) == 16777219);
}

TEST_CASE("clients are found by id, key, name and hardware", "[db][clients]") {
    ClientStore fixture;
    auto first = client(1, "Press042", "AA");
    first.hardware_id = "HW-1";
    auto second = client(2, "press042", "BB");
    second.fqdn = "other.plant.example";
    second.hardware_id = "HW-1";
    fixture.insert(first);
    fixture.insert(second);
    fixture.insert(client(3, "KIOSK07", "CC"));

    SECTION("id") {
        auto const none = fixture.read([](Clients const& clients) { return clients.find(id_of(77)); });
        CHECK_FALSE(none.value());
    }
    SECTION("key") {
        auto const found = fixture.read([](Clients const& clients) { return clients.find_by_key("BB"); });
        CHECK(found.value().value().id == id_of(2));
        CHECK_FALSE(fixture.read([](Clients const& clients) { return clients.find_by_key("DD"); }).value());
    }
    SECTION("name") {
        struct Row {
            std::string name;
            std::vector<std::string> expected;
        };
        auto const one = id_of(1).text();
        auto const two = id_of(2).text();
        auto const three = id_of(3).text();
        for (auto const& row : std::vector<Row>{{"PRESS042", {one, two}},
                                                {"press042.BRANCH.example", {one}},
                                                {"other.plant.example", {two}},
                                                {"kiosk07", {three}},
                                                {"KIOSK0", {}},
                                                {"%", {}},
                                                {"", {}}}) {
            INFO(row.name);
            auto const found =
                fixture.read([&](Clients const& clients) { return clients.find_by_name(row.name); });
            CHECK(ids(found.value()) == row.expected);
        }
    }
    SECTION("hardware") {
        auto const found =
            fixture.read([](Clients const& clients) { return clients.find_by_hardware_id("HW-1"); });
        CHECK(ids(found.value()) == std::vector{id_of(1).text(), id_of(2).text()});
        // Most clients send none: they have nothing in common.
        CHECK(fixture.read([](Clients const& clients) { return clients.find_by_hardware_id(""); })
                  .value()
                  .empty());
    }
}

TEST_CASE("a shared key belongs to the proxy first, then to the oldest", "[db][clients]") {
    ClientStore fixture;
    auto proxied = client(1, "DEVICE1", "AA");
    proxied.agent_type = 8;
    proxied.proxy = id_of(3);
    auto second = client(2, "DEVICE2", "AA");
    second.agent_type = 8;
    second.proxy = id_of(3);
    auto proxy = client(3, "PROXY", "AA");
    proxy.agent_type = 4;
    fixture.insert(proxied);
    fixture.insert(second);
    auto const owner = [&] {
        return fixture.read([](Clients const& clients) { return clients.find_by_key("AA"); })
            .value()
            .value()
            .id;
    };
    CHECK(owner() == id_of(1));
    fixture.insert(proxy);
    CHECK(owner() == id_of(3));
}

TEST_CASE("the list is in the order of registration and can be narrowed", "[db][clients]") {
    ClientStore fixture;
    for (int const number : {3, 1, 2}) fixture.insert(client(number, "N" + std::to_string(number), "K"));
    REQUIRE(fixture.write([](Transaction& transaction) {
        return Clients::set_approval(transaction, id_of(1), Approval::blocked, "manual", later);
    }));
    auto const all = fixture.read([](Clients const& clients) { return clients.list(); });
    CHECK(ids(all.value()) == std::vector{id_of(3).text(), id_of(1).text(), id_of(2).text()});
    auto const blocked = fixture.read([](Clients const& clients) { return clients.list(Approval::blocked); });
    CHECK(ids(blocked.value()) == std::vector{id_of(1).text()});
    CHECK(blocked.value().front().approval_method == "manual");
    CHECK(fixture.read([](Clients const& clients) { return clients.list(Approval::approved); })
              .value()
              .empty());
}

TEST_CASE("operators name a client by SMSID or name", "[db][clients]") {
    ClientStore fixture;
    fixture.insert(client(1, "TWIN", "AA"));
    fixture.insert(client(2, "twin", "BB"));
    fixture.insert(client(3, "KIOSK07", "CC"));
    struct Row {
        std::string text;
        std::optional<int> number;
        Code code = {};
    };
    auto const uuid = std::string(id_of(1).uuid());
    for (auto const& row : std::vector<Row>{{id_of(1).text(), 1},
                                            {"{" + uuid + "}", 1},
                                            {"guid:" + uuid, 1},
                                            {"kiosk07", 3},
                                            {"KIOSK07.branch.example", 3},
                                            {"twin", std::nullopt, Code::ambiguous},
                                            {"nobody", std::nullopt, Code::not_found},
                                            {id_of(8).text(), std::nullopt, Code::not_found},
                                            {"", std::nullopt, Code::not_found}}) {
        INFO(row.text);
        auto const found = fixture.read([&](Clients const& clients) { return clients.resolve(row.text); });
        REQUIRE(found.has_value() == row.number.has_value());
        if (found) {
            CHECK(found->id == id_of(*row.number));
        } else {
            CHECK(found.error().code == row.code);
        }
    }
    auto const twins = fixture.read([](Clients const& clients) { return clients.resolve("TWIN"); });
    CHECK(twins.error().message.find(id_of(1).text()) != std::string::npos);
    CHECK(twins.error().message.find(id_of(2).text()) != std::string::npos);
}

TEST_CASE("an update changes what a registration may change", "[db][clients]") {
    ClientStore fixture;
    auto original = client(1, "OLD", "AA");
    original.discovery = {{"InternetFlag", "0"}, {"Locale ID", "1033"}};
    fixture.insert(original);
    auto changed = client(1, "NEW", "ZZ");
    changed.approval = Approval::approved;
    changed.hardware_id = "HW";
    changed.agent_type = 2;
    changed.agent_version = "5";
    changed.agent_identity = "new.exe";
    changed.encryption_certificate = to_bytes("encrypt");
    changed.discovery = {{"InternetFlag", "1"}};
    changed.first_seen = later;
    changed.last_seen = later;
    REQUIRE(fixture.write([&](Transaction& transaction) { return Clients::update(transaction, changed); }));
    auto expected = changed;
    expected.approval = original.approval;
    expected.key_sha256 = original.key_sha256;
    expected.key_spki = original.key_spki;
    expected.signing_certificate = original.signing_certificate;
    expected.first_seen = original.first_seen;
    check_equal(fixture.get(1), expected);
    auto const name = fixture.store->read([](Session& session) {
        return session.connection().one("SELECT name FROM resource",
                                        [](Row const& row) -> Result<std::string> { return row.text(0); });
    });
    CHECK(name.value() == "NEW");
}

TEST_CASE("a replaced key is kept with the time of its end", "[db][clients]") {
    ClientStore fixture;
    fixture.insert(client(1, "A", "AA"));
    REQUIRE(fixture.write([](Transaction& transaction) {
        return Clients::replace_key(transaction, id_of(1), to_bytes("new spki"), "BB", to_bytes("new"),
                                    later);
    }));
    auto const now = fixture.get(1);
    CHECK(now.key_sha256 == "BB");
    CHECK(now.key_spki == to_bytes("new spki"));
    CHECK(now.signing_certificate == to_bytes("new"));
    auto const keys = required(fixture.read([](Clients const& clients) { return clients.keys(id_of(1)); }));
    REQUIRE(keys.size() == 2);
    CHECK(keys[0].key_sha256 == "AA");
    CHECK(keys[0].key_spki == to_bytes("spki of AA"));
    CHECK(keys[0].valid_from == registered);
    CHECK(keys[0].valid_until == later);
    CHECK(keys[1].key_sha256 == "BB");
    CHECK(keys[1].valid_from == later);
    CHECK_FALSE(keys[1].valid_until);
    // The former key opens nothing any more.
    CHECK_FALSE(fixture.read([](Clients const& clients) { return clients.find_by_key("AA"); }).value());
    CHECK(fixture.read([](Clients const& clients) { return clients.find_by_key("BB"); }).value());
}

TEST_CASE("a conflict shows on both sides, once", "[db][clients]") {
    ClientStore fixture;
    for (int const number : {1, 2, 3}) fixture.insert(client(number, "N" + std::to_string(number), "K"));
    auto const record = [&](int a, int b, ConflictKind kind) {
        return fixture.write([=](Transaction& transaction) {
            return Clients::record_conflict(transaction, id_of(a), id_of(b), kind, later);
        });
    };
    CHECK(record(1, 2, ConflictKind::name));
    CHECK(record(2, 1, ConflictKind::name));
    CHECK(record(1, 2, ConflictKind::hardware_id));
    CHECK(record(3, 1, ConflictKind::smsid));
    CHECK(fixture.get(1).conflicts == std::vector{id_of(2), id_of(3)});
    CHECK(fixture.get(2).conflicts == std::vector{id_of(1)});
    CHECK(fixture.get(3).conflicts == std::vector{id_of(1)});
    CHECK(fixture.count("client_conflict") == 6);
    CHECK(record(1, 8, ConflictKind::name).error().code == Code::not_found);
    REQUIRE(fixture.write([](Transaction& transaction) { return Clients::remove(transaction, id_of(1)); }));
    CHECK(fixture.get(2).conflicts.empty());
    CHECK(fixture.get(3).conflicts.empty());
}

TEST_CASE("touch and approval", "[db][clients]") {
    ClientStore fixture;
    fixture.insert(client(1, "A", "AA"));
    REQUIRE(
        fixture.write([](Transaction& transaction) { return Clients::touch(transaction, id_of(1), later); }));
    CHECK(fixture.get(1).last_seen == later);
    CHECK(fixture.get(1).first_seen == registered);
    for (auto const approval :
         {Approval::approved, Approval::blocked, Approval::not_applicable, Approval::pending}) {
        REQUIRE(fixture.write([=](Transaction& transaction) {
            return Clients::set_approval(transaction, id_of(1), approval, "automatic", later);
        }));
        CHECK(fixture.get(1).approval == approval);
        CHECK(fixture.get(1).approval_method == "automatic");
    }
}

TEST_CASE("what changes a client needs one", "[db][clients]") {
    ClientStore fixture;
    using Change = Result<void> (*)(Transaction&);
    struct Row {
        std::string name;
        Change change;
    };
    auto const rows = std::vector<Row>{
        {"update", [](Transaction& t) { return Clients::update(t, client(1, "A", "AA")); }},
        {"replace_key", [](Transaction& t) { return Clients::replace_key(t, id_of(1), {}, "", {}, later); }},
        {"set_approval",
         [](Transaction& t) { return Clients::set_approval(t, id_of(1), Approval::blocked, "", later); }},
        {"touch", [](Transaction& t) { return Clients::touch(t, id_of(1), later); }},
        {"remove", [](Transaction& t) { return Clients::remove(t, id_of(1)); }},
    };
    for (auto const& row : rows) {
        INFO(row.name);
        CHECK(fixture.write(row.change).error().code == Code::not_found);
    }
}

TEST_CASE("a removed client is gone with all that is its own, its status messages stay", "[db][clients]") {
    ClientStore fixture;
    for (int const number : {1, 2}) {
        auto made = client(number, "N" + std::to_string(number), "K" + std::to_string(number));
        made.discovery = {{"InternetFlag", "0"}};
        fixture.insert(made);
        REQUIRE(fixture.write([&](Transaction& transaction) -> Result<void> {
            StoredReport report;
            report.endpoint = "DdrReceiver";
            report.client = made.id.text();
            report.received = later;
            report.attachments = {{"file", to_bytes("x")}};
            CHECK(Reports::add(transaction, report));
            StatusMessage message;
            message.client = made.id.text();
            message.received = later;
            CHECK(StatusMessages::add(transaction, message));
            CHECK(ProcessedMessages::add(transaction, {made.id.text(), "{M}", "AB", later}));
            auto states = StateWriter::open(transaction, made.id, later);
            REQUIRE(states);
            for (std::int64_t const serial : {1, 2}) {
                StateMessage state;
                state.topic_type = 500;
                state.serial = serial;
                CHECK(states->put(state, 1).value());
            }
            return states->set_sequence({.newest = 2});
        }));
    }
    REQUIRE(fixture.write([](Transaction& transaction) {
        return Clients::replace_key(transaction, id_of(1), {}, "NEW", {}, later);
    }));
    REQUIRE(fixture.write([](Transaction& transaction) { return Clients::remove(transaction, id_of(1)); }));
    CHECK_FALSE(fixture.read([](Clients const& clients) { return clients.find(id_of(1)); }).value());
    for (auto const* const table :
         {"client", "client_key", "client_discovery", "resource", "report", "report_attachment",
          "processed_message", "state_message", "state_history", "state_sequence"}) {
        INFO(table);
        CHECK(fixture.count(table) == 1);
    }
    CHECK(fixture.count("status_message") == 2);
    CHECK(fixture.get(2).name == "N2");
}

} // namespace pointman::db::test
