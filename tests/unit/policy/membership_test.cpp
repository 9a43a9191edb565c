// SPDX-License-Identifier: Apache-2.0
#include "endpoints/policy/membership.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace pointman::endpoints::policy {

namespace {

ClientId id_of(int number) {
    return ClientId::parse(fmt::format("GUID:00000000-0000-4000-8000-{:012}", number)).value();
}

db::Client client(int number, db::Approval approval = db::Approval::approved) {
    db::Client made{.id = id_of(number)};
    made.name = fmt::format("PC{}", number);
    made.approval = approval;
    return made;
}

/// The members among the clients 3, 1 and 2, of which the last is blocked.
std::vector<ClientId> members(db::Collection const& collection) {
    std::vector<db::Client> const clients{client(3), client(1), client(2, db::Approval::blocked)};
    auto const query = query_of(collection).value();
    auto found = members_of(collection, query ? &*query : nullptr, clients);
    for (auto const& each : clients) {
        bool const listed = std::ranges::find(found, each.id) != found.end();
        CHECK(is_member(collection, query ? &*query : nullptr, each) == listed);
    }
    return found;
}

std::vector<ClientId> ids(std::vector<int> const& numbers) {
    std::vector<ClientId> all;
    for (int const number : numbers) all.push_back(id_of(number));
    return all;
}

} // namespace

TEST_CASE("who is in a collection", "[policy][collections]") {
    struct Case {
        std::string_view what;
        db::Collection collection;
        std::vector<int> members;
    };
    for (auto const& row : {
             Case{"everybody", {.everybody = true}, {1, 2, 3}},
             Case{"nobody any more", {}, {}},
             Case{"those that are listed", {.listed = {id_of(1), id_of(3)}}, {1, 3}},
             Case{"those that the query finds", {.query = "name > PC1"}, {2, 3}},
             Case{"either", {.query = "approval = blocked", .listed = {id_of(1)}}, {1, 2}},
             Case{"both at once", {.query = "name = PC1", .listed = {id_of(1)}}, {1}},
             Case{"an unknown machine where it is listed", {.listed = {id_of(1), id_of(9)}}, {1, 9}},
         }) {
        INFO(row.what);
        CHECK(members(row.collection) == ids(row.members));
    }
}

TEST_CASE("a stored query that cannot be read is a fault of the database", "[policy][collections]") {
    auto const query = query_of({.collection_id = "LAB00001", .query = "name ="});
    REQUIRE_FALSE(query);
    CHECK(query.error().code == Code::storage);
    CHECK(query.error().message == "the query of collection LAB00001 cannot be read");
    CHECK(query.error().detail == "column 7: a value was expected, but the query ends");
}

} // namespace pointman::endpoints::policy
