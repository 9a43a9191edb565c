// SPDX-License-Identifier: Apache-2.0
#include "endpoints/policy/book.hpp"

#include "endpoints/policy/membership.hpp"

#include <algorithm>
#include <map>

namespace pointman::endpoints::policy {

namespace {

/// Assignments on their way to a shelf.
struct Pile {
    std::vector<Assignment> machine;
    std::vector<Assignment> user;

    void put(db::PolicyAssignment assignment) {
        auto& side = assignment.resource == db::PolicyResource::user ? user : machine;
        side.emplace_back(std::move(assignment));
    }
};

} // namespace

Result<void> Book::load_policies(db::Session& session) {
    auto versions = db::Policies(session).versions();
    if (!versions) return std::unexpected(std::move(versions.error()));
    for (auto& version : *versions) {
        auto key = db::policy_key(version.policy_id);
        policies_[std::move(key)].push_back(std::move(version));
    }
    return {};
}

Result<void> Book::load_assignments(db::Session& session) {
    auto assignments = db::PolicyAssignments(session).shared();
    if (!assignments) return std::unexpected(std::move(assignments.error()));
    auto collections = db::Collections(session).list();
    if (!collections) return std::unexpected(std::move(collections.error()));

    Pile all;
    std::map<std::string, Pile, std::less<>> by_collection;
    for (auto& assignment : *assignments) {
        bool const to_all = assignment.target.kind == db::PolicyTarget::Kind::all;
        auto& pile = to_all ? all : by_collection[assignment.target.id];
        pile.put(std::move(assignment));
    }
    all_ = {Group(std::move(all.machine)), Group(std::move(all.user))};

    for (auto const& collection : *collections) {
        auto const found = by_collection.find(collection.collection_id);
        if (found == by_collection.end()) continue;
        Readers readers{collection.everybody,
                        {},
                        {Group(std::move(found->second.machine)), Group(std::move(found->second.user))}};
        auto query = query_of(collection);
        if (!query) return std::unexpected(std::move(query.error()));
        readers.query = std::move(*query);
        if (readers.query) has_queries_ = true;
        for (auto const& client : collection.listed) listed_[client.text()].push_back(collections_.size());
        collections_.push_back(std::move(readers));
    }
    return {};
}

Result<std::shared_ptr<Book const>> Book::load(db::Session& session, std::int64_t number) {
    auto book = std::make_shared<Book>();
    book->number_ = number;
    if (auto done = book->load_policies(session); !done) return std::unexpected(std::move(done.error()));
    if (auto done = book->load_assignments(session); !done) return std::unexpected(std::move(done.error()));
    return book;
}

std::vector<Group const*> Book::groups_for(Asker const& asker, db::PolicyResource resource) const {
    std::vector<Group const*> groups{&all_.of(resource)};
    auto const listed = listed_.find(asker.id.text());
    auto const is_listed = [&](std::size_t index) {
        return listed != listed_.end() && std::ranges::binary_search(listed->second, index);
    };
    auto const is_found = [&asker](Readers const& readers) {
        return asker.client != nullptr &&
               (readers.everybody || (readers.query && readers.query->matches(*asker.client)));
    };
    for (std::size_t i = 0; i < collections_.size(); ++i) {
        if (is_found(collections_[i]) || is_listed(i)) groups.push_back(&collections_[i].shelf.of(resource));
    }
    return groups;
}

db::Policy const* Book::find(PolicyName const& name) const {
    auto const known = policies_.find(name.key);
    if (known == policies_.end()) return nullptr;
    auto const fits = [&name](db::Policy const& policy) {
        return (!name.version || policy.version == *name.version) &&
               (!name.sha256 || policy.sha256 == *name.sha256);
    };
    auto const found = std::ranges::find_if(known->second, fits);
    return found == known->second.end() ? nullptr : &*found;
}

Result<std::shared_ptr<Book const>> Books::at(db::Session& session, std::int64_t number) {
    if (auto latest = latest_.load(); latest && latest->number() == number) return latest;
    std::scoped_lock const lock(making_);
    if (auto latest = latest_.load(); latest && latest->number() == number) return latest;
    auto book = Book::load(session, number);
    if (book) latest_.store(*book);
    return book;
}

Result<Reach> Reach::of(Asker const& asker, db::PolicyResource resource, Books& books, db::Session& session) {
    auto const state = db::PolicyState::read(session);
    if (!state) return std::unexpected(state.error());
    auto book = books.at(session, state->book);
    if (!book) return std::unexpected(std::move(book.error()));
    auto own = db::PolicyAssignments(session).of_client(asker.id);
    if (!own) return std::unexpected(std::move(own.error()));

    std::optional<db::Client> whole;
    if (asker.client != nullptr && (*book)->has_queries()) {
        auto found = db::Clients(session).find(asker.id);
        if (!found) return std::unexpected(std::move(found.error()));
        whole = std::move(*found);
    }

    Pile pile;
    for (auto& assignment : *own) pile.put(std::move(assignment));
    Reach reach;
    reach.change_ = state->change;
    reach.shared_ = (*book)->groups_for({asker.id, whole ? &*whole : asker.client}, resource);
    reach.book_ = std::move(*book);
    reach.own_ = Group(std::move(resource == db::PolicyResource::user ? pile.user : pile.machine));
    return reach;
}

std::vector<Group const*> Reach::groups() const {
    auto groups = shared_;
    groups.push_back(&own_);
    return groups;
}

bool Reach::has_policy(std::string_view policy_key) const {
    auto const holds = [policy_key](Group const* group) { return group->has_policy(policy_key); };
    return own_.has_policy(policy_key) || std::ranges::any_of(shared_, holds);
}

} // namespace pointman::endpoints::policy
