// SPDX-License-Identifier: Apache-2.0
#include "base/hex.hpp"
#include "db/clients.hpp"
#include "db/policies.hpp"
#include "tests/unit/db/support.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

namespace pointman::db {

static bool operator==(PolicyState const& a, PolicyState const& b) {
    return a.change == b.change && a.book == b.book;
}

static std::ostream& operator<<(std::ostream& out, PolicyState const& state) {
    return out << "change " << state.change << ", book " << state.book;
}

namespace test {

namespace {

using Kind = PolicyTarget::Kind;

ClientId id_of(int number) {
    return ClientId::parse(fmt::format("GUID:00000000-0000-4000-8000-{:012}", number)).value();
}

PolicyTarget const everybody{Kind::all, ""};
PolicyTarget const collection{Kind::collection, "LAB00001"};
PolicyTarget const pc1{Kind::client, id_of(1).text()};
PolicyTarget const pc2{Kind::client, id_of(2).text()};

/// A version whose body is that text.
Policy version(std::string id, std::string number, std::string_view body) {
    Policy policy{.policy_id = std::move(id), .version = std::move(number), .category = "Test"};
    policy.added = at("2026-03-04T05:06:07.089Z");
    policy.sha256 = sha256_hex(as_bytes(body));
    policy.sha1 = fmt::format("SHA-1 of {}", body);
    policy.md5 = fmt::format("MD5 of {}", body);
    return policy;
}

struct PolicyStore {
    PolicyStore()
        : store(open_store(options_for(directory.path() / "pointman.db"))) {}

    /// In a transaction of its own; for work that returns Result<void>.
    template <class F>
    Result<void> try_write(F work) {
        return store->write_and_wait(std::move(work));
    }
    template <class F>
    auto read(F work) {
        return required(store->read(std::move(work)));
    }

    Result<bool> try_add(Policy const& policy, std::string_view body) {
        return store->write_and_wait(
            [&](Transaction& transaction) { return Policies::add(transaction, policy, as_bytes(body)); });
    }
    bool add(std::string const& id, std::string const& number, std::string_view body) {
        return required(try_add(version(id, number, body), body));
    }
    Result<void> remove(std::string_view id) {
        return try_write([id](Transaction& transaction) { return Policies::remove(transaction, id); });
    }
    std::vector<Policy> versions_of(std::string_view id) {
        return read([id](Session& session) { return Policies(session).versions_of(id); });
    }
    /// "" where it is not stored.
    std::string body(std::string_view text) {
        auto const bytes =
            read([&](Session& session) { return Policies(session).body(sha256_hex(as_bytes(text))); });
        return bytes ? std::string(as_chars(*bytes)) : std::string();
    }

    Result<void> try_assign(std::string const& id, std::string const& policy, PolicyTarget const& target,
                            std::string const& condition = {}, std::string const& text = "first") {
        PolicyAssignment const assignment{
            .assignment_id = id, .policy_id = policy, .target = target, .condition = condition, .text = text};
        return try_write(
            [&](Transaction& transaction) { return PolicyAssignments::add(transaction, assignment); });
    }
    void assign(std::string const& id, std::string const& policy, PolicyTarget const& target,
                std::string const& condition = {}) {
        required(try_assign(id, policy, target, condition));
    }
    /// Of the assignment as it is stored now.
    void change(std::string_view id, std::string_view text) {
        auto const assignment = assigned(id);
        required(try_write([&](Transaction& transaction) {
            return PolicyAssignments::change(transaction, assignment, text);
        }));
    }
    Result<void> unassign(std::string_view id) {
        return try_write(
            [id](Transaction& transaction) { return PolicyAssignments::remove(transaction, id); });
    }
    std::vector<PolicyAssignment> assignments() {
        return read([](Session& session) { return PolicyAssignments(session).list(); });
    }
    PolicyAssignment assigned(std::string_view id) {
        auto const all = assignments();
        auto const found = std::ranges::find(all, id, &PolicyAssignment::assignment_id);
        REQUIRE(found != all.end());
        return *found;
    }

