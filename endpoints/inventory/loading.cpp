// SPDX-License-Identifier: Apache-2.0
#include "endpoints/inventory/loading.hpp"

#include "base/hex.hpp"
#include "base/text.hpp"
#include "endpoints/inventory/classes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace pointman::endpoints::inventory {

namespace {

/// What a full report says of one class.
struct Reported {
    std::string name;                             ///< as spelt
    std::map<std::string_view, std::string> rows; ///< JSON by key
    std::vector<std::string_view> order;          ///< keys as they came
    std::set<std::string_view> properties;        ///< names

    /// Whether it stands in place of another.
    bool add(Instance const& instance) {
        for (auto const& property : instance.properties) properties.insert(property.name);
        bool const is_new =
            rows.insert_or_assign(instance.key, db::inventory_json(instance.properties)).second;
        if (is_new) order.push_back(instance.key);
        return !is_new;
    }

    std::string sha256() const {
        std::string text;
        for (auto const& [key, json] : rows) text += fmt::format("{}\n{}\n", key, json);
        return sha256_hex(as_bytes(text));
    }
};

/// By the lower-case name, in the order of the report's first instances of each.
class ReportedClasses {
public:
    Reported& of(std::string const& class_name) {
        auto const [place, is_new] = places_.try_emplace(to_lower(class_name), all_.size());
        if (is_new) all_.push_back(Reported{class_name, {}, {}, {}});
        return all_[place->second];
    }
    bool has(std::string_view class_name) const { return places_.contains(to_lower(class_name)); }
    std::vector<Reported> const& all() const { return all_; }

private:
    std::vector<Reported> all_;
    std::map<std::string, std::size_t> places_;
};

class FullLoad {
public:
    explicit FullLoad(db::InventoryWriter& writer)
        : writer_(writer) {}

    Result<Changes> run(std::vector<Instance> const& instances) {
        ReportedClasses reported;
        for (auto const& instance : instances) {
            if (instance.content == Content::deleted) continue;
            if (reported.of(instance.class_name).add(instance)) ++changes_.repeated;
        }
        auto const present = writer_.present();
        if (!present) return std::unexpected(present.error());
        std::map<std::string, std::string> hashes;
        for (auto const& [known, hash] : *present) {
            hashes.emplace(to_lower(known.name), hash);
            if (reported.has(known.name)) continue;
            if (auto done = remove_all(known); !done) return std::unexpected(std::move(done.error()));
        }
        for (auto const& each : reported.all()) {
            auto const hash = each.sha256();
            auto const known = hashes.find(to_lower(each.name));
            if (known != hashes.end() && known->second == hash) {
                changes_.same += each.rows.size();
                continue;
            }
            if (auto done = load(each, hash); !done) return std::unexpected(std::move(done.error()));
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
        return writer_.set_class_hash(of, "");
    }

    Result<void> load(Reported const& reported, std::string const& hash) {
        auto const of = writer_.ensure_class(reported.name, group_of(reported.name), reported.properties);
        if (!of) return std::unexpected(of.error());
        auto const stored = writer_.all(*of);
        if (!stored) return std::unexpected(stored.error());
        std::set<std::string_view> known;
        for (auto const& row : *stored) {
            known.insert(row.key);
            if (auto done = settle(*of, reported, row); !done) return done;
        }
        for (auto const key : reported.order) {
            if (known.contains(key)) continue;
            if (auto done = writer_.insert(*of, key, reported.rows.at(key)); !done) return done;
            ++changes_.added;
        }
        return writer_.set_class_hash(*of, hash);
    }

    /// What becomes of a stored row.
    Result<void> settle(db::InventoryClass const& of, Reported const& reported,
                        db::InventoryWriter::Stored const& row) {
        auto const now = reported.rows.find(row.key);
        if (now == reported.rows.end()) {
            ++changes_.removed;
            return writer_.remove(of, row);
        }
        ++(now->second == row.json ? changes_.same : changes_.changed);
        return writer_.replace(of, row, now->second);
    }

    db::InventoryWriter& writer_;
    Changes changes_;
};

class DeltaLoad {
public:
    explicit DeltaLoad(db::InventoryWriter& writer)
        : writer_(writer) {}

    Result<Changes> run(std::vector<Instance> const& instances) {
        for (auto const& instance : instances) {
            for (auto const& property : instance.properties)
                properties_[to_lower(instance.class_name)].insert(property.name);
        }
        for (auto const& instance : instances) {
            if (auto done = apply(instance); !done) return std::unexpected(std::move(done.error()));
        }
        return changes_;
    }

private:
    Result<void> apply(Instance const& instance) {
        auto const of = class_of(instance.class_name);
        if (!of) return std::unexpected(of.error());
        auto const stored = writer_.find(*of, instance.key);
        if (!stored) return std::unexpected(stored.error());
        if (!*stored && instance.content != Content::added) {
            return std::unexpected(
                Error{Code::non_existent_row,
                      fmt::format("{} {} is {}, and there is none", instance.class_name, instance.key,
                                  instance.content == Content::deleted ? "deleted" : "updated"),
                      {},
                      instance.line,
                      instance.column});
        }
        if (instance.content == Content::deleted) {
            ++changes_.removed;
            return writer_.remove(*of, **stored);
        }
        auto const json = db::inventory_json(instance.properties);
        if (!*stored) {
            ++changes_.added;
            return writer_.insert(*of, instance.key, json);
        }
        ++((*stored)->json == json ? changes_.same : changes_.changed);
        return writer_.replace(*of, **stored, json);
    }

    /// Asked for once; what a full report left of it holds no more.
    Result<db::InventoryClass> class_of(std::string const& name) {
        auto const folded = to_lower(name);
        if (auto const known = classes_.find(folded); known != classes_.end()) return known->second;
        auto of = writer_.ensure_class(name, group_of(name), properties_[folded]);
        if (!of) return of;
        if (auto done = writer_.set_class_hash(*of, ""); !done)
            return std::unexpected(std::move(done.error()));
        classes_.emplace(folded, *of);
        return of;
    }

    db::InventoryWriter& writer_;
    std::map<std::string, std::set<std::string_view>> properties_;
    std::map<std::string, db::InventoryClass> classes_;
    Changes changes_;
};

} // namespace

Result<Changes> load_full(db::InventoryWriter& writer, std::vector<Instance> const& instances) {
    return FullLoad(writer).run(instances);
}

Result<Changes> load_delta(db::InventoryWriter& writer, std::vector<Instance> const& instances) {
    return DeltaLoad(writer).run(instances);
}

} // namespace pointman::endpoints::inventory
