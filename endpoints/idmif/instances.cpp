// SPDX-License-Identifier: Apache-2.0
#include "endpoints/idmif/instances.hpp"

#include "base/text.hpp"
#include "db/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

namespace pointman::endpoints::idmif {

namespace {

using inventory::KeyedInstance;
using inventory::ReportedClass;

std::string_view class_name_of(mif::Group const& group) {
    auto name = trim(group.class_text);
    if (auto const bar = name.find('|'); bar != std::string_view::npos) {
        name.remove_prefix(bar + 1);
        name = trim(name.substr(0, name.find('|')));
    }
    return name.empty() ? trim(group.name) : name;
}

/// Paths of JSON, which the views ask for, have no way to name these.
bool is_awkward(char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

/// One for each attribute: what they are called, and _2, _3 ... behind a name that was there already.
std::vector<std::string> property_names(mif::Group const& group) {
    std::vector<std::string> names;
    std::set<std::string> taken; // in lower case, as the views have them
    std::map<std::string, int> latest;
    for (auto const& attribute : group.attributes) {
        auto wished = attribute.name;
        std::ranges::replace_if(wished, is_awkward, '_');
        auto& number = latest[to_lower(wished)];
        std::string name;
        do {
            ++number;
            name = number == 1 ? wished : fmt::format("{}_{}", wished, number);
        } while (!taken.insert(to_lower(name)).second);
        names.push_back(std::move(name));
    }
    return names;
}

std::string_view value_of(mif::Instance const& instance, std::size_t attribute) {
    auto const found = std::ranges::lower_bound(instance.values, attribute, {}, &mif::Value::attribute);
    bool const is_there = found != instance.values.end() && found->attribute == attribute;
    return is_there ? std::string_view(found->text) : std::string_view();
}

KeyedInstance keyed(mif::Group const& group, mif::Instance const& instance,
                    std::vector<std::string> const& names) {
    KeyedInstance result{
        .key = "[", .json = "{", .line = instance.place.line, .column = instance.place.column};
    for (auto const attribute : group.keys) {
        if (result.key.size() > 1) result.key += ',';
        db::append_json(result.key, value_of(instance, attribute));
    }
    for (auto const& value : instance.values) {
        if (result.json.size() > 1) result.json += ',';
        db::append_json(result.json, names[value.attribute]);
        result.json += ':';
        db::append_json(result.json, value.text);
    }
    result.key += ']';
    result.json += '}';
    return result;
}

class Gathering {
public:
    void add(std::string_view class_name, mif::Group const& group) {
        auto const [known, is_new] = places_.try_emplace(to_lower(class_name), classes_.size());
        if (is_new) classes_.emplace_back().reported.name = class_name;
        auto& [reported, places] = classes_[known->second];
        auto const names = property_names(group);
        for (auto const& instance : group.instances) {
            for (auto const& value : instance.values) reported.properties.insert(names[value.attribute]);
            auto one = keyed(group, instance, names);
            auto const [place, is_new_key] = places.try_emplace(one.key, reported.instances.size());
            if (is_new_key) {
                reported.instances.push_back(std::move(one));
            } else {
                reported.instances[place->second] = std::move(one);
            }
        }
    }
    std::vector<ReportedClass> take() {
        std::vector<ReportedClass> classes;
        for (auto& each : classes_) classes.push_back(std::move(each.reported));
        return classes;
    }

private:
    struct Gathered {
        ReportedClass reported;
        std::unordered_map<std::string, std::size_t> places; ///< by key
    };
    std::vector<Gathered> classes_;
    std::map<std::string, std::size_t> places_; ///< by the lower-case name
};

} // namespace

Result<std::vector<ReportedClass>> classes_of(mif::Component const& component) {
    Gathering gathering;
    for (auto const& group : component.groups) {
        if (group.instances.empty()) continue;
        auto const name = class_name_of(group);
        if (characters_in(name) > longest_class_name) {
            return std::unexpected(
                Error{Code::bad_mif,
                      fmt::format("the class \"{}\" has a name of {} characters, and {} may be", name,
                                  characters_in(name), longest_class_name),
                      {},
                      group.class_place.line,
                      group.class_place.column});
        }
        gathering.add(name, group);
    }
    return gathering.take();
}

} // namespace pointman::endpoints::idmif
