// SPDX-License-Identifier: Apache-2.0
#include "endpoints/inventory/instance.hpp"

#include "base/text.hpp"
#include "endpoints/inventory/classes.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace pointman::endpoints::inventory {

namespace {

using schemas::Element;

std::unexpected<Error> unusable(Element const& instance, std::string message) {
    return std::unexpected(
        Error{Code::unusable_instance, std::move(message), {}, instance.line(), instance.column()});
}

/// Code points of a text in UTF-8.
std::size_t characters_in(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

Result<db::InventoryProperties> read_properties(Element const& instance, Element const& element) {
    db::InventoryProperties properties;
    std::unordered_map<std::string_view, std::size_t> places;
    for (Element const child : element.children()) {
        auto const name = child.name();
        auto const text = child.text();
        if (text.size() > longest_value && characters_in(text) > longest_value) {
            return unusable(instance, fmt::format("{} is longer than {} characters", name, longest_value));
        }
        auto const [place, is_new] = places.try_emplace(name, properties.size());
        if (is_new) {
            if (properties.size() == most_properties)
                return unusable(instance, fmt::format("more than {} properties", most_properties));
            properties.push_back({std::string(name), {}});
        }
        properties[place->second].values.emplace_back(text);
    }
    return properties;
}

db::InventoryProperty const* find_property(db::InventoryProperties const& properties, std::string_view name) {
    auto const found = std::ranges::find_if(properties, [name](db::InventoryProperty const& property) {
        return equal_ignoring_case(property.name, name);
    });
    return found == properties.end() ? nullptr : &*found;
}

void add_key(boost::json::array& key, db::InventoryProperty const& property) {
    if (property.values.size() == 1) {
        key.emplace_back(property.values.front());
    } else {
        key.emplace_back(boost::json::array(property.values.begin(), property.values.end()));
    }
}

/// The keys are not in the message: the site knows them from its definition of the class.
Result<std::string> key_of(Element const& instance, std::string_view class_name,
                           db::InventoryProperties const& properties) {
    boost::json::array key;
    if (auto const* known = find_known_class(class_name)) {
        for (auto const name : known->keys) {
            auto const* property = find_property(properties, name);
            if (property == nullptr)
                return unusable(instance, fmt::format("{} without its key {}", class_name, name));
            add_key(key, *property);
        }
        return boost::json::serialize(key);
    }
    for (std::string_view const name : {"DeviceID", "Name", "InstanceKey", "ID", "Index"}) {
        if (auto const* property = find_property(properties, name)) {
            add_key(key, *property);
            break;
        }
    }
    return boost::json::serialize(key);
}

Result<Instance> read_instance(Element const& element, Keys keys) {
    std::string class_name(trim(element.attribute_or("Class", "")));
    auto const content = content_of(element.attribute_or("Content", ""));
    if (!content) {
        return unusable(element, fmt::format("Content is \"{}\": neither New, Updated nor Deleted",
                                             element.attribute_or("Content", "")));
    }
    auto const inner = element.first_child();
    if (!inner) return unusable(element, fmt::format("no element {} inside", class_name));
    if (!equal_ignoring_case(inner->name(), class_name)) {
        return unusable(
            element, fmt::format("Class is \"{}\", and the element inside is {}", class_name, inner->name()));
    }
    if (inner->next_sibling())
        return unusable(element, fmt::format("more than one element inside, {} among them", class_name));
    auto properties = read_properties(element, *inner);
    if (!properties) return std::unexpected(std::move(properties.error()));
    auto key = keys == Keys::none ? Result<std::string>("[]") : key_of(element, class_name, *properties);
    if (!key) return std::unexpected(std::move(key.error()));
    return Instance{std::move(class_name),  *content,       std::move(*key),
                    std::move(*properties), element.line(), element.column()};
}

} // namespace

std::optional<Content> content_of(std::string_view text) {
    text = trim(text);
    if (text.empty() || equal_ignoring_case(text, "New")) return Content::added;
    if (equal_ignoring_case(text, "Updated")) return Content::updated;
    if (equal_ignoring_case(text, "Deleted")) return Content::deleted;
    return std::nullopt;
}

Error summary(std::vector<Error> const& unusable) {
    auto error = unusable.front();
    if (unusable.size() > 1) error.message += fmt::format("; {} instances in all", unusable.size());
    return error;
}

Result<Instances> read_instances(Element const& body, Keys keys) {
    Instances instances;
    std::size_t count = 0;
    for (Element const child : body.children()) {
        if (child.name() != "Instance") continue;
        if (++count > most_instances) {
            return std::unexpected(Error{Code::limit_exceeded,
                                         fmt::format("more than {} instances", most_instances),
                                         {},
                                         child.line(),
                                         child.column()});
        }
        auto instance = read_instance(child, keys);
        if (instance) {
            instances.usable.push_back(std::move(*instance));
        } else {
            instances.unusable.push_back(std::move(instance.error()));
        }
    }
    return instances;
}

} // namespace pointman::endpoints::inventory
