// SPDX-License-Identifier: Apache-2.0
// Who gets what: targets, collections, and whose policy it is.
#include "tests/unit/policy/support.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>

using namespace pointman;
using namespace pointman::endpoints::policy;
using test::PolicySite;
using test::smsid;

namespace {

using Kind = db::PolicyTarget::Kind;

/// A site with two clients, the id of an unknown machine, and collections of each sort.
struct Office {
    PolicySite site;
    std::map<std::string, db::Client> clients;
    std::map<std::string, std::string> collections; ///< name to id
    ClientId unknown = smsid(99);

    Office() {
        clients.emplace("PC1", site.add_client(1, "PC1", "5.00.9000.1000"));
        clients.emplace("PC2", site.add_client(2, "PC2", "4.00.6487.2000"));
        add({.name = "everybody", .everybody = true});
        add({.name = "listed", .listed = {smsid(1)}});
        add({.name = "old", .query = "agent_version < 5.0"});
        add({.name = "named", .query = "name like 'PC%'"});
        add({.name = "nobody", .query = "name = 'NOBODY'"});
        add({.name = "media", .listed = {unknown}});
        add({.name = "list or query", .query = "name = 'PC2'", .listed = {smsid(1)}});
        site.add_policy("M");
        site.add_policy("U", "1.00", db::PolicyResource::user);
    }

    void add(db::Collection const& collection) {
        collections.emplace(collection.name, site.add_collection(collection));
    }

    db::PolicyTarget target(std::string const& written) const {
        if (written == "all") return {Kind::all, ""};
        if (auto const client = clients.find(written); client != clients.end())
            return {Kind::client, client->second.id.text()};
        if (written == "unknown machine") return {Kind::client, unknown.text()};
        return {Kind::collection, collections.at(written)};
    }

    Reach reach(std::string const& who, db::PolicyResource resource) {
        auto const client = clients.find(who);
        return client == clients.end() ? site.reach(unknown, nullptr, resource)
                                       : site.reach(client->second.id, &client->second, resource);
    }
};

std::size_t count(Reach const& reach) {
    std::size_t sum = 0;
    for (auto const* group : reach.groups()) sum += group->all().size();
    return sum;
}

} // namespace

TEST_CASE("who gets what") {
    struct Row {
        std::string target;
        std::string who;
        bool gets;
    };
    auto const row = GENERATE(values<Row>({
        {"all", "PC1", true},
        {"all", "PC2", true},
        {"all", "unknown machine", true},
        {"PC1", "PC1", true},
        {"PC1", "PC2", false},
        {"PC1", "unknown machine", false},
        {"unknown machine", "unknown machine", true},
        {"unknown machine", "PC1", false},
        {"everybody", "PC1", true},
        {"everybody", "PC2", true},
        {"everybody", "unknown machine", false},
        {"listed", "PC1", true},
        {"listed", "PC2", false},
        {"listed", "unknown machine", false},
        {"old", "PC1", false},
        {"old", "PC2", true},
        {"old", "unknown machine", false},
        {"named", "PC1", true},
        {"named", "PC2", true},
        {"named", "unknown machine", false},
        {"nobody", "PC1", false},
        {"media", "unknown machine", true},
        {"media", "PC1", false},
        {"list or query", "PC1", true},
        {"list or query", "PC2", true},
        {"list or query", "unknown machine", false},
    }));
    CAPTURE(row.target, row.who);
    Office office;
    office.site.assign("M", office.target(row.target));
    office.site.assign("U", office.target(row.target));
    auto const machine = office.reach(row.who, db::PolicyResource::machine);
    CHECK(machine.has_policy("m") == row.gets);
    CHECK_FALSE(machine.has_policy("u"));
    CHECK(count(machine) == (row.gets ? 1 : 0));
    auto const user = office.reach(row.who, db::PolicyResource::user);
    CHECK(user.has_policy("u") == row.gets);
    CHECK_FALSE(user.has_policy("m"));
}

