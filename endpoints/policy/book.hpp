// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/clients.hpp"
#include "db/collections.hpp"
#include "db/policies.hpp"
#include "endpoints/policy/collection_query.hpp"
#include "endpoints/policy/decision.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pointman::endpoints::policy {

/// Who asks for policy.
struct Asker {
    ClientId id;
    /// Null: a computer that nobody registered, at a boot medium.
    db::Client const* client = nullptr;
};

/// Which version of a policy is meant (policy.md 5).
struct PolicyName {
    std::string key;                    ///< db::policy_key of the id
    std::optional<std::string> version; ///< "3.00"
    std::optional<std::string> sha256;  ///< upper-case hex of the body
};

/// All that clients share of policy, as the database had it at one moment: policies, collections, and the
/// assignments to all and to collections. Immutable, so that any number of threads read it. Whom a policy
/// reaches is worked out for each client when it asks: a row for each client and policy would have to be kept
/// right whenever either changes.
class Book {
public:
    static Result<std::shared_ptr<Book const>> load(db::Session& session, std::int64_t number);

    std::int64_t number() const { return number_; }   ///< of db::PolicyState::book
    bool has_queries() const { return has_queries_; } ///< whether groups depend on what a client is like

    /// Those that reach somebody. Computers that nobody registered get what is assigned to all, and what
    /// collections get that list the site's unknown machines; queries and "everybody" mean registered
    /// clients. Where there are queries, the asker's client must have its discovery properties.
    std::vector<Group const*> groups_for(Asker const& asker, db::PolicyResource resource) const;

    /// The version that is named, or the current one where none is. Null where it is not known.
    db::Policy const* find(PolicyName const& name) const;

private:
    /// Assignments to the same clients.
    struct Shelf {
        Group machine;
        Group user;
        Group const& of(db::PolicyResource resource) const {
            return resource == db::PolicyResource::user ? user : machine;
        }
    };
    struct Readers {
        bool everybody = false;
        std::optional<CollectionQuery> query;
        Shelf shelf;
    };

    Result<void> load_policies(db::Session& session);
    Result<void> load_assignments(db::Session& session);

    std::int64_t number_ = 0;
    bool has_queries_ = false;
    std::unordered_map<std::string, std::vector<db::Policy>> policies_; ///< by key, the current version first
    Shelf all_;
    std::vector<Readers> collections_; ///< those that something is assigned to
    std::unordered_map<std::string, std::vector<std::size_t>> listed_; ///< SMSID to indices of collections_
};

/// The latest book. Thread safe.
class Books {
public:
    /// The book that fits what the session sees; made anew after a change, once, while others wait for it.
    Result<std::shared_ptr<Book const>> at(db::Session& session, std::int64_t number);

private:
    std::mutex making_;
    std::atomic<std::shared_ptr<Book const>> latest_;
};

/// All policy that reaches somebody, at one moment.
class Reach {
public:
    /// The asker's client may lack its discovery properties: they are read where it takes them.
    static Result<Reach> of(Asker const& asker, db::PolicyResource resource, Books& books,
                            db::Session& session);

    std::int64_t change() const { return change_; }
    std::vector<Group const*> groups() const;
    bool has_policy(std::string_view policy_key) const;

private:
    std::int64_t change_ = 0;
    std::shared_ptr<Book const> book_; ///< owns what shared_ points to
    std::vector<Group const*> shared_;
    Group own_; ///< assigned to that one client
};

} // namespace pointman::endpoints::policy
