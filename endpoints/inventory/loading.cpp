// SPDX-License-Identifier: Apache-2.0
#include "endpoints/inventory/loading.hpp"

#include "base/text.hpp"
#include "endpoints/inventory/classes.hpp"

#include <fmt/format.h>

#include <map>
#include <unordered_map>

namespace pointman::endpoints::inventory {

namespace {

using NewInstances = std::vector<db::InventoryWriter::NewInstance>;

class FullLoad {
public:
    explicit FullLoad(db::InventoryWriter& writer)
        : writer_(writer) {}

    Result<Changes> run(std::vector<ReportedClass> const& classes) {
        std::map<std::string, ReportedClass const*> reported;
        for (auto const& each : classes) reported.emplace(to_lower(each.name), &each);
        auto const present = writer_.present();
        if (!present) return std::unexpected(present.error());
        for (auto const& [known, hash] : *present) {
            auto const now = reported.find(to_lower(known.name));
            auto done = now == reported.end() ? remove_all(known) : update(*now->second, hash);
            if (!done) return std::unexpected(std::move(done.error()));
            if (now != reported.end()) reported.erase(now);
        }
        for (auto const& each : classes) {
            if (!reported.contains(to_lower(each.name))) continue;
            if (auto done = load(each); !done) return std::unexpected(std::move(done.error()));
        }
        return changes_;
    }

private:
    Result<void> remove_all(db::InventoryClass const& of) {
        auto const stored = writer_.all(of);
        if (!stored) return std::unexpected(stored.error());
        for (auto const& row : *stored) {
            if (auto done = writer_.remove(of, row); !done) return done;
            ++changes_.removed;
        }
        return writer_.set_absent(of);
    }

    /// Of a class that the client has.
    Result<void> update(ReportedClass const& reported, std::string const& hash) {
        if (hash != reported.sha256) return load(reported);
        changes_.same += reported.instances.size();
        return {};
    }

    Result<void> load(ReportedClass const& reported) {
        auto const of = writer_.ensure_class(reported.name, group_of(reported.name), reported.properties);
        if (!of) return std::unexpected(of.error());
        if (auto done = writer_.set_present(*of, reported.sha256); !done) return done;
        auto const stored = writer_.all(*of);
        if (!stored) return std::unexpected(stored.error());
        std::unordered_map<std::string_view, db::InventoryWriter::Stored const*> before;
        for (auto const& row : *stored) before.emplace(row.key, &row);
        NewInstances added;
        for (auto const& instance : reported.instances) {
            auto const known = before.find(instance.key);
            if (known == before.end()) {
                added.push_back({instance.key, instance.json});
                continue;
            }
            ++(known->second->json == instance.json ? changes_.same : changes_.changed);
            if (auto done = writer_.replace(*of, *known->second, instance.json); !done) return done;
            before.erase(known);
        }
        for (auto const& [key, row] : before) {
            ++changes_.removed;
            if (auto done = writer_.remove(*of, *row); !done) return done;
        }
        changes_.added += added.size();
        return writer_.insert(*of, added);
    }

    db::InventoryWriter& writer_;
    Changes changes_;
};

class DeltaLoad {
public:
    explicit DeltaLoad(db::InventoryWriter& writer)
        : writer_(writer) {}

    Result<Changes> run(std::vector<ReportedClass> const& classes) {
        for (auto const& reported : classes) {
            auto const of = writer_.ensure_class(reported.name, group_of(reported.name), reported.properties);
            if (!of) return std::unexpected(of.error());
            // What a full report left of it holds no more.
            if (auto done = writer_.set_present(*of, ""); !done)
                return std::unexpected(std::move(done.error()));
            for (auto const& instance : reported.instances) {
                if (auto done = apply(*of, instance); !done) return std::unexpected(std::move(done.error()));
            }
        }
        return changes_;
    }

private:
    Result<void> apply(db::InventoryClass const& of, KeyedInstance const& instance) {
        auto const stored = writer_.find(of, instance.key);
        if (!stored) return std::unexpected(stored.error());
        if (!*stored && instance.content != Content::added) {
            return std::unexpected(
                Error{Code::non_existent_row,
                      fmt::format("{} {} is {}, and there is none", of.name, instance.key,
                                  instance.content == Content::deleted ? "deleted" : "updated"),
                      {},
                      instance.line,
                      instance.column});
        }
        if (instance.content == Content::deleted) {
            ++changes_.removed;
            return writer_.remove(of, **stored);
        }
        return put(writer_, of, *stored, instance, changes_);
    }

    db::InventoryWriter& writer_;
    Changes changes_;
};

} // namespace

Result<Changes> load_full(db::InventoryWriter& writer, std::vector<ReportedClass> const& classes) {
    return FullLoad(writer).run(classes);
}

Result<void> put(db::InventoryWriter& writer, db::InventoryClass const& of,
                 std::optional<db::InventoryWriter::Stored> const& stored, KeyedInstance const& instance,
                 Changes& changes) {
    if (!stored) {
        ++changes.added;
        NewInstances const added{{instance.key, instance.json}};
        return writer.insert(of, added);
    }
    ++(stored->json == instance.json ? changes.same : changes.changed);
    return writer.replace(of, *stored, instance.json);
}

Result<Changes> load_delta(db::InventoryWriter& writer, std::vector<ReportedClass> const& classes) {
    return DeltaLoad(writer).run(classes);
}

} // namespace pointman::endpoints::inventory