TEST_CASE("one assignment for each target and condition") {
    Office office;
    auto const first = office.site.assign("M", office.target("all"));
    CHECK(office.site.assign("m", office.target("all")).assignment_id == first.assignment_id);
    CHECK(office.site.assign("{M}", office.target("all"), " \n").assignment_id == first.assignment_id);
    auto const conditional = office.site.assign("M", office.target("all"), "SELECT * FROM SMS_Client");
    CHECK(conditional.assignment_id != first.assignment_id);
    CHECK(count(office.reach("PC1", db::PolicyResource::machine)) == 2);
    CHECK(office.site.assign("M", office.target("listed")).assignment_id != first.assignment_id);
    CHECK(count(office.reach("PC1", db::PolicyResource::machine)) == 3);
}

TEST_CASE("what cannot be assigned") {
    Office office;
    struct Row {
        std::string policy;
        std::string condition;
        Code code;
        std::string message;
    };
    auto const row = GENERATE(values<Row>({
        {"N", "", Code::not_found, "no policy N"},
        {"M", std::string(4097, 'x'), Code::usage, "a condition may have 4096 bytes, this one has 4097"},
        {"M", "SELECT\x01", Code::usage, "a condition may not hold control characters"},
        {"M", "SELECT \xFF", Code::usage, "a condition must be UTF-8, of characters that XML allows"},
        {"M", "SELECT \xEF\xBF\xBE", Code::usage, "a condition must be UTF-8, of characters that XML allows"},
    }));
    auto const refused = office.site.store().write_and_wait([&](db::Transaction& transaction) {
        return assign(transaction, row.policy, {}, row.condition, config::SiteMode::mixed);
    });
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == row.code);
    CHECK(refused.error().message == row.message);
    CHECK(count(office.reach("PC1", db::PolicyResource::machine)) == 0);
}

TEST_CASE("a collection or a client that is removed takes its assignments along") {
    Office office;
    office.site.assign("M", office.target("listed"));
    office.site.assign("M", office.target("PC1"));
    office.site.write([&](db::Transaction& transaction) -> Result<bool> {
        auto removed = db::Collections::remove(transaction, office.collections.at("listed"));
        if (!removed) return std::unexpected(removed.error());
        return true;
    });
    CHECK(count(office.reach("PC1", db::PolicyResource::machine)) == 1);
    office.site.write([&](db::Transaction& transaction) -> Result<bool> {
        auto removed = db::Clients::remove(transaction, smsid(1));
        if (!removed) return std::unexpected(removed.error());
        return true;
    });
    CHECK(count(office.reach("PC1", db::PolicyResource::machine)) == 0);
}

TEST_CASE("which version of a policy is meant") {
    Office office;
    office.site.add_policy("M", "2.00");
    auto const hash = [](std::string const& text) { return sha256_hex(as_bytes(text)); };
    struct Row {
        std::string name;
        PolicyName asked;
        std::string version; ///< "" = none fits
    };
    auto const row = GENERATE_COPY(
        Row{"the current one", {"m", {}, {}}, "2.00"}, Row{"by version", {"m", "2.00", {}}, "2.00"},
        Row{"an earlier one", {"m", "1.00", {}}, "1.00"},
        Row{"by hash", {"m", {}, hash("body of M 1.00")}, "1.00"},
        Row{"by both", {"m", "2.00", hash("body of M 2.00")}, "2.00"},
        Row{"the hash of another version", {"m", "2.00", hash("body of M 1.00")}, ""},
        Row{"no such version", {"m", "3.00", {}}, ""}, Row{"no such hash", {"m", {}, hash("x")}, ""},
        Row{"no such policy", {"n", {}, {}}, ""});
    CAPTURE(row.name);
    auto const book =
        test::required(office.site.store().read([](db::Session& session) { return Book::load(session, 1); }));
    auto const* found = book->find(row.asked);
    CHECK((found == nullptr ? std::string() : found->version) == row.version);
}

