// SPDX-License-Identifier: Apache-2.0
#include "endpoints/inventory/reported.hpp"

#include "base/hex.hpp"
#include "base/text.hpp"
#include "db/json_text.hpp"
#include "endpoints/inventory/classes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <unordered_map>

namespace pointman::endpoints::inventory {

namespace {

Property const* find_property(Instance const& instance, std::string_view name) {
    auto const found = std::ranges::find_if(instance.properties, [name](Property const& property) {
        return equal_ignoring_case(property.name, name);
    });
    return found == instance.properties.end() ? nullptr : &*found;
}

/// The keys are not in the message: the site knows them from its definition of the class.
Result<std::string> key_of(Instance const& instance, KnownClass const* known) {
    std::string key = "[";
    if (known == nullptr) {
        for (std::string_view const name : {"DeviceID", "Name", "InstanceKey", "ID", "Index"}) {
            if (auto const* property = find_property(instance, name)) {
                db::append_json(key, property->values);
                break;
            }
        }
        return key + "]";
    }
    for (auto const name : known->keys) {
        auto const* property = find_property(instance, name);
        if (property == nullptr) {
            return std::unexpected(
                unusable(instance, fmt::format("{} without its key {}", instance.class_name, name)));
        }
        if (key.size() > 1) key += ',';
        db::append_json(key, property->values);
    }
    return key + "]";
}

std::string json_of(Instance const& instance) {
    std::string json = "{";
    for (auto const& property : instance.properties) {
        if (json.size() > 1) json += ',';
        db::append_json(json, property.name);
        json += ':';
        db::append_json(json, property.values);
    }
    return json + "}";
}

bool have_the_same_names(Instance const& one, Instance const& other) {
    return std::ranges::equal(one.properties, other.properties, {}, &Property::name, &Property::name);
}

/// A class that is put together.
struct Gathered {
    ReportedClass reported;
    KnownClass const* known = nullptr;
    Instance const* latest = nullptr;                    ///< whose names are in `properties`
    std::unordered_map<std::string, std::size_t> places; ///< of a full report: by key

    void add_names(Instance const& instance) {
        if (latest == nullptr || !have_the_same_names(*latest, instance)) {
            for (auto const& property : instance.properties) reported.properties.emplace(property.name);
        }
        latest = &instance;
    }

    /// Whether it stands in place of another.
    bool add(KeyedInstance instance, bool is_full) {
        if (is_full) {
            auto const [place, is_new] = places.try_emplace(instance.key, reported.instances.size());
            if (!is_new) {
                reported.instances[place->second] = std::move(instance);
                return true;
            }
        }
        reported.instances.push_back(std::move(instance));
        return false;
    }

    std::string sha256() const {
        std::vector<KeyedInstance const*> sorted;
        sorted.reserve(reported.instances.size());
        for (auto const& instance : reported.instances) sorted.push_back(&instance);
        std::ranges::sort(
            sorted, {}, [](KeyedInstance const* each) -> auto const& { return each->key; });
        std::string text;
        for (auto const* instance : sorted) {
            for (auto const& part : {instance->key, instance->json}) {
                text += part;
                text += '\n';
            }
        }
        return sha256_hex(as_bytes(text));
    }
};

/// Classes in the order of their first instances.
class Gathering {
public:
    Gathered& of(std::string_view class_name) {
        // Instances of a class lie together.
        if (!all_.empty() && all_[latest_].reported.name == class_name) return all_[latest_];
        auto const [place, is_new] = places_.try_emplace(to_lower(class_name), all_.size());
        latest_ = place->second;
        if (is_new) {
            all_.emplace_back().reported.name = class_name;
            all_.back().known = find_known_class(class_name);
        }
        return all_[latest_];
    }
    std::vector<Gathered>& all() { return all_; }

private:
    std::vector<Gathered> all_;
    std::map<std::string, std::size_t> places_; ///< by the lower-case name
    std::size_t latest_ = 0;
};

} // namespace

ReportedClasses read_classes(Instances instances, bool is_full) {
    ReportedClasses classes;
    classes.unusable = std::move(instances.unusable);
    Gathering gathering;
    for (auto const& instance : instances.usable) {
        auto& gathered = gathering.of(instance.class_name);
        auto key = key_of(instance, gathered.known);
        if (!key) {
            classes.unusable.push_back(std::move(key.error()));
            continue;
        }
        ++classes.instances;
        if (is_full && instance.content == Content::deleted) continue;
        gathered.add_names(instance);
        KeyedInstance keyed{instance.content, std::move(*key), json_of(instance), instance.line,
                            instance.column};
        if (gathered.add(std::move(keyed), is_full)) ++classes.repeated;
    }
    std::ranges::stable_sort(classes.unusable, {},
                             [](Error const& error) { return std::tuple(error.line, error.column); });
    for (auto& gathered : gathering.all()) {
        if (gathered.reported.instances.empty()) continue;
        if (is_full) gathered.reported.sha256 = gathered.sha256();
        classes.classes.push_back(std::move(gathered.reported));
    }
    return classes;
}

} // namespace pointman::endpoints::inventory
