// SPDX-License-Identifier: Apache-2.0
// A database with policy, collections and clients, for tests of who gets what.
#pragma once

#include "base/hex.hpp"
#include "db/clients.hpp"
#include "db/collections.hpp"
#include "db/policies.hpp"
#include "endpoints/policy/authoring.hpp"
#include "endpoints/policy/book.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::test {

template <class T>
T required(Result<T> result) {
    if (!result) FAIL(describe(result.error()));
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// `GUID:0000...N`
inline ClientId smsid(unsigned number) {
    return ClientId::parse(fmt::format("GUID:00000000-0000-0000-0000-{:012}", number)).value();
}

class PolicySite {
public:
    PolicySite() {
        db::StoreOptions options;
        options.database = folder_.path() / "pointman.db";
        store_ = required(db::Store::open(options));
    }

    db::Store& store() { return *store_; }
    endpoints::policy::Books& books() { return books_; }

    /// `work(Transaction&) -> Result<T>` in a transaction of its own.
    template <class F>
    auto write(F work) {
        return required(store_->write_and_wait(std::move(work)));
    }

    db::Client add_client(unsigned number, std::string const& name, std::string const& version) {
        db::Client client{.id = smsid(number), .name = name};
        client.agent_version = version;
        client.key_sha256 = fmt::format("{:064}", number);
        write([&](db::Transaction& transaction) -> Result<bool> {
            auto const id = db::Clients::insert(transaction, client);
            if (!id) return std::unexpected(id.error());
            return true;
        });
        return required(
                   store_->read([&](db::Session& session) { return db::Clients(session).find(client.id); }))
            .value();
    }

    /// A version of a policy with some body of its own. Returns whether it was new.
    bool add_policy(std::string const& id, std::string const& version = "1.00",
                    db::PolicyResource resource = db::PolicyResource::machine, std::uint32_t flags = 0) {
        auto const content = to_bytes(fmt::format("body of {} {}", id, version));
        db::Policy policy{
            .policy_id = id, .version = version, .category = "Test", .resource = resource, .flags = flags};
        policy.sha256 = sha256_hex(content);
        policy.sha1 = "SHA1-OF-" + id;
        policy.md5 = "MD5-OF-" + id;
        return write([&](db::Transaction& transaction) {
            return endpoints::policy::add_policy(transaction, policy, content, config::SiteMode::mixed);
        });
    }

    std::string add_collection(db::Collection const& collection) {
        return write([&](db::Transaction& transaction) {
            return db::Collections::add(transaction, "LAB", collection);
        });
    }

    db::PolicyAssignment assign(std::string const& policy, db::PolicyTarget const& target,
                                std::string const& condition = {}) {
        return write([&](db::Transaction& transaction) {
            return endpoints::policy::assign(transaction, policy, target, condition, config::SiteMode::mixed);
        });
    }

    endpoints::policy::Reach reach(ClientId const& id, db::Client const* client,
                                   db::PolicyResource resource = db::PolicyResource::machine) {
        return required(store_->read([&](db::Session& session) {
            return endpoints::policy::Reach::of({id, client}, resource, books_, session);
        }));
    }

private:
    TemporaryDirectory folder_;
    std::unique_ptr<db::Store> store_;
    endpoints::policy::Books books_;
};

} // namespace pointman::test