TEST_CASE("the book is made anew only when it changed") {
    Office office;
    auto const book = [&office] {
        return test::required(office.site.store().read([&](db::Session& session) {
            auto const state = db::PolicyState::read(session);
            return office.site.books().at(session, state->book);
        }));
    };
    auto const first = book();
    CHECK(book() == first);
    office.site.assign("M", office.target("PC1"));
    CHECK(book() == first); // a client's own assignments are not in it
    office.site.assign("M", office.target("all"));
    CHECK(book() != first);
}

namespace {

/// What an agent keeps: assignments and their texts, as its replies say.
struct Agent {
    std::string cookie;
    std::map<std::string, std::string> has; ///< assignment id to text

    void take(Told const& told) {
        if (told.scope == Scope::full) has.clear();
        for (auto const* assignment : told.assignments) has[assignment->id()] = assignment->text();
        cookie = told.cookie.text();
    }
};

/// What reaches a client, read without the book.
std::map<std::string, std::string> truth(PolicySite& site, unsigned client,
                                         std::set<std::string> const& collections) {
    auto const all = test::required(
        site.store().read([](db::Session& session) { return db::PolicyAssignments(session).list(); }));
    std::map<std::string, std::string> mine;
    for (auto const& [id, policy, resource, target, condition, text, texts] : all) {
        bool const reaches = target.kind == Kind::all ||
                             (target.kind == Kind::client && target.id == smsid(client).text()) ||
                             (target.kind == Kind::collection && collections.contains(target.id));
        if (reaches) mine.emplace(id, text);
    }
    return mine;
}

} // namespace

TEST_CASE("an agent that follows its replies always has what is assigned to it") {
    bool const held = rc::check("policy follows", [] {
        PolicySite site;
        std::vector<db::Client> clients{site.add_client(1, "PC1", "5.0"), site.add_client(2, "PC2", "5.0")};
        std::vector<Agent> agents(2);
        std::vector<std::set<std::string>> member(2);
        int policies = 0;
        int versions = 1;
        int collections = 0;
        std::vector<std::string> collection_ids;

        auto const steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 8));
        for (int const step : steps) {
            auto const pick = [](std::size_t size) { return *rc::gen::inRange<std::size_t>(0, size); };
            auto const some_policy = [&] {
                return fmt::format("P{}", 1 + pick(static_cast<std::size_t>(policies)));
            };
            switch (step) {
            case 0:
                site.add_policy(fmt::format("P{}", ++policies));
                break;
            case 1: {
                db::Collection collection{.name = fmt::format("C{}", ++collections)};
                auto const who = pick(2);
                collection.listed = {clients[who].id};
                collection_ids.push_back(site.add_collection(collection));
                member[who].insert(collection_ids.back());
                break;
            }
            case 2:
            case 3: {
                if (policies == 0) break;
                db::PolicyTarget target;
                auto const kind = pick(collection_ids.empty() ? 2 : 3);
                if (kind == 1) target = {Kind::client, clients[pick(2)].id.text()};
                if (kind == 2) target = {Kind::collection, collection_ids[pick(collection_ids.size())]};
                site.assign(some_policy(), target);
                break;
            }
            case 4:
                if (policies != 0) site.add_policy(some_policy(), fmt::format("{}.00", ++versions));
                break;
            case 5: {
                auto const all = test::required(site.store().read(
                    [](db::Session& session) { return db::PolicyAssignments(session).list(); }));
                if (all.empty()) break;
                auto const id = all[pick(all.size())].assignment_id;
                site.write([&id](db::Transaction& transaction) -> Result<bool> {
                    auto removed = db::PolicyAssignments::remove(transaction, id);
                    if (!removed) return std::unexpected(removed.error());
                    return true;
                });
                break;
            }
            default: {
                auto const who = pick(2);
                auto const reach = site.reach(clients[who].id, &clients[who]);
                auto& agent = agents[who];
                agent.take(decide(reach.groups(), reach.change(), Scope::delta, agent.cookie));
                RC_ASSERT(agent.has == truth(site, static_cast<unsigned>(who + 1), member[who]));
            }
            }
        }
    });
    CHECK(held);
}