    PolicyState state() {
        return read([](Session& session) { return PolicyState::read(session); });
    }
    void sign(PolicySignature const& signature, std::string_view key) {
        required(try_write(
            [&](Transaction& transaction) { return PolicySignature::keep(transaction, signature, key); }));
    }
    std::vector<PolicySignature> signatures(std::string_view key) {
        return read([key](Session& session) { return PolicySignature::by_key(session, key); });
    }
    std::int64_t count(std::string_view table) {
        return read([&](Session& session) {
            return session.connection().number(fmt::format("SELECT count(*) FROM {}", table));
        });
    }

    TemporaryDirectory directory;
    std::unique_ptr<Store> store;
};

std::vector<std::string> ids(std::vector<PolicyAssignment> const& assignments) {
    std::vector<std::string> all;
    for (auto const& assignment : assignments) all.push_back(assignment.assignment_id);
    return all;
}

std::vector<std::string> numbers(std::vector<Policy> const& policies) {
    std::vector<std::string> all;
    for (auto const& policy : policies) all.push_back(policy.policy_id + " " + policy.version);
    return all;
}

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("policy ids are compared without case and braces", "[db][policies]") {
    struct Row {
        std::string id;
        std::string key;
    };
    auto const row = GENERATE(values<Row>({
        {"{3E1D2C6A-7F40-4B1E-A5C9-0D6B8E2F9A11}", "3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11"},
        {"3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11", "3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11"},
        {"Q7T20003-Q7T00009-6F6BCC28", "q7t20003-q7t00009-6f6bcc28"},
        {" {a}\r\n", "a"},
        {"{a", "{a"},
        {"a}", "a}"},
        {"{{a}}", "{a}"},
        {"{}", ""},
        {"{", "{"},
        {"", ""},
    }));
    CAPTURE(row.id);
    CHECK(policy_key(row.id) == row.key);
}

TEST_CASE("names of resources and targets", "[db][policies]") {
    CHECK(name_of(PolicyResource::machine) == "machine");
    CHECK(name_of(PolicyResource::user) == "user");
    CHECK(policy_resource_of("machine") == PolicyResource::machine);
    CHECK(policy_resource_of("user") == PolicyResource::user);
    CHECK_FALSE(policy_resource_of("User"));
    CHECK(name_of(Kind::all) == "all");
    CHECK(name_of(Kind::collection) == "collection");
    CHECK(name_of(Kind::client) == "client");
}

TEST_CASE("a policy comes back whole, under its id in any form", "[db][policies]") {
    PolicyStore lab;
    auto policy = version("{Ab}", "3.00", "body");
    policy.category = "NAAConfig";
    policy.resource = PolicyResource::user;
    policy.flags = 0x8000'0006;
    CHECK(required(lab.try_add(policy, "body")));
    for (auto const* const id : {"{Ab}", "ab", "{AB}", " aB "}) {
        INFO(id);
        auto const found = lab.read([&](Session& session) { return Policies(session).resolve(id); });
        CHECK(found.policy_id == "{Ab}");
        CHECK(found.version == "3.00");
        CHECK(found.category == "NAAConfig");
        CHECK(found.resource == PolicyResource::user);
        CHECK(found.flags == 0x8000'0006);
        CHECK(found.added == policy.added);
        CHECK(found.sha256 == policy.sha256);
        CHECK(found.sha1 == "SHA-1 of body");
        CHECK(found.md5 == "MD5 of body");
    }
    auto const missing = lab.store->read([](Session& session) { return Policies(session).resolve("{Abc}"); });
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == Code::not_found);
    CHECK(missing.error().message == "no policy {Abc}");
    CHECK(lab.versions_of("{Abc}").empty());
}

TEST_CASE("the version that came last is the current one, whatever its number", "[db][policies]") {
    PolicyStore lab;
    CHECK(lab.add("b", "9.00", "b9"));
    CHECK(lab.add("B", "10.00", "b10")); // the id stays as it was given first
    CHECK(lab.add("b", "2.00", "b2"));
    CHECK(lab.add("a", "1.00", "a1"));

    CHECK(numbers(lab.versions_of("b")) == Texts{"b 2.00", "b 10.00", "b 9.00"});
    CHECK(numbers(lab.read([](Session& session) { return Policies(session).list(); })) ==
          Texts{"a 1.00", "b 2.00"});
    CHECK(numbers(lab.read([](Session& session) { return Policies(session).versions(); })) ==
          Texts{"a 1.00", "b 2.00", "b 10.00", "b 9.00"});
    CHECK(lab.read([](Session& session) { return Policies(session).resolve("b"); }).version == "2.00");
}

TEST_CASE("a version that was given out does not change", "[db][policies]") {
    auto const changed = [](auto change) {
        auto policy = version("{p}", "2.00", "two");
        change(policy);
        return policy;
    };
    struct Row {
        std::string name;
        Policy given;
        std::string body;
        std::optional<bool> added; ///< none: refused
    };
    auto const row = GENERATE_COPY(
        Row{"the same again", version("{p}", "2.00", "two"), "two", false},
        Row{"the same, its id spelt otherwise", version("P", "2.00", "two"), "two", false},
        Row{"another body", version("{p}", "2.00", "other"), "other", {}},
        Row{"other flags", changed([](Policy& policy) { policy.flags = 4; }), "two", {}},
        Row{"another category", changed([](Policy& policy) { policy.category = "Other"; }), "two", {}},
        Row{"another resource",
            changed([](Policy& policy) { policy.resource = PolicyResource::user; }),
            "two",
            {}},
        Row{"an older version again", version("{p}", "1.00", "one"), "one", {}},
        Row{"an older version with the current body", version("{p}", "1.00", "two"), "two", {}},
        Row{"the next version with the same body", version("{p}", "3.00", "two"), "two", true});
    CAPTURE(row.name);
    PolicyStore lab;
    lab.add("{p}", "1.00", "one");
    lab.add("{p}", "2.00", "two");
    auto const before = lab.state();

    auto const added = lab.try_add(row.given, row.body);
    if (row.added) {
        CHECK(required(added) == *row.added);
    } else {
        REQUIRE_FALSE(added);
        CHECK(added.error().code == Code::usage);
        CHECK(added.error().message ==
              fmt::format("version {} of policy {{p}} is stored already, and versions do not change: "
                          "give it another one",
                          row.given.version));
    }
    CHECK(lab.versions_of("p").front().version == (row.added.value_or(false) ? "3.00" : "2.00"));
    CHECK(lab.body("other").empty());
    CHECK(lab.state() == (row.added.value_or(false) ? PolicyState{before.change, before.book + 1} : before));
}

TEST_CASE("the next version brings category and resource of the policy along, flags of its own",
          "[db][policies]") {
    PolicyStore lab;
    lab.add("p", "1.00", "one");
    lab.assign("{1}", "p", everybody);
    auto next = version("p", "2.00", "two");
    next.category = "Other";
    next.resource = PolicyResource::user;
    next.flags = 2;
    CHECK(required(lab.try_add(next, "two")));
    auto const versions = lab.versions_of("p");
    REQUIRE(versions.size() == 2);
    CHECK(versions[0].flags == 2);
    CHECK(versions[1].flags == 0);
    CHECK(versions[0].category == "Other");
    CHECK(lab.assigned("{1}").resource == PolicyResource::user);
}

TEST_CASE("equal bodies are stored once, and as long as a policy has them", "[db][policies]") {
    PolicyStore lab;
    lab.add("a", "1.00", "shared");
    lab.add("a", "2.00", "own");
    lab.add("b", "1.00", "shared");
    lab.add("b", "2.00", "shared");
    CHECK(lab.count("policy_body") == 2);
    CHECK(lab.body("shared") == "shared");
    CHECK(lab.body("own") == "own");
    CHECK(lab.body("never").empty());

    required(lab.remove("{A}"));
    CHECK(lab.versions_of("a").empty());
    CHECK(lab.body("own").empty());
    CHECK(lab.body("shared") == "shared");
    CHECK(lab.versions_of("b").size() == 2);

    required(lab.remove("b"));
    CHECK(lab.count("policy_body") == 0);
    CHECK(lab.count("policy_version") == 0);
    auto const gone = lab.remove("b");
    REQUIRE_FALSE(gone);
    CHECK(gone.error().code == Code::not_found);
    CHECK(gone.error().message == "no policy b");
    CHECK(lab.add("b", "1.00", "another")); // what was removed binds nobody
}

TEST_CASE("a body may hold any bytes", "[db][policies]") {
    PolicyStore lab;
    std::string const bytes("\xFF\xFE<\0P\0'\0\0", 9);
    lab.add("p", "1.00", bytes);
    CHECK(lab.body(bytes) == bytes);
}

TEST_CASE("assignments come back whole and in the order in which they were made", "[db][policies]") {
    PolicyStore lab;
    lab.add("{P}", "1.00", "p");
    lab.add("q", "1.00", "q");
    lab.assign("{9}", "p", everybody);
    lab.assign("{5}", "{P}", pc1, "SELECT * FROM SMS_Client");
    lab.assign("{7}", "q", collection);
    lab.assign("{1}", "Q", pc2);
    lab.change("{9}", "second"); // does not move it

    auto const all = lab.assignments();
    REQUIRE(ids(all) == Texts{"{9}", "{5}", "{7}", "{1}"});
    CHECK(all[0].policy_id == "{P}");
    CHECK(all[0].target == everybody);
    CHECK(all[0].condition.empty());
    CHECK(all[0].text == "second");
    CHECK(all[1].policy_id == "{P}");
    CHECK(all[1].target == pc1);
    CHECK(all[1].condition == "SELECT * FROM SMS_Client");
    CHECK(all[1].text == "first");
    CHECK(all[2].target == collection);

    struct Row {
        std::string name;
        Result<std::vector<PolicyAssignment>> found;
        Texts expected;
    };
    auto const found = [&lab](auto which) {
        return lab.store->read([&](Session& session) { return which(PolicyAssignments(session)); });
    };
    for (auto const& row :
         {Row{"shared", found([](auto const& some) { return some.shared(); }), {"{9}", "{7}"}},
          Row{"of a policy", found([](auto const& some) { return some.of_policy("{p}"); }), {"{9}", "{5}"}},
          Row{"of no policy", found([](auto const& some) { return some.of_policy("r"); }), {}},
          Row{"of a client", found([](auto const& some) { return some.of_client(id_of(1)); }), {"{5}"}},
          Row{"of another client", found([](auto const& some) { return some.of_client(id_of(2)); }), {"{1}"}},
          Row{"of a client without", found([](auto const& some) { return some.of_client(id_of(3)); }), {}}}) {
        INFO(row.name);
        CHECK(ids(required(row.found)) == row.expected);
    }
}

TEST_CASE("one assignment for each policy, target and condition", "[db][policies]") {
    PolicyStore lab;
    lab.add("{P}", "1.00", "p");
    lab.add("q", "1.00", "q");
    lab.assign("{1}", "p", everybody);
    lab.assign("{2}", "p", everybody, "SELECT 1");
    lab.assign("{3}", "p", pc1);
    struct Row {
        std::string policy;
        PolicyTarget target;
        std::string condition;
        std::string id; ///< "" = there is none
    };
    auto const row = GENERATE(values<Row>({
        {"p", everybody, "", "{1}"},
        {"{P}", everybody, "", "{1}"},
        {"p", everybody, "SELECT 1", "{2}"},
        {"p", pc1, "", "{3}"},
        {"p", everybody, "SELECT 2", ""},
        {"p", pc2, "", ""},
        {"p", collection, "", ""},
        {"q", everybody, "", ""},
        {"r", everybody, "", ""},
    }));
    CAPTURE(row.policy, row.target.id, row.condition);
    auto const found = lab.read([&](Session& session) {
        return PolicyAssignments(session).find(row.policy, row.target, row.condition);
    });
    CHECK((found ? found->assignment_id : std::string()) == row.id);

    auto const again = lab.try_assign("{new}", row.policy, row.target, row.condition);
    bool const fits = row.id.empty() && row.policy != "r";
    CHECK(again.has_value() == fits);
    if (!again) CHECK(again.error().code == Code::storage);
    CHECK(lab.assignments().size() == (fits ? 4 : 3));
}

TEST_CASE("an assignment remembers its last texts", "[db][policies]") {
    PolicyStore lab;
    lab.add("p", "1.00", "p");
    lab.assign("{1}", "p", everybody);
    auto const first = lab.state().change;
    lab.change("{1}", "second");
    lab.change("{1}", "third");
    auto const three = lab.assigned("{1}");
    CHECK(three.text == "third");
    REQUIRE(three.texts.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        INFO(i);
        auto const* const text = std::array{"first", "second", "third"}.at(i);
        CHECK(three.texts[i].change == first + static_cast<std::int64_t>(i));
        CHECK(three.texts[i].sha256 == sha256_hex(as_bytes(text)));
    }

    lab.change("{1}", "third"); // it is that already
    CHECK(lab.state().change == first + 2);
    lab.change("{1}", "first"); // a text of before counts anew
    CHECK(lab.assigned("{1}").texts.size() == 4);
    CHECK(lab.assigned("{1}").texts.back().sha256 == sha256_hex(as_bytes("first")));
}

TEST_CASE("only so many texts are remembered, and the order stays", "[db][policies]") {
    PolicyStore lab;
    lab.add("p", "1.00", "p");
    lab.add("q", "1.00", "q");
    lab.assign("{1}", "p", everybody);
    lab.assign("{2}", "q", everybody);
    for (int i = 2; i <= 40; ++i) {
        lab.change("{1}", fmt::format("text {}", i));
        auto const now = lab.assigned("{1}");
        CHECK(now.texts.size() == static_cast<std::size_t>(std::min(i, PolicyAssignments::most_texts)));
        CHECK(now.text == fmt::format("text {}", i));
        CHECK(now.texts.back().change == lab.state().change);
        CHECK(std::ranges::is_sorted(now.texts, {}, &AssignmentText::change));
    }
    CHECK(lab.assigned("{2}").texts.size() == 1); // another's texts are its own
    CHECK(ids(lab.assignments()) == Texts{"{1}", "{2}"});
}

TEST_CASE("an assignment is removed with its texts, a policy with its assignments", "[db][policies]") {
    PolicyStore lab;
    lab.add("p", "1.00", "p");
    lab.add("q", "1.00", "q");
    lab.assign("{1}", "p", everybody);
    lab.assign("{2}", "p", pc1);
    lab.assign("{3}", "q", everybody);
    for (auto const* const id : {"{1}", "{2}", "{3}"})
        lab.sign({id, lab.assigned(id).texts.back().change, 32780, to_bytes("s")}, "KEY");

    required(lab.unassign("{1}"));
    CHECK(ids(lab.assignments()) == Texts{"{2}", "{3}"});
    CHECK(lab.count("policy_assignment_text") == 2);
    CHECK(lab.signatures("KEY").size() == 2);
    auto const gone = lab.unassign("{1}");
    REQUIRE_FALSE(gone);
    CHECK(gone.error().code == Code::not_found);
    CHECK(gone.error().message == "no assignment {1}");

    required(lab.remove("p"));
    CHECK(ids(lab.assignments()) == Texts{"{3}"});
    CHECK(lab.count("policy_assignment_text") == 1);
    auto const left = lab.signatures("KEY");
    REQUIRE(left.size() == 1);
    CHECK(left.front().assignment_id == "{3}");
}

TEST_CASE("what moves which counter", "[db][policies]") {
    // `change`: any assignment; `book`: what clients share, so not what is assigned to one client.
    struct Row {
        std::string name;
        std::function<void(PolicyStore&)> work;
        int changes;
        bool new_book;
    };
    auto const row = GENERATE(values<Row>({
        {"nothing", [](PolicyStore&) {}, 0, false},
        {"a policy", [](PolicyStore& lab) { lab.add("q", "1.00", "q"); }, 0, true},
        {"a version", [](PolicyStore& lab) { lab.add("p", "2.00", "q"); }, 0, true},
        {"the same version again", [](PolicyStore& lab) { lab.add("p", "1.00", "p"); }, 0, false},
        {"a policy removed", [](PolicyStore& lab) { required(lab.remove("p")); }, 1, true},
        {"no policy removed", [](PolicyStore& lab) { CHECK_FALSE(lab.remove("q")); }, 0, false},
        {"assigned to all", [](PolicyStore& lab) { lab.assign("{n}", "p", everybody, "c"); }, 1, true},
        {"to a collection", [](PolicyStore& lab) { lab.assign("{n}", "p", collection, "c"); }, 1, true},
        {"to a client", [](PolicyStore& lab) { lab.assign("{n}", "p", pc2); }, 1, false},
        {"assigned twice", [](PolicyStore& lab) { CHECK_FALSE(lab.try_assign("{n}", "p", pc1)); }, 0, false},
        {"another text to all", [](PolicyStore& lab) { lab.change("{all}", "x"); }, 1, true},
        {"to a collection, another text", [](PolicyStore& lab) { lab.change("{some}", "x"); }, 1, true},
        {"to a client, another text", [](PolicyStore& lab) { lab.change("{one}", "x"); }, 1, false},
        {"the same text", [](PolicyStore& lab) { lab.change("{all}", "first"); }, 0, false},
        {"removed from all", [](PolicyStore& lab) { required(lab.unassign("{all}")); }, 1, true},
        {"removed from a collection", [](PolicyStore& lab) { required(lab.unassign("{some}")); }, 1, true},
        {"removed from a client", [](PolicyStore& lab) { required(lab.unassign("{one}")); }, 1, false},
        {"no assignment removed", [](PolicyStore& lab) { CHECK_FALSE(lab.unassign("{x}")); }, 0, false},
        {"signed",
         [](PolicyStore& lab) {
             lab.sign({"{all}", lab.assigned("{all}").texts.back().change, 32780, {}}, "KEY");
         },
         0, false},
    }));
    CAPTURE(row.name);
    PolicyStore lab;
    CHECK(lab.state() == PolicyState{0, 0});
    lab.add("p", "1.00", "p");
    lab.assign("{all}", "p", everybody);
    lab.assign("{some}", "p", collection);
    lab.assign("{one}", "p", pc1);
    auto const before = lab.state();
    row.work(lab);
    auto const after = lab.state();
    CHECK(after.change == before.change + row.changes);
    CHECK((after.book != before.book) == row.new_book);
    CHECK(after.book >= before.book);
}

TEST_CASE("what fails leaves the counters alone", "[db][policies]") {
    PolicyStore lab;
    lab.add("p", "1.00", "p");
    auto const before = lab.state();
    CHECK_FALSE(lab.try_assign("{1}", "no such policy", everybody));
    CHECK(lab.state() == before);
    CHECK(lab.assignments().empty());
}

TEST_CASE("signatures are kept once, by key, for texts that are stored", "[db][policies]") {
    PolicyStore lab;
    lab.add("p", "1.00", "p");
    lab.assign("{1}", "p", everybody);
    auto const change = lab.state().change;
    lab.sign({"{1}", change, 32780, to_bytes("sha256")}, "KEY");
    lab.sign({"{1}", change, 32772, to_bytes("sha1")}, "KEY");
    lab.sign({"{1}", change, 32780, to_bytes("other key")}, "OTHER");
    lab.sign({"{1}", change, 32780, to_bytes("again")}, "KEY");      // there is one
    lab.sign({"{1}", change + 1, 32780, to_bytes("future")}, "KEY"); // no such text
    lab.sign({"{2}", change, 32780, to_bytes("nobody's")}, "KEY");   // no such assignment

    auto made = lab.signatures("KEY");
    std::ranges::sort(made, {}, &PolicySignature::algorithm);
    REQUIRE(made.size() == 2);
    CHECK(made[0].algorithm == 32772);
    CHECK(made[0].signature == to_bytes("sha1"));
    CHECK(made[1].assignment_id == "{1}");
    CHECK(made[1].change == change);
    CHECK(made[1].algorithm == 32780);
    CHECK(made[1].signature == to_bytes("sha256"));
    REQUIRE(lab.signatures("OTHER").size() == 1);
    CHECK(lab.signatures("OTHER").front().signature == to_bytes("other key"));
    CHECK(lab.signatures("NONE").empty());
}

TEST_CASE("a text that is forgotten takes its signatures along", "[db][policies]") {
    PolicyStore lab;
    lab.add("p", "1.00", "p");
    lab.assign("{1}", "p", everybody);
    for (int i = 0; i < 2 * PolicyAssignments::most_texts; ++i) {
        lab.change("{1}", fmt::format("text {}", i));
        lab.sign({"{1}", lab.state().change, 32780, to_bytes("s")}, "KEY");
    }
    std::vector<std::int64_t> remembered;
    for (auto const& text : lab.assigned("{1}").texts) remembered.push_back(text.change);
    for (auto const& signature : lab.signatures("KEY")) {
        CHECK(std::ranges::find(remembered, signature.change) != remembered.end());
    }
    CHECK_FALSE(lab.signatures("KEY").empty());
}

} // namespace test
} // namespace pointman::db
